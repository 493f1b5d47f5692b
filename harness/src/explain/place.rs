//! The offsets at which faults fire: those of the response that the server itself
//! would send.

use std::borrow::Cow;

use shortread_server::{
    clock::Date,
    fault::{OffsetMap as _, wire_offset},
    http1::origin::{Origin, Request, Script},
    scenario::{Attempt, Fault, PathPattern, Protocol, RequestFacts, Scenario, Selector, Trigger},
    units::counted_bytes,
};

/// The request that is told of. Another may get another head, and one for a range
/// another body.
pub(super) const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The same in words.
const ASKED: &str = "to a plain GET (HTTP/1.1, without Range)";

/// Bytes of an object, all versions together, that are encoded, or whose digest is made,
/// to tell of it: some tenths of a second. Of a larger one no offset is told.
const MOST_ENCODED: u64 = 8 << 20;

/// Bytes of pages and encoded bodies that are held for it. Of more no offset is told.
const MOST_HELD: u64 = 32 << 20;

/// The offset of a trigger in that response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offset {
    /// There, in bytes.
    At { body: u64, wire: u64 },
    /// Not in it: the fault never fires.
    Nowhere,
}

/// The responses of a scenario to plain GETs.
pub(super) struct Plain {
    origin: Origin,
    request: Request,
    /// All get the same response.
    is_same: bool,
}

impl Plain {
    /// `None` where no fault names an offset, or there is no such response. A coded
    /// body is encoded for it, unless that would take long.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        let asks = scenario.faults.iter().any(|fault| has_offset(fault.when));
        match asks {
            true => Self::whoever_asks(scenario),
            false => None,
        }
    }

    /// The same where no fault has to name an offset.
    pub(super) fn whoever_asks(scenario: &Scenario) -> Option<Self> {
        let held = Origin::most_held_bytes(scenario);
        if encoded_bytes(scenario) > MOST_ENCODED || held > MOST_HELD {
            return None;
        }
        let (request, _) = Request::parse(REQUEST).ok()??;
        Some(Self {
            origin: Origin::new(scenario).ok()?,
            request,
            is_same: scenario.answers.is_empty() && scenario.versions.is_empty(),
        })
    }

    /// The response to the first plain GET that `on` selects; `None` if it selects
    /// others only.
    pub(super) fn script(&self, on: &Selector) -> Option<Script> {
        let facts = first_of(on)?;
        let chosen = self.origin.choose(&self.request, &facts, Date::START);
        Some(chosen.response.script)
    }

    /// `None` for a trigger that names no offset.
    pub(super) fn offset(&self, fault: &Fault) -> Option<Offset> {
        if !has_offset(fault.when) {
            return None;
        }
        let script = self.script(&fault.on)?;
        Some(match wire_offset(fault.when, &script) {
            Some(wire) => Offset::At {
                body: script.body_at_wire(wire),
                wire,
            },
            None => Offset::Nowhere,
        })
    }

    /// A sentence, where the file does not say it all.
    pub(super) fn sentence(&self, fault: &Fault) -> Option<String> {
        match (self.offset(fault)?, fault.when) {
            (Offset::Nowhere, _) => Some(format!("But {}.", self.never(fault)?)),
            (Offset::At { body, wire }, Trigger::Place(_) | Trigger::Object(_)) => Some(format!(
                "In the response {} that is offset {body} of the body and {wire} on the wire.",
                asked(fault)
            )),
            (Offset::At { .. }, _) => None,
        }
    }

    fn never(&self, fault: &Fault) -> Option<String> {
        let script = self.script(&fault.on)?;
        let fires = match self.is_same {
            true => "so this never fires",
            false => "so this does not fire in it",
        };
        Some(format!(
            "the response {} does not have that place, {fires}: its body has {}, the whole of it {}",
            asked(fault),
            counted_bytes(script.body_len()),
            counted_bytes(script.wire_len())
        ))
    }
}

