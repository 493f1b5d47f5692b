//! A fault as a value, written as the parameters of a URL.

use std::{fmt, marker::PhantomData, time::Duration};

use crate::{
    scenario::{Action, Landmark, Limit, Party, Trigger},
    units::{ByteSize, Rate, print_duration},
};

/// Something that goes wrong, without the moment at which it does: a download takes
/// only a [`Fault`]. `Of` is the kind of action, which decides the triggers and
/// settings that it may have.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "an action needs a trigger, such as `.at(400_000)`"]
pub struct FaultAction<Of: Kind>(Action, PhantomData<Of>);

/// Something that goes wrong, and when.
///
/// A combination that the grammar refuses does not compile either: an action
/// without a trigger, an end without a response, a pause where there is nothing to
/// wait for.
///
/// ```compile_fail
/// # use shortread_server::testing::{Fault, Server};
/// Server::spawn().unwrap().download(10).fault(Fault::fin());
/// ```
/// ```compile_fail
/// # use shortread_server::testing::Fault;
/// let _ = Fault::end().on_connection(1);
/// ```
/// ```compile_fail
/// # use {shortread_server::testing::Fault, std::time::Duration};
/// let _ = Fault::throttle(10).at(5).settle(Duration::ZERO);
/// ```
/// ```compile_fail
/// # use {shortread_server::testing::Fault, std::time::Duration};
/// let _ = Fault::fin().on_request(1).settle(Duration::ZERO);
/// ```
///
/// `May` says if the pause before it can be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault<May = Plain> {
    action: Action,
    when: Trigger,
    by: Option<Party>,
    pause: Option<Pause>,
    may: PhantomData<May>,
}

/// A kind of action.
pub trait Kind: sealed::Sealed + Copy {
    /// The settings of a fault of this kind if there is something to wait for: at an
    /// offset, a place or a time of the response.
    type Pause;
}

/// RST and FIN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Closing {}

/// Silence of the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Silencing {}

/// A pause or another rate, after which the response goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lasting {}

/// The end of a response, which needs one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OfResponse {}

impl Kind for Closing {
    type Pause = Settles;
}
impl Kind for Silencing {
    type Pause = Drains;
}
impl Kind for Lasting {
    type Pause = Plain;
}
impl Kind for OfResponse {
    type Pause = Plain;
}

/// The fault may wait for acknowledgements, and then let the client read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Settles {}

/// The fault may wait for acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drains {}

/// There is nothing to wait for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain {}

mod sealed {
    use super::{Closing, Lasting, OfResponse, Silencing};

    /// Only the types of this file.
    pub trait Sealed {}
    impl Sealed for Closing {}
    impl Sealed for Silencing {}
    impl Sealed for Lasting {}
    impl Sealed for OfResponse {}
}

const fn action<Of: Kind>(action: Action) -> FaultAction<Of> {
    FaultAction(action, PhantomData)
}

/// The time between what is sent before it and the fault.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pause {
    AtOnce,
    Settle(Duration),
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

    /// The response ends as if it were whole: in the chunked coding, or where the
    /// body ends with the connection.
    pub const fn end() -> FaultAction<OfResponse> {
        action(Action::End)
    }

    /// Nothing is sent for `time`.
    pub const fn stall(time: Duration) -> FaultAction<Lasting> {
        action(Action::Stall(Limit::After(time)))
    }

    /// Nothing is sent any more, and the connection stays open.
    pub const fn stall_forever() -> FaultAction<Lasting> {
        action(Action::Stall(Limit::Never))
    }

    /// From here on at most this many bytes per second, at least one.
    pub fn throttle(bytes_per_second: u64) -> FaultAction<Lasting> {
        action(Action::Throttle(rate(bytes_per_second)))
    }
}

impl Fault<Settles> {
    /// It does not wait until what was sent is acknowledged: RST destroys bytes that
    /// the client has not read yet.
    pub fn at_once(self) -> Self {
        self.with(Pause::AtOnce)
    }

    /// It waits until what was sent is acknowledged, and so long again, in which the
    /// client reads what arrived.
    pub fn settle(self, time: Duration) -> Self {
        self.with(Pause::Settle(time))
    }
}

impl Fault<Drains> {
    /// It does not wait until what was sent is acknowledged.
    pub fn at_once(self) -> Self {
        self.with(Pause::AtOnce)
    }
}

impl<May> Fault<May> {
    /// The party that the fault stands for, in journals and verdicts.
    pub fn by(self, party: Party) -> Self {
        let by = Some(party);
        Self { by, ..self }
    }

    fn with(self, pause: Pause) -> Self {
        let pause = Some(pause);
        Self { pause, ..self }
    }

