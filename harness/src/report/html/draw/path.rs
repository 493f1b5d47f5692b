//! SVG paths from points, with no more points than can be seen.

/// The largest distance of a path from its points, in pixels.
const TOLERANCE: f64 = 0.3;

/// A line through `points`.
pub(in crate::report::html) fn line(points: &[(f64, f64)]) -> String {
    written(&simplified(points))
}

/// The area between a line through `points` and one that goes back through
/// `below`.
pub(in crate::report::html) fn area(points: &[(f64, f64)], below: &[(f64, f64)]) -> String {
    let mut outline = simplified(points);
    let mut back = simplified(below);
    back.reverse();
    outline.extend(back);
    match outline.is_empty() {
        true => String::new(),
        false => format!("{}Z", written(&outline)),
    }
}

/// With one decimal, as differences: most are short then.
fn written(points: &[(f64, f64)]) -> String {
    // Differences of rounded places, so that errors do not add up.
    let tenths = |value: f64| (value * 10.0).round() as i64;
    let mut text = String::new();
    let mut last = (0, 0);
    for (index, &(x, y)) in points.iter().enumerate() {
        let (x, y) = (tenths(x), tenths(y));
        if index > 0 && (x, y) == last {
            continue;
        }
        let (dx, dy) = (x - last.0, y - last.1);
        let step = match (index, dx, dy) {
            (0, ..) => format!("M{} {}", number(x), number(y)),
            (_, 0, _) => format!("v{}", number(dy)),
            (_, _, 0) => format!("h{}", number(dx)),
            _ => format!("l{} {}", number(dx), number(dy)),
        };
        text.push_str(&step);
        last = (x, y);
    }
    text
}

/// Tenths as a decimal number.
fn number(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    match (tenths.abs() / 10, tenths.abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, rest) => format!("{sign}.{rest}"),
        (whole, rest) => format!("{sign}{whole}.{rest}"),
    }
}

/// The points without those that lie within [`TOLERANCE`] of the line between
/// their neighbours (Ramer, Douglas, Peucker).
fn simplified(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let Some(last) = points.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut kept = vec![false; points.len()];
    (kept[0], kept[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let furthest = (from + 1..to)
            .map(|index| (index, distance(points[index], points[from], points[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((index, far)) = furthest
            && far > TOLERANCE
        {
            kept[index] = true;
            open.extend([(from, index), (index, to)]);
        }
    }
    let all = points.iter().zip(kept);
    all.filter_map(|(point, kept)| kept.then_some(*point))
        .collect()
}

/// From `point` to the segment between `from` and `to`.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (px, py) = (point.0 - from.0, point.1 - from.1);
    let length = dx * dx + dy * dy;
    let along = match length > 0.0 {
        true => ((px * dx + py * dy) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    (px - along * dx).hypot(py - along * dy)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_straight_line_has_two_points_and_a_corner_stays() {
        let ramp: Vec<(f64, f64)> = (0..100).map(|x| (f64::from(x), f64::from(x))).collect();
        assert_eq!(line(&ramp), "M0 0l99 99");
        let corner = [(0.0, 0.0), (5.0, 0.0), (10.0, 0.0), (10.0, -2.5)];
        assert_eq!(line(&corner), "M0 0h10v-2.5");
        assert_eq!(line(&[]), "");
        assert_eq!(line(&[(0.04, 1.25)]), "M0 1.3");
    }

    #[test]
    fn an_area_goes_back_along_its_lower_edge() {
        let upper = [(0.0, 1.0), (4.0, 1.0)];
        let lower = [(0.0, 3.0), (4.0, 3.0)];
        assert_eq!(area(&upper, &lower), "M0 1h4v2h-4Z");
        assert_eq!(area(&[], &[]), "");
    }

    proptest! {
        #[test]
        fn no_point_is_further_from_the_path_than_the_tolerance(
            heights in prop::collection::vec(0.0..200.0_f64, 2..80),
        ) {
            let points: Vec<(f64, f64)> =
                heights.iter().enumerate().map(|(x, y)| (x as f64 * 3.0, *y)).collect();
            let kept = simplified(&points);
            for point in &points {
                let nearest = kept
                    .windows(2)
                    .map(|pair| distance(*point, pair[0], pair[1]))
                    .fold(f64::MAX, f64::min);
                prop_assert!(nearest <= TOLERANCE + 1e-9);
            }
        }
    }
}