/// Bytes of the object that its coders would read.
fn encoded_bytes(scenario: &Scenario) -> u64 {
    if !scenario.is_gone_over() || scenario.response.page.is_some() {
        return 0;
    }
    scenario.all_bytes()
}

/// The request that is told of, in words.
fn asked(fault: &Fault) -> Cow<'static, str> {
    match fault.on.is_all() {
        true => ASKED.into(),
        false => "to the first of these requests (GET, HTTP/1.1, without Range)".into(),
    }
}

/// The first plain GET that `on` selects, if it selects any.
pub(super) fn first_of(on: &Selector) -> Option<RequestFacts<'_>> {
    let first = RequestFacts::FIRST;
    let is_plain = on.attempt != Some(Attempt::Resumption)
        && on.protocol != Some(Protocol::Http10)
        && on
            .method
            .as_deref()
            .is_none_or(|method| method == first.method);
    is_plain.then(|| RequestFacts {
        request: on.request.map_or(1, |numbers| numbers.least()),
        connection: on.connection.map_or(1, |numbers| numbers.least()),
        position: on.position.map_or(1, |numbers| numbers.least()),
        time: on.time.map_or(first.time, |span| span.from),
        path: on.path.as_ref().map_or(first.path, PathPattern::one),
        ..first
    })
}

/// What is to be said of the faults that never fire, each with its index.
pub(super) fn never_fire(scenario: &Scenario) -> Vec<(usize, String)> {
    let Some(plain) = Plain::of(scenario) else {
        return Vec::new();
    };
    let faults = scenario.faults.iter().enumerate();
    let dead = faults.filter(|(_, fault)| plain.offset(fault) == Some(Offset::Nowhere));
    dead.filter_map(|(index, fault)| Some((index, plain.never(fault)?)))
        .collect()
}

/// The scenario as it plays out for a plain GET: without the faults that never fire.
pub(super) fn without_dead_faults<'a>(
    scenario: &'a Scenario,
    plain: Option<&Plain>,
) -> Cow<'a, Scenario> {
    let Some(plain) = plain else {
        return Cow::Borrowed(scenario);
    };
    let fires = |fault: &Fault| plain.offset(fault) != Some(Offset::Nowhere);
    if scenario.faults.iter().all(fires) {
        return Cow::Borrowed(scenario);
    }
    let mut scenario = scenario.clone();
    scenario.faults.retain(fires);
    Cow::Owned(scenario)
}

