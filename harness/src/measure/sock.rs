//! Bytes that wait in a socket, from the kernel.

use std::os::fd::AsFd;

/// Unread bytes in the receive queue (SIOCINQ, tcp(7)); `None` if the kernel does
/// not tell.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "ioctl has no safe wrapper in std or socket2")]
pub fn receive_queue(socket: &impl AsFd) -> Option<u64> {
    use std::os::fd::AsRawFd as _;

    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is borrowed, hence open for the whole call;
    // FIONREAD (SIOCINQ on a TCP socket) writes one int, and `bytes` is one.
    let result = unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    (result == 0).then(|| u64::try_from(bytes).ok()).flatten()
}

/// Not available here.
#[cfg(not(target_os = "linux"))]
pub fn receive_queue(_socket: &impl AsFd) -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[test]
    fn it_counts_what_was_sent_and_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut receiver, _) = listener.accept().unwrap();
        sender.write_all(&[7; 100]).unwrap();
        // Reading one byte waits for the segment, so that the rest is there.
        receiver.read_exact(&mut [0]).unwrap();
        assert_eq!(receive_queue(&receiver), Some(99));
    }
}
