//! Delivered bytes against the rate, with the line of a total timeout. It shows
//! why downloads fail beyond a certain size, and why that size depends on the
//! speed of the line.

use std::{collections::BTreeSet, time::Duration};

use shortread_server::{
    scenario::{Deadline, Kind, Scenario},
    units::{Rate, human_duration},
};

use super::{Picture, bytes};
use crate::{
    outcome::Group,
    report::{
        RunView,
        html::{
            draw::{Anchor, LINE, Scale, Svg, Unit, path, width},
            matrix::Mark,
        },
        rows::{Row, Story},
    },
};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 408.0;
/// The share that a timer of the client and a buffer may add to or take from rate
/// x total.
const ON_THE_LINE: f64 = 0.1;

/// One download at the numbers of its file, whatever it was scaled to.
struct CeilingPoint<'a> {
    name: &'a str,
    group: Group,
    rate: Rate,
    delivered: f64,
    object: f64,
    /// The client's total, where that is on.
    total: Option<Duration>,
    /// It ended this download.
    cut: bool,
}

impl CeilingPoint<'_> {
    /// Delivered bytes as a part of what the total lets through.
    fn of_line(&self) -> f64 {
        let limit = self
            .total
            .map_or(f64::INFINITY, |total| ceiling_at(self.rate, total));
        self.delivered / limit
    }

    /// The place of `bytes` at its rate in the picture.
    fn at(&self, bytes: f64, (x, y): Axes<'_>) -> (f64, f64) {
        (x.at(self.rate.get() as f64), y.at(bytes))
    }
}

fn ceiling_at(rate: Rate, total: Duration) -> f64 {
    ceiling_of(rate.get() as f64, total)
}

fn ceiling_of(rate: f64, total: Duration) -> f64 {
    rate * total.as_secs_f64()
}

/// The picture; `None` where no client of the run had a total.
pub(in crate::report::html) fn ceiling(
    run: &RunView<'_>,
    stories: &[Story<'_>],
) -> Option<Picture> {
    let points: Vec<CeilingPoint<'_>> = stories
        .iter()
        .filter_map(|story| Some((story, run.scenario(story.name)?)))
        .flat_map(|(story, scenario)| {
            let rows = story.rows.iter();
            rows.filter_map(|row| point(story.name, scenario, row))
        })
        .collect();
    let cut = |point: &&CeilingPoint<'_>| point.cut;
    let of = |points: &mut dyn Iterator<Item = &CeilingPoint<'_>>| -> BTreeSet<Duration> {
        points.filter_map(|point| point.total).collect()
    };
    // The totals that ended something, else those that might have.
    let mut totals = of(&mut points.iter().filter(cut));
    if totals.is_empty() {
        totals = of(&mut points.iter());
    }
    let longest = *totals.last()?;
    let x = Scale::decades(points.iter().map(|p| p.rate.get() as f64), (LEFT, RIGHT))?;
    let sizes = points.iter().flat_map(|p| [p.delivered, p.object]);
    let y = Scale::decades(sizes, (BOTTOM, TOP))?;
    let mut caption = caption(&points, longest);
    if run.records.iter().any(|record| record.scaled.is_some()) {
        caption.push_str(" Scaled trials are drawn at the numbers of their scenario.");
    }
    let title = "Bytes delivered against the rate of the download";
    let mut svg = Svg::new("ceiling", (WIDTH, HEIGHT), title, &caption);
    beyond(&mut svg, longest, &x, &y);
    svg.axis_left(&y, (LEFT, RIGHT), 9, Unit::Bytes);
    svg.axis_below(&x, (BOTTOM, TOP), 8, Unit::Rate);
    svg.text(
        "tick",
        (RIGHT, BOTTOM + 34.0),
        Anchor::End,
        "rate at which the body can come",
    );
    svg.text(
        "tick",
        (LEFT + 6.0, TOP + 10.0),
        Anchor::Start,
        "bytes that the application got",
    );
    let mut taken = Taken::by(&points, (&x, &y));
    for (index, total) in totals.iter().rev().take(4).enumerate() {
        limit(&mut svg, *total, index, &mut taken, (&x, &y));
    }
    dots(&mut svg, &points, &mut taken, (&x, &y));
    Some(Picture {
        svg: svg.finish(),
        caption,
    })
}

