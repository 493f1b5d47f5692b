//! The effect of chunk sizes: one small picture for each figure, against the size
//! on a logarithmic axis.

use std::collections::BTreeSet;

use shortread_server::units::ByteSize;

use crate::{
    report::{
        chunk_sizes::{Point, Series},
        html::draw::{Anchor, Scale, Svg, Unit, path},
    },
    stats::median,
};

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 326.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 176.0;

/// One figure against the chunk size.
#[derive(Debug)]
pub(in crate::report::html) struct ChunkPanel {
    /// The figure, with its unit.
    pub(in crate::report::html) title: &'static str,
    /// Inline SVG.
    pub(in crate::report::html) svg: String,
    /// The result for the middle of all series.
    pub(in crate::report::html) caption: String,
}

/// A figure of a point, and how its axis counts.
struct Figure {
    id: &'static str,
    title: &'static str,
    unit: Unit,
    of: fn(&Point) -> Option<f64>,
}

/// Chunk sizes in bytes, the smallest first, and the figure at each.
type Curve = Vec<(u64, f64)>;

const MEGABYTE: f64 = 1e6;

const FIGURES: [Figure; 7] = [
    Figure {
        id: "chunks-reads",
        title: "Reads from the transport, per MB",
        unit: Unit::Count,
        of: |point| per_megabyte(point, point.transport_reads as f64),
    },
    Figure {
        id: "chunks-writes",
        title: "Chunks written to the sink, per MB",
        unit: Unit::Count,
        of: |point| per_megabyte(point, point.sink_writes as f64),
    },
    Figure {
        id: "chunks-sizes",
        title: "Size of a chunk as handed over, median",
        unit: Unit::Bytes,
        of: |point| Some(point.chunk_bytes as f64),
    },
    Figure {
        id: "chunks-heap",
        title: "Peak heap",
        unit: Unit::Bytes,
        of: |point| Some(point.peak_heap_bytes? as f64),
    },
    Figure {
        id: "chunks-gaps",
        title: "Gap between two chunks, p99",
        unit: Unit::Time,
        of: |point| Some(point.gap_p99_ns as f64),
    },
    Figure {
        id: "chunks-throughput",
        title: "Throughput of this program's reader, not of aiohttp",
        unit: Unit::Rate,
        of: |point| Some(point.throughput? as f64),
    },
    Figure {
        id: "chunks-cpu",
        title: "CPU time of this program, per MB",
        unit: Unit::Time,
        of: |point| per_megabyte(point, point.cpu_ns? as f64),
    },
];

fn per_megabyte(point: &Point, figure: f64) -> Option<f64> {
    let megabytes = point.delivered_bytes as f64 / MEGABYTE;
    (megabytes > 0.0).then(|| figure / megabytes)
}

