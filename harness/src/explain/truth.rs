//! Tells if the client can know that bytes are missing.

use shortread_server::scenario::{
    Action, Ending, Framing, Kind, ProbeFate, RawAt, Scenario, Success,
};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let facts = [
        length(scenario),
        behind_the_end(scenario),
        coding(scenario),
        close(scenario),
    ];
    let mut text: Vec<String> = facts.into_iter().flatten().map(Into::into).collect();
    text.extend(scenario.expect.any.map(|any| {
        match any.success {
            Success::Required if fails_in_releases_alone(scenario) => {
                "Nothing is wrong with the response: what some releases make of it is their own \
                 fault."
            }
            Success::Required if fails_here(scenario) => {
                "Nothing is wrong with the object: a client that is faster, or has other limits, \
                 gets all of it."
            }
            Success::Required => "Every client has to report success.",
            Success::Forbidden => {
                "A client that reports success without the whole object says what is not so."
            }
            Success::Undetectable => {
                "No client can know better: a report of success is not its mistake."
            }
        }
        .into()
    }));
    match text.is_empty() {
        true => Vec::new(),
        false => vec![text.join(" ")],
    }
}

/// True if a trial of this project is expected to fail.
fn fails_here(scenario: &Scenario) -> bool {
    let mut trials = scenario.expect.trials.iter();
    trials.any(|trial| trial.kind != Kind::Complete)
}

/// True if a trial is expected to fail, and each that is names the releases that do.
fn fails_in_releases_alone(scenario: &Scenario) -> bool {
    let trials = scenario.expect.trials.iter();
    let mut failing = trials.filter(|trial| trial.kind != Kind::Complete);
    fails_here(scenario) && failing.all(|trial| !trial.profile.is_empty())
}

fn length(scenario: &Scenario) -> Option<&'static str> {
    if scenario.first_response().page.is_some() {
        return Some(
            "The page is a whole response. Only its status and its type tell that it is not the \
             file.",
        );
    }
    let declared = scenario.body.declared_size?;
    Some(if declared < scenario.body.size {
        "For the client the body ends where `Content-Length` says: the rest is left out, and \
         nothing looks wrong."
    } else {
        "The client waits for bytes that the origin does not have; whatever ends the connection \
         makes the body short."
    })
}

/// That a scenario with such bytes may come to one thing or the other.
fn behind_the_end(scenario: &Scenario) -> Option<&'static str> {
    let body = &scenario.body;
    let counted = body.framing == Framing::ContentLength;
    let longer = counted && body.declared_size.is_some_and(|size| size < body.size);
    let mut raw = scenario.first_response().raw.iter();
    let put = raw.any(|raw| match raw.at {
        RawAt::End => body.framing != Framing::Close && !raw.bytes.is_empty(),
        RawAt::Body(_) => counted && raw.bytes.len() as u64 > raw.replace.0,
        RawAt::Head(_) => false,
    });
    (longer || put).then_some(
        "What comes behind the announced end may be an error to a client that reads it together \
         with the end, and is never seen by one whose read ended before: on real sockets chance \
         decides which, so do not expect more than holds of both.",
    )
}

fn coding(scenario: &Scenario) -> Option<&'static str> {
    (scenario.body.is_coded() && scenario.body.truncate_at.is_some()).then_some(
        "The framing is complete: only the missing end of the coding tells of the cut, and \
         aiohttp does not look for it.",
    )
}

fn close(scenario: &Scenario) -> Option<&'static str> {
    let by = |wanted: fn(Action) -> bool| {
        scenario
            .faults
            .iter()
            .filter(|fault| !scenario.outlives_total(fault))
            .any(|fault| wanted(fault.then) && scenario.may_fire(fault))
    };
    if by(|action| action.ending() == Some(Ending::Whole)) {
        return Some(
            "The body ends as a whole one does, so every client takes it for that: the file is \
             short, and nobody is told. Only a length from another source gives it away.",
        );
    }
    let fin = by(|action| action.ending() == Some(Ending::Fin));
    // Only a packet of the client is answered with RST by a forgotten flow.
    let forgotten = by(|action| action.probe_fate() == ProbeFate::Refused);
    let reset = by(|action| action.ending() == Some(Ending::Rst))
        || (scenario.client.keepalive.is_some() && forgotten);
    if !fin && !reset {
        return None;
    }
    Some(match scenario.body.framing {
        Framing::ContentLength | Framing::Chunked if !fin => {
            "The client's kernel reports the reset, and the client an error. What aiohttp had \
             buffered by then is dropped, and by `response.read()` everything."
        }
        Framing::ContentLength => {
            "The client counts, and finds fewer bytes than `Content-Length` promised: it reports \
             an error. What aiohttp had buffered by then is dropped, and by `response.read()` \
             everything."
        }
        Framing::Chunked => {
            "The last chunk does not come: the client reports an error, and cannot know how much \
             is missing. What aiohttp had buffered by then is dropped, and by `response.read()` \
             everything."
        }
        Framing::Close => {
            "The end of the connection is the end of the body, so a cut looks like the end. \
             aiohttp takes even RST for it: the file is short, and nobody is told."
        }
    })
}

#[cfg(test)]
mod tests {
    use shortread_server::{scenario::Raw, units::ByteSize};

    use super::*;

    /// A body of 100 bytes with so many announced.
    fn body(declared: Option<u64>) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(100);
        scenario.body.declared_size = declared.map(ByteSize);
        scenario
    }

    #[test]
    fn of_bytes_behind_the_announced_end_is_said_that_chance_decides_their_fate() {
        let warns = |scenario: &Scenario| paragraphs(scenario).concat().contains("chance decides");
        assert!(!warns(&body(None)));
        assert!(!warns(&body(Some(101))));
        assert!(warns(&body(Some(99))));
        let with = |framing, at, bytes: &str, replace| {
            let mut scenario = body(None);
            scenario.body.framing = framing;
            scenario.response.raw = vec![Raw {
                at,
                bytes: bytes.into(),
                replace: ByteSize(replace),
            }];
            warns(&scenario)
        };
        let middle = RawAt::Body(ByteSize(50));
        assert!(with(Framing::ContentLength, RawAt::End, "x", 0));
        assert!(with(Framing::Chunked, RawAt::End, "x", 0));
        assert!(with(Framing::ContentLength, middle, "xy", 1));
        // Without an announced end nothing is behind it, and what takes the place
        // of as much moves nothing.
        assert!(!with(Framing::Close, RawAt::End, "x", 0));
        assert!(!with(Framing::ContentLength, middle, "xy", 2));
        assert!(!with(Framing::Chunked, middle, "xy", 0));
        assert!(!with(Framing::ContentLength, RawAt::Head(9), "x", 0));
    }

    #[test]
    fn what_certain_releases_get_wrong_is_their_own_fault() {
        let own = |profile: &str| {
            let text = format!(
                "title = 't'\ncause = 'c'\nbody.size = '10MB'\n\
                 expect.any.success = 'required'\n[[expect.trial]]\n{profile}\
                 kind = 'timed-out'\ndelivered = [0, 1]\n"
            );
            let scenario = shortread_server::scenario::parse("name", "it.toml", &text).unwrap();
            paragraphs(&scenario).concat().contains("their own fault")
        };
        assert!(own("profile = '<aiohttp-3.14'\n"));
        assert!(!own(""));
    }
}
