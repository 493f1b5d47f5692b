//! One request, one answer: enough HTTP for orders and for watching.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use shortread_server::clock::Clock;

/// No answer here has more.
const LONGEST: u64 = 64 << 20;

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// GETs `target`, on a connection of its own.
pub(crate) fn get(addr: SocketAddr, target: &str, patience: Duration) -> io::Result<Answer> {
    ask(addr, "GET", target, b"", patience)
}

/// Asks, and has the whole answer within `patience` or an error.
pub(crate) fn ask(
    addr: SocketAddr,
    method: &str,
    target: &str,
    body: &[u8],
    patience: Duration,
) -> io::Result<Answer> {
    let late = Clock::real().now() + patience;
    let mut stream = send(addr, method, target, body, patience)?;
    let mut answer = Vec::new();
    let mut part = [0; 64 << 10];
    loop {
        let left = late.since(Clock::real().now());
        if left.is_zero() || answer.len() as u64 > LONGEST {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part)? {
            0 => break,
            n => answer.extend_from_slice(&part[..n]),
        }
    }
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "no HTTP response");
    let head = answer
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .ok_or_else(malformed)?;
    let status = answer.get(9..12).and_then(|code| str::from_utf8(code).ok());
    Ok(Answer {
        status: status
            .and_then(|code| code.parse().ok())
            .ok_or_else(malformed)?,
        body: answer.split_off(head + 4),
    })
}

/// Sends a request and leaves the answer to the caller.
pub(crate) fn send(
    addr: SocketAddr,
    method: &str,
    target: &str,
    body: &[u8],
    patience: Duration,
) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&addr, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let len = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Length: {len}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    Ok(stream)
}
