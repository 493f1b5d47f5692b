//! Advice that follows from the end of a download.

use shortread_server::{
    scenario::{Deadline, Ending, Framing, Kind, Scenario, Suffices, Trigger},
    units::human_duration,
};

use crate::outcome::Outcome;

/// For bytes that are not what HTTP allows.
const REPAIR: &str = "The response has to be repaired where it is made; compare with the origin \
                      without the proxies between.";

/// Advice for a user whose download of `scenario` ended so, the most useful
/// first; empty where nothing is wrong.
pub fn advice_for(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let mut advice = Vec::new();
    match outcome.kind {
        Kind::Complete | Kind::ToolError => {}
        Kind::SilentTruncation => {
            advice.push(match scenario.body.framing {
                Framing::Close => "Nothing in this response tells its length: ask the origin for \
                     `Content-Length` or chunked coding, and compare the size or a hash that \
                     comes by another way."
                    .into(),
                _ => "Compare the size or a hash that comes by another way: the response says \
                      itself that it is whole."
                    .into(),
            });
            if scenario.body.is_coded() {
                advice.push(
                    "Ask for `Accept-Encoding: identity`, so that the announced length is that \
                     of the file."
                        .into(),
                );
            }
        }
        Kind::Corrupt => {
            advice.push("Compare a hash that comes by another way; no length shows this.".into());
        }
        Kind::WrongObject => advice.push(
            "Check the status, the content type and, where a download is resumed, the `ETag` \
             (`If-Range`) before a byte is written."
                .into(),
        ),
        Kind::TimedOut => advice.extend(deadline(scenario, outcome.deadline)),
        Kind::Stalled => advice.push(
            "Set `sock_read`, the limit on silence between two reads: nothing else ends this."
                .into(),
        ),
        Kind::OutOfMemory => advice.push(
            "Read in pieces (`iter_chunked(65536)`) and write each one: memory then does not \
             grow with the file."
                .into(),
        ),
        Kind::DiskFull => advice.push(
            "Compare `Content-Length` with the free space before the first byte is written \
             (`shutil.disk_usage`), free some, and ask for the rest with `Range`."
                .into(),
        ),
        Kind::Truncated | Kind::Reset => {
            if impatient(scenario) {
                advice.push(
                    "Take bytes off the connection faster than the server loses patience: put \
                     them away first, in a file or a queue, and work on them after."
                        .into(),
                );
            }
            advice.push("Keep what was written and ask for the rest: `Range: bytes=N-` with `If-Range` and \
             the `ETag`."
                .into());
        }
        Kind::Refused => advice.push("Try again later, with growing pauses between tries.".into()),
        Kind::Malformed => advice.push(REPAIR.into()),
        Kind::Rejected => advice.push(
            "The client was right to refuse it; compare with the origin without the proxies \
             between."
                .into(),
        ),
    }
    if forgotten(scenario) && matches!(outcome.kind, Kind::TimedOut | Kind::Stalled | Kind::Reset) {
        advice.push(
            "Send TCP keepalives more often than the path's idle limit; where it counts payload \
             only, a shorter pause is the one way."
                .into(),
        );
    }
    advice
}

fn deadline(scenario: &Scenario, deadline: Option<Deadline>) -> Vec<String> {
    match deadline {
        Some(Deadline::Total) => total(scenario.total_that_suffices()),
        Some(Deadline::SockRead) => vec![
            "The limit on silence did its work. If the pause is legitimate, raise it above the \
             longest one; else ask for the rest with `Range`."
                .into(),
        ],
        Some(Deadline::Keepalive) => vec![
            "The keepalives did their work: the path is dead. Ask for the rest with `Range` on a \
             new connection."
                .into(),
        ],
        Some(Deadline::Connect | Deadline::Head) => {
            vec!["Nothing was lost yet: try again, with growing pauses between tries.".into()]
        }
        None => Vec::new(),
    }
}