/// The pictures of the figures that the run has: throughput and CPU time only
/// from trials on TCP.
pub(in crate::report::html) fn panels(series: &[Series<'_>]) -> Vec<ChunkPanel> {
    FIGURES
        .iter()
        .filter_map(|figure| panel(figure, series))
        .collect()
}

fn panel(figure: &Figure, series: &[Series<'_>]) -> Option<ChunkPanel> {
    let (names, lines): (Vec<String>, Vec<Curve>) = series
        .iter()
        .map(|one| (one.name(series), values(figure, one)))
        .filter(|(_, line)| line.len() > 1)
        .unzip();
    let all = || lines.iter().flatten();
    let (least, most) = (
        all().map(|(size, _)| *size).min()?,
        all().map(|(size, _)| *size).max()?,
    );
    let x = Scale::log(least as f64, most as f64, (LEFT + 10.0, RIGHT - 14.0));
    let y = Scale::decades(all().map(|(_, value)| *value), (BOTTOM, TOP))?;
    let (comparable, sizes) = comparable(&lines);
    let middle = middle(&comparable, &sizes);
    let label = |value: f64| figure.unit.label(value, value);
    let told: Vec<String> = middle
        .iter()
        .map(|(size, value)| format!("{} at {}", label(*value), ByteSize(*size)))
        .collect();
    let told = told.join(", ");
    let caption = match (comparable.len(), lines.len()) {
        (1, 1) => format!("{told}."),
        (1, n) => format!("Of {n} series, the one with the most sizes: {told}."),
        (n, all) if n == all => format!("Median of {n} series: {told}."),
        (n, all) => format!("Median of the {n} of {all} series with these sizes: {told}."),
    };
    let mut svg = Svg::new(figure.id, (WIDTH, HEIGHT), figure.title, &caption);
    svg.axis_left(&y, (LEFT, RIGHT), 5, figure.unit);
    let mut last = f64::MIN;
    let shown: BTreeSet<u64> = all().map(|(size, _)| *size).collect();
    for size in shown {
        let place = x.at(size as f64);
        svg.line("grid", (place, BOTTOM), (place, TOP));
        if place - last > 44.0 {
            svg.text(
                "tick",
                (place, BOTTOM + 15.0),
                Anchor::Middle,
                &ByteSize(size).to_string(),
            );
            last = place;
        }
    }
    let curve = |line: &[(u64, f64)]| -> Vec<(f64, f64)> {
        line.iter()
            .map(|(size, value)| (x.at(*size as f64), y.at(*value)))
            .collect()
    };
    for (line, name) in lines.iter().zip(&names) {
        svg.named_path("one-of-many", &path::line(&curve(line)), name);
    }
    let middle = curve(&middle);
    svg.path("delivered", &path::line(&middle));
    for place in middle {
        svg.dot("point", place, 3.5);
    }
    Some(ChunkPanel {
        title: figure.title,
        svg: svg.finish(),
        caption,
    })
}

/// The values that have a place on a logarithmic axis.
fn values(figure: &Figure, series: &Series<'_>) -> Curve {
    let points = series.points.iter();
    points
        .filter_map(|point| Some((point.chunk_size, (figure.of)(point)?)))
        .filter(|(_, value)| *value > 0.0)
        .collect()
}

/// The lines that can be compared with each other, and the sizes that each of
/// them has: a median over other lines at each size would tell what differs
/// between scenarios. Of the lines' own choices of sizes it is the one that
/// compares most.
fn comparable(lines: &[Curve]) -> (Vec<&Curve>, Vec<u64>) {
    let sizes = |line: &Curve| -> Vec<u64> { line.iter().map(|(size, _)| *size).collect() };
    let with = |wanted: &[u64]| -> Vec<&Curve> {
        let has = |line: &&Curve| wanted.iter().all(|size| value_at(line, *size).is_some());
        lines.iter().filter(has).collect()
    };
    let mut best = (Vec::new(), Vec::new());
    let mut most = 0;
    for wanted in lines.iter().map(sizes) {
        let having = with(&wanted);
        let steps = having.len() * wanted.len().saturating_sub(1);
        if steps > most {
            most = steps;
            best = (having, wanted);
        }
    }
    best
}

/// The median of the lines at each of the sizes, which all of them have.
fn middle(lines: &[&Curve], sizes: &[u64]) -> Curve {
    let at = |size: u64| -> Option<(u64, f64)> {
        let values = lines.iter().filter_map(|line| value_at(line, size));
        Some((size, median(&values.collect::<Vec<f64>>())?))
    };
    sizes.iter().filter_map(|size| at(*size)).collect()
}

fn value_at(line: &Curve, size: u64) -> Option<f64> {
    let point = line.iter().find(|(other, _)| *other == size);
    point.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_all(lines: &[Curve]) -> (usize, Curve) {
        let (having, sizes) = comparable(lines);
        (having.len(), middle(&having, &sizes))
    }

    #[test]
    fn a_size_that_few_series_have_is_not_in_the_middle() {
        let lines = [
            vec![(8, 1.0), (64, 2.0)],
            vec![(8, 3.0), (32, 9.0), (64, 4.0)],
            vec![(8, 5.0), (64, 60.0)],
        ];
        assert_eq!(of_all(&lines), (3, vec![(8, 3.0), (64, 4.0)]));
    }

    #[test]
    fn no_size_is_of_other_series_than_its_neighbour() {
        // Fast ones at three sizes, slow ones at other three: a median of what
        // there is at 64 would say that the size made it slow.
        let fast = vec![(8, 100.0), (64, 100.0), (1024, 100.0)];
        let slow = vec![(64, 5.0), (256, 5.0), (1024, 5.0)];
        let lines = [fast.clone(), slow.clone(), fast.clone(), slow, fast];
        let middle = vec![(8, 100.0), (64, 100.0), (1024, 100.0)];
        assert_eq!(of_all(&lines), (3, middle));
    }

    #[test]
    fn one_short_series_does_not_take_a_size_from_the_others() {
        let whole = vec![(8, 1.0), (64, 2.0), (1024, 3.0)];
        let lines = [whole.clone(), vec![(64, 7.0), (1024, 7.0)], whole.clone()];
        assert_eq!(of_all(&lines), (2, whole));
    }

    #[test]
    fn no_series_has_no_middle() {
        assert_eq!(of_all(&[]), (0, vec![]));
    }
}
