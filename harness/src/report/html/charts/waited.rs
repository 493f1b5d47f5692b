//! Where bytes waited, between the server that had sent them and the application: a band
//! from the least to the most at each place of the picture. A reader is asked for bytes
//! again and again, so that samples alone are a saw.

use shortread_server::units::ByteSize;

use super::{Frame, bytes, corners};
use crate::{
    report::html::draw::{Anchor, Scale, Svg, Unit, path},
    results::{ClientSample, Timeline},
};

/// The pixels to either side of a sample that its least and its most are of, at least.
const AROUND: f64 = 4.0;

/// The axis ends here or above it: what is far below is on its way, and waits for nothing.
/// So much is no difference between two downloads either (docs/COMPARE.md).
const LEAST_SCALE: ByteSize = ByteSize::kib(256);

/// The place of the bytes at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sat {
    pub(super) unacked: u64,
    pub(super) queued: u64,
    pub(super) held: u64,
}

impl Sat {
    pub(super) fn all(&self) -> u64 {
        self.unacked
            .saturating_add(self.queued)
            .saturating_add(self.held)
    }
}

/// The most of each place alone: the fullest moment of all is another one.
pub(super) fn most(samples: &[(u64, Sat)]) -> Sat {
    let all = samples.iter();
    all.fold(Sat::default(), |most, (_, sat)| Sat {
        unacked: most.unacked.max(sat.unacked),
        queued: most.queued.max(sat.queued),
        held: most.held.max(sat.held),
    })
}

/// Draws the strip from `top` to `bottom` for samples at their places.
pub(super) fn draw(
    svg: &mut Svg,
    samples: &[(f64, Sat)],
    gap: f64,
    frame: Frame,
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) {
    let totals: Vec<_> = samples.iter().map(|(x, sat)| (*x, sat.all())).collect();
    let band = band(&totals, gap);
    let most = band.iter().map(|(_, (_, most))| *most).max().unwrap_or(0);
    let y = Scale::linear(most.max(LEAST_SCALE.0) as f64, (bottom, top));
    let heading = "Where bytes waited";
    svg.text("heading", (left, top - 28.0), Anchor::Start, heading);
    let full = format!(
        "at most {} together; dark: what waited all the time",
        bytes(most)
    );
    svg.text("tick", (left, top - 10.0), Anchor::Start, &full);
    svg.axis_left(&y, (left, right), 2, Unit::Bytes);
    svg.line("base", (left, bottom), (right, bottom));
    let edge = |value: fn(&(u64, u64)) -> u64| -> Vec<(f64, f64)> {
        let band = band.iter();
        band.map(|(x, both)| (*x, y.at(value(both) as f64)))
            .collect()
    };
    let (ground, least, most) = (edge(|_| 0), edge(|both| both.0), edge(|both| both.1));
    svg.path("in-kernel", &path::area(&most, &least));
    svg.path("in-reader", &path::area(&least, &ground));
    places(svg, samples, frame, right, (top, bottom));
}

/// The most in each place, behind the strip.
fn places(
    svg: &mut Svg,
    samples: &[(f64, Sat)],
    frame: Frame,
    right: f64,
    (top, bottom): (f64, f64),
) {
    let figure = |of: fn(&Sat) -> u64| samples.iter().map(|(_, sat)| of(sat)).max().unwrap_or(0);
    let middle = (top + bottom) / 2.0;
    let reader = match frame.coded {
        true => "stream reader: not known".into(),
        false => format!("stream reader {}", bytes(figure(|sat| sat.held))),
    };
    let unacked = bytes(figure(|sat| sat.unacked));
    let queued = bytes(figure(|sat| sat.queued));
    let labels = [
        (
            middle - 14.0,
            "sent-label",
            format!("server's side {unacked}"),
        ),
        (middle, "arrived-label", format!("client's kernel {queued}")),
        (middle + 14.0, "delivered-label", reader),
    ];
    svg.labels(right + 8.0, (top, bottom), &labels);
}

/// The least and the most around each sample, `gap` to either side and [`AROUND`] at
/// least; `gap` is the distance of two samples without a change, in which there are two
/// or more where anything changes. Where nothing was sampled for longer, the last value
/// stayed.
fn band(samples: &[(f64, u64)], gap: f64) -> Vec<(f64, (u64, u64))> {
    let wide = gap.max(AROUND);
    let mut points: Vec<(f64, (u64, u64))> = Vec::new();
    let mut first = 0;
    for (index, (x, value)) in samples.iter().enumerate() {
        while samples[first].0 < x - wide {
            first += 1;
        }
        let near = samples[first..]
            .iter()
            .take_while(|(at, _)| *at <= x + wide);
        let both = near.fold((*value, *value), |(least, most), (_, value)| {
            (least.min(*value), most.max(*value))
        });
        points.push((*x, both));
        let next = samples.get(index + 1);
        if next.is_none_or(|(next, _)| next - x > wide) {
            points.push((*x, (*value, *value)));
        }
    }
    corners(points, |pixels, _, _| pixels > wide)
}

/// The bytes that the client's kernel has had. Its queue may hold framing too, so
/// this is at most slightly too much.
pub(super) fn arrived(sample: &ClientSample) -> u64 {
    sample
        .received_bytes
        .saturating_add(sample.queued_bytes.unwrap_or_default())
}

/// The place of the bytes at each sample of the client, with the last known state
/// of the server. `anew` are the times at which the client asked again: what its reader
/// held before that is lost, and waits no more.
pub(super) fn samples(
    timeline: &Timeline,
    frame: Frame,
    anew: &[u64],
) -> impl Iterator<Item = (u64, Sat)> {
    let mut anew = anew.iter().peekable();
    let (mut held, mut lost) = (0, 0);
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
        while anew.next_if(|at| **at <= sample.at_ns).is_some() {
            lost = held;
        }
        held = sample.received_bytes.saturating_sub(sample.delivered_bytes);
        let sat = Sat {
            unacked: unacked.min(under_way),
            queued: sample.queued_bytes.unwrap_or_default(),
            // Compressed bytes received and bytes delivered cannot be compared.
            held: match frame.coded {
                true => 0,
                false => held.saturating_sub(lost),
            },
        };
        (sample.at_ns, sat)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saw_is_a_band_and_what_is_always_there_its_dark_part() {
        let saw = (0..40).map(|x| (f64::from(x), if x % 2 == 0 { 10 } else { 50 }));
        let band = band(&saw.collect::<Vec<_>>(), 1.0);
        // The last point is the end itself.
        let (last, around) = band.split_last().unwrap();
        assert_eq!(last.1, (50, 50));
        assert!(around.iter().all(|(_, both)| *both == (10, 50)), "{band:?}");
    }

    #[test]
    fn what_waited_before_a_gap_waits_through_it() {
        let band = band(&[(0.0, 10), (1.0, 70), (100.0, 0)], 20.0);
        let through: Vec<_> = band.iter().filter(|(x, _)| *x >= 100.0).collect();
        assert_eq!(through[0].1, (70, 70), "{band:?}");
        assert_eq!(through[1].1, (0, 0), "{band:?}");
    }
}
