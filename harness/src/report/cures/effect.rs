//! The effect of a recipe on one trial.

use crate::{
    client::Left,
    outcome::Group,
    results::{COSTS, QUANTITIES, Quantity, Record},
};

/// The effect of a recipe on one trial, in the order in which one of several is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Effect {
    /// Success was reported, and the file is short or wrong.
    Wrong,
    /// The file is whole, and was not.
    Cured,
    /// A worse end, fewer bytes, or the same for much more.
    Worse,
    /// More of the file, or a less bad end.
    Partly,
    /// It fails with an error, where it had reported success or never ended.
    Noticed,
    /// The end is the same, and no half file has the name of the whole one.
    Tidy,
    /// The file was whole, and is, for much more.
    Dear,
    /// No difference that matters.
    Same,
    /// The file was whole, and is.
    Whole,
    /// The tool failed in one of the two trials.
    NotMeasured,
}

impl Effect {
    /// All, with their meanings, for legends.
    pub(in crate::report) const ALL: [(Self, &'static str); 10] = [
        (
            Self::Cured,
            "the file is whole, and was not; in brackets what says so",
        ),
        (Self::Whole, "whole with it and without"),
        (
            Self::Dear,
            "whole with it and without, for half as much again in bytes, time, requests or memory",
        ),
        (
            Self::Partly,
            "more of the file is there, or the end is less bad",
        ),
        (
            Self::Noticed,
            "an error, where success was reported or no end came",
        ),
        (
            Self::Tidy,
            "the same end, and no half file has the name of the whole one",
        ),
        (Self::Same, "no difference that matters"),
        (
            Self::Worse,
            "a worse end, less of the file, or the same for half as much again",
        ),
        (
            Self::Wrong,
            "success is reported, and the file is short or wrong",
        ),
        (Self::NotMeasured, "the tool failed"),
    ];

    /// The word in tables for people.
    pub(in crate::report) const fn word(self) -> &'static str {
        match self {
            Self::Cured => "cured",
            Self::Partly => "partly",
            Self::Noticed => "noticed",
            Self::Tidy => "tidy",
            Self::Same => "same",
            Self::Whole => "whole",
            Self::Dear => "dear",
            Self::Worse => "worse",
            Self::Wrong => "wrong",
            Self::NotMeasured => "not measured",
        }
    }

    /// The effect between the same trial without and with a recipe.
    pub(in crate::report) fn of(plain: &Record, with: &Record) -> Self {
        let (before, after) = (Group::of(plain.outcome.kind), Group::of(with.outcome.kind));
        match (before, after) {
            (Group::Tool, _) | (_, Group::Tool) => Self::NotMeasured,
            (_, Group::Silent) => Self::Wrong,
            (Group::Ok, Group::Ok) if dear(plain, with).next().is_some() => Self::Dear,
            (Group::Ok, Group::Ok) => Self::Whole,
            (_, Group::Ok) => Self::Cured,
            (Group::Silent | Group::Hang, Group::Cut) => Self::Noticed,
            // Groups are ordered from the worst on.
            _ if before < after => Self::Partly,
            _ if before > after => Self::Worse,
            _ => Self::of_one_end(plain, with),
        }
    }

    /// The effect where both fail alike.
    fn of_one_end(plain: &Record, with: &Record) -> Self {
        let file = with.remedy.as_ref().map(|remedy| remedy.file);
        let half_file_gone =
            plain.delivered_bytes > 0 && file.is_some_and(|file| file != Left::Target);
        match other_bytes(plain, with) {
            Some(Change::More) => Self::Partly,
            Some(Change::Less) => Self::Worse,
            None if dear(plain, with).next().is_some() => Self::Worse,
            None if half_file_gone => Self::Tidy,
            None => Self::Same,
        }
    }
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    More,
    Less,
}

/// The change of what is there of the file, if it matters.
pub(super) fn other_bytes(plain: &Record, with: &Record) -> Option<Change> {
    let delivered = &QUANTITIES[0];
    let (before, after) = (delivered.of(plain)?, delivered.of(with)?);
    delivered
        .matters(before, after)
        .then(|| match delivered.is_worse(before, after) {
            true => Change::Less,
            false => Change::More,
        })
}

/// The costs of which `with` has much more, with how much more.
pub(super) fn dear<'a>(
    plain: &'a Record,
    with: &'a Record,
) -> impl Iterator<Item = (&'static Quantity, f64)> + 'a {
    COSTS.iter().filter_map(|cost| {
        let (before, after) = (cost.of(plain)?, cost.of(with)?);
        let much = cost.is_much_more(before, after);
        much.then_some((cost, after - before))
    })
}
