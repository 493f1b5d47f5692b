//! `[client]` and `[sink]`

use super::{Drawing, body::MOST_CHUNKS};
use crate::draft::Draft;

impl Drawing {
    pub(super) fn client(&mut self, draft: &mut Draft) {
        let (connect, head, sock_read) = (self.time(500), self.time(500), self.time(500));
        let (total, give_up) = (self.time(1000), self.time(2000));
        // The kernel counts keepalive in whole seconds.
        let outlives = self.stretched(4_500_000);
        let dice = &mut self.dice;
        let table = draft.table("[client]");
        if dice.percent(5) {
            table.text("connect", connect);
        }
        if dice.percent(15) {
            table.text("head", head);
        }
        if dice.percent(30) {
            table.text("sock_read", sock_read);
        }
        match dice.between(0, 9) {
            0 => table.text("total", "off"),
            1..5 => table.text("total", total),
            _ => {}
        }
        let keepalive = dice.percent(6);
        if keepalive {
            match dice.percent(50) {
                true => table.text("keepalive", format_args!("{}s", dice.between(1, 3))),
                false => table.set(
                    "keepalive",
                    format_args!(
                        "{{ idle = \"{}s\", interval = \"{}s\", count = {} }}",
                        dice.between(1, 2),
                        dice.between(1, 2),
                        dice.between(1, 2)
                    ),
                ),
            }
        }
        if dice.percent(6) {
            table.text(
                "memory",
                format_args!("{}B", dice.magnitude(1 << 16, 4 << 20)),
            );
        }
        if dice.percent(12) {
            self.downloads = match dice.percent(90) {
                true => dice.between(2, 6),
                false => dice.between(7, 24),
            };
            let parallel = dice.percent(50);
            if self.scope.real {
                let most = (MOST_CHUNKS / self.chunks).max(1);
                self.downloads = self.downloads.min(most);
            }
            if parallel && self.downloads > 1 {
                table.set("parallel", self.downloads);
            }
        }
        // Each request may wait as long as the one before.
        if !self.scope.real && dice.percent(6) {
            table.set("requests", dice.between(2, 3));
        }
        // A client that waits without end must not wait for minutes.
        if self.scope.real && keepalive {
            table.text("give_up", format_args!("{outlives}us"));
        } else if self.scope.real || dice.percent(15) {
            table.text("give_up", give_up);
        }
        if dice.percent(10) {
            table.text("timers", dice.pick(&["after-io", "before-io"]));
        }
        if dice.percent(20) {
            table.text("parser", dice.pick(&["c", "python"]));
        }
    }

    pub(super) fn sink(&mut self, draft: &mut Draft) {
        if !self.dice.percent(15) {
            return;
        }
        let (pause, first) = (self.time(20), self.time(100));
        let dice = &mut self.dice;
        let table = draft.table("[sink]");
        let mut slow = false;
        if dice.percent(40) {
            slow = true;
            table.text("pause", pause);
        }
        if dice.percent(30) {
            slow = true;
            table.text("first_pause", first);
        }
        if dice.percent(50) {
            slow = true;
            let rate = dice.magnitude((self.bytes / 2).max(1), (self.bytes * 100).max(2));
            let rate = (rate as f64 * self.time).max(1.0) as u64;
            table.text("rate", format_args!("{rate}B/s"));
        }
        if slow && dice.percent(40) {
            table.set("blocking", true);
        }
        if dice.percent(20) {
            table.set("file", true);
        }
        if dice.percent(20) && self.bytes > 0 {
            let bytes = dice.between(0, self.bytes - 1);
            table.text("capacity", format_args!("{bytes}B"));
        }
    }
}
