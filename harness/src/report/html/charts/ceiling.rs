//! Bytes delivered against the rate, with the line that a total timeout draws:
//! why downloads fail beyond a certain size, and why that size moves with the
//! speed of the line.

use std::{collections::BTreeSet, time::Duration};

use mock_server::{
    scenario::{Deadline, Scenario},
    units::{Rate, human_duration},
};

use super::{Picture, bytes};
use crate::{
    plan::pace,
    report::{
        RunView,
        html::draw::{Anchor, Scale, Svg, Unit, path},
        rows::{Row, Story},
    },
    results::Group,
};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 640.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 388.0;
/// What a timer of the client and a buffer may add to or take from rate x total.
const ON_THE_LINE: f64 = 0.05;

/// One download at the numbers of its file, whatever it was scaled to.
struct Point<'a> {
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

impl Point<'_> {
    /// Delivered bytes as a part of what the total lets through.
    fn of_line(&self) -> f64 {
        let limit = self.total.map_or(f64::INFINITY, |total| ceiling_at(self.rate, total));
        self.delivered / limit
    }
}

fn ceiling_at(rate: Rate, total: Duration) -> f64 {
    rate.get() as f64 * total.as_secs_f64()
}

/// The picture; `None` where no client of the run had a total.
pub(in crate::report::html) fn ceiling(
    run: &RunView<'_>,
    stories: &[Story<'_>],
) -> Option<Picture> {
    let points: Vec<Point<'_>> = stories
        .iter()
        .filter_map(|story| Some((story, run.scenario(story.name)?)))
        .flat_map(|(story, scenario)| {
            let rows = story.rows.iter();
            rows.filter_map(|row| point(story.name, scenario, row))
        })
        .collect();
    let cut = |point: &&Point<'_>| point.cut;
    let of = |points: &mut dyn Iterator<Item = &Point<'_>>| -> BTreeSet<Duration> {
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
    let caption = caption(&points, longest);
    let title = "Bytes delivered against the rate of the download";
    let mut svg = Svg::new("ceiling", (WIDTH, HEIGHT), title, &caption);
    beyond(&mut svg, longest, &x, &y);
    svg.axis_left(&y, (LEFT, RIGHT), 9, Unit::Bytes);
    svg.axis_below(&x, (BOTTOM, TOP), 8, Unit::Rate);
    svg.text("tick", (RIGHT, BOTTOM + 34.0), Anchor::End, "rate at which the body can come");
    svg.text("tick", (LEFT + 6.0, TOP + 10.0), Anchor::Start, "bytes that the application got");
    let labels: Vec<(f64, &str, String)> = totals
        .iter()
        .rev()
        .take(4)
        .map(|total| {
            let edge = line(&mut svg, *total, &x, &y);
            (edge, "limit-label", format!("rate × {}", human_duration(*total)))
        })
        .collect();
    svg.labels(RIGHT + 8.0, (TOP, BOTTOM), &labels);
    dots(&mut svg, &points, &x, &y);
    Some(Picture {
        svg: svg.finish(),
        caption,
    })
}

/// A download with bytes at all; of several at a time, the share of one.
fn point<'a>(name: &'a str, scenario: &Scenario, row: &Row<'_>) -> Option<Point<'a>> {
    let record = row.records.iter().max_by_key(|record| record.delivered_bytes)?;
    let size = record.scaled.map_or(1.0, |scaled| scaled.size) * record.downloads.max(1) as f64;
    let delivered = record.delivered_bytes as f64 / size;
    (delivered > 0.0 && size > 0.0).then(|| Point {
        name,
        group: row.group(),
        rate: pace(scenario).rate,
        delivered,
        object: record.expected_bytes as f64 / size,
        total: scenario.client.total.duration(),
        cut: record.outcome.deadline == Some(Deadline::Total),
    })
}

/// The ends of the line of `total` within the picture.
fn line(svg: &mut Svg, total: Duration, x: &Scale, y: &Scale) -> f64 {
    let points = curve(total, x, y);
    svg.path("limit", &path::line(&points));
    points.last().map_or(TOP, |(_, y)| *y)
}

fn curve(total: Duration, x: &Scale, y: &Scale) -> Vec<(f64, f64)> {
    // Every pixel, since the line bends where it meets the frame.
    let pixels = (LEFT as u32)..=(RIGHT as u32);
    pixels
        .map(|px| {
            let share = (f64::from(px) - LEFT) / (RIGHT - LEFT);
            let rate = x.value(share);
            (f64::from(px), y.at(rate * total.as_secs_f64()))
        })
        .collect()
}

/// Shades what needs more time than the total.
fn beyond(svg: &mut Svg, total: Duration, x: &Scale, y: &Scale) {
    let line = curve(total, x, y);
    svg.path("beyond", &path::area(&line, &[(LEFT, TOP), (RIGHT, TOP)]));
}

fn dots(svg: &mut Svg, points: &[Point<'_>], x: &Scale, y: &Scale) {
    let place = |point: &Point<'_>, bytes: f64| (x.at(point.rate.get() as f64), y.at(bytes));
    let (cut, others): (Vec<_>, Vec<_>) = points.iter().partition(|point| point.cut);
    for point in others {
        svg.symbol(group_word(point.group), place(point, point.delivered));
    }
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for point in cut {
        let (at, object) = (place(point, point.delivered), place(point, point.object));
        svg.line("missing", at, object);
        svg.dot("whole", object, 4.0);
        svg.symbol(group_word(point.group), at);
        // Right of the line there is room below it, left of it none.
        let free = |y: f64| taken.iter().all(|(tx, ty)| (tx - at.0).abs() > 150.0 || (ty - y).abs() > 12.0);
        let wanted = [at.1 + 16.0, at.1 + 4.0, at.1 + 28.0];
        if let Some(height) = wanted.into_iter().find(|y| free(*y)) {
            let (anchor, shift) = match at.0 > RIGHT - 140.0 {
                true => (Anchor::End, -9.0),
                false => (Anchor::Start, 9.0),
            };
            svg.text("label", (at.0 + shift, height), anchor, point.name);
            taken.push((at.0, height));
        }
    }
}

fn caption(points: &[Point<'_>], total: Duration) -> String {
    let limit = human_duration(total);
    let cut: Vec<&Point<'_>> = points.iter().filter(|point| point.cut).collect();
    let (on, below): (Vec<&Point<'_>>, Vec<&Point<'_>>) = cut
        .iter()
        .partition(|point| (point.of_line() - 1.0).abs() <= ON_THE_LINE);
    let mut text = String::new();
    if cut.is_empty() {
        text.push_str(&format!(
            "No download here was ended by the client's total. The line is rate x {limit}: what \
             lies above it would need longer."
        ));
    } else {
        let mut examples: Vec<&&Point<'_>> = on.iter().filter(|p| p.total == Some(total)).collect();
        examples.sort_by_key(|point| point.rate);
        let examples: Vec<String> = examples
            .into_iter()
            .map(|p| format!("{} at {}", bytes(p.delivered as u64), p.rate.human()))
            .collect();
        text.push_str(&format!(
            "{} of {} downloads with bytes {} ended by the client's total.",
            cut.len(),
            points.len(),
            if cut.len() == 1 { "was" } else { "were" }
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
                " Below the line bytes had stopped before: {}.",
                names.join(", ")
            ));
        }
        text.push_str(" Open circles are the size of the object, the line down from them is what never came.");
    }
    let above = points.iter().filter(|p| {
        p.group == Group::Ok && p.delivered > ceiling_at(p.rate, total) * (1.0 + ON_THE_LINE)
    });
    match above.count() {
        0 => {}
        n => text.push_str(&format!(" Above it {n} came whole: their clients had no such total.")),
    }
    text
}

/// The class and the symbol of a group.
fn group_word(group: Group) -> &'static str {
    match group {
        Group::Silent => "silent",
        Group::Cut => "cut",
        Group::Hang => "hang",
        Group::Ok => "ok",
        Group::Tool => "tool",
    }
}
