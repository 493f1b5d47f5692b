//! `shortread healthcheck`: whether a server answers, for images that have no other
//! program that could ask.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::{Done, args::HealthcheckArgs, exit, failure::Failure};

/// The longest wait to connect, and for each read: a server that is busy with
/// everybody else answers in less.
const PATIENCE: Duration = Duration::from_secs(2);

/// The start of the answer that a server in good health gives.
const GOOD: &[u8] = b"HTTP/1.1 200 ";

pub(super) fn run(args: &HealthcheckArgs) -> Done {
    match answers(args.addr) {
        Ok(true) => Ok(exit::DONE),
        Ok(false) => Err(Failure::Tool(format!(
            "{} does not answer with 200",
            args.addr
        ))),
        Err(error) => Err(Failure::Tool(format!(
            "{} does not answer: {error}",
            args.addr
        ))),
    }
}

/// Asks for the page at `/`, which no scenario breaks.
fn answers(addr: SocketAddr) -> io::Result<bool> {
    let mut server = TcpStream::connect_timeout(&addr, PATIENCE)?;
    server.set_read_timeout(Some(PATIENCE))?;
    server.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET / HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    server.write_all(request.as_bytes())?;
    let mut start = [0; GOOD.len()];
    server.read_exact(&mut start)?;
    Ok(start == GOOD)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// The result of the check of a server that says `answer` and closes.
    fn asked(answer: &'static str) -> Done {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut peer, _) = listener.accept().unwrap();
            // A close with unread bytes is a reset.
            let mut request = [0; 1024];
            let _ = peer.read(&mut request);
            let _ = peer.write_all(answer.as_bytes());
        });
        let done = run(&HealthcheckArgs { addr });
        server.join().unwrap();
        done
    }

    #[test]
    fn only_a_server_that_answers_with_200_is_in_good_health() {
        assert_eq!(asked("HTTP/1.1 200 OK\r\n\r\n").unwrap(), exit::DONE);
        for answer in ["HTTP/1.1 503 Busy\r\n\r\n", "HTTP/1.1 2", ""] {
            assert_eq!(
                asked(answer).unwrap_err().code(),
                exit::TOOL_FAILED,
                "{answer}"
            );
        }
    }

    #[test]
    fn where_nobody_listens_nothing_is_in_good_health() {
        let addr = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        assert!(run(&HealthcheckArgs { addr }).is_err());
    }
}
