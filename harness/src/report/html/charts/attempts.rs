//! The attempts of a client with remedies: a bar for each, and between two the wait.

use shortread_server::units::{counted, human_ns};

use crate::{
    report::html::draw::{Anchor, Scale, Svg, path},
    results::{MarkKind, Record, Timeline},
};

/// Draws the bars from `top` to `bottom`, up to `right`, and behind that their number.
/// Nothing for one attempt, or without remedies.
pub(super) fn draw(
    svg: &mut Svg,
    record: &Record,
    timeline: &Timeline,
    x: &Scale,
    (top, bottom, right): (f64, f64, f64),
) {
    let facts = record.remedy.as_ref().filter(|facts| facts.attempts > 1);
    let Some(facts) = facts else {
        return;
    };
    let attempts = attempts(timeline, record.elapsed_ns);
    for (number, attempt) in (1..).zip(&attempts) {
        let (class, what) = match &attempt.range {
            Some(range) => ("attempt resumed", format!(", for {range}")),
            None => ("attempt", String::new()),
        };
        let (from, to) = (attempt.from_ns, attempt.to_ns);
        // A bar of no width is not seen.
        let left = x.at(from as f64);
        let end = x.at(to as f64).max(left + 1.5);
        let edge = |y: f64| [(left, y), (end, y)];
        let name = format!(
            "attempt {number}{what}, from {} to {}",
            human_ns(from),
            human_ns(to)
        );
        svg.named_path(class, &path::area(&edge(top), &edge(bottom)), &name);
    }
    let count = usize::try_from(facts.attempts).unwrap_or(usize::MAX);
    let resumed = match facts.resumed {
        0 => "none resumed".into(),
        some => format!("{some} resumed (filled)"),
    };
    let label = format!("{}, {resumed}", counted(count, "attempt"));
    svg.text("tick", (right + 8.0, bottom), Anchor::Start, &label);
}

/// The times at which a client with remedies asked again; none for several downloads,
/// whose attempts are not told apart.
pub(super) fn again(record: &Record, timeline: &Timeline) -> Vec<u64> {
    if record.remedy.is_none() || record.downloads != 1 {
        return Vec::new();
    }
    let attempts = attempts(timeline, record.elapsed_ns);
    attempts
        .into_iter()
        .skip(1)
        .map(|again| again.from_ns)
        .collect()
}

/// An attempt as the server saw it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Its request.
    pub(super) from_ns: u64,
    /// The end of its response or connection, or the next request.
    pub(super) to_ns: u64,
    /// Its `Range` field, of one that asks for the rest.
    pub(super) range: Option<String>,
}

pub(super) fn attempts(timeline: &Timeline, ended_ns: u64) -> Vec<Attempt> {
    let requests = || {
        let marks = timeline.marks.iter().enumerate();
        marks.filter(|(_, mark)| mark.kind == MarkKind::Request)
    };
    let nexts = requests()
        .skip(1)
        .map(|(place, _)| Some(place))
        .chain([None]);
    requests()
        .zip(nexts)
        .map(|((place, request), next)| {
            let behind = &timeline.marks[place + 1..next.unwrap_or(timeline.marks.len())];
            let is_end = |kind| {
                matches!(
                    kind,
                    MarkKind::ResponseEnd | MarkKind::Closed | MarkKind::Deadline | MarkKind::End
                )
            };
            let end = behind.iter().find(|mark| is_end(mark.kind));
            let next = next.map_or(ended_ns, |next| timeline.marks[next].at_ns);
            Attempt {
                from_ns: request.at_ns,
                to_ns: end.map_or(next, |end| end.at_ns),
                range: request.range.clone(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Mark;

    #[test]
    fn an_attempt_lasts_from_its_request_to_its_end_or_the_next_request() {
        let mark = |at_ns, kind| Mark {
            at_ns,
            kind,
            by: None,
            text: String::new(),
            range: None,
        };
        let asks = |at_ns, range: Option<&str>| Mark {
            range: range.map(str::to_owned),
            ..mark(at_ns, MarkKind::Request)
        };
        let timeline = Timeline {
            marks: vec![
                mark(1, MarkKind::Accepted),
                asks(2, None),
                mark(5, MarkKind::Fault),
                mark(6, MarkKind::Closed),
                asks(20, Some("bytes=5-")),
                asks(30, None),
                mark(40, MarkKind::Fault),
            ],
            ..Timeline::default()
        };
        let attempt = |from_ns, to_ns, range: Option<&str>| Attempt {
            from_ns,
            to_ns,
            range: range.map(str::to_owned),
        };
        let expected = [
            attempt(2, 6, None),
            attempt(20, 30, Some("bytes=5-")),
            attempt(30, 50, None),
        ];
        assert_eq!(attempts(&timeline, 50), expected);
    }
}