    /// The parameters of a URL, in their order.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("fault", self.to_string())];
        all.extend(self.by.map(|by| ("by", by.word().to_owned())));
        match self.pause {
            None => {}
            Some(Pause::AtOnce) => all.push(("drain", "false".into())),
            Some(Pause::Settle(time)) => {
                all.push(("drain", "true".into()));
                all.push(("settle", print_duration(time)));
            }
        }
        all
    }
}

/// Each ends in a fault that a download takes.
impl<Of: Kind> FaultAction<Of> {
    /// Once `bytes` of the response's body were sent.
    pub fn at(self, bytes: u64) -> Fault<Of::Pause> {
        self.when(Trigger::Body(ByteSize(bytes)))
    }

    /// Once `bytes` of the response were sent, head and framing included.
    pub fn at_wire(self, bytes: u64) -> Fault<Of::Pause> {
        self.when(Trigger::Wire(ByteSize(bytes)))
    }

    /// Once `bytes` of the object were sent. A response that begins there or behind,
    /// to a Range request, passes it over.
    pub fn at_object(self, bytes: u64) -> Fault<Of::Pause> {
        self.when(Trigger::Object(ByteSize(bytes)))
    }

    /// At a place of the response: behind the head, a share of the body, or a part of
    /// a chunk, for which the download must be [chunked](super::Download::chunked).
    pub fn at_place(self, place: Landmark) -> Fault<Of::Pause> {
        self.when(Trigger::Place(place))
    }

    /// So long after the request.
    pub fn after(self, time: Duration) -> Fault<Of::Pause> {
        self.when(Trigger::Elapsed(time))
    }

    /// Once the connection was idle for `time`, as a NAT or a firewall counts: no
    /// segment passed in either direction.
    pub fn when_idle(self, time: Duration) -> Fault<Of::Pause> {
        let counts = crate::scenario::Counts::Segments;
        self.when(Trigger::Idle {
            after: time,
            counts,
        })
    }

    /// Once the client has taken nothing for `time`, as a server's write timeout.
    pub fn when_blocked(self, time: Duration) -> Fault {
        self.when(Trigger::Blocked(time))
    }

    /// At the `n`-th request of this test, from 1.
    pub fn on_request(self, n: u32) -> Fault {
        self.when(Trigger::Request(n))
    }

    fn when<May>(self, when: Trigger) -> Fault<May> {
        Fault {
            action: self.0,
            when,
            by: None,
            pause: None,
            may: PhantomData,
        }
    }
}

/// The actions that need no response.
pub trait Anytime: Kind {}
impl Anytime for Closing {}
impl Anytime for Silencing {}
impl Anytime for Lasting {}

impl<Of: Anytime> FaultAction<Of> {
    /// At the `n`-th connection of this test, from 1.
    pub fn on_connection(self, n: u32) -> Fault {
        self.when(Trigger::Connection(n))
    }
}

/// `ACTION[:ARGUMENT]@TRIGGER:VALUE`.
impl<May> fmt::Display for Fault<May> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action.word())?;
        match self.action {
            Action::Stall(Limit::After(time)) => write!(f, ":{}", print_duration(time))?,
            Action::Stall(Limit::Never) => f.write_str(":forever")?,
            Action::Throttle(rate) => write!(f, ":{rate}")?,
            Action::Reset | Action::Fin | Action::Blackhole | Action::Forget | Action::End => {}
        }
        match self.when {
            Trigger::Body(size) => write!(f, "@body:{size}"),
            Trigger::Wire(size) => write!(f, "@wire:{size}"),
            Trigger::Object(size) => write!(f, "@object:{size}"),
            Trigger::Place(place) => write!(f, "@place:{place}"),
            Trigger::Elapsed(time) => write!(f, "@elapsed:{}", print_duration(time)),
            Trigger::Idle { after, .. } => write!(f, "@idle:{}", print_duration(after)),
            Trigger::Blocked(time) => write!(f, "@blocked:{}", print_duration(time)),
            Trigger::Request(n) => write!(f, "@request:{n}"),
            Trigger::Connection(n) => write!(f, "@connection:{n}"),
            Trigger::Chance(share) => write!(f, "@chance:{share}"),
        }
    }
}

