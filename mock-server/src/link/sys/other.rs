//! Platforms without the socket calls of Linux: every call names the missing
//! feature.

use std::io;

use super::TcpInfo;

/// No flag: each write may leave by itself.
pub const MORE: i32 = 0;

/// The system's own.
pub const CONGESTION: Option<&str> = None;

fn missing<T>(what: &str) -> io::Result<T> {
    let message = format!("{what} cannot be had here; use Linux");
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

/// Not available.
pub fn tcp_info<S>(_: &S) -> io::Result<TcpInfo> {
    missing("TCP_INFO (counters of a connection)")
}

/// Not available.
pub fn send_queue<S>(_: &S) -> io::Result<u64> {
    missing("SIOCOUTQ (the length of the send queue)")
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

/// Nobody says.
pub fn congestion<S>(_: &S) -> Option<String> {
    None
}

/// Not available.
pub fn set_congestion<S>(_: &S, _: &str) -> io::Result<()> {
    missing("TCP_CONGESTION")
}

/// Nobody says.
pub fn notsent_lowat<S>(_: &S) -> Option<u64> {
    None
}

/// Not available.
pub fn set_notsent_lowat<S>(_: &S, _: u32) -> io::Result<()> {
    missing("TCP_NOTSENT_LOWAT")
}
