//! The outcome of a user's client, judged by `[expect.any]`: from its answer, its
//! file, and the number of its requests.

use shortread_server::{
    clock::Instant,
    scenario::{Kind, Party, Scenario, Success},
};

use super::{FiredFault, Judgement, Outcome, Rule, Said, Truth, cause, judge};
use crate::verify::{FileVerdict, Finding, Saved};

/// The outcome of a client that `said` so, saved what is `found`, and ended at
/// `ended`. `failure` is what it failed with, in one line.
pub fn classify_client(
    said: Said,
    found: &Finding,
    ended: Instant,
    faults: &[FiredFault],
    failure: Option<String>,
) -> Outcome {
    let kind = match (said, found.verdict) {
        (Said::Nothing, _) => Kind::Stalled,
        (Said::Failure, _) => Kind::Truncated,
        (Said::Success, FileVerdict::Complete) => Kind::Complete,
        (Said::Success, FileVerdict::Short) => Kind::SilentTruncation,
        (Said::Success, FileVerdict::WrongObject) => Kind::WrongObject,
        (Said::Success, FileVerdict::Bad | FileVerdict::Longer) => Kind::Corrupt,
    };
    let (ended_by, cause) = blame(kind, ended, faults);
    Outcome {
        kind,
        ended_by,
        deadline: None,
        cause,
        error: failure.into_iter().map(Into::into).collect(),
        exception: None,
    }
}

/// The party that ended it, and the fault that led to it. It is unknown which of
/// its connections ended the client, so a fault on any of them may be the cause.
fn blame(kind: Kind, ended: Instant, faults: &[FiredFault]) -> (Option<Party>, Option<usize>) {
    let anywhere: Vec<FiredFault> = faults
        .iter()
        .map(|fault| FiredFault {
            connection: None,
            ..*fault
        })
        .collect();
    let found = |kind| cause::of(kind, None, 0, ended, &anywhere);
    if let Some(fault) = found(kind) {
        let by = matches!(kind, Kind::Truncated | Kind::SilentTruncation).then_some(fault.by);
        return (by, Some(fault.index));
    }
    // It lost patience with a silence.
    match found(Kind::TimedOut).filter(|_| kind == Kind::Truncated) {
        Some(fault) => (Some(Party::Client), Some(fault.index)),
        None => (None, None),
    }
}

/// The judgement of a client that `said` this. `None` if the scenario states no
/// rule, if the client failed before its first request, or if it was stopped
/// while it tried again and might have ended.
pub fn judge_client(
    scenario: &Scenario,
    said: Said,
    saved: &Saved,
    requests: u64,
) -> Option<Judgement> {
    let mut rule = Rule::of(scenario)?;
    let asked_nothing = said != Said::Success && requests == 0;
    let still_asking = said == Said::Nothing && requests > 1 && !rule.hang;
    if asked_nothing || still_asking {
        return None;
    }
    // A client that does not decode has all of the response, and cannot see that
    // the coding has no end.
    if saved.coded && scenario.body.truncate_at.is_some() && rule.success == Success::Forbidden {
        rule.success = Success::Undetectable;
    }
    let truth = Truth::of_file(&saved.finding, Some(requests));
    Some(judge(&rule, said, &truth))
}

#[cfg(test)]
mod tests {
    use shortread_server::{
        body::Pattern,
        scenario::{Action, ExpectAny, Limit},
        units::ByteSize,
    };

    use super::*;
    use crate::verify::{Place, verify};

    const SIZE: u64 = 10_000;

    fn saved(bytes: &[u8]) -> Saved {
        Saved {
            finding: verify(&mut &*bytes, SIZE).unwrap(),
            place: Place::File,
            coded: false,
        }
    }

    fn prefix(bytes: u64) -> Vec<u8> {
        Pattern::PLAIN.slices(0..bytes).collect::<Vec<_>>().concat()
    }

