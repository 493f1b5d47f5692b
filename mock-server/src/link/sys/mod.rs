//! Features of kernel sockets that socket2 does not offer everywhere: the black
//! hole, the counters, the send queue.
//!
//! Linux is the reference. Elsewhere each call fails with `Unsupported` and the
//! name of the missing feature, and [`super::try_scenario`] refuses scenarios
//! that need it.

#[cfg(shortread_linux)]
mod linux;
#[cfg(not(shortread_linux))]
mod other;

#[cfg(shortread_linux)]
use linux as system;
#[cfg(not(shortread_linux))]
use other as system;

pub use system::{
    CONGESTION, MORE, congestion, is_writable, notsent_lowat, receive_queue, send_queue,
    set_congestion, set_minimum_ttl, set_notsent_lowat, tcp_info,
};

/// True if all of it is available.
pub const WHOLE: bool = cfg!(shortread_linux);

/// Counters of TCP_INFO (linux/tcp.h, struct tcp_info).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// Segments sent.
    pub segs_out: u32,
    /// Segments received.
    pub segs_in: u32,
    /// Payload bytes acknowledged by the peer.
    pub bytes_acked: u64,
    /// Payload bytes received.
    pub bytes_received: u64,
    /// Bytes written and not yet sent.
    pub notsent_bytes: u32,
    /// Segments sent and not acknowledged; of a listener, the connections that
    /// wait to be accepted.
    pub unacked: u32,
    /// Of linux/tcp_states.h.
    pub state: u8,
    /// Smoothed round-trip time, in microseconds.
    pub rtt: u32,
    /// Segments sent again, in all.
    pub total_retrans: u32,
    /// Since payload was sent last, in milliseconds.
    pub last_data_sent: u32,
    /// Since payload was received last, in milliseconds.
    pub last_data_recv: u32,
    /// Since an acknowledgement was received last, in milliseconds.
    pub last_ack_recv: u32,
}