/// Advice for a user whose total passed, by what total suffices.
fn total(suffices: Suffices) -> Vec<String> {
    let whole = match suffices {
        Suffices::Unreadable => {
            return vec![
                REPAIR.into(),
                "Keep a total: it is what ended the wait for bytes that could not be read.".into(),
            ];
        }
        Suffices::From(needed) => format!(
            "The smallest total that would do here is {}.",
            human_duration(needed)
        ),
        Suffices::Above(needed) => format!(
            "A total that would do here is longer than {}: the pauses of the application and what \
             is lost come on top.",
            human_duration(needed)
        ),
        Suffices::RestNeverComes => "No total is long enough here, since the rest never comes; a \
                                     limit on silence notices sooner."
            .into(),
        Suffices::DiskFull => "No total is long enough here, since the disk is full before the \
                               last byte."
            .into(),
        Suffices::Closed => "No total is long enough here, since the connection is closed before \
                             the last byte."
            .into(),
    };
    let off = "Switch the total off for downloads (`ClientTimeout(total=None, sock_read=60)`): what \
               matters is silence, not length.";
    vec![off.into(), whole]
}

/// True if something on the path drops idle connections.
fn forgotten(scenario: &Scenario) -> bool {
    scenario.faults.iter().any(|fault| {
        fault.when.idle().is_some()
            && (fault.then.loses_connection() || fault.then.ending() == Some(Ending::Rst))
    })
}

/// True if the server gives up on a client that reads too slowly.
fn impatient(scenario: &Scenario) -> bool {
    let mut faults = scenario.faults.iter();
    faults.any(|fault| matches!(fault.when, Trigger::Blocked(_)))
}

#[cfg(test)]
mod tests {
    use shortread_server::{
        scenario::{Action, Fault, load},
        units::ByteSize,
    };

    use super::*;
    use crate::results::samples::outcome;

    fn slow() -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1_000_000_000);
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario
    }

    #[test]
    fn a_total_that_is_too_short_is_told_the_smallest_that_would_do() {
        let timed_out = outcome(Kind::TimedOut, None, Some(Deadline::Total), None);
        let advice = super::advice_for(&slow(), &timed_out);
        assert_eq!(advice[1], "The smallest total that would do here is 500 s.");
    }

    #[test]
    fn no_total_is_promised_to_help_against_a_black_hole() {
        let timed_out = outcome(Kind::TimedOut, None, Some(Deadline::Total), None);
        let mut scenario = slow();
        scenario.faults = vec![Fault::new(Trigger::Body(ByteSize(7)), Action::Blackhole)];
        let advice = super::advice_for(&scenario, &timed_out).join(" ");
        assert!(!advice.contains("smallest total"), "{advice}");
        assert!(advice.contains("No total is long enough"), "{advice}");
    }

    #[test]
    fn who_waits_for_a_broken_response_is_not_told_to_wait_without_a_total() {
        let broken = load("malformed-chunk").unwrap();
        let timed_out = outcome(Kind::TimedOut, None, Some(Deadline::Total), None);
        let advice = super::advice_for(&broken, &timed_out);
        assert_eq!(advice[0], REPAIR);
        assert!(advice[1].starts_with("Keep a total"), "{advice:?}");
        assert!(!advice.join(" ").contains("smallest total"), "{advice:?}");
    }

    #[test]
    fn every_failure_gets_advice_and_success_none() {
        for kind in Kind::ALL {
            let advice =
                super::advice_for(&slow(), &outcome(*kind, None, Some(Deadline::Head), None));
            let silent = matches!(kind, Kind::Complete | Kind::ToolError);
            assert_eq!(advice.is_empty(), silent, "{kind}");
        }
    }

    #[test]
    fn who_reads_too_slowly_is_told_to_read_faster_before_to_resume() {
        let mut scenario = slow();
        let cut = outcome(Kind::Truncated, None, None, None);
        assert!(super::advice_for(&scenario, &cut)[0].starts_with("Keep what was written"));
        let limit = std::time::Duration::from_secs(60);
        scenario.faults = vec![Fault::new(Trigger::Blocked(limit), Action::Fin)];
        let advice = super::advice_for(&scenario, &cut);
        assert!(advice[0].starts_with("Take bytes off"), "{}", advice[0]);
        assert!(advice[1].starts_with("Keep what was written"));
    }
}
