//! The last event of a connection, with and without the transport's counters.

use std::{io, net::SocketAddr, rc::Rc};

use bytes::Bytes;
use tokio::task::LocalSet;

use super::*;
use crate::{
    clock::{Clock, simulated_runtime},
    flow::ListenerState,
    journal::{Memory, SocketFacts, acked_bytes},
    link::{
        Counters,
        memory::{self, MemoryWire},
    },
    scenario::Sockets,
};

/// A transport as of a platform that counts nothing.
struct Uncounted(MemoryWire);

impl Wire for Uncounted {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut Vec<u8>,
        max: usize,
    ) -> Poll<io::Result<usize>> {
        self.0.poll_read(cx, into, max)
    }

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Bytes,
        more: bool,
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, from, more)
    }

    fn configure(&mut self, settings: &Sockets) -> io::Result<()> {
        self.0.configure(settings)
    }

    fn counters(&self) -> io::Result<Counters> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.finish()
    }

    fn abort(self) {
        self.0.abort();
    }

    fn darken(&mut self) -> io::Result<()> {
        self.0.darken()
    }

    fn peer_is_gone(&self) -> bool {
        self.0.peer_is_gone()
    }

    fn facts(&self) -> SocketFacts {
        self.0.facts()
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.0.addresses()
    }
}

/// The acknowledged bytes of a connection that ends without a request.
fn acked<W: Wire>(uses: impl FnOnce(MemoryWire) -> W) -> Option<u64> {
    let runtime = simulated_runtime().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let clock = Clock::simulated();
        let journal = Rc::new(Memory::default());
        let listener = ListenerState::new(clock, Rc::clone(&journal) as _);
        let (wire, _stream) = memory::connect(clock, &Sockets::default(), None);
        let flow = Flow::new(uses(wire), listener);
        flow.close(End::gone(CloseReason::PeerClosed)).await;
        let events = journal.take();
        let last = events.last().map(|event| &event.fact);
        let Some(Fact::Closed {
            acked_bytes: told, ..
        }) = last
        else {
            panic!("{events:?}");
        };
        assert_eq!(acked_bytes(&events), *told);
        *told
    })
}

#[test]
fn bytes_that_nobody_counts_are_unknown_and_not_none() {
    assert_eq!(acked(|wire| wire), Some(0));
    assert_eq!(acked(Uncounted), None);
}
