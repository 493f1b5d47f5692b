//! `[client]` and `[sink]`

use super::{Check, expect::ROUNDED_UP};
use crate::{
    scenario::{Keepalive, Limit, model::LONGEST_KEEPALIVE},
    units::print_duration,
};

pub(crate) const MOST_PARALLEL: u32 = 1000;

/// Linux's MAX_TCP_KEEPCNT.
pub(crate) const MOST_PROBES: u32 = 127;

impl Check<'_> {
    pub(super) fn client(&mut self) {
        let client = &self.scenario.client;
        for (key, time) in client.deadlines() {
            if time.is_zero() {
                self.problem(
                    key,
                    "a deadline of 0 ends everything at its start",
                    "to switch it off write \"off\"",
                );
            }
        }
        if let Limit::After(total) = client.total
            && self.given("client.total")
        {
            for (key, time) in client.deadlines() {
                if key != "client.total" && self.given(key) && time > total {
                    self.never_before(key, "client.total", &print_duration(total));
                }
            }
        }
        if let Some(give_up) = client.give_up {
            if give_up.is_zero() {
                self.problem(
                    "client.give_up",
                    "giving up after 0 leaves no time to download",
                    "write a time, or leave it out",
                );
            } else {
                for (key, time) in client.deadlines() {
                    if self.given(key) && time >= give_up {
                        self.never_before(key, "client.give_up", &print_duration(give_up));
                    }
                }
            }
        }
        if client.memory.is_some_and(|memory| memory.0 == 0) {
            self.problem(
                "client.memory",
                "no client works without memory",
                "write a size, or leave it out for no limit",
            );
        }
        if !(1..=MOST_PARALLEL).contains(&client.parallel) {
            self.problem(
                "client.parallel",
                format!("{} downloads at a time are out of range", client.parallel),
                format!("write 1 to {MOST_PARALLEL}"),
            );
        }
        let (all, several) = (self.scenario.all_requests(), client.requests > 1);
        if client.requests == 0 || (several && all > MOST_PARALLEL) {
            let message = match client.requests {
                0 => "a download of 0 requests asks for nothing".into(),
                _ => format!("{all} requests in all are out of range"),
            };
            self.problem(
                "client.requests",
                message,
                format!("write 1 to {MOST_PARALLEL}, for all downloads together"),
            );
        }
        if let Some(keepalive) = client.keepalive {
            self.keepalive(keepalive);
        }
    }

    fn never_before(&mut self, key: &str, first: &str, value: &str) {
        self.problem(
            key,
            format!("this can never fire: `{first}` comes first, after {value}"),
            format!("write a shorter time, or change `{first}`"),
        );
    }

    fn keepalive(&mut self, keepalive: Keepalive) {
        let total = self.scenario.client.total.duration();
        let late = total.filter(|total| keepalive.idle > total.saturating_add(ROUNDED_UP));
        if let Some(total) = late.filter(|_| self.given("client.total")) {
            self.problem(
                "client.keepalive.idle",
                format!(
                    "no probe is ever sent: `client.total` comes first, after {}",
                    print_duration(total)
                ),
                "write a shorter time, or change `client.total`",
            );
        }
        let times = [
            ("client.keepalive.idle", keepalive.idle),
            ("client.keepalive.interval", keepalive.interval),
        ];
        for (key, time) in times {
            if !Keepalive::can_keep(time) {
                self.problem(
                    key,
                    format!(
                        "the kernel cannot keep {} for keepalive",
                        print_duration(time)
                    ),
                    format!("write whole seconds, 1s to {LONGEST_KEEPALIVE}s"),
                );
            }
        }
        if !(1..=MOST_PROBES).contains(&keepalive.count) {
            self.problem(
                "client.keepalive.count",
                format!("{} probes are out of range", keepalive.count),
                format!("write 1 to {MOST_PROBES}"),
            );
        }
    }

    pub(super) fn sink(&mut self) {
        let sink = &self.scenario.sink;
        let pauses = !sink.pause.is_zero() || !sink.first_pause.is_zero();
        if sink.blocking && !pauses && sink.rate.is_none() {
            self.problem(
                "sink.blocking",
                "there is nothing that could block",
                "add `pause` or `rate`, or leave this out",
            );
        }
        if let (Some(capacity), Some(most)) = (sink.capacity, self.most_delivered())
            && capacity >= most
        {
            self.problem(
                "sink.capacity",
                format!(
                    "this never fills: the downloads bring {} together",
                    self.brought(most)
                ),
                "write less than that, or leave this out",
            );
        }
    }
}
