//! What a chunk size changes: one small picture for each figure, against the
//! size on a logarithmic axis.

use mock_server::units::ByteSize;

use crate::report::{
    chunk_sizes::{Point, Series},
    html::draw::{Anchor, Scale, Svg, Unit, path},
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
    /// What is shown, with its unit.
    pub(in crate::report::html) title: &'static str,
    /// Inline SVG.
    pub(in crate::report::html) svg: String,
    /// What the middle of all series comes to.
    pub(in crate::report::html) caption: String,
}

/// A figure of a point, and how its axis counts.
struct Figure {
    id: &'static str,
    title: &'static str,
    unit: Unit,
    of: fn(&Point) -> Option<f64>,
}

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
    let lines: Vec<Vec<(u64, f64)>> = series
        .iter()
        .map(|series| values(figure, series))
        .filter(|line| line.len() > 1)
        .collect();
    let all = || lines.iter().flatten();
    let (least, most) = (
        all().map(|(size, _)| *size).min()?,
        all().map(|(size, _)| *size).max()?,
    );
    let x = Scale::log(least as f64, most as f64, (LEFT + 10.0, RIGHT - 14.0));
    let y = Scale::decades(all().map(|(_, value)| *value), (BOTTOM, TOP))?;
    let middle = middle(&lines);
    let label = |value: f64| figure.unit.label(value, value);
    let told: Vec<String> = middle
        .iter()
        .map(|(size, value)| format!("{} at {}", label(*value), ByteSize(*size)))
        .collect();
    let caption = match lines.len() {
        1 => format!("{}.", told.join(", ")),
        n => format!("Median of {n} series: {}.", told.join(", ")),
    };
    let mut svg = Svg::new(figure.id, (WIDTH, HEIGHT), figure.title, &caption);
    svg.axis_left(&y, (LEFT, RIGHT), 5, figure.unit);
    let mut last = f64::MIN;
    for (size, _) in &middle {
        let place = x.at(*size as f64);
        svg.line("grid", (place, BOTTOM), (place, TOP));
        if place - last > 44.0 {
            svg.text(
                "tick",
                (place, BOTTOM + 15.0),
                Anchor::Middle,
                &ByteSize(*size).to_string(),
            );
            last = place;
        }
    }
    let curve = |line: &[(u64, f64)]| -> Vec<(f64, f64)> {
        line.iter()
            .map(|(size, value)| (x.at(*size as f64), y.at(*value)))
            .collect()
    };
    for line in &lines {
        svg.path("one-of-many", &path::line(&curve(line)));
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

/// What has a place on a logarithmic axis.
fn values(figure: &Figure, series: &Series<'_>) -> Vec<(u64, f64)> {
    let points = series.points.iter();
    points
        .filter_map(|point| Some((point.chunk_size, (figure.of)(point)?)))
        .filter(|(_, value)| *value > 0.0)
        .collect()
}

/// The median of all lines at each size that at least half of them have: a size
/// of few scenarios would compare others with those.
fn middle(lines: &[Vec<(u64, f64)>]) -> Vec<(u64, f64)> {
    let mut sizes: Vec<u64> = lines.iter().flatten().map(|(size, _)| *size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let at = |size: u64| -> Option<(u64, f64)> {
        let points = lines.iter().flatten().filter(|(other, _)| *other == size);
        let mut values: Vec<f64> = points.map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        (values.len() * 2 >= lines.len()).then(|| (size, values[values.len() / 2]))
    };
    sizes.into_iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_leaves_out_a_size_that_few_series_have() {
        let lines = [
            vec![(8, 1.0), (64, 2.0)],
            vec![(8, 3.0), (32, 9.0), (64, 4.0)],
            vec![(8, 5.0), (64, 60.0)],
        ];
        assert_eq!(middle(&lines), [(8, 3.0), (64, 4.0)]);
    }
}
