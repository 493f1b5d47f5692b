//! A recipe in one scenario: all repetitions of the trial, against those without it.

use std::collections::BTreeMap;

use shortread_server::{
    scenario::Kind,
    units::{ByteSize, counted, human_ns},
};

use super::effect::{Effect, dear, other_bytes};
use crate::{
    client::Basis,
    outcome::Group,
    results::Record,
    stats::{median, median_of},
};

/// A recipe in one scenario. Figures are medians of its repetitions; costs are against
/// the trial without the recipe, and may be negative.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Cell<'a> {
    /// The effect that is told; of several the first in their order.
    pub(in crate::report) effect: Effect,
    /// Repetitions by their effect.
    pub(in crate::report) effects: BTreeMap<Effect, usize>,
    /// Repetitions in which the file is whole.
    pub(in crate::report) whole: usize,
    /// The least that a whole file rests on; `None` where there is none.
    pub(in crate::report) rests_on: Option<Basis>,
    /// Body bytes taken off the transport.
    pub(in crate::report) received: u64,
    /// Nanoseconds to the end.
    pub(in crate::report) elapsed: u64,
    /// More body bytes taken off the transport.
    pub(in crate::report) extra_bytes: i128,
    /// More nanoseconds.
    pub(in crate::report) extra_ns: i128,
    /// More requests.
    pub(in crate::report) extra_requests: i128,
    /// More heap at the peak; `None` where it is not known.
    pub(in crate::report) extra_heap: Option<i128>,
    /// The first repetition with the effect that is told, without and with the recipe.
    pub(in crate::report) example: (&'a Record, &'a Record),
}

impl<'a> Cell<'a> {
    /// That of these repetitions, each without and with the recipe; `None` for none.
    pub(super) fn of(pairs: &[(&'a Record, &'a Record)]) -> Option<Self> {
        let mut effects: BTreeMap<Effect, usize> = BTreeMap::new();
        for (plain, with) in pairs {
            *effects.entry(Effect::of(plain, with)).or_default() += 1;
        }
        let (&effect, _) = effects.first_key_value()?;
        let told = |(plain, with): &&(&Record, &Record)| Effect::of(plain, with) == effect;
        let withs = || pairs.iter().map(|(_, with)| *with);
        let whole = || withs().filter(|with| is_whole(with));
        let difference = |of: fn(&Record) -> u64| -> i128 {
            let all = pairs.iter().map(|(plain, with)| {
                let difference = i128::from(of(with)) - i128::from(of(plain));
                // Exact to 2^53; a figure of a trial is less.
                difference as f64
            });
            median(&all.collect::<Vec<_>>()).map_or(0, |median| median.round() as i128)
        };
        let heap = pairs
            .iter()
            .all(|(a, b)| a.peak_heap_bytes.is_some() && b.peak_heap_bytes.is_some());
        Some(Self {
            effect,
            whole: whole().count(),
            rests_on: whole()
                .filter_map(|with| with.remedy.as_ref()?.rests_on)
                .min(),
            received: median_of(withs().map(|with| with.received_bytes))?,
            elapsed: median_of(withs().map(|with| with.elapsed_ns))?,
            extra_bytes: difference(|record| record.received_bytes),
            extra_ns: difference(|record| record.elapsed_ns),
            extra_requests: difference(|record| record.server.requests),
            extra_heap: heap.then(|| difference(|record| record.peak_heap_bytes.unwrap_or(0))),
            example: *pairs.iter().find(told)?,
            effects,
        })
    }

    /// Its repetitions.
    pub(in crate::report) fn trials(&self) -> usize {
        self.effects.values().sum()
    }

    /// True if a trial that was not wrong without the recipe is with it.
    pub(in crate::report) fn does_harm(&self) -> bool {
        let (plain, _) = self.example;
        match self.effect {
            Effect::Wrong => Group::of(plain.outcome.kind) != Group::Silent,
            other => other == Effect::Worse,
        }
    }

