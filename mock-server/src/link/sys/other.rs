//! Platforms without the Linux socket calls: every call says which one is missing.

use std::io;

/// Counters of TCP_INFO.
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
    /// Of a listener, the connections that wait to be accepted.
    pub unacked: u32,
}

fn missing<T>(what: &str) -> io::Result<T> {
    let message = format!(
        "{what} is not available on {}; use Linux",
        std::env::consts::OS
    );
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

/// Not available.
pub fn tcp_info<S>(_: &S) -> io::Result<TcpInfo> {
    missing("TCP_INFO (counters of a connection, which idle and forget faults watch)")
}

/// Not available.
pub fn send_queue<S>(_: &S) -> io::Result<u64> {
    missing("SIOCOUTQ (the length of the send queue, which draining faults watch)")
}

/// Not available.
pub fn receive_queue<S>(_: &S) -> io::Result<u64> {
    missing("SIOCINQ (the length of the receive queue)")
}

/// Always writable: the socket itself decides.
pub fn is_writable<S>(_: &S) -> io::Result<bool> {
    Ok(true)
}

/// Not available.
pub fn set_minimum_ttl<S>(_: &S, _: bool, _: u8) -> io::Result<()> {
    missing("IP_MINTTL (the black hole)")
}
