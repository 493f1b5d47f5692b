//! `[[fault]]`

use std::time::Duration;

use super::{
    Check,
    body::{Longest, longest_of_all},
};
use crate::{
    scenario::{Action, Coding, Fault, Framing, Landmark, Limit, Trigger},
    units::{ByteSize, counted, print_duration},
};

/// A head longer than this is none.
const LONGEST_HEAD: u64 = 1 << 20;

/// The size in hex, an extension's worth of room, two line ends.
const CHUNK_OVERHEAD: u64 = 32;

/// A wait that is longer is part of the scenario.
const LONGEST_SETTLE: Duration = Duration::from_secs(1);

impl Check<'_> {
    pub(super) fn faults(&mut self) {
        for (index, fault) in self.scenario.faults.iter().enumerate() {
            self.on(index, fault);
            self.trigger(&format!("fault[{index}].when"), fault);
            self.action(&format!("fault[{index}].then"), fault);
            self.drain(index, fault);
            self.fires(index, fault);
        }
    }

    /// The requests of a fault, which a connection does not have as it is accepted.
    fn on(&mut self, index: usize, fault: &Fault) {
        let key = format!("fault[{index}].on");
        if matches!(fault.when, Trigger::Connection(_)) && !fault.on.is_all() {
            self.problem(
                &key,
                "no request has come when a connection is accepted, so this never fires",
                "write { connection = 2 } in `on`, and { request = 1 } or an offset in `when`",
            );
            return;
        }
        self.selector(&key, &fault.on);
        let Trigger::Request(number) = fault.when else {
            return;
        };
        let is_meant = fault.on.request.is_none_or(|all| all.contains(number));
        let is_late = fault.on.time.is_some_and(|time| !time.from.is_zero());
        if !is_meant || (number == 1 && is_late) {
            self.problem(
                format!("fault[{index}].when.request"),
                format!("request {number} is none of those in `on`, so this never fires"),
                "leave one of them out",
            );
        }
    }

    fn trigger(&mut self, key: &str, fault: &Fault) {
        match fault.when {
            Trigger::Body(at) => {
                let longest = longest_of_all(self.scenario);
                if at.0 > longest.bytes {
                    self.problem(
                        format!("{key}.body"),
                        format!("{at} is beyond the body, so this never fires"),
                        longest,
                    );
                }
            }
            Trigger::Wire(at) => {
                let longest = self.longest_response();
                if at.0 > longest {
                    self.problem(
                        format!("{key}.wire"),
                        format!("{at} is beyond the response, so this never fires"),
                        format!("head and body have at most {}", ByteSize(longest)),
                    );
                }
            }
            Trigger::Object(at) => self.object(format!("{key}.object"), at),
            Trigger::Place(place) => self.place(format!("{key}.place"), place),
            Trigger::Elapsed(after) => self.before_total(&format!("{key}.elapsed"), after),
            Trigger::Idle { after, .. } => {
                let key = format!("{key}.idle");
                self.not_zero(&key, after, "every connection is idle at its start");
                self.before_total(&key, after);
            }
            Trigger::Blocked(after) => {
                let key = format!("{key}.blocked");
                self.not_zero(&key, after, "a write blocks for a moment at any speed");
                self.before_total(&key, after);
            }
            Trigger::Request(0) => {
                self.problem(format!("{key}.request"), "requests count from 1", "write 1");
            }
            Trigger::Connection(0) => {
                self.problem(
                    format!("{key}.connection"),
                    "connections count from 1",
                    "write 1",
                );
            }
            Trigger::Chance(chance) if !(0.0..=1.0).contains(&chance) => {
                self.problem(
                    format!("{key}.chance"),
                    format!("{chance} is not a probability"),
                    "write 0.0 to 1.0",
                );
            }
            Trigger::Request(_) | Trigger::Connection(_) | Trigger::Chance(_) => {}
        }
    }

    fn object(&mut self, key: String, at: ByteSize) {
        // Of a coded body it is the object that counts, of others what is sent.
        let is_coded = self.scenario.body.is_coded() && self.scenario.response.page.is_none();
        let longest = match is_coded {
            true => Longest::exactly(self.scenario.largest_size().0, "body.size is"),
            false => longest_of_all(self.scenario),
        };
        if at.0 > longest.bytes {
            self.problem(
                key,
                format!("{at} is beyond the object, so this never fires"),
                longest,
            );
        }
    }

    fn place(&mut self, key: String, place: Landmark) {
        if place.is_of_chunks() {
            self.place_of_chunks(key, place);
        } else if place.is_of_coding() {
            self.place_of_coding(key, place);
        }
    }

    fn place_of_chunks(&mut self, key: String, place: Landmark) {
        let body = &self.scenario.body;
        if body.framing != Framing::Chunked {
            self.problem(
                key,
                format!(
                    "`{place}` is a place of the chunked coding, which this body does not have"
                ),
                "write framing = \"chunked\", or a `body` offset",
            );
            return;
        }
        let longest = longest_of_all(self.scenario).bytes;
        let count = longest.div_ceil(body.chunk.0.max(1));
        if let Landmark::Chunk(number, _) = place
            && number > count
        {
            self.problem(
                key,
                format!("`{place}` is beyond the body, so this never fires"),
                format!(
                    "it has at most {} of {}",
                    counted(count as usize, "chunk"),
                    body.chunk
                ),
            );
        }
    }

    fn place_of_coding(&mut self, key: String, place: Landmark) {
        let body = &self.scenario.body;
        let is_bare = matches!(body.encoding.last(), Some(Coding::Br | Coding::Identity));
        let members = body.members.max(1);
        match place {
            _ if !body.is_coded() => self.problem(
                key,
                format!("`{place}` is a place of a content coding, which this body does not have"),
                "add `encoding = \"gzip\"`, or write a `body` offset",
            ),
            Landmark::Trailer if is_bare => self.problem(
                key,
                "br has no trailer",
                "write `encoding` gzip, deflate or zstd, or another place",
            ),
            Landmark::Member(number) if number > u64::from(members) => self.problem(
                key,
                format!("`{place}` is beyond the body, so this never fires"),
                format!("body.members is {members}"),
            ),
            _ => {}
        }
    }

    fn longest_response(&self) -> u64 {
        self.longest_framed().saturating_add(LONGEST_HEAD)
    }

    /// The most bytes behind the head.
    pub(super) fn longest_framed(&self) -> u64 {
        let body = &self.scenario.body;
        let longest = longest_of_all(self.scenario).bytes;
        let chunks = match body.framing {
            Framing::Chunked => longest / body.chunk.0.max(1) + 2,
            _ => 0,
        };
        let raw = self.scenario.response.raw.iter();
        let raw: u64 = raw.map(|raw| raw.bytes.len() as u64).sum();
        longest
            .saturating_add(chunks.saturating_mul(CHUNK_OVERHEAD))
            .saturating_add(raw)
    }

    fn not_zero(&mut self, key: &str, time: Duration, why: &str) {
        if time.is_zero() {
            self.problem(
                key,
                format!("a time of 0 would always hold: {why}"),
                "write a longer time, or use `elapsed` or `body`",
            );
        }
    }

    /// Nothing is left to break once `client.total` has ended the download. A
    /// sink that blocks the event loop holds its timers up as well.
    fn before_total(&mut self, key: &str, after: Duration) {
        if let Limit::After(total) = self.scenario.client.total
            && after >= total
            && !self.scenario.sink.blocking
        {
            self.problem(
                key,
                format!(
                    "this never fires: client.total ends the download after {}",
                    print_duration(total)
                ),
                "write a shorter time, or set `client.total` longer or to \"off\"",
            );
        }
    }

    fn action(&mut self, key: &str, fault: &Fault) {
        match fault.then {
            Action::Stall(Limit::After(Duration::ZERO)) => {
                self.problem(
                    format!("{key}.stall"),
                    "a stall of 0 does nothing",
                    "write a time, or \"forever\"",
                );
            }
            Action::Throttle(rate) if rate > self.scenario.link.rate => {
                self.problem(
                    format!("{key}.throttle"),
                    format!("{rate} is faster than the link"),
                    format!("link.rate is {}", self.scenario.link.rate),
                );
            }
            Action::End if self.scenario.body.framing == Framing::ContentLength => {
                self.problem(
                    key,
                    "a body with a Content-Length cannot end early and look complete",
                    "use `framing = \"chunked\"` or \"close\", or another action, or a \
                     `body.declared_size`",
                );
            }
            Action::End if matches!(fault.when, Trigger::Connection(_)) => {
                self.problem(
                    key,
                    "there is no body to end when a connection is accepted",
                    "use { request = 1 }, a body offset or a time",
                );
            }
            Action::Fin
            | Action::Reset
            | Action::Blackhole
            | Action::Forget
            | Action::Stall(_)
            | Action::Throttle(_)
            | Action::End => {}
        }
    }

    fn drain(&mut self, index: usize, fault: &Fault) {
        let key = format!("fault[{index}].drain");
        let why = match fault.when {
            Trigger::Connection(_) => "nothing was sent when a connection is accepted",
            Trigger::Request(_) => "nothing of the response was sent when a request was read",
            Trigger::Blocked(_) => "a peer that takes nothing acknowledges nothing",
            _ => "",
        };
        if fault.drain && !why.is_empty() {
            self.problem(
                &key,
                format!("there is nothing to wait for: {why}"),
                "leave `drain` out",
            );
        }
        self.settle(index, fault);
        if self.given(&format!("{key}_limit")) {
            if !fault.drain {
                self.problem(
                    format!("{key}_limit"),
                    "`drain_limit` limits `drain`, which is off",
                    "add `drain = true`, or leave this out",
                );
            } else if fault.drain_limit.is_zero() {
                self.problem(
                    format!("{key}_limit"),
                    "a limit of 0 waits for nothing",
                    "write `drain = false` instead",
                );
            }
        }
    }

    fn settle(&mut self, index: usize, fault: &Fault) {
        let key = format!("fault[{index}].settle");
        if !self.given(&key) {
            return;
        }
        if !fault.then.closes() {
            self.problem(
                key,
                "this action does not settle; only FIN and RST do",
                "leave `settle` out",
            );
        } else if !fault.drain && !fault.settle.is_zero() {
            self.problem(
                key,
                "`settle` follows `drain`, which is off",
                "add `drain = true`, or leave this out",
            );
        } else if fault.settle > LONGEST_SETTLE {
            self.problem(
                key,
                format!(
                    "{} is no time to settle, and it is not scaled",
                    print_duration(fault.settle)
                ),
                format!(
                    "write at most {}, or a stall in a fault before this one",
                    print_duration(LONGEST_SETTLE)
                ),
            );
        }
    }
}
