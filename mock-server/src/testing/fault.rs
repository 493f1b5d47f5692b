//! A fault as a value, written as the parameters of a URL.

use std::{fmt, marker::PhantomData, time::Duration};

use crate::{
    scenario::{Action, Landmark, Limit, Party, Trigger},
    units::{ByteSize, Rate, print_duration},
};

/// Something that goes wrong, without the moment at which it does: a download takes
/// only a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "an action needs a trigger, such as `.at(400_000)`"]
pub struct FaultAction<During = Connection>(Action, PhantomData<During>);

/// For an action at any time of a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Connection {}

/// For an action while a response is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Response {}

const fn action<During>(action: Action) -> FaultAction<During> {
    FaultAction(action, PhantomData)
}

/// Something that goes wrong, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    action: Action,
    when: Trigger,
    by: Option<Party>,
    pause: Option<Pause>,
}

/// The time between what is sent before it and the fault.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pause {
    AtOnce,
    Settle(Duration),
}

impl Fault {
    /// RST: the connection is gone, and what was queued is lost.
    pub const fn reset() -> FaultAction {
        action(Action::Reset)
    }

    /// FIN, as from a server that has crashed or thinks that it is done.
    pub const fn fin() -> FaultAction {
        action(Action::Fin)
    }

    /// From here on nothing arrives in either direction, without an end.
    pub const fn blackhole() -> FaultAction {
        action(Action::Blackhole)
    }

    /// The network forgets the connection: nothing arrives, and the client's next
    /// segment is answered with RST.
    pub const fn forget() -> FaultAction {
        action(Action::Forget)
    }

    /// The response ends as if it were whole: in the chunked coding, or where the
    /// body ends with the connection.
    pub const fn end() -> FaultAction<Response> {
        action(Action::End)
    }

    /// Nothing is sent for `time`.
    pub const fn stall(time: Duration) -> FaultAction {
        action(Action::Stall(Limit::After(time)))
    }

    /// Nothing is sent any more, and the connection stays open.
    pub const fn stall_forever() -> FaultAction {
        action(Action::Stall(Limit::Never))
    }

    /// From here on at most this many bytes per second, at least one.
    pub fn throttle(bytes_per_second: u64) -> FaultAction {
        action(Action::Throttle(rate(bytes_per_second)))
    }

    /// The party that the fault stands for, in journals and verdicts.
    pub fn by(self, party: Party) -> Self {
        let by = Some(party);
        Self { by, ..self }
    }

    /// It does not wait until what was sent is acknowledged: RST destroys bytes that
    /// the client has not read yet.
    pub fn at_once(self) -> Self {
        let pause = Some(Pause::AtOnce);
        Self { pause, ..self }
    }

    /// It waits until what was sent is acknowledged, and so long again, in which the
    /// client reads what arrived.
    pub fn settle(self, time: Duration) -> Self {
        let pause = Some(Pause::Settle(time));
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
impl<During> FaultAction<During> {
    /// Once `bytes` of the response's body were sent.
    pub fn at(self, bytes: u64) -> Fault {
        self.when(Trigger::Body(ByteSize(bytes)))
    }

    /// Once `bytes` of the response were sent, head and framing included.
    pub fn at_wire(self, bytes: u64) -> Fault {
        self.when(Trigger::Wire(ByteSize(bytes)))
    }

    /// Once `bytes` of the object were sent. A response that begins there or behind,
    /// to a Range request, passes it over.
    pub fn at_object(self, bytes: u64) -> Fault {
        self.when(Trigger::Object(ByteSize(bytes)))
    }

    /// At a place of the response: behind the head, a share of the body, or a part of
    /// a chunk, for which the download must be [chunked](super::Download::chunked).
    pub fn at_place(self, place: Landmark) -> Fault {
        self.when(Trigger::Place(place))
    }

    /// So long after the request.
    pub fn after(self, time: Duration) -> Fault {
        self.when(Trigger::Elapsed(time))
    }

    /// Once the connection was idle for `time`, as a NAT or a firewall counts: no
    /// segment passed in either direction.
    pub fn when_idle(self, time: Duration) -> Fault {
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

    fn when(self, when: Trigger) -> Fault {
        Fault {
            action: self.0,
            when,
            by: None,
            pause: None,
        }
    }
}

impl FaultAction {
    /// At the `n`-th connection of this test, from 1.
    pub fn on_connection(self, n: u32) -> Fault {
        self.when(Trigger::Connection(n))
    }
}

/// `ACTION[:ARGUMENT]@TRIGGER:VALUE`.
impl fmt::Display for Fault {
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
    use crate::scenario::{self, query::parse_query};

    fn read(fault: &Fault) -> Result<scenario::Fault, String> {
        let mut query = "size=10MB&framing=chunked".to_owned();
        for (name, value) in fault.parameters() {
            query += &format!("&{name}={}", value.replace(' ', "+"));
        }
        let asked = parse_query(&query).map_err(|errors| format!("{query}: {errors}"))?;
        Ok(asked.scenario.faults[0].clone())
    }

    fn anything() -> impl Strategy<Value = FaultAction> {
        prop_oneof![
            Just(Fault::reset()),
            Just(Fault::fin()),
            Just(Fault::blackhole()),
            Just(Fault::forget()),
            Just(Fault::stall_forever()),
            (1u64..1_000_000).prop_map(|ms| Fault::stall(Duration::from_millis(ms))),
            (0u64..125_000_000).prop_map(Fault::throttle),
        ]
    }

    /// Every trigger that an action of `During` may have.
    fn timed<During: Clone + fmt::Debug>(
        action: impl Strategy<Value = FaultAction<During>> + Clone,
    ) -> impl Strategy<Value = Fault> {
        let time = || (1u64..1_000_000).prop_map(Duration::from_millis);
        let bytes = || 0u64..10_000_000;
        let action = || action.clone();
        prop_oneof![
            (action(), bytes()).prop_map(|(action, n)| action.at(n)),
            (action(), bytes()).prop_map(|(action, n)| action.at_wire(n)),
            (action(), time()).prop_map(|(action, time)| action.after(time)),
            (action(), time()).prop_map(|(action, time)| action.when_idle(time)),
            (action(), time()).prop_map(|(action, time)| action.when_blocked(time)),
            (action(), 1u32..1000).prop_map(|(action, n)| action.on_request(n)),
        ]
    }

    fn fault() -> impl Strategy<Value = Fault> {
        prop_oneof![
            8 => timed(anything().boxed()),
            1 => timed(Just(Fault::end())),
            1 => (anything(), 1u32..1000).prop_map(|(action, n)| action.on_connection(n)),
        ]
    }

    proptest! {
        #[test]
        fn a_fault_is_read_as_it_was_made(fault in fault()) {
            let read = read(&fault);
            prop_assert!(read.is_ok(), "{}", read.unwrap_err());
            let read = read.unwrap();
            prop_assert_eq!((read.when, read.then), (fault.when, fault.action));
        }
    }

    #[test]
    fn what_follows_a_fault_belongs_to_it() {
        let fault = || Fault::fin().at(400_000).by(Party::Network);
        let settled = read(&fault().at_once().settle(Duration::from_millis(70))).unwrap();
        assert_eq!(settled.by, Party::Network);
        assert!(settled.drain);
        assert_eq!(settled.settle, Duration::from_millis(70));
        assert!(
            !read(&fault().settle(Duration::ZERO).at_once())
                .unwrap()
                .drain
        );
    }
}
