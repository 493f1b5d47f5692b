//! `[link]` and `[sockets]`

use super::Drawing;
use crate::draft::Draft;

/// Segments cost time each.
const MOST_SEGMENTS: u64 = 3000;

/// Segments that a server with one thread can send in a second of a scenario, for
/// all connections together: a write takes some 10 us, and two cores are shared
/// with clients and other trials. Asked for more, it falls behind: what it shows
/// is the machine.
const MOST_PER_SECOND: u64 = 20_000;

/// The most that scaling may speed a link without a rate up, from a gigabit per
/// second: a server copies less than a gigabyte in a second beside other trials.
const FASTEST_UNPACED: f64 = 4.0;

/// A throttle carries at most so many times the body in a second.
pub(super) const FASTEST_THROTTLE: u64 = 20;

impl Drawing {
    /// The least segment, in bytes of the file, of a link that carries the body
    /// in `us` microseconds of the trial as it is played.
    fn least_segment(&self, us: u64) -> u64 {
        let few = (self.bytes / MOST_SEGMENTS).max(1);
        if !self.scope.real {
            return few;
        }
        let bytes = u128::from(self.bytes) * u128::from(self.downloads);
        let a_second =
            (bytes * 1_000_000 / u128::from(us.max(1))).max(bytes * u128::from(FASTEST_THROTTLE));
        let least = a_second / u128::from(MOST_PER_SECOND);
        u64::try_from(least).unwrap_or(u64::MAX).max(few)
    }

    pub(super) fn link(&mut self, draft: &mut Draft) {
        let played = (self.bytes as f64 * self.size) as u64;
        let (latency, jitter) = (self.time(100), self.time(100));
        // The time that the body takes of its own.
        let us = self.dice.magnitude(500, self.scope.longest_us);
        let least = self.least_segment(us);
        // At a gigabit per second, which is the default.
        let least_unpaced = self.least_segment((self.bytes as f64 * self.time / 125.0) as u64);
        let dice = &mut self.dice;
        let table = draft.table("[link]");
        // `[tcp]` makes rates as much larger as it makes times smaller.
        let paced = dice.percent(75) || self.scope.real && self.size / self.time > FASTEST_UNPACED;
        let mut segments = 0;
        if paced {
            // A rate is times `size / time`.
            let rate = u128::from(played.max(1)) * 1_000_000 / u128::from(us);
            let rate = (rate as f64 / self.size * self.time).max(1.0) as u64;
            table.text("rate", format_args!("{rate}B/s"));
            // One each 5 ms by default, and at least a byte.
            segments = us / 5000;
        }
        if dice.percent(30) {
            table.text("latency", latency);
        }
        if dice.percent(20) {
            table.text("jitter", jitter);
        }
        if segments > MOST_SEGMENTS || dice.percent(20) {
            let least = if paced { least } else { least_unpaced };
            let segment = dice.magnitude(least, 1 << 20);
            table.text("segment", format_args!("{segment}B"));
            // Below the segment as it is played.
            let most = (segment as f64 * self.size / 2.0) as u64;
            if most > 0 && dice.percent(15) {
                table.text("drops_above", format_args!("{}B", dice.between(1, most)));
            }
        }
        if dice.percent(8) {
            table.set("loss", format_args!("{:.4}", dice.share() * 0.5));
        }
        if self.downloads > 1 {
            table.set("connections", self.downloads);
            if dice.percent(50) {
                table.set("shared", true);
            }
        }
    }

    pub(super) fn sockets(&mut self, draft: &mut Draft) {
        let dice = &mut self.dice;
        if !dice.percent(25) {
            return;
        }
        let table = draft.table("[sockets]");
        // A window of few bytes makes many steps of a body.
        let steps = match self.scope.real {
            true => (self.bytes * self.downloads / MOST_SEGMENTS).max(1),
            false => (self.bytes / MOST_SEGMENTS).max(1),
        };
        let least = match self.scope.real {
            // Of smaller ones the kernel's bookkeeping takes most, which memory
            // does not have: no two worlds to compare.
            true => 32 << 10,
            false => steps,
        };
        for (key, share, least) in [
            ("server_send", 50, least),
            ("client_receive", 50, least),
            ("notsent_lowat", 20, steps),
        ] {
            if dice.percent(share) {
                table.text(key, format_args!("{}B", dice.magnitude(least, 1 << 20)));
            }
        }
        if dice.percent(20) {
            table.text("congestion", dice.pick(&["reno", "cubic"]));
        }
    }
}
