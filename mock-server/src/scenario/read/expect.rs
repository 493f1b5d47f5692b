//! `[plan]` and `[expect]`

use super::{
    table::{Item, Table, wrong_type},
    value,
};
use crate::{
    scenario::{
        Deadline, Expect, ExpectTrial, Kind, Party, Plan, Report, StrategyName, Success, World,
    },
    units::ByteSize,
};

/// Reads `[expect.any]` and every `[[expect.trial]]`.
pub(super) fn read(report: &mut Report, root: &Table<'_>) -> Expect {
    if let Some(item) = root.item("expect").filter(|item| item.value.is_array()) {
        let help = "write [[expect.trial]] for each trial, and [expect.any] for any client";
        wrong_type(report, &item, "a table", Some(help.into()));
        return Expect::default();
    }
    let Some(table) = root.get(report, "expect", Table::open) else {
        return Expect::default();
    };
    let any = table.get(report, "any", |report, item| {
        let table = Table::open(report, item)?;
        table.require(report, "success", "\"forbidden\"", |report, item| {
            value::word(report, item, Success::ALL, Success::word)
        })
    });
    let trials = table.tables(report, "trial");
    Expect {
        any,
        trials: trials
            .iter()
            .filter_map(|table| trial(report, table))
            .collect(),
    }
}

/// Reads `[plan]`.
pub(super) fn plan(report: &mut Report, root: &Table<'_>) -> Plan {
    let Some(table) = root.get(report, "plan", Table::open) else {
        return Plan::default();
    };
    Plan {
        chunk_size: sizes(report, &table),
        profile: profiles(report, &table),
    }
}

fn sizes(report: &mut Report, table: &Table<'_>) -> Vec<ByteSize> {
    let read = |report: &mut Report, item: &Item<'_>| value::one_or_many(report, item, value::size);
    table.get(report, "chunk_size", read).unwrap_or_default()
}

fn profiles(report: &mut Report, table: &Table<'_>) -> Vec<String> {
    let read = |report: &mut Report, item: &Item<'_>| value::one_or_many(report, item, value::text);
    table.get(report, "profile", read).unwrap_or_default()
}

fn trial(report: &mut Report, table: &Table<'_>) -> Option<ExpectTrial> {
    let strategy = table.get(report, "strategy", |report, item| {
        value::one_or_many(report, item, |report, item| {
            value::word(report, item, StrategyName::ALL, StrategyName::word)
        })
    });
    let world = table.get(report, "world", |report, item| {
        value::one_or_many(report, item, |report, item| {
            value::word(report, item, World::ALL, World::word)
        })
    });
    let kind = table.require(report, "kind", "\"complete\"", |report, item| {
        value::word(report, item, Kind::ALL, Kind::word)
    });
    let ended_by = table.get(report, "ended_by", |report, item| {
        value::word(report, item, Party::ALL, Party::word)
    });
    let deadline = table.get(report, "deadline", |report, item| {
        value::word(report, item, Deadline::ALL, Deadline::word)
    });
    let delivered = table.require(report, "delivered", "[\"590MB\", \"610MB\"]", bounds);
    let lost = table.get(report, "lost", bounds);
    Some(ExpectTrial {
        strategy: strategy.unwrap_or_default(),
        chunk_size: sizes(report, table),
        profile: profiles(report, table),
        world: world.unwrap_or_default(),
        kind: kind?,
        ended_by,
        deadline,
        delivered: delivered?,
        lost,
    })
}

/// `["590MB", "610MB"]`: the least and the most.
fn bounds(report: &mut Report, item: &Item<'_>) -> Option<[ByteSize; 2]> {
    let help = || Some("write the least and the most: [\"590MB\", \"610MB\"]".to_owned());
    match item.value.as_array() {
        None => {
            wrong_type(report, item, "a list of two sizes", help());
            return None;
        }
        Some(array) if array.len() != 2 => {
            let key = item.path.rsplit('.').next().unwrap_or_default();
            let message = format!("`{key}` needs two sizes, not {}", array.len());
            report.error(item.span.clone(), message, help());
            return None;
        }
        Some(_) => {}
    }
    // A wrong one was noted and left out.
    let sizes = value::list(report, item, value::size)?;
    let [least, most] = sizes[..] else {
        return None;
    };
    if least > most {
        report.error(
            item.span.clone(),
            format!("{least} is more than {most}"),
            "the least comes first".to_owned(),
        );
        return None;
    }
    Some([least, most])
}
