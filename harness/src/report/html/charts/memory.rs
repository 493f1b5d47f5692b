//! Heap in use over time, one line for each way to read.

use super::{Frame, bytes, fullest, gap};
use crate::{
    report::html::draw::{LINE, Scale, Svg, Unit, path, width},
    results::{Record, Timeline},
};

const WIDTH: f64 = 620.0;
const HEIGHT: f64 = 214.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 360.0;
/// The start of the names of the peaks.
const NAMES: f64 = RIGHT + 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 188.0;

/// The heap of `trials`, each with its call; `None` where nothing counted it.
pub(in crate::report::html) fn memory(
    id: &str,
    trials: &[(String, &Record, &Timeline)],
    frame: Frame,
) -> Option<String> {
    let highest = trials
        .iter()
        .filter_map(|(_, _, timeline)| most(timeline))
        .max()?;
    let x = Scale::linear(frame.span_ns as f64, (LEFT, RIGHT));
    let y = Scale::linear(highest as f64, (BOTTOM, TOP));
    let told: Vec<String> = trials
        .iter()
        .filter_map(|(call, _, timeline)| {
            Some(format!("{call}: at most {}.", bytes(most(timeline)?)))
        })
        .collect();
    let scenario = &trials.first()?.1.scenario;
    let title = format!("{scenario}: heap in use over time");
    let peaks = peaks(trials, &y);
    let widest = peaks
        .iter()
        .map(|(_, name)| width(name))
        .fold(0.0, f64::max);
    let size = (WIDTH.max(NAMES + widest), HEIGHT);
    let mut svg = Svg::new(id, size, &title, &told.join(" "));
    svg.axis_left(&y, (LEFT, RIGHT), 4, Unit::Bytes);
    svg.axis_below(&x, (BOTTOM, TOP), 5, Unit::Time);
    svg.line("base", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    for (_, _, timeline) in trials {
        let samples = timeline.client.iter();
        let heaps = samples.filter_map(|s| Some((x.at(s.at_ns as f64), s.heap_bytes?)));
        let points: Vec<_> = fullest(heaps, gap(&x, timeline), |heap| *heap)
            .into_iter()
            .map(|(x, heap)| (x, y.at(heap as f64)))
            .collect();
        svg.path("heap", &path::line(&points));
    }
    let labels: Vec<_> = peaks
        .into_iter()
        .map(|(height, name)| (height, "label", name))
        .collect();
    svg.labels(NAMES, (TOP, BOTTOM), &labels);
    Some(svg.finish())
}

/// The most heap in use at once.
fn most(timeline: &Timeline) -> Option<u64> {
    timeline.client.iter().filter_map(|s| s.heap_bytes).max()
}

/// The height of each peak with its name; those of about one height share one.
fn peaks(trials: &[(String, &Record, &Timeline)], y: &Scale) -> Vec<(f64, String)> {
    let mut peaks: Vec<(f64, u64, Vec<&str>)> = Vec::new();
    for (call, _, timeline) in trials {
        let Some(peak) = most(timeline) else {
            continue;
        };
        let height = y.at(peak as f64);
        match peaks
            .iter_mut()
            .find(|(other, ..)| (other - height).abs() < LINE)
        {
            // Its name is that of the largest.
            Some((_, largest, calls)) if peak > *largest => {
                *largest = peak;
                calls.insert(0, call);
            }
            Some((_, _, calls)) => calls.push(call),
            None => peaks.push((height, peak, vec![call])),
        }
    }
    let named = peaks.into_iter().map(|(height, peak, calls)| {
        let others = match calls.len() {
            1 => String::new(),
            n => format!(" +{}", n - 1),
        };
        (height, format!("{} {}{others}", bytes(peak), calls[0]))
    });
    named.collect()
}
