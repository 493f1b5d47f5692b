//! Sets up a socket and connects it.

use std::{io, net::SocketAddr};

use shortread_server::{
    clock::{Clock, Instant},
    journal::SocketFacts,
    link::sys,
    scenario::{Client, Deadline, Sockets},
};
use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpSocket, TcpStream};

use super::report::Failure;

/// Connects to `addr` before `deadline`.
///
/// SO_RCVBUF is set before the handshake, because that fixes the window scale
/// (tcp(7)).
///
/// # Errors
/// A [`Failure`] of cause `Connect`, or `Deadline(Connect)`; of cause `Reset` if
/// the connection was made and its RST arrived before this program looked.
pub async fn connect(
    addr: SocketAddr,
    client: &Client,
    sockets: &Sockets,
    clock: Clock,
    deadline: Instant,
) -> Result<TcpStream, Failure> {
    let socket = prepare(addr, client, sockets).map_err(|error| Failure::connect(&error))?;
    match clock.timeout_at(deadline, socket.connect(addr)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if had_handshake(&error) => Err(Failure::transport(&error)),
        Ok(Err(error)) => Err(Failure::connect(&error)),
        Err(_) => Err(Failure::deadline(Deadline::Connect)),
    }
}

/// True if a connection was made and had ended before this program first looked.
/// An RST during the handshake gives ECONNREFUSED, after it ECONNRESET, and EPIPE
/// if FIN came first (Linux, tcp_reset). The order changes nothing else: a client
/// that looks sooner reads the same error from its connection.
fn had_handshake(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

/// The buffers of the socket, as the kernel counts them.
pub fn facts(stream: &TcpStream) -> SocketFacts {
    let socket = SockRef::from(stream);
    let bytes = |size: io::Result<usize>| size.ok().map(|size| size as u64);
    SocketFacts {
        send_buffer: bytes(socket.send_buffer_size()),
        receive_buffer: bytes(socket.recv_buffer_size()),
        notsent_lowat: None,
        congestion: sys::congestion(stream),
    }
}

fn prepare(addr: SocketAddr, client: &Client, sockets: &Sockets) -> io::Result<TcpSocket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if let Some(size) = sockets.client_receive {
        socket.set_recv_buffer_size(usize::try_from(size.0).unwrap_or(usize::MAX))?;
    }
    if let Some(keepalive) = client.keepalive {
        // The kernel counts in whole seconds, from 1.
        let settings = TcpKeepalive::new()
            .with_time(keepalive.idle)
            .with_interval(keepalive.interval)
            .with_retries(keepalive.count);
        socket.set_tcp_keepalive(&settings)?;
    }
    Ok(TcpSocket::from_std_stream(socket.into()))
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Duration};

    use shortread_server::{scenario::Keepalive, units::ByteSize};

    use super::*;
    use crate::client::FailureCause;

    #[tokio::test]
    async fn buffers_and_keepalive_are_in_force_on_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let client = Client {
            keepalive: Some(Keepalive {
                idle: Duration::from_secs(7),
                interval: Duration::from_secs(3),
                count: 4,
            }),
            ..Client::default()
        };
        let sockets = Sockets {
            client_receive: Some(ByteSize::kib(16)),
            ..Sockets::default()
        };
        let clock = Clock::real();
        let stream = connect(addr, &client, &sockets, clock, Instant::FAR)
            .await
            .unwrap();
        // Linux doubles the requested size (socket(7)); no kernel gives less.
        let facts = facts(&stream);
        assert!((16 << 10..=64 << 10).contains(&facts.receive_buffer.unwrap()));
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap() && socket.tcp_nodelay().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap().as_secs(), 7);
        assert_eq!(socket.tcp_keepalive_interval().unwrap().as_secs(), 3);
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), 4);
    }

    #[tokio::test]
    async fn a_port_without_a_listener_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        drop(listener);
        let (client, sockets) = (Client::default(), Sockets::default());
        let failure = connect(addr, &client, &sockets, Clock::real(), Instant::FAR)
            .await
            .unwrap_err();
        assert_eq!(failure.cause, FailureCause::Connect);
    }

    #[cfg(shortread_linux)]
    #[test]
    fn a_reset_behind_the_handshake_is_no_refusal() {
        let os = io::Error::from_raw_os_error;
        assert!(had_handshake(&os(libc::ECONNRESET)) && had_handshake(&os(libc::EPIPE)));
        assert!(!had_handshake(&os(libc::ECONNREFUSED)));
        assert!(!had_handshake(&os(libc::ETIMEDOUT)));
    }
}
