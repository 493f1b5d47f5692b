//! Actions, without the moment at which they happen.

use std::{marker::PhantomData, time::Duration};

use super::{
    Fault,
    kind::{AnyFraming, Anytime, Chunks, Closing, Ending, Fixed, Kind, Lasting, Silencing},
};
use crate::{
    scenario::{Action, ChunkPart, Counts, Landmark, Limit, Trigger},
    units::{ByteSize, Rate},
};

/// Something that goes wrong, without the moment at which it does: a download takes
/// only a [`Fault`], which each of these calls makes. `K` is the [`Kind`] of action,
/// which decides the moments and settings that it may have.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "an action needs a trigger, such as `.at(400_000)`"]
pub struct FaultAction<K: Kind>(Action, PhantomData<K>);

const fn action<K: Kind>(action: Action) -> FaultAction<K> {
    FaultAction(action, PhantomData)
}

impl Fault {
    /// RST: the connection is gone, and what was queued is lost.
    pub const fn reset() -> FaultAction<Closing> {
        action(Action::Reset)
    }

    /// FIN, as from a server that has crashed or thinks that it is done.
    pub const fn fin() -> FaultAction<Closing> {
        action(Action::Fin)
    }

    /// From here on nothing arrives in either direction, without an end.
    pub const fn blackhole() -> FaultAction<Silencing> {
        action(Action::Blackhole)
    }

    /// The network forgets the connection: nothing arrives, and the client's next
    /// segment is answered with RST.
    pub const fn forget() -> FaultAction<Silencing> {
        action(Action::Forget)
    }

    /// The response ends as if it were whole. Only a download that is
    /// [chunked](super::Download::chunked), or that
    /// [ends with the connection](super::Download::close_delimited), takes it.
    pub const fn end() -> FaultAction<Ending> {
        action(Action::End)
    }

    /// Nothing is sent for `time`.
    ///
    /// # Panics
    /// `time` is zero.
    #[track_caller]
    pub fn stall(time: Duration) -> FaultAction<Lasting> {
        assert!(!time.is_zero(), "a stall of 0 does nothing");
        action(Action::Stall(Limit::After(time)))
    }

    /// Nothing is sent any more, and the connection stays open.
    pub const fn stall_forever() -> FaultAction<Lasting> {
        action(Action::Stall(Limit::Never))
    }

    /// From here on at most this many bytes per second.
    ///
    /// # Panics
    /// The rate is 0, or 2^63 and more.
    #[track_caller]
    pub fn throttle(bytes_per_second: u64) -> FaultAction<Lasting> {
        action(Action::Throttle(rate(bytes_per_second)))
    }
}

/// Each ends in a fault that a download takes.
impl<K: Kind> FaultAction<K> {
    /// Once `bytes` of the response's body were sent.
    pub fn at(self, bytes: u64) -> Fault<K::Pause, K::Needs> {
        self.when(Trigger::Body(ByteSize(bytes)))
    }

    /// Once `bytes` of the response were sent, head and framing included.
    pub fn at_wire(self, bytes: u64) -> Fault<K::Pause, K::Needs> {
        self.when(Trigger::Wire(ByteSize(bytes)))
    }

    /// Once `bytes` of the object were sent; in a coded body, once a decoder can have so many
    /// of them. A response that begins there or behind,
    /// to a Range request, passes it over.
    pub fn at_object(self, bytes: u64) -> Fault<K::Pause, K::Needs> {
        self.when(Trigger::Object(ByteSize(bytes)))
    }

    /// Behind the head of the response.
    pub fn behind_head(self) -> Fault<K::Pause, K::Needs> {
        self.when(Trigger::Place(Landmark::Head))
    }

    /// Behind this share of the body, such as 0.5.
    ///
    /// # Panics
    /// `share` is not more than 0, or is more than 1.
    #[track_caller]
    pub fn at_share(self, share: f64) -> Fault<K::Pause, K::Needs> {
        assert!(
            share > 0.0 && share <= 1.0,
            "{share} is not a share of the body; write more than 0 and at most 1"
        );
        self.when(Trigger::Place(Landmark::Share(share)))
    }

    /// At this part of the `n`-th chunk, from 1. Only a download that is
    /// [chunked](super::Download::chunked) takes it.
    ///
    /// # Panics
    /// `n` is 0.
    #[track_caller]
    pub fn at_chunk(self, n: u64, part: ChunkPart) -> Fault<K::Pause, Chunks> {
        assert!(n > 0, "chunks count from 1");
        self.when(Trigger::Place(Landmark::Chunk(n, part)))
    }

    /// Behind the `n`-th member or frame of a coded body, from 1.
    ///
    /// # Panics
    /// `n` is 0.
    #[track_caller]
    pub fn behind_member(self, n: u64) -> Fault<K::Pause, K::Needs> {
        assert!(n > 0, "members count from 1");
        self.when(Trigger::Place(Landmark::Member(n)))
    }

    /// Before the checksum at the end of a coded body.
    pub fn before_trailer(self) -> Fault<K::Pause, K::Needs> {
        self.when(Trigger::Place(Landmark::Trailer))
    }

    /// Before the chunk of size 0 that ends the coding. Only a download that is
    /// [chunked](super::Download::chunked) takes it.
    pub fn at_last_chunk(self) -> Fault<K::Pause, Chunks> {
        self.when(Trigger::Place(Landmark::LastChunk))
    }

    /// So long after the request.
    pub fn after(self, time: Duration) -> Fault<K::Pause, K::Needs> {
        self.when(Trigger::Elapsed(time))
    }

    /// Once the connection was idle for `time`, as a NAT or a firewall counts: no
    /// segment passed in either direction.
    ///
    /// # Panics
    /// `time` is zero.
    #[track_caller]
    pub fn when_idle(self, time: Duration) -> Fault<K::Pause, K::Needs> {
        assert!(!time.is_zero(), "every connection is idle at its start");
        self.when(Trigger::Idle {
            after: time,
            counts: Counts::Segments,
        })
    }

    /// Once the client has taken nothing for `time`, as a server's write timeout.
    ///
    /// # Panics
    /// `time` is zero.
    #[track_caller]
    pub fn when_blocked(self, time: Duration) -> Fault<Fixed, K::Needs> {
        assert!(!time.is_zero(), "a write blocks for a moment at any speed");
        self.when(Trigger::Blocked(time))
    }

    /// At the `n`-th request of this test, from 1.
    ///
    /// # Panics
    /// `n` is 0.
    #[track_caller]
    pub fn on_request(self, n: u32) -> Fault<Fixed, K::Needs> {
        assert!(n > 0, "requests count from 1");
        self.when(Trigger::Request(n))
    }

    fn when<P, N>(self, when: Trigger) -> Fault<P, N> {
        Fault::new(self.0, when)
    }
}

impl<K: Anytime> FaultAction<K> {
    /// At the `n`-th connection of this test, from 1.
    ///
    /// # Panics
    /// `n` is 0.
    #[track_caller]
    pub fn on_connection(self, n: u32) -> Fault<Fixed, AnyFraming> {
        assert!(n > 0, "connections count from 1");
        self.when(Trigger::Connection(n))
    }
}

/// A rate that can be written and read.
#[track_caller]
pub(super) fn rate(bytes_per_second: u64) -> Rate {
    let rate = Rate::per_second(bytes_per_second);
    match rate.filter(|rate| rate.to_string().parse() == Ok(*rate)) {
        Some(rate) => rate,
        None => panic!("{bytes_per_second} bytes per second is no rate; write 1 to 2^63 - 1"),
    }
}
