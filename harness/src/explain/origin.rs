//! The origin's response, and the link that it passes.

use shortread_server::{
    scenario::{Bound, Digest, Framing, RawAt, Scenario},
    units::{ByteSize, human_duration},
};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let mut text = vec![response(scenario)];
    text.extend(coding(scenario));
    text.extend(head(scenario));
    text.extend(digest(scenario));
    text.extend(raw(scenario));
    text.push(link(scenario));
    text.extend(window(scenario));
    if let more @ 2.. = scenario.downloads()
        && !scenario.link.shared
    {
        text.push(format!("{more} downloads run at a time, in one process."));
    }
    if let more @ 2.. = scenario.client.requests {
        text.push(format!(
            "Each asks {more} times, one after the other, and keeps its connection where the \
             response allows it."
        ));
    }
    vec![text.join(" ")]
}

fn response(scenario: &Scenario) -> String {
    let size = scenario.first_size().human();
    let first = scenario.first_response();
    if first.page.is_some() {
        return format!(
            "The object has {size}, but the origin answers with status {} and a page of {} bytes \
             in its place.",
            first.status,
            first.page_len()
        );
    }
    let told = match (scenario.body.framing, scenario.body.declared_size) {
        (Framing::ContentLength, Some(declared)) => format!(
            "with a `Content-Length` that says {} instead",
            declared.human()
        ),
        (Framing::ContentLength, None) => "with a `Content-Length`".into(),
        (Framing::Chunked, _) => "in chunked coding, whose last chunk tells the end".into(),
        (Framing::Close, _) => "without a length: the body ends when the connection does".into(),
    };
    match &scenario.body.file {
        Some(file) => format!(
            "The origin sends the file {}, {size}, {told}.",
            file.path.display()
        ),
        None => format!("The origin sends an object of {size} {told}."),
    }
}

fn digest(scenario: &Scenario) -> Option<String> {
    let algorithm = match scenario.response.digest {
        Digest::None => return None,
        Digest::Sha256 => "sha-256",
        Digest::Sha512 => "sha-512",
        Digest::Wrong => {
            return Some("The `Repr-Digest` in its head is that of other bytes.".into());
        }
    };
    Some(format!(
        "Its head has the {algorithm} of the object in `Repr-Digest`."
    ))
}

fn coding(scenario: &Scenario) -> Option<String> {
    let body = &scenario.body;
    let cut = body.truncate_at.map(|at| {
        format!(
            "The coded body is cut to {}, inside a framing that is complete.",
            at.human()
        )
    });
    let coded = body.is_coded().then(|| {
        let words: Vec<_> = body.encoding.iter().map(|coding| coding.word()).collect();
        format!("It is compressed with {}.", words.join(", then with "))
    });
    let members = (body.members > 1).then(|| {
        format!(
            "The coded body has {} members one behind the other.",
            body.members
        )
    });
    let garbage = (body.garbage.0 > 0).then(|| {
        format!(
            "{} that belong to no coding follow it.",
            body.garbage.human()
        )
    });
    let said = body
        .declared_encoding
        .as_ref()
        .map(|_| match body.said_encoding() {
            Some(said) => format!("The head names {said} instead."),
            None => "The head does not say so.".into(),
        });
    let parts: Vec<_> = [coded, members, cut, garbage, said]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn head(scenario: &Scenario) -> Option<String> {
    let response = scenario.first_response();
    let delay = (!response.head_delay.is_zero()).then(|| {
        format!(
            "The first byte of its head comes {} after the request.",
            human_duration(response.head_delay)
        )
    });
    let pause = (!response.head_pause.is_zero()).then(|| {
        format!(
            "Between two bytes of the head pass {}.",
            human_duration(response.head_pause)
        )
    });
    let both: Vec<String> = [delay, pause].into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(" "))
}

fn raw(scenario: &Scenario) -> Option<String> {
    let places: Vec<String> = scenario
        .first_response()
        .raw
        .iter()
        .map(|raw| match raw.at {
            RawAt::Head(at) => format!("{at} bytes into the head"),
            RawAt::Body(at) => format!("behind {} of the body", at.human()),
            RawAt::End => "behind the last byte".into(),
        })
        .collect();
    (!places.is_empty()).then(|| {
        format!(
            "Bytes that do not belong there are put into it: {}.",
            places.join(", ")
        )
    })
}

fn link(scenario: &Scenario) -> String {
    let link = &scenario.link;
    let mut text = format!("The link carries {}", link.rate.human());
    if !link.latency.is_zero() {
        text.push_str(&format!(", {} each way", human_duration(link.latency)));
    }
    if !link.jitter.is_zero() {
        text.push_str(&format!(
            ", up to {} more at random",
            human_duration(link.jitter)
        ));
    }
    text.push('.');
    if link.shared {
        text.push_str(&format!(
            " {} downloads at a time, in one process, share it: {} each, and more for the others when one has nothing to \
             send.",
            scenario.downloads(),
            scenario.fair_rate().human()
        ));
    }
    if link.loss > 0.0 {
        text.push_str(&format!(
            " Of its segments {} % are lost and come one retransmission timeout later; \
             what is behind them waits. Loss exists in the virtual world only: on real sockets \
             nothing is lost. It costs time and nothing else here, since no congestion control is \
             simulated: no rate is lowered for it.",
            Percent(link.loss)
        ));
    }
    if let Some(most) = link.drops_above {
        text.push_str(&black_hole(scenario, most));
    }
    text
}

/// A path that drops by size.
fn black_hole(scenario: &Scenario, most: ByteSize) -> String {
    let segment = ByteSize(scenario.segment_at(scenario.link.rate));
    let what = match scenario.is_swallowed() {
        true => format!(
            "the head passes, the first segment of the body ({}) does not, and nothing behind it \
             arrives either: the download stands still for ever",
            segment.human()
        ),
        false => "this response passes".into(),
    };
    format!(
        " A segment of more than {} towards the client gets lost without a word each time that it \
         is sent (an MTU black hole): {what}. Keepalive probes are small and are answered. The \
         sender's kernel gives up after some 15 min, and the client hears nothing of that.",
        most.human()
    )
}

/// A share, with as many decimals as it needs, up to three.
pub(super) struct Percent(pub(super) f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.3}", self.0 * 100.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// One window per round trip, where that is what limits.
fn window(scenario: &Scenario) -> Option<String> {
    let pace = scenario.pace();
    let window = scenario.sockets.window()?;
    let round_trip = human_duration(scenario.link.round_trip());
    (pace.bound == Bound::Window).then(|| {
        format!(
            "But only one window of {window} can be on the way at a time, and its \
             acknowledgement takes a round trip of {round_trip}: {} / {round_trip} = {}, whatever \
             the link could carry.",
            window.human(),
            pace.rate.human(),
        )
    })
}