    fn scenario(success: Success, hang: bool) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(SIZE);
        scenario.expect.any = Some(ExpectAny {
            success,
            hang,
            prefix: Some([ByteSize(4_000), ByteSize(4_000)]),
        });
        scenario
    }

    fn fault(action: Action, by: Party) -> FiredFault {
        FiredFault {
            index: 3,
            action,
            by,
            at_ns: Instant(5),
            connection: Some(7),
        }
    }

    #[test]
    fn what_it_said_and_what_it_saved_make_the_kind() {
        let kind = |said, bytes: &[u8]| {
            classify_client(said, &saved(bytes).finding, Instant(9), &[], None).kind
        };
        let whole = prefix(SIZE);
        assert_eq!(kind(Said::Success, &whole), Kind::Complete);
        assert_eq!(kind(Said::Success, &whole[..400]), Kind::SilentTruncation);
        assert_eq!(kind(Said::Success, &[]), Kind::SilentTruncation);
        assert_eq!(kind(Said::Success, b"<html>"), Kind::WrongObject);
        assert_eq!(
            kind(Said::Success, &[&whole[..400], &[7; 99]].concat()),
            Kind::Corrupt
        );
        assert_eq!(
            kind(Said::Success, &[&whole[..], &whole].concat()),
            Kind::Corrupt
        );
        assert_eq!(kind(Said::Failure, &whole), Kind::Truncated);
        assert_eq!(kind(Said::Nothing, &whole), Kind::Stalled);
    }

    #[test]
    fn a_fault_on_any_connection_is_to_blame() {
        let of = |said, faults: &[FiredFault]| {
            let finding = saved(&prefix(400)).finding;
            let outcome = classify_client(said, &finding, Instant(9), faults, None);
            (outcome.ended_by, outcome.cause)
        };
        let reset = [fault(Action::Reset, Party::Network)];
        assert_eq!(of(Said::Failure, &reset), (Some(Party::Network), Some(3)));
        assert_eq!(of(Said::Success, &reset), (Some(Party::Network), Some(3)));
        let fin = [fault(Action::Fin, Party::Server)];
        assert_eq!(of(Said::Success, &fin), (Some(Party::Server), Some(3)));
        let stall = [fault(Action::Stall(Limit::Never), Party::Server)];
        assert_eq!(of(Said::Failure, &stall), (Some(Party::Client), Some(3)));
        assert_eq!(of(Said::Nothing, &stall), (None, Some(3)));
        assert_eq!(of(Said::Failure, &[]), (None, None));
    }

    #[test]
    fn one_that_was_stopped_while_it_tried_again_is_not_judged() {
        let nothing = saved(&[]);
        let judged = |hang, requests| {
            let scenario = scenario(Success::Forbidden, hang);
            judge_client(&scenario, Said::Nothing, &nothing, requests).map(|j| j.accepted)
        };
        assert_eq!(judged(false, 0), None, "it asked nothing");
        assert_eq!(judged(false, 1), Some(false));
        assert_eq!(judged(false, 5), None);
        assert_eq!(judged(true, 5), Some(true));
    }

    #[test]
    fn who_saves_the_coded_bytes_cannot_see_that_the_coding_is_cut() {
        let mut scenario = scenario(Success::Forbidden, false);
        scenario.body.encoding = vec![shortread_server::scenario::Coding::Gzip];
        let mut short = saved(&prefix(4_000));
        let judged = |scenario: &Scenario, saved: &Saved| {
            judge_client(scenario, Said::Success, saved, 1).map(|j| j.accepted)
        };
        short.coded = true;
        // The connection was cut: that shows in the coded bytes too.
        assert_eq!(judged(&scenario, &short), Some(false));
        scenario.body.truncate_at = Some(ByteSize(4_000));
        assert_eq!(judged(&scenario, &short), Some(true));
        short.coded = false;
        assert_eq!(judged(&scenario, &short), Some(false));
    }
}