/// A download with bytes at all; of several at a time, the share of one.
fn point<'a>(name: &'a str, scenario: &Scenario, row: &Row<'_>) -> Option<CeilingPoint<'a>> {
    // The bytes of another object say nothing of this one.
    if row.records[0].outcome.kind == Kind::WrongObject {
        return None;
    }
    let record = row
        .records
        .iter()
        .max_by_key(|record| record.delivered_bytes)?;
    let size = record.scaled.map_or(1.0, |scaled| scaled.size) * record.downloads.max(1) as f64;
    let delivered = record.delivered_bytes as f64 / size;
    (delivered > 0.0 && size > 0.0).then(|| CeilingPoint {
        name,
        group: row.group(),
        rate: scenario.pace().rate,
        delivered,
        object: record.expected_bytes as f64 / size,
        total: scenario.client.total.duration(),
        cut: record.outcome.deadline == Some(Deadline::Total),
    })
}

/// The line of `total` and its name: along the line, from its lower end, at the
/// first place where no download and no other name is.
fn limit(svg: &mut Svg, total: Duration, index: usize, taken: &mut Taken, (x, y): Axes<'_>) {
    let points = curve(total, x, y);
    svg.path("limit", &path::line(&points));
    let name = format!("rate × {}", human_duration(total));
    // The longest above its line where that has room, the others below theirs.
    let above = |(px, py): (f64, f64)| (Anchor::End, (px - 8.0, py - 6.0));
    let below = |(px, py): (f64, f64)| (Anchor::Start, (px + 8.0, py + 16.0));
    let sixths = || (1..6).filter_map(|part| points.get(points.len() * part / 6).copied());
    let uppers = sixths().map(above).filter(|_| index == 0);
    let wanted = uppers.chain(sixths().map(below));
    let (anchor, at) = taken.take(wanted, &name).unwrap_or_else(|| {
        let lowest = points.get(points.len() / 6).copied().map(below);
        let lowest = lowest.unwrap_or((Anchor::Start, (LEFT + 8.0, BOTTOM - 8.0)));
        taken.names.push(LabelBox::of(lowest.1, lowest.0, &name));
        lowest
    });
    svg.text("limit-label", at, anchor, &name);
}

/// The line of `total` within the picture, from left to right.
fn curve(total: Duration, x: &Scale, y: &Scale) -> Vec<(f64, f64)> {
    let place = |rate: f64| (x.at(rate), y.at(ceiling_of(rate, total)));
    // Every pixel, since the line bends where it meets the frame.
    let pixels = (LEFT as u32)..=(RIGHT as u32);
    let points = pixels.map(|px| place(x.value((f64::from(px) - LEFT) / (RIGHT - LEFT))));
    points
        .skip_while(|(_, py)| *py >= BOTTOM)
        .take_while(|(_, py)| *py > TOP)
        .collect()
}

/// The place of a name: left, right, baseline.
#[derive(Clone, Copy)]
struct LabelBox(f64, f64, f64);

