//! A server in this process, and a client that counts.

use std::{future::Future, io, net::SocketAddr, rc::Rc, time::Duration};

use shortread_server::{
    body::Verifier,
    clock::Clock,
    flow::{ListenerState, Urgency},
    http1::Played,
    journal::{CloseReason, Event, Fact, Memory},
    scenario::{Fault, Scenario},
    serve::{Listening, listen},
    units::ByteSize,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::LocalSet,
};

/// Longer than anything here takes on a loaded machine; reaching it is a hang.
pub(crate) const HANG: Duration = Duration::from_secs(60);

/// Runs a test to its end, or fails it as a hang.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let clock = Clock::real();
    LocalSet::new().block_on(&runtime, async {
        clock
            .timeout_at(clock.now() + HANG, test)
            .await
            .expect("the test hangs");
    });
}

/// A body of `size` bytes over a fast link, with these faults.
pub(crate) fn scenario(size: u64, faults: Vec<Fault>) -> Scenario {
    let mut scenario = Scenario {
        name: "test".into(),
        faults,
        ..Scenario::default()
    };
    scenario.body.size = ByteSize(size);
    scenario.link.rate = "1GB/s".parse().unwrap();
    scenario
}

pub(crate) struct Server {
    listening: Listening,
    journal: Rc<Memory>,
}

impl Server {
    pub(crate) async fn start(scenario: Scenario) -> Self {
        Self::limited(scenario, shortread_server::serve::MAX_CONNECTIONS).await
    }

    pub(crate) async fn limited(scenario: Scenario, limit: usize) -> Self {
        let played = Played::new(scenario, 1).unwrap();
        let journal = Rc::new(Memory::default());
        let trial = ListenerState::new(Clock::real(), Rc::clone(&journal) as _);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            listening: listen(listener, trial, Rc::new(played), limit).unwrap(),
            journal,
        }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.listening.addr()
    }

    /// Connects and sends a plain GET.
    pub(crate) async fn get(&self) -> TcpStream {
        self.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await
    }

    /// Connects and sends `bytes`.
    pub(crate) async fn ask(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.addr()).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream
    }

    /// Ends the server at once; what it wrote down.
    pub(crate) async fn end(self) -> Vec<Event> {
        self.end_with(Urgency::Now).await
    }

    pub(crate) async fn end_with(self, how: Urgency) -> Vec<Event> {
        self.listening.close(how);
        self.listening.join().await;
        self.journal.take()
    }

    /// The note of the server on a thing that it could not do.
    pub(crate) fn noted(&self) -> Option<String> {
        self.journal.noted()
    }

    /// Waits until a connection has ended; the events so far.
    pub(crate) async fn closed(&self) -> Vec<Event> {
        self.wait_for(|fact| matches!(fact, Fact::Closed { .. }))
            .await
    }

    /// Waits for such a fact; the events so far.
    pub(crate) async fn wait_for(&self, wanted: fn(&Fact) -> bool) -> Vec<Event> {
        self.journal
            .wait_for(|events| events.iter().any(|event| wanted(&event.fact)))
            .await
    }
}

/// The bytes that a client read until the end.
#[derive(Debug, Default)]
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// `None` for an orderly end.
    pub(crate) error: Option<io::Error>,
}

impl Got {
    /// Fails unless the body is the object's beginning.
    pub(crate) fn assert_true_prefix(&self) {
        let mut verifier = Verifier::new(1 << 40);
        verifier.check(&self.body);
        assert_eq!(verifier.first_bad_offset(), None);
    }

    pub(crate) fn errno(&self) -> Option<i32> {
        self.error.as_ref().and_then(io::Error::raw_os_error)
    }
}

/// Counts the bytes until FIN.
pub(crate) async fn count_to_end(stream: &mut TcpStream) -> usize {
    let (mut count, mut buffer) = (0, vec![0; 64 << 10]);
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => return count,
            n => count += n,
        }
    }
}

/// Reads head and body until FIN or an error.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> Got {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 256 << 10]);
    let error = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break None,
            Ok(n) => all.extend_from_slice(&buffer[..n]),
            Err(error) => break Some(error),
        }
    };
    let head = all
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .map_or(all.len(), |at| at + 4);
    let body = all.split_off(head);
    Got {
        head: String::from_utf8_lossy(&all).into_owned(),
        body,
        error,
    }
}

/// Reads exactly `n` bytes behind the head.
pub(crate) async fn read_body(stream: &mut TcpStream, n: usize) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let mut body = vec![0; n];
    stream.read_exact(&mut body).await.unwrap();
    body
}

/// The one fault in a journal: (body offset, wire offset, in flight).
pub(crate) fn fault(events: &[Event]) -> (u64, u64, u64) {
    let mut faults = events.iter().filter_map(|event| match event.fact {
        Fact::Fault {
            at_bytes,
            at_wire_bytes,
            in_flight_bytes,
            ..
        } => Some((at_bytes, at_wire_bytes, in_flight_bytes)),
        _ => None,
    });
    let first = faults.next().expect("no fault in the journal");
    assert_eq!(faults.next(), None, "more than one fault");
    first
}

/// Each connection's last event: (reason, sent, acknowledged).
pub(crate) fn closed(events: &[Event]) -> Vec<(CloseReason, u64, Option<u64>)> {
    let ends = events.iter().filter_map(|event| match &event.fact {
        Fact::Closed {
            reason,
            sent_bytes,
            acked_bytes,
            ..
        } => Some((reason.clone(), *sent_bytes, *acked_bytes)),
        _ => None,
    });
    ends.collect()
}
