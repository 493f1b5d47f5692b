//! What the kernel can do with a socket and socket2 does not offer: the black
//! hole, the counters, the send queue.
//!
//! Linux is the reference. Elsewhere each call fails with `Unsupported` and
//! the name of what is missing.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub use linux::{TcpInfo, is_writable, receive_queue, send_queue, set_minimum_ttl, tcp_info};
#[cfg(not(target_os = "linux"))]
pub use other::{TcpInfo, is_writable, receive_queue, send_queue, set_minimum_ttl, tcp_info};
