//! The same trial in small, for comparison: delivered bytes over time.

use super::{Frame, bytes, gap, held};
use crate::{
    report::html::draw::{Scale, Svg},
    results::{MarkKind, Record, Timeline},
};
use shortread_server::units::human_ns;

const SIZE: (f64, f64) = (200.0, 84.0);
const EDGE: f64 = 3.0;

/// The picture of `record` in the frame that all of its scenario share.
pub(in crate::report::html) fn small(
    id: &str,
    call: &str,
    record: &Record,
    timeline: &Timeline,
    frame: Frame,
) -> String {
    let x = Scale::linear(frame.span_ns as f64, (EDGE, SIZE.0 - EDGE));
    let y = Scale::linear(frame.most_bytes as f64, (SIZE.1 - EDGE, EDGE + 4.0));
    let title = format!("{} read with {call}, over time", record.scenario);
    let description = format!(
        "{} delivered of {} in {}.",
        bytes(record.delivered_bytes),
        bytes(record.expected_bytes),
        human_ns(record.elapsed_ns)
    );
    let mut svg = Svg::new(id, SIZE, &title, &description);
    let object = y.at(frame.expected_bytes as f64);
    svg.line("object", (EDGE, object), (SIZE.0 - EDGE, object));
    svg.line(
        "base",
        (EDGE, SIZE.1 - EDGE),
        (SIZE.0 - EDGE, SIZE.1 - EDGE),
    );
    let mut last = f64::MIN;
    for mark in &timeline.marks {
        let class = match mark.kind {
            MarkKind::Fault => "fault",
            MarkKind::Deadline => "deadline",
            _ => continue,
        };
        let place = x.at(mark.at_ns as f64);
        if place - last > 1.0 {
            svg.line(class, (place, EDGE), (place, SIZE.1 - EDGE));
            last = place;
        }
    }
    let gap = gap(&x, timeline);
    let curve = |figure: fn(&crate::results::ClientSample) -> u64| -> String {
        let samples = timeline.client.iter();
        let points = samples
            .map(|sample| (x.at(sample.at_ns as f64), y.at(figure(sample) as f64)))
            .collect();
        held(points, gap)
    };
    svg.path("arrived", &curve(|sample| sample.received_bytes));
    svg.path("delivered", &curve(|sample| sample.delivered_bytes));
    svg.finish()
}
