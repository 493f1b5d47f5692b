//! Compares trials of the virtual world. The same seed gives the same record, so
//! every difference is real.

use serde_json::Value;

use super::{
    Alone, ChangeVerdict, Comparison, EndFinding, FigureFinding, Name, NotCompared, OtherFinding,
    conditions::Conditions, ends, pairs::Group,
};
use crate::results::{QUANTITIES, Quantity, Record};
use shortread_server::scenario::World;

/// Fields that may differ although the trials went alike: expectations
/// belong to the scenario, not to the trial, and if a seed matters, pairs have
/// the same.
const NOT_MEASURED: [&str; 7] = [
    "id",
    "repetition",
    "seed",
    "expected",
    "as_expected",
    "difference",
    "any",
];

/// Compares one trial, repetition by repetition.
pub(super) fn compare(group: &Group<'_>, conditions: &Conditions<'_>, found: &mut Comparison) {
    let paired = group.paired(conditions.is_random(group));
    let [old, new] = paired.alone;
    let alone = |record: &&Record| Alone {
        trial: group.name(),
        seed: Some(record.seed),
    };
    found.only_old.extend(old.iter().map(alone));
    found.only_new.extend(new.iter().map(alone));
    if paired.pairs.is_empty() {
        return;
    }
    found.virtual_pairs += paired.pairs.len();
    let although = conditions.of(group);
    let (changed, same): (Vec<_>, Vec<_>) = paired
        .pairs
        .iter()
        .partition(|(old, new)| !ends::alike(old, new));
    // The verdicts are in the order of what matters most.
    let worst = ends::worst(changed.iter().copied());
    if let Some((verdict, expected)) = worst {
        found.ends.push(EndFinding {
            trial: group.name(),
            verdict,
            expected,
            old: ends::count(paired.pairs.iter().map(|(old, _)| *old)),
            new: ends::count(paired.pairs.iter().map(|(_, new)| *new)),
            p: None,
            although: although.clone(),
        });
    }
    if !although.is_empty() {
        found.not_compared.push(NotCompared {
            trial: group.name(),
            why: although,
        });
        return;
    }
    for (old, new) in same {
        figures(old, new, found);
    }
}

/// The figures of two records that ended alike. If the delivered bytes differ, the
/// times differ with them and are not judged.
fn figures(old: &Record, new: &Record, found: &mut Comparison) {
    let mut fields = differing(old, new);
    if fields.is_empty() {
        found.identical += 1;
        return;
    }
    let trial = Name::of(new);
    let mut other_bytes = false;
    for quantity in Quantity::in_world(World::Virtual) {
        let (Some(a), Some(b)) = (quantity.of(old), quantity.of(new)) else {
            continue;
        };
        if a == b || (other_bytes && quantity.is_of_time()) {
            continue;
        }
        fields.retain(|field| !quantity.fields.contains(&field.as_str()));
        let first = quantity.name == QUANTITIES[0].name;
        // Of bytes each one counts: nothing is left to chance here.
        let verdict = match first || quantity.matters(a, b) {
            true => ChangeVerdict::of(quantity, a, b),
            false => ChangeVerdict::Changed,
        };
        found.figures.push(FigureFinding {
            trial: trial.clone(),
            quantity: quantity.name,
            verdict,
            old: a,
            new: b,
            interval: None,
            p: None,
            repetition: Some(new.repetition),
        });
        other_bytes |= first;
    }
    if !fields.is_empty() {
        found.others.push(OtherFinding {
            trial,
            repetition: new.repetition,
            fields,
        });
    }
}

/// The names of the fields that differ.
fn differing(old: &Record, new: &Record) -> Vec<String> {
    // Plain data: there is nothing in it that JSON does not take.
    let table = |record: &Record| match serde_json::to_value(record) {
        Ok(Value::Object(table)) => table,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (table(old), table(new));
    new.iter()
        .filter(|(name, value)| {
            !NOT_MEASURED.contains(&name.as_str()) && old.get(*name) != Some(value)
        })
        .map(|(name, _)| name.clone())
        .collect()
}
