//! What waits in a socket, as the kernel knows it.

use std::os::fd::AsFd;

use mock_server::link::sys;

/// Bytes in the receive queue that nobody has read (SIOCINQ, tcp(7)); `None`
/// where the kernel does not say.
pub fn receive_queue(socket: &impl AsFd) -> Option<u64> {
    sys::receive_queue(socket).ok()
}

#[cfg(all(test, shortread_linux))]
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
