//! The application's waits between two chunks, by way to read.

use crate::{
    report::html::draw::{Anchor, Scale, Svg, Unit, width},
    results::Record,
};
use shortread_server::units::human_ns;

/// The least room for the names on the left.
const NAMES: f64 = 188.0;
/// From the names to where a gap of nothing is drawn, which no logarithm has.
const TO_ZERO: f64 = 14.0;
/// From there to the logarithms.
const TO_LEFT: f64 = 38.0;
/// The length of the axis.
const AXIS: f64 = 312.0;
/// Right of it.
const MARGIN: f64 = 28.0;
const ROW: f64 = 22.0;
const TOP: f64 = 34.0;

/// The percentiles of `trials`, each with its call; `None` where no chunk ever
/// followed another.
pub(in crate::report::html) fn gaps(
    id: &str,
    scenario: &str,
    trials: &[(String, &Record)],
) -> Option<String> {
    let trials: Vec<_> = trials.iter().filter(|(_, r)| r.gap_ns.count > 0).collect();
    let figures = trials.iter().flat_map(|(_, record)| percentiles(record));
    // A nanosecond more or less is no gap.
    let counted = figures.map(|(_, ns)| ns as f64).filter(|ns| *ns >= 1e3);
    let widest = trials.iter().map(|(call, _)| width(call));
    let names_end = widest.fold(NAMES, f64::max);
    let zero = names_end + TO_ZERO;
    let left = zero + TO_LEFT;
    let x = Scale::decades(counted, (left, left + AXIS))?;
    let bottom = TOP + ROW * trials.len() as f64;
    let title = format!("{scenario}: gaps between two chunks");
    let told: Vec<String> = trials
        .iter()
        .map(|(call, record)| told(call, record))
        .collect();
    let size = (left + AXIS + MARGIN, bottom + 26.0);
    let mut svg = Svg::new(id, size, &title, &told.join(" "));
    svg.axis_below(&x, (bottom, TOP - 8.0), 7, Unit::Time);
    svg.line("grid", (zero, bottom), (zero, TOP - 8.0));
    svg.text("tick", (zero, bottom + 15.0), Anchor::Middle, "0");
    for (index, (call, record)) in trials.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let place = |ns: u64| if ns < 1_000 { zero } else { x.at(ns as f64) };
        let all = percentiles(record);
        svg.text("label", (names_end, y + 4.0), Anchor::End, call);
        svg.line("span", (place(all[0].1), y), (place(all[3].1), y));
        for (name, ns) in all {
            let class = if name == "max" {
                "point hollow"
            } else {
                "point"
            };
            svg.dot(class, (place(ns), y), if name == "p50" { 4.5 } else { 3.5 });
        }
        // One row names the dots of all; those in one place share a name.
        if index == 0 {
            for (x, name) in names(all.map(|(name, ns)| (place(ns), name))) {
                svg.text("tick", (x, TOP - 14.0), Anchor::Middle, &name);
            }
        }
    }
    Some(svg.finish())
}

/// Names by place, those that would overlap as a range: `p50-p99`.
fn names(dots: [(f64, &'static str); 4]) -> Vec<(f64, String)> {
    let mut groups: Vec<(f64, f64, &str, &str)> = Vec::new();
    for (x, name) in dots {
        match groups.last_mut() {
            Some((_, to, _, last)) if x - *to < 34.0 => (*to, *last) = (x, name),
            _ => groups.push((x, x, name, name)),
        }
    }
    groups
        .into_iter()
        .map(|(from, to, first, last)| {
            let name = match first == last {
                true => first.into(),
                false => format!("{first}-{last}"),
            };
            ((from + to) / 2.0, name)
        })
        .collect()
}

fn percentiles(record: &Record) -> [(&'static str, u64); 4] {
    let gap = &record.gap_ns;
    [
        ("p50", gap.p50),
        ("p90", gap.p90),
        ("p99", gap.p99),
        ("max", gap.max),
    ]
}

fn told(call: &str, record: &Record) -> String {
    let [p50, p90, p99, max] = percentiles(record).map(|(_, ns)| human_ns(ns));
    format!("{call}: median {p50}, p90 {p90}, p99 {p99}, longest {max}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_in_one_place_share_a_name() {
        let dots = [
            (10.0, "p50"),
            (100.0, "p90"),
            (110.0, "p99"),
            (300.0, "max"),
        ];
        let names = names(dots);
        let all = [(10.0, "p50"), (105.0, "p90-p99"), (300.0, "max")];
        assert_eq!(names, all.map(|(x, name)| (x, name.to_owned())));
    }
}
