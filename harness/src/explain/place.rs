//! The offsets at which faults fire: those of the response that the server itself
//! would send.

use std::borrow::Cow;

use shortread_server::{
    fault::{OffsetMap as _, wire_offset},
    http1::origin::{Origin, Request, Script},
    scenario::{Fault, Scenario, Trigger},
    units::counted_bytes,
};

/// The response that is told of. Another request may get another head, and one for a
/// range another body.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The same in words.
const ASKED: &str = "to a plain GET (HTTP/1.1, without Range)";

/// The offset of a trigger in that response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offset {
    /// There, in bytes.
    At { body: u64, wire: u64 },
    /// Not in it: the fault never fires.
    Nowhere,
}

/// The response of a scenario to a plain GET.
pub(super) struct Plain(Script);

impl Plain {
    /// `None` where no fault names an offset, or there is no such response. A gzip
    /// body is encoded for it.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        if !scenario.faults.iter().any(|fault| has_offset(fault.when)) {
            return None;
        }
        let (request, _) = Request::parse(REQUEST).ok()??;
        let origin = Origin::new(scenario).ok()?;
        Some(Self(origin.respond(&request).script))
    }

    /// `None` for a trigger that names no offset.
    fn offset(&self, when: Trigger) -> Option<Offset> {
        has_offset(when).then(|| match wire_offset(when, &self.0) {
            Some(wire) => Offset::At {
                body: self.0.body_at_wire(wire),
                wire,
            },
            None => Offset::Nowhere,
        })
    }

    /// A sentence, where the file does not say it all.
    pub(super) fn sentence(&self, when: Trigger) -> Option<String> {
        match (self.offset(when)?, when) {
            (Offset::Nowhere, _) => Some(format!("But {}.", self.never())),
            (Offset::At { body, wire }, Trigger::Place(_) | Trigger::Object(_)) => Some(format!(
                "In the response {ASKED} that is offset {body} of the body and {wire} on the wire."
            )),
            (Offset::At { .. }, _) => None,
        }
    }

    fn never(&self) -> String {
        format!(
            "the response {ASKED} does not have that place, so this never fires: its body has {}, \
             the whole of it {}",
            counted_bytes(self.0.body_len()),
            counted_bytes(self.0.wire_len())
        )
    }
}

/// What is to be said of the faults that never fire, each with its number.
pub(crate) fn never_fire(scenario: &Scenario) -> Vec<String> {
    let Some(plain) = Plain::of(scenario) else {
        return Vec::new();
    };
    let faults = scenario.faults.iter().enumerate();
    let dead = faults.filter(|(_, fault)| plain.offset(fault.when) == Some(Offset::Nowhere));
    dead.map(|(index, _)| format!("fault {}: {}", index + 1, plain.never()))
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
    let fires = |fault: &Fault| plain.offset(fault.when) != Some(Offset::Nowhere);
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
        scenario::{Action, Fault, Framing, Raw, RawAt},
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
        Plain::of(scenario)?.offset(scenario.faults[0].when)
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
            let head_len = Plain::of(&scenario).unwrap().0.head_len();
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
        scenario.body.gzip = true;
        scenario.body.framing = Framing::Chunked;
        scenario.body.chunk = ByteSize(1100);
        let plain = Plain::of(&scenario).unwrap();
        let offset = |index: usize| plain.offset(scenario.faults[index].when);
        assert_eq!(offset(0), Some(Offset::Nowhere));
        assert_eq!(offset(1), Some(Offset::Nowhere));
        let Some(Offset::At { body, .. }) = offset(2) else {
            panic!("{:?}", offset(2));
        };
        assert!((1001..1100).contains(&body), "{body}");
        let told = never_fire(&scenario);
        assert_eq!(told.len(), 2);
        assert!(told[1].starts_with("fault 2: the response to a plain GET"));
        assert!(told[0].contains(&format!("its body has {body} bytes")));
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
    fn what_names_no_offset_has_none() {
        let scenario = scenario(25, [Trigger::Request(1)]);
        assert!(Plain::of(&scenario).is_none());
        assert!(never_fire(&scenario).is_empty());
    }
}
