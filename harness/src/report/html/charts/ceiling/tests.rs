use super::*;

/// By the crossings of a ray to the right.
fn is_within(outline: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let next = outline.iter().cycle().skip(1);
    let crossed = outline.iter().zip(next).filter(|((ax, ay), (bx, by))| {
        (ay > &y) != (by > &y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossed.count() % 2 == 1
}

#[test]
fn all_that_needs_longer_is_shaded_wherever_the_line_enters_the_frame() {
    let total = Duration::from_secs(300);
    for (rates, sizes) in [
        ([1e6, 1e8], [1e8, 1e10]),
        // The line enters from below.
        ([1e6, 1e8], [1e9, 1e10]),
        // It leaves to the right.
        ([1e3, 1e6], [1e3, 1e10]),
        // It is below everything, or above.
        ([1e3, 1e4], [1e9, 1e10]),
        ([1e8, 1e9], [1e6, 1e9]),
    ] {
        let x = Scale::decades(rates.into_iter(), (LEFT, RIGHT)).unwrap();
        let y = Scale::decades(sizes.into_iter(), (BOTTOM, TOP)).unwrap();
        let outline = outline(total, &x, &y);
        for step in 1..40_u32 {
            let rate = x.value(f64::from(step % 8 * 2 + 1) / 16.0);
            let size = y.value(f64::from(step / 8 * 2 + 1) / 11.0);
            let needs = size / rate;
            // Not where a pixel decides.
            if (needs / 300.0 - 1.0).abs() > 0.1 {
                let place = (x.at(rate), y.at(size));
                let shaded = is_within(&outline, place);
                assert_eq!(shaded, needs > 300.0, "{size} at {rate}: {needs} s");
            }
        }
    }
}

#[test]
fn a_name_keeps_clear_of_a_download_and_of_what_never_came() {
    let x = Scale::decades([1e6, 1e8].into_iter(), (LEFT, RIGHT)).unwrap();
    let y = Scale::decades([1e8, 1e10].into_iter(), (BOTTOM, TOP)).unwrap();
    let mut point = CeilingPoint {
        name: "total-timeout-5mbps",
        group: Group::Cut,
        rate: Rate::per_second(5_000_000).unwrap(),
        delivered: 1.5e9,
        object: 5e9,
        total: Some(Duration::from_secs(300)),
        cut: true,
    };
    let name_at = |bytes: f64, point: &CeilingPoint<'_>| {
        let (left, height) = point.at(bytes, (&x, &y));
        LabelBox::of((left - 20.0, height + 4.0), Anchor::Start, "rate × 300 s")
    };
    let free = |bytes: f64, point: &CeilingPoint<'_>| {
        let points = std::slice::from_ref(point);
        Taken::by(points, (&x, &y)).is_free(name_at(bytes, point))
    };
    for bytes in [1.5e9, 2.3e9, 3.1e9, 4e9, 5e9] {
        assert!(!free(bytes, &point), "{bytes}");
    }
    assert!(free(1e9, &point) && free(9e9, &point));
    // Of one that came whole there is no line.
    point.cut = false;
    assert!(!free(1.5e9, &point) && free(4e9, &point));
}
