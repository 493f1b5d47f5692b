//! Whether the client can know that something is missing.

use mock_server::scenario::{Action, Ending, Framing, Kind, ProbeFate, Scenario, Success};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let mut text: Vec<String> = [length(scenario), coding(scenario), close(scenario)]
        .into_iter()
        .flatten()
        .map(Into::into)
        .collect();
    text.extend(scenario.expect.any.map(|any| {
        match any.success {
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

/// Whether a trial of this project is expected to fail.
fn fails_here(scenario: &Scenario) -> bool {
    let mut trials = scenario.expect.trials.iter();
    trials.any(|trial| trial.kind != Kind::Complete)
}

fn length(scenario: &Scenario) -> Option<&'static str> {
    if scenario.response.page.is_some() {
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

fn coding(scenario: &Scenario) -> Option<&'static str> {
    (scenario.body.gzip && scenario.body.truncate_at.is_some()).then_some(
        "The framing is complete: only the missing end of the gzip stream tells of the cut, and \
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