impl LabelBox {
    fn of((x, y): (f64, f64), anchor: Anchor, text: &str) -> Self {
        let width = width(text);
        match anchor {
            Anchor::End => Self(x - width, x, y),
            _ => Self(x, x + width, y),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.0 < other.1 && other.0 < self.1 && (self.2 - other.2).abs() < LINE
    }

    fn covers(&self, (x, y): (f64, f64)) -> bool {
        (self.0 - 6.0..self.1 + 6.0).contains(&x) && (self.2 - 15.0..self.2 + 7.0).contains(&y)
    }
}

/// The scales of rates and of bytes.
type Axes<'a> = (&'a Scale, &'a Scale);

/// The places where no name may be: other names, and marks of downloads.
struct Taken {
    names: Vec<LabelBox>,
    dots: Vec<(f64, f64)>,
}

impl Taken {
    fn by(points: &[CeilingPoint<'_>], axes: Axes<'_>) -> Self {
        let mut dots: Vec<(f64, f64)> = Vec::new();
        for point in points {
            let (x, y) = point.at(point.delivered, axes);
            dots.push((x, y));
            if point.cut {
                // The line up to the object, closer than a name is high.
                let (_, top) = point.at(point.object, axes);
                let steps = ((y - top) / LINE).ceil().max(1.0);
                let place = |step: u32| y + (top - y) * f64::from(step) / steps;
                dots.extend((1..=steps as u32).map(|step| (x, place(step))));
            }
        }
        Self {
            names: Vec::new(),
            dots,
        }
    }

    /// The first of the `wanted` places that is free for `name`, which takes it.
    fn take(
        &mut self,
        wanted: impl IntoIterator<Item = (Anchor, (f64, f64))>,
        name: &str,
    ) -> Option<(Anchor, (f64, f64))> {
        let place = |(anchor, at): (Anchor, (f64, f64))| LabelBox::of(at, anchor, name);
        let mut wanted = wanted.into_iter();
        let free = wanted.find(|one| self.is_free(place(*one)))?;
        self.names.push(place(free));
        Some(free)
    }

    fn is_free(&self, place: LabelBox) -> bool {
        place.0 > LEFT
            && place.1 < WIDTH
            && !self.names.iter().any(|other| place.meets(other))
            && !self.dots.iter().any(|dot| place.covers(*dot))
    }
}

/// Shades what needs more time than the total.
fn beyond(svg: &mut Svg, total: Duration, x: &Scale, y: &Scale) {
    svg.path("beyond", &path::area(&outline(total, x, y), &[]));
}

/// The frame above the line of `total`.
fn outline(total: Duration, x: &Scale, y: &Scale) -> Vec<(f64, f64)> {
    let mut points = curve(total, x, y);
    let (first, last) = match (points.first(), points.last()) {
        (Some((first, _)), Some((last, _))) => (*first, *last),
        // The line runs below all of the frame,
        _ if y.at(ceiling_of(x.value(1.0), total)) >= BOTTOM => (RIGHT, RIGHT),
        // or above.
        _ => return points,
    };
    points.extend([(last, TOP), (LEFT, TOP)]);
    if first > LEFT {
        points.extend([(LEFT, BOTTOM), (first, BOTTOM)]);
    }
    points
}

fn dots(svg: &mut Svg, points: &[CeilingPoint<'_>], taken: &mut Taken, axes: Axes<'_>) {
    let (cut, others): (Vec<_>, Vec<_>) = points.iter().partition(|point| point.cut);
    for point in others {
        svg.symbol(Mark::of(point.group).class, point.at(point.delivered, axes));
    }
    for point in cut {
        let (at, object) = (
            point.at(point.delivered, axes),
            point.at(point.object, axes),
        );
        svg.line("missing", at, object);
        svg.dot("whole", object, 4.0);
        svg.symbol(Mark::of(point.group).class, at);
        let wanted = [
            (Anchor::End, -10.0, -6.0),
            (Anchor::Start, 10.0, 15.0),
            (Anchor::End, -10.0, 4.0),
            (Anchor::Start, 10.0, 4.0),
            (Anchor::Start, 10.0, 28.0),
        ];
        let wanted = wanted.map(|(anchor, dx, dy)| (anchor, (at.0 + dx, at.1 + dy)));
        if let Some((anchor, place)) = taken.take(wanted, point.name) {
            svg.text("label", place, anchor, point.name);
        }
    }
}

fn caption(points: &[CeilingPoint<'_>], total: Duration) -> String {
    let limit = human_duration(total);
    let cut: Vec<&CeilingPoint<'_>> = points.iter().filter(|point| point.cut).collect();
    let (on, below): (Vec<&CeilingPoint<'_>>, Vec<&CeilingPoint<'_>>) = cut
        .iter()
        .filter(|point| point.of_line() <= 1.0 + ON_THE_LINE)
        .partition(|point| point.of_line() >= 1.0 - ON_THE_LINE);
    let mut text = String::new();
    if cut.is_empty() {
        text.push_str(&format!(
            "No download here was ended by the client's total. The line is rate x {limit}: what \
             lies above it would need longer."
        ));
    } else {
        let mut examples: Vec<&&CeilingPoint<'_>> =
            on.iter().filter(|p| p.total == Some(total)).collect();
        examples.sort_by_key(|point| point.rate);
        let examples: Vec<String> = examples
            .into_iter()
            .map(|p| format!("{} at {}", bytes(p.delivered as u64), p.rate.human()))
            .collect();
        text.push_str(&format!(
            "Of {} results with bytes the client's total ended {}.",
            points.len(),
            cut.len(),
        ));
        if !examples.is_empty() {
            text.push_str(&format!(
                " Where nothing else was wrong it let through rate x time, whatever the size of \
                 the file: with {limit}, {}.",
                examples.join(", ")
            ));
        }
        if !below.is_empty() {
            let names: Vec<&str> = below.iter().map(|point| point.name).collect();
            text.push_str(&format!(
                " Below the line something else had held bytes up too: {}.",
                names.join(", ")
            ));
        }
        text.push_str(
            " Open circles are the size of the object, the line down from them is what never came.",
        );
    }
    let above = points.iter().filter(|p| {
        p.group == Group::Ok && p.delivered > ceiling_at(p.rate, total) * (1.0 + ON_THE_LINE)
    });
    match above.count() {
        0 => {}
        n => text.push_str(&format!(
            " Above it {n} came whole: their clients had no such total."
        )),
    }
    text
}

#[cfg(test)]
mod tests;
