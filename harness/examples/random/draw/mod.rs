//! Drafts of scenarios, drawn from a seed: every key of the grammar, with values
//! that make a trial short.
//!
//! A draft may contradict itself; the reader of scenario files then refuses it,
//! and the next one is drawn.

mod body;
mod client;
mod fault;
mod link;
mod request;

use crate::{dice::Dice, draft::Draft};

/// The limits of drawn numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scope {
    /// The longest time but for a total, in microseconds of the trial as it is
    /// played.
    pub(crate) longest_us: u64,
    /// The most bytes of a body as it is played.
    pub(crate) most_bytes: u64,
    /// The scenario runs on real sockets too: `[tcp]` then makes its numbers small
    /// enough.
    pub(crate) real: bool,
}

impl Scope {
    /// In memory time costs nothing but what looks at it again and again.
    pub(crate) const VIRTUAL: Self = Self {
        longest_us: 20_000_000,
        most_bytes: 2 << 20,
        real: false,
    };

    /// On real sockets a trial is to take well under a second.
    pub(crate) const BOTH: Self = Self {
        longest_us: 600_000,
        most_bytes: 1 << 20,
        real: true,
    };
}

/// The values that all parts of a draft use.
struct Drawing {
    dice: Dice,
    scope: Scope,
    /// Factors of `[tcp]`.
    time: f64,
    size: f64,
    /// Bytes of the body, as the file says.
    bytes: u64,
    chunked: bool,
    /// Chunks of a body as it is played, where they may be many.
    chunks: u64,
    counted: bool,
    gzip: bool,
    downloads: u64,
}

/// A draft that depends on `seed` and `scope` alone.
pub(crate) fn draft(seed: u64, scope: Scope) -> Draft {
    let mut dice = Dice::new(seed);
    let (time, size) = match scope.real {
        true => (
            dice.pick(&[1.0, 1.0, 0.5, 0.1, 0.02]),
            dice.pick(&[1.0, 1.0, 1.0, 0.5, 0.1]),
        ),
        false => (1.0, 1.0),
    };
    let mut draft = Draft::default();
    let mut drawing = Drawing {
        dice,
        scope,
        time,
        size,
        bytes: 0,
        chunked: false,
        chunks: 1,
        counted: false,
        gzip: false,
        downloads: 1,
    };
    drawing.names(&mut draft);
    drawing.body(&mut draft);
    drawing.response(&mut draft);
    drawing.client(&mut draft);
    drawing.link(&mut draft);
    drawing.sockets(&mut draft);
    drawing.answers(&mut draft);
    drawing.faults(&mut draft);
    drawing.sink(&mut draft);
    drawing.tcp(&mut draft);
    drawing.plan(&mut draft);
    drawing.expect(&mut draft);
    draft
}

impl Drawing {
    fn names(&mut self, draft: &mut Draft) {
        let top = draft.table("");
        top.text("title", "drawn");
        top.text("cause", "chance");
        if self.dice.percent(5) {
            top.text("why", "Nobody meant it.");
            top.set("sources", "[\"https://www.rfc-editor.org/rfc/rfc9112\"]");
        }
        if self.dice.percent(5) {
            top.text("alias", "/bucket/key");
        }
        if self.dice.percent(5) {
            top.set("decisive", "[\"client.total\"]");
        }
    }

    /// A time of at most `longest` thousandths of the scope's longest, so much
    /// larger in the file as `[tcp]` makes it smaller.
    fn time(&mut self, longest: u64) -> String {
        let most = (self.scope.longest_us / 1000 * longest).max(2000);
        // On real sockets what comes within some ms is a tie, and says nothing.
        let least = if self.scope.real { most / 20 } else { 1000 };
        let us = self.dice.magnitude(least, most);
        format!("{}us", self.stretched(us))
    }

    fn stretched(&self, us: u64) -> u64 {
        (us as f64 / self.time) as u64
    }

    /// A place in the body, its ends included now and then.
    fn place(&mut self) -> u64 {
        match self.dice.between(0, 9) {
            0 => 0,
            1 => self.bytes,
            _ => self.dice.between(0, self.bytes),
        }
    }

    fn tcp(&mut self, draft: &mut Draft) {
        let draws = !self.scope.real && self.dice.percent(10);
        if draws {
            (self.time, self.size) = (
                self.dice.pick(&[1.0, 0.5, 0.1]),
                self.dice.pick(&[1.0, 0.5, 0.1]),
            );
        }
        if self.time == 1.0 && self.size == 1.0 && !draws {
            return;
        }
        let table = draft.table("[tcp]");
        table.set("time", self.time);
        table.set("size", self.size);
        if draws {
            table.set("measure", self.dice.percent(50));
        }
    }

    fn plan(&mut self, draft: &mut Draft) {
        let table = draft.table("[plan]");
        let chunk = self.dice.magnitude(16, 2 << 20);
        table.text("chunk_size", format_args!("{chunk}B"));
        let profile = self.dice.pick(&[
            "aiohttp-3.14.5",
            "aiohttp-3.14.5",
            "aiohttp-3.14.5",
            "aiohttp-3.14.0",
            "aiohttp-3.13.5",
            "aiohttp-3.12.15",
            "aiohttp-3.11.18",
            "aiohttp-3.10.11",
            "aiohttp-3.10.5",
            "aiohttp-3.9.5",
            "aiohttp-3.8.6",
            "aiohttp-3.7.4",
            "aiohttp-3.7.0",
        ]);
        table.text("profile", profile);
    }

    fn expect(&mut self, draft: &mut Draft) {
        if self.dice.percent(5) {
            let table = draft.table("[expect.any]");
            let words = ["required", "forbidden", "undetectable"];
            table.text("success", self.dice.pick(&words));
            if self.dice.percent(30) {
                table.text("prefix", format_args!("{}B", self.bytes));
            }
            if self.dice.percent(30) {
                table.set("hang", true);
            }
        }
        if self.dice.percent(5) {
            let table = draft.table("[[expect.trial]]");
            let kinds = ["complete", "truncated", "reset", "timed-out", "stalled"];
            if self.dice.percent(50) {
                table.set("strategy", "[\"read-all\", \"readany\"]");
            }
            if self.dice.percent(20) {
                table.text("profile", "<aiohttp-3.14");
            }
            if self.dice.percent(20) {
                table.text("world", "virtual");
            }
            let kind = self.dice.pick(&kinds);
            table.text("kind", kind);
            if kind == "timed-out" && self.dice.percent(50) {
                table.text("deadline", "total");
            }
            if self.dice.percent(30) {
                let parties = ["client", "server", "network"];
                table.text("ended_by", self.dice.pick(&parties));
            }
            let most = self.bytes.saturating_mul(self.downloads);
            table.set("delivered", format_args!("[\"0B\", \"{most}B\"]"));
            if self.dice.percent(30) {
                table.set("lost", "[\"0B\", \"1MiB\"]");
            }
        }
    }
}
