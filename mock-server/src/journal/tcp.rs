//! The kernel's facts about a connection, as evidence.

use serde::{Deserialize, Serialize};

/// TCP_INFO of the server's socket (linux/tcp.h, struct tcp_info), and its
/// queues. Counts are from the start of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpFacts {
    /// The state of RFC 9293, section 3.3.2; null for any other.
    pub state: Option<TcpState>,
    /// Payload bytes that the client acknowledged, response heads included.
    pub bytes_acked: u64,
    /// Payload bytes received.
    pub bytes_received: u64,
    /// Bytes written and not acknowledged (SIOCOUTQ).
    pub unacked_bytes: u64,
    /// Bytes among them that were never sent.
    pub unsent_bytes: u64,
    /// Bytes received and not read (SIOCINQ). Closing a socket with such bytes
    /// sends RST.
    pub unread_bytes: u64,
    /// Segments sent, including bare acknowledgements and probes.
    pub segments_out: u64,
    /// Segments received, including the same.
    pub segments_in: u64,
    /// Segments sent again.
    pub retransmits: u64,
    /// Smoothed round-trip time, in nanoseconds.
    pub rtt_ns: u64,
    /// Time since payload was last sent, in nanoseconds, with the grain of the
    /// kernel's timer (1 to 10 ms).
    pub since_sent_ns: u64,
    /// The same for payload received.
    pub since_received_ns: u64,
    /// The same for an acknowledgement received. Acknowledgements of keepalive
    /// probes do not count here, but do in `segments_in`.
    pub since_ack_ns: u64,
}

/// States of a connection (RFC 9293, section 3.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TcpState {
    /// Both sides may send.
    Established,
    /// FIN was sent but not acknowledged yet.
    FinWait1,
    /// FIN was sent and acknowledged.
    FinWait2,
    /// Both have sent FIN, and both acknowledgements came.
    TimeWait,
    /// It is over.
    Closed,
    /// The client sent FIN.
    CloseWait,
    /// FIN was sent after the client's.
    LastAck,
    /// Both have sent FIN at once.
    Closing,
}

impl TcpState {
    /// The state with this number in linux/tcp_states.h.
    pub fn of_linux(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Established,
            4 => Self::FinWait1,
            5 => Self::FinWait2,
            6 => Self::TimeWait,
            7 => Self::Closed,
            8 => Self::CloseWait,
            9 => Self::LastAck,
            11 => Self::Closing,
            _ => return None,
        })
    }
}
