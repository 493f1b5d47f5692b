//! One trial over time: bytes sent, received and delivered, the events, and below
//! them the place of the bytes.

use shortread_server::scenario::Kind;
use shortread_server::units::human_ns;

use super::{
    Frame, Picture, attempts, bytes, gap, held,
    waited::{self, Sat, arrived},
};
use crate::{
    report::html::draw::{Anchor, Scale, Svg, Unit, width},
    results::{ClientSample, Mark, MarkKind, Record, Timeline},
};

const WIDTH: f64 = 790.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 600.0;
/// Above the curves: the names of what happened.
const TOP: f64 = 48.0;
const BOTTOM: f64 = 246.0;
/// Between: the attempts of a client with remedies.
const ATTEMPTS: (f64, f64) = (250.0, 257.0);
/// The strip below: where the bytes sat.
const STRIP: (f64, f64) = (300.0, 366.0);
const HEIGHT: f64 = 392.0;
/// The axis of time where no bytes waited.
const WITHOUT: f64 = 262.0;
/// Between two names in one row.
const SPACE: f64 = 6.0;

/// The picture of `record`, with `id` as the stem of its ids.
pub(in crate::report::html) fn timeline(
    id: &str,
    call: &str,
    record: &Record,
    timeline: &Timeline,
    frame: Frame,
) -> Picture {
    let x = Scale::linear(record.elapsed_ns.max(end(timeline)) as f64, (LEFT, RIGHT));
    let y = Scale::linear(frame.most_bytes as f64, (BOTTOM, TOP));
    let title = format!("{} read with {call}, over time", record.scenario);
    let anew = attempts::again(record, timeline);
    let waited: Vec<_> = waited::samples(timeline, frame, &anew).collect();
    let none = waited.iter().all(|(_, sat)| sat.all() == 0);
    let (axis, height) = match none {
        true => ((WITHOUT, ATTEMPTS.1), HEIGHT - (STRIP.1 - WITHOUT)),
        false => ((STRIP.1, STRIP.0), HEIGHT),
    };
    let mut svg = Svg::new(id, (WIDTH, height), &title, &described(record, timeline));
    svg.axis_left(&y, (LEFT, RIGHT), 5, Unit::Bytes);
    svg.axis_below(&x, axis, 6, Unit::Time);
    svg.line("base", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let object = y.at(frame.expected_bytes as f64);
    svg.line("object", (LEFT, object), (RIGHT, object));
    marks(&mut svg, record, timeline, &x, axis.0);
    curves(&mut svg, timeline, frame, &x, &y);
    attempts::draw(
        &mut svg,
        record,
        timeline,
        &x,
        (ATTEMPTS.0, ATTEMPTS.1, RIGHT),
    );
    let sat = waited::most(&waited);
    if !none {
        let gap = gap(&x, timeline);
        let samples: Vec<_> = waited
            .iter()
            .map(|(at, sat)| (x.at(*at as f64), *sat))
            .collect();
        waited::draw(&mut svg, &samples, gap, frame, (LEFT, RIGHT), STRIP);
    }
    Picture {
        svg: svg.finish(),
        caption: caption(record, frame, sat),
    }
}

/// The last moment that anything is known of.
fn end(timeline: &Timeline) -> u64 {
    let client = timeline.client.last().map(|sample| sample.at_ns);
    let marks = timeline.marks.last().map(|mark| mark.at_ns);
    client.max(marks).unwrap_or_default()
}

fn curves(svg: &mut Svg, timeline: &Timeline, frame: Frame, x: &Scale, y: &Scale) {
    let place = |at_ns: u64, bytes: u64| (x.at(at_ns as f64), y.at(bytes as f64));
    let server = timeline.server.iter();
    let sent: Vec<_> = server.map(|s| place(s.at_ns, s.sent_bytes)).collect();
    let client = |figure: fn(&ClientSample) -> u64| -> Vec<_> {
        let samples = timeline.client.iter();
        samples.map(|s| place(s.at_ns, figure(s))).collect()
    };
    let arrived = client(arrived);
    let delivered = client(|sample| sample.delivered_bytes);
    let gap = gap(x, timeline);
    svg.path("sent", &held(sent, gap));
    svg.path("arrived", &held(arrived, gap));
    svg.path("delivered", &held(delivered, gap));
    let last_sent = timeline.server.last().map_or(0, |s| s.sent_bytes);
    let last = timeline.client.last().copied().unwrap_or_default();
    let mut labels = vec![
        (last.delivered_bytes, "delivered-label", "delivered"),
        (waited::arrived(&last), "arrived-label", "received"),
        (last_sent, "sent-label", "sent"),
    ];
    labels.sort_by_key(|(value, ..)| std::cmp::Reverse(*value));
    let mut labels: Vec<(f64, &str, String)> = labels
        .into_iter()
        .map(|(value, class, name)| {
            (
                y.at(value as f64),
                class,
                format!("{name} {}", bytes(value)),
            )
        })
        .collect();
    let whole = y.at(frame.expected_bytes as f64);
    labels.insert(
        0,
        (
            whole,
            "tick",
            format!("object {}", bytes(frame.expected_bytes)),
        ),
    );
    svg.labels(RIGHT + 8.0, (TOP, BOTTOM), &labels);
}

/// Faults, deadlines and the end as lines, each named where there is room.
fn marks(svg: &mut Svg, record: &Record, timeline: &Timeline, x: &Scale, bottom: f64) {
    let mut rows = [f64::MIN; 3];
    let mut drawn: Vec<(f64, String)> = Vec::new();
    for mark in &timeline.marks {
        let Some((class, text)) = named(mark, record) else {
            continue;
        };
        let place = x.at(mark.at_ns as f64);
        if drawn
            .iter()
            .any(|(other, name)| (other - place).abs() < 3.0 && *name == text)
        {
            continue;
        }
        svg.line(class, (place, TOP - 6.0), (place, bottom));
        let width = width(&text);
        let (anchor, from, to) = match place > (LEFT + RIGHT) / 2.0 {
            true => (Anchor::End, place - width, place),
            false => (Anchor::Start, place, place + width),
        };
        if let Some(row) = rows.iter().position(|last| *last + SPACE < from) {
            let label = format!("{class}-label");
            svg.text(
                &label,
                (place, TOP - 10.0 - 13.0 * row as f64),
                anchor,
                &text,
            );
            rows[row] = to;
        }
        drawn.push((place, text));
    }
}

/// The name of a mark, if it is worth a line.
fn named(mark: &Mark, record: &Record) -> Option<(&'static str, String)> {
    let by = mark
        .by
        .map_or(String::new(), |party| format!(", by the {party}"));
    match mark.kind {
        MarkKind::Fault => Some(("fault", format!("{}{by}", mark.text.replace(':', " ")))),
        MarkKind::Deadline => Some(("deadline", format!("deadline {}", mark.text))),
        MarkKind::End if record.outcome.kind == Kind::Stalled => {
            Some(("deadline", "the harness gave up".into()))
        }
        _ => None,
    }
}

/// In words what the curves show.
fn described(record: &Record, timeline: &Timeline) -> String {
    let mut text = format!(
        "The server sent {}, the client received {} and the application got {} of {} in {}.",
        bytes(record.server.sent_bytes),
        bytes(record.received_bytes),
        bytes(record.delivered_bytes),
        bytes(record.expected_bytes),
        human_ns(record.elapsed_ns),
    );
    let marks = timeline.marks.iter();
    let named: Vec<String> = marks
        .filter_map(|mark| {
            Some(format!(
                "{} after {}",
                named(mark, record)?.1,
                human_ns(mark.at_ns)
            ))
        })
        .take(6)
        .collect();
    if !named.is_empty() {
        text.push_str(&format!(" Marked: {}.", named.join("; ")));
    }
    text
}

fn caption(record: &Record, frame: Frame, sat: Sat) -> String {
    let mut text = format!(
        "Sent {}, received {}, delivered {} of {}.",
        bytes(record.server.sent_bytes),
        bytes(record.received_bytes),
        bytes(record.delivered_bytes),
        bytes(record.expected_bytes),
    );
    let lost = record.received_bytes.saturating_sub(record.delivered_bytes);
    if frame.coded {
        text.push_str(" Sent and received are compressed bytes, delivered are those within.");
    } else if lost > 0 {
        text.push_str(&format!(
            " {} had arrived and never reached the application.",
            bytes(lost)
        ));
    }
    let most = [
        (sat.unacked, "on the server's side"),
        (sat.queued, "in the client's kernel"),
        (sat.held, "in the stream reader"),
    ];
    if let Some((most, place)) = most.into_iter().max_by_key(|(bytes, _)| *bytes)
        && most > 0
    {
        text.push_str(&format!(
            " The most that waited in one place: {} {place}.",
            bytes(most)
        ));
    }
    text
}

#[cfg(test)]
mod tests;