/// A rate of zero would never end, so at least a byte a second.
pub(super) fn rate(bytes_per_second: u64) -> Rate {
    Rate::per_second(bytes_per_second.max(1)).unwrap_or(Rate::FASTEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::{self, ChunkPart, query::parse_query};

    /// A fault as it is written, and as it must be read.
    #[derive(Debug, Clone)]
    struct Made {
        parameters: Vec<(&'static str, String)>,
        when: Trigger,
        then: Action,
    }

    impl<May> From<Fault<May>> for Made {
        fn from(fault: Fault<May>) -> Self {
            Self {
                parameters: fault.parameters(),
                when: fault.when,
                then: fault.action,
            }
        }
    }

    fn read(made: &Made) -> Result<scenario::Fault, String> {
        let mut query = "size=10MB&framing=chunked&chunk=10KB".to_owned();
        for (name, value) in &made.parameters {
            let value = value.replace('%', "%25").replace(' ', "+");
            query += &format!("&{name}={value}");
        }
        let asked = parse_query(&query).map_err(|errors| format!("{query}: {errors}"))?;
        Ok(asked.scenario.faults[0].clone())
    }

    fn time() -> impl Strategy<Value = Duration> {
        (1u64..1_000_000).prop_map(Duration::from_millis)
    }

    fn place() -> impl Strategy<Value = Landmark> {
        prop_oneof![
            Just(Landmark::Head),
            Just(Landmark::LastChunk),
            (1u32..=100).prop_map(|percent| Landmark::Share(f64::from(percent) / 100.0)),
            (1u64..1000).prop_map(|n| Landmark::Chunk(n, ChunkPart::Size)),
            (1u64..1000).prop_map(|n| Landmark::Chunk(n, ChunkPart::Data)),
            (1u64..1000).prop_map(|n| Landmark::Chunk(n, ChunkPart::End)),
        ]
    }

    /// Every trigger that any action may have.
    fn timed<Of: Kind + fmt::Debug>(
        action: impl Strategy<Value = FaultAction<Of>> + Clone,
    ) -> impl Strategy<Value = Made> {
        let bytes = || 0u64..10_000_000;
        let action = || action.clone();
        prop_oneof![
            (action(), bytes()).prop_map(|(action, n)| action.at(n).into()),
            (action(), bytes()).prop_map(|(action, n)| action.at_wire(n).into()),
            (action(), bytes()).prop_map(|(action, n)| action.at_object(n).into()),
            (action(), place()).prop_map(|(action, place)| action.at_place(place).into()),
            (action(), time()).prop_map(|(action, time)| action.after(time).into()),
            (action(), time()).prop_map(|(action, time)| action.when_idle(time).into()),
            (action(), time()).prop_map(|(action, time)| action.when_blocked(time).into()),
            (action(), 1u32..1000).prop_map(|(action, n)| action.on_request(n).into()),
        ]
    }

    fn closing() -> impl Strategy<Value = FaultAction<Closing>> + Clone {
        prop_oneof![Just(Fault::reset()), Just(Fault::fin())]
    }

    fn lasting() -> impl Strategy<Value = FaultAction<Lasting>> + Clone {
        let throttle = (0u64..125_000_000).prop_map(Fault::throttle);
        let stall = time().prop_map(Fault::stall);
        prop_oneof![Just(Fault::stall_forever()), stall, throttle].boxed()
    }

    fn silencing() -> impl Strategy<Value = FaultAction<Silencing>> + Clone {
        prop_oneof![Just(Fault::blackhole()), Just(Fault::forget())]
    }

    fn made() -> impl Strategy<Value = Made> {
        let settle = (0u64..1000).prop_map(Duration::from_millis);
        prop_oneof![
            timed(closing().boxed()),
            timed(silencing().boxed()),
            timed(lasting()),
            timed(Just(Fault::end())),
            (closing(), 1u32..1000).prop_map(|(action, n)| action.on_connection(n).into()),
            (closing(), settle).prop_map(|(action, time)| action.at(9).settle(time).into()),
            closing().prop_map(|action| action.at_wire(9).at_once().by(Party::Network).into()),
            silencing().prop_map(|action| action.at_object(9).at_once().into()),
        ]
    }

    proptest! {
        #[test]
        fn a_fault_is_read_as_it_was_made(made in made()) {
            let read = read(&made);
            prop_assert!(read.is_ok(), "{}", read.unwrap_err());
            let read = read.unwrap();
            prop_assert_eq!((read.when, read.then), (made.when, made.then));
        }
    }

    #[test]
    fn what_follows_a_fault_belongs_to_it() {
        let fault = || Fault::fin().at(400_000).by(Party::Network);
        let settled = fault().at_once().settle(Duration::from_millis(70));
        let settled = read(&settled.into()).unwrap();
        assert_eq!(settled.by, Party::Network);
        assert!(settled.drain);
        assert_eq!(settled.settle, Duration::from_millis(70));
        let at_once = fault().settle(Duration::ZERO).at_once();
        assert!(!read(&at_once.into()).unwrap().drain);
    }
}
