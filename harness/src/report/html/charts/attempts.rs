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
    for (number, (from, to)) in attempts(timeline, record.elapsed_ns)
        .into_iter()
        .enumerate()
    {
        // A bar of no width is not seen.
        let (left, end) = (
            x.at(from as f64),
            x.at(to as f64).max(x.at(from as f64) + 1.5),
        );
        let edge = |y: f64| [(left, y), (end, y)];
        let name = format!(
            "attempt {}, from {} to {}",
            number + 1,
            human_ns(from),
            human_ns(to)
        );
        svg.named_path("attempt", &path::area(&edge(top), &edge(bottom)), &name);
    }
    let attempts = usize::try_from(facts.attempts).unwrap_or(usize::MAX);
    let label = format!(
        "{}, {} resumed",
        counted(attempts, "attempt"),
        facts.resumed
    );
    svg.text("tick", (right + 8.0, bottom), Anchor::Start, &label);
}

/// The times at which a client with remedies asked again; none for several downloads,
/// whose attempts are not told apart.
pub(super) fn again(record: &Record, timeline: &Timeline) -> Vec<u64> {
    if record.remedy.is_none() || record.downloads != 1 {
        return Vec::new();
    }
    let attempts = attempts(timeline, record.elapsed_ns);
    attempts.into_iter().skip(1).map(|(from, _)| from).collect()
}

/// The start and the end of each attempt as the server saw them, in nanoseconds: from its
/// request to the end of its response or connection, or to the next request.
pub(super) fn attempts(timeline: &Timeline, ended_ns: u64) -> Vec<(u64, u64)> {
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
            (request.at_ns, end.map_or(next, |end| end.at_ns))
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
        };
        let timeline = Timeline {
            marks: vec![
                mark(1, MarkKind::Accepted),
                mark(2, MarkKind::Request),
                mark(5, MarkKind::Fault),
                mark(6, MarkKind::Closed),
                mark(20, MarkKind::Request),
                mark(30, MarkKind::Request),
                mark(40, MarkKind::Fault),
            ],
            ..Timeline::default()
        };
        assert_eq!(attempts(&timeline, 50), [(2, 6), (20, 30), (30, 50)]);
    }
}