/// True if it is an offset of the response that decides.
const fn has_offset(when: Trigger) -> bool {
    match when {
        Trigger::Body(_) | Trigger::Wire(_) | Trigger::Object(_) | Trigger::Place(_) => true,
        Trigger::Elapsed(_)
        | Trigger::Idle { .. }
        | Trigger::Blocked(_)
        | Trigger::Request(_)
        | Trigger::Connection(_)
        | Trigger::Chance(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::{
        scenario::{Action, Answer, Fault, Framing, Ordinals, Raw, RawAt, Response},
        units::ByteSize,
    };

    use super::*;

    fn scenario(size: u64, whens: impl IntoIterator<Item = Trigger>) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(size);
        let faults = whens.into_iter().map(|when| Fault::new(when, Action::Fin));
        scenario.faults = faults.collect();
        scenario
    }

    fn place(text: &str) -> Trigger {
        Trigger::Place(text.parse().unwrap())
    }

    fn offset(scenario: &Scenario) -> Option<Offset> {
        Plain::of(scenario)?.offset(&scenario.faults[0])
    }

    #[test]
    fn a_place_has_the_offset_at_which_the_server_stops() {
        for (text, body, behind_head) in [
            ("head", 0, 0),
            ("40%", 10, 13),
            ("chunk-2-size", 10, 16),
            ("chunk-2-data", 20, 28),
            ("chunk-2", 20, 30),
            ("last-chunk", 25, 40),
        ] {
            let mut scenario = scenario(25, [place(text)]);
            scenario.body.framing = Framing::Chunked;
            scenario.body.chunk = ByteSize(10);
            let head_len = Plain::of(&scenario)
                .unwrap()
                .script(&Selector::default())
                .unwrap()
                .head_len();
            let wire = head_len + behind_head;
            assert_eq!(offset(&scenario), Some(Offset::At { body, wire }), "{text}");
        }
    }

    #[test]
    fn a_coded_body_has_the_length_of_its_coding() {
        // Both pass for valid: a bound of the coding, which is not known until it
        // is made, is beyond them.
        let beyond = Trigger::Object(ByteSize(2000));
        let mut scenario = scenario(1000, [beyond, place("chunk-2"), place("100%")]);
        scenario.body.encoding = vec![shortread_server::scenario::Coding::Gzip];
        scenario.body.framing = Framing::Chunked;
        scenario.body.chunk = ByteSize(1100);
        let plain = Plain::of(&scenario).unwrap();
        let offset = |index: usize| plain.offset(&scenario.faults[index]);
        assert_eq!(offset(0), Some(Offset::Nowhere));
        assert_eq!(offset(1), Some(Offset::Nowhere));
        let Some(Offset::At { body, .. }) = offset(2) else {
            panic!("{:?}", offset(2));
        };
        assert!((1001..1100).contains(&body), "{body}");
        let told = never_fire(&scenario);
        assert_eq!((told[0].0, told[1].0, told.len()), (0, 1, 2));
        assert!(told[1].1.starts_with("the response to a plain GET"));
        assert!(told[0].1.contains(&format!("its body has {body} bytes")));
    }

    #[test]
    fn a_place_that_raw_bytes_have_taken_is_nowhere() {
        let mut scenario = scenario(25, [place("last-chunk")]);
        scenario.body.framing = Framing::Chunked;
        scenario.response.raw = vec![Raw {
            at: RawAt::Body(ByteSize(25)),
            bytes: "x".into(),
            replace: ByteSize(2),
        }];
        assert_eq!(offset(&scenario), Some(Offset::Nowhere));
    }

    #[test]
    fn a_place_is_looked_for_in_the_response_to_the_requests_that_the_fault_is_for() {
        let only = |n| Selector {
            request: Some(Ordinals::only(n)),
            ..Selector::default()
        };
        let mut scenario = scenario(1000, [Trigger::Body(ByteSize(500))]);
        let response = Response {
            status: 503,
            page: Some(String::new()),
            ..Response::default()
        };
        scenario.answers = vec![Answer {
            on: only(1),
            response,
        }];
        scenario.faults[0].on = only(2);
        assert!(never_fire(&scenario).is_empty());
        scenario.faults[0].on = only(1);
        let told = &never_fire(&scenario)[0].1;
        assert!(told.contains("to the first of these requests"), "{told}");
        assert!(told.contains("does not fire in it"), "{told}");
        // Of a fault for all requests nothing is said that does not hold for all.
        scenario.faults[0].on = Selector::default();
        assert!(!never_fire(&scenario)[0].1.contains("never"));
        // The body of a resumption is not known.
        scenario.faults[0].on.attempt = Some(Attempt::Resumption);
        assert!(never_fire(&scenario).is_empty());
    }

    #[test]
    fn what_names_no_offset_has_none() {
        let scenario = scenario(25, [Trigger::Request(1)]);
        assert!(Plain::of(&scenario).is_none());
        assert!(never_fire(&scenario).is_empty());
    }

    #[test]
    fn of_an_object_that_takes_long_to_encode_no_offset_is_told() {
        let mut scenario = Scenario::default();
        scenario.body.encoding = vec![shortread_server::scenario::Coding::Gzip];
        let head = Trigger::Place("head".parse().unwrap());
        let fin = shortread_server::scenario::Action::Fin;
        scenario.faults = vec![Fault::new(head, fin)];
        scenario.body.size = "8MiB".parse().unwrap();
        assert!(Plain::of(&scenario).is_some());
        scenario.versions = vec![Default::default()];
        assert!(
            Plain::of(&scenario).is_none(),
            "two versions are twice as many"
        );
    }
}
