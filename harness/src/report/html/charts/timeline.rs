//! One trial over time: bytes sent, received and delivered, the events, and below
//! them the place of the bytes.

use shortread_server::scenario::Kind;
use shortread_server::units::human_ns;

use super::{Frame, Picture, attempts, bytes, fullest, gap, held};
use crate::{
    report::html::draw::{Anchor, Scale, Svg, Unit, path, width},
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
    let mut svg = Svg::new(id, (WIDTH, HEIGHT), &title, &described(record, timeline));
    svg.axis_left(&y, (LEFT, RIGHT), 5, Unit::Bytes);
    svg.axis_below(&x, (STRIP.1, STRIP.0), 6, Unit::Time);
    svg.line("base", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let object = y.at(frame.expected_bytes as f64);
    svg.line("object", (LEFT, object), (RIGHT, object));
    marks(&mut svg, record, timeline, &x);
    curves(&mut svg, timeline, frame, &x, &y);
    attempts::draw(
        &mut svg,
        record,
        timeline,
        &x,
        (ATTEMPTS.0, ATTEMPTS.1, RIGHT),
    );
    let sat = strip(&mut svg, timeline, frame, &x);
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
        (self::arrived(&last), "arrived-label", "received"),
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

/// The bytes that the client's kernel has had. Its queue may hold framing too, so
/// this is at most slightly too much.
fn arrived(sample: &ClientSample) -> u64 {
    sample
        .received_bytes
        .saturating_add(sample.queued_bytes.unwrap_or_default())
}

/// Faults, deadlines and the end as lines, each named where there is room.
fn marks(svg: &mut Svg, record: &Record, timeline: &Timeline, x: &Scale) {
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
        svg.line(class, (place, TOP - 6.0), (place, STRIP.1));
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

/// The place of the bytes at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Sat {
    unacked: u64,
    queued: u64,
    held: u64,
}

impl Sat {
    fn all(&self) -> u64 {
        self.unacked
            .saturating_add(self.queued)
            .saturating_add(self.held)
    }
}

/// Draws the strip; the fullest moment of each place.
fn strip(svg: &mut Svg, timeline: &Timeline, frame: Frame, x: &Scale) -> Sat {
    let (top, bottom) = STRIP;
    let samples = fullest(
        sat(timeline, frame).map(|(at, sat)| (x.at(at as f64), sat)),
        gap(x, timeline),
        Sat::all,
    );
    let most = samples
        .iter()
        .map(|(_, sat)| sat.all())
        .max()
        .unwrap_or_default();
    // Of each place alone: the fullest moment of all is another one.
    let each = sat(timeline, frame).fold(Sat::default(), |most, (_, sat)| Sat {
        unacked: most.unacked.max(sat.unacked),
        queued: most.queued.max(sat.queued),
        held: most.held.max(sat.held),
    });
    let y = Scale::linear(most as f64, (bottom, top));
    let heading = "Where bytes waited";
    svg.text("heading", (LEFT, top - 28.0), Anchor::Start, heading);
    svg.line("base", (LEFT, bottom), (RIGHT, bottom));
    if most == 0 {
        svg.text(
            "tick",
            (LEFT, bottom - 8.0),
            Anchor::Start,
            "nowhere, at any moment that was looked at",
        );
        return each;
    }
    let full = format!("at most {} together", bytes(most));
    svg.text("tick", (LEFT, top - 10.0), Anchor::Start, &full);
    let edge = |height: fn(&Sat) -> u64| -> Vec<(f64, f64)> {
        let samples = samples.iter();
        samples
            .map(|(x, sat)| (*x, y.at(height(sat) as f64)))
            .collect()
    };
    let ground = edge(|_| 0);
    let held = edge(|sat| sat.held);
    let queued = edge(|sat| sat.held.saturating_add(sat.queued));
    let all = edge(Sat::all);
    svg.path("in-reader", &path::area(&held, &ground));
    svg.path("in-kernel", &path::area(&queued, &held));
    svg.path("in-server", &path::area(&all, &queued));
    let middle = (top + bottom) / 2.0;
    let labels = [
        (
            middle - 14.0,
            "sent-label",
            format!("server's side {}", bytes(each.unacked)),
        ),
        (
            middle,
            "arrived-label",
            format!("client's kernel {}", bytes(each.queued)),
        ),
        (
            middle + 14.0,
            "delivered-label",
            match frame.coded {
                true => "stream reader: not known".into(),
                false => format!("stream reader {}", bytes(each.held)),
            },
        ),
    ];
    svg.labels(RIGHT + 8.0, (top, bottom), &labels);
    each
}

/// The place of the bytes at each sample of the client, with the last known state
/// of the server.
fn sat(timeline: &Timeline, frame: Frame) -> impl Iterator<Item = (u64, Sat)> {
    let all = timeline.server.last().map_or(0, |last| last.sent_bytes);
    let mut server = timeline.server.iter().peekable();
    let (mut sent, mut unacked) = (0, 0);
    timeline.client.iter().map(move |sample| {
        while let Some(next) = server.next_if(|next| next.at_ns <= sample.at_ns) {
            sent = next.sent_bytes;
            unacked = next.unacked_bytes.unwrap_or_default();
        }
        // A server with nothing more to send is not sampled again, while its bytes
        // still arrive.
        let under_way = match sent == all {
            true => all.saturating_sub(arrived(sample)),
            false => u64::MAX,
        };
        let sat = Sat {
            unacked: unacked.min(under_way),
            queued: sample.queued_bytes.unwrap_or_default(),
            // Compressed bytes received and bytes delivered cannot be compared.
            held: match frame.coded {
                true => 0,
                false => sample.received_bytes.saturating_sub(sample.delivered_bytes),
            },
        };
        (sample.at_ns, sat)
    })
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