    /// The word for what a whole file rests on.
    pub(super) fn basis(&self) -> Option<&'static str> {
        Some(match self.rests_on? {
            Basis::Nothing => "nothing",
            Basis::Length => "length",
            Basis::Validator => "validator",
            Basis::Digest => "digest",
        })
    }

    /// What it is, in a few words: `cured (digest)`, `partly, 52 of 64 MB`, `cured 3 of 5`.
    pub(in crate::report) fn text(&self) -> String {
        let detail = self.detail().map(|detail| format!(", {detail}"));
        format!("{}{}", self.word(), detail.unwrap_or_default())
    }

    /// Its word, in how many of its repetitions, and what a whole file rests on.
    pub(in crate::report) fn word(&self) -> String {
        let all = self.trials();
        // A whole file is one, whatever it was without.
        let alike = match self.effect {
            Effect::Cured => self.whole,
            effect => self.effects[&effect],
        };
        let word = match self.effect {
            Effect::Dear => Effect::Whole.word(),
            other => other.word(),
        };
        let mut text = match alike < all {
            true => format!("{word} {alike} of {all}"),
            false => word.to_owned(),
        };
        if let Some(basis) = self.basis() {
            text.push_str(&format!(" ({basis})"));
        }
        text
    }

    /// What the word hides, of the repetition that it is told by.
    pub(in crate::report) fn detail(&self) -> Option<String> {
        let (plain, with) = self.example;
        let there = || there(with);
        match self.effect {
            Effect::Cured | Effect::Same | Effect::Whole | Effect::NotMeasured => None,
            Effect::Partly => Some(there()),
            Effect::Noticed | Effect::Tidy => other_bytes(plain, with).map(|_| there()),
            Effect::Dear => Some(much(plain, with)),
            Effect::Wrong => Some(match with.outcome.kind {
                Kind::WrongObject => "another object".into(),
                Kind::Corrupt => "other bytes".into(),
                _ => there(),
            }),
            Effect::Worse => Some(match Group::of(plain.outcome.kind) {
                Group::Ok => there(),
                _ if other_bytes(plain, with).is_some() => there(),
                before if before == Group::of(with.outcome.kind) => much(plain, with),
                _ => with.outcome.kind.to_string(),
            }),
        }
    }

    /// The costs in words: `+3 requests, +12 MB, +3 s`; `nothing` for none of them.
    pub(in crate::report) fn price(&self) -> String {
        let amount = |value: i128| u64::try_from(value.unsigned_abs()).unwrap_or(u64::MAX);
        let count = |value| usize::try_from(amount(value)).unwrap_or(usize::MAX);
        let parts: Vec<String> = [
            (
                self.extra_requests,
                counted(count(self.extra_requests), "request"),
            ),
            (self.extra_bytes, ByteSize(amount(self.extra_bytes)).human()),
            (self.extra_ns, human_ns(amount(self.extra_ns))),
        ]
        .into_iter()
        .filter(|(value, _)| *value != 0)
        .map(|(value, text)| format!("{}{text}", if value < 0 { "-" } else { "+" }))
        .collect();
        match parts.is_empty() {
            true => "nothing".into(),
            false => parts.join(", "),
        }
    }

    /// All that is known of it, for those who ask: each effect where there are several,
    /// what it adds, and what the client did.
    pub(in crate::report) fn account(&self) -> String {
        let mut parts = Vec::new();
        if self.effects.len() > 1 {
            let each = self.effects.iter();
            parts.push(
                each.map(|(effect, count)| format!("{} {count}", effect.word()))
                    .collect::<Vec<_>>()
                    .join(", "),
            );
        }
        parts.push(format!("adds {}", self.price()));
        if let Some(facts) = &self.example.1.remedy
            && facts.attempts > 1
        {
            let attempts = usize::try_from(facts.attempts).unwrap_or(usize::MAX);
            parts.push(format!(
                "{}, of which {} resumed, {} of waits",
                counted(attempts, "attempt"),
                facts.resumed,
                human_ns(facts.waited_ns)
            ));
        }
        if let Some(basis) = self.rests_on {
            parts.push(format!("rests on {basis}"));
        }
        parts.join("; ")
    }
}

fn is_whole(record: &Record) -> bool {
    Group::of(record.outcome.kind) == Group::Ok
}

/// How much of the file there is: `52 of 64 MB`.
pub(super) fn there(record: &Record) -> String {
    let all = ByteSize(record.expected_bytes);
    let (part, all) = (
        ByteSize(record.delivered_bytes).human_like(all),
        all.human(),
    );
    let unit = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
    let part = match part.split_once(' ') {
        Some((number, of)) if Some(of) == unit(&all).as_deref() => number.to_owned(),
        _ => part,
    };
    format!("{part} of {all}")
}

/// The costs of which there is much more: `+1 GB, +14 s`.
fn much(plain: &Record, with: &Record) -> String {
    let parts: Vec<String> = dear(plain, with)
        .map(|(cost, more)| match cost.name {
            "memory" => format!("+{} of memory", cost.human(more)),
            _ => format!("+{}", cost.human(more)),
        })
        .collect();
    parts.join(", ")
}
