//! Checks that two trials are the same experiment: only then can their figures be
//! compared.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde_json::Value;
use shortread_server::scenario::{Scenario, World};

use super::pairs::Group;
use crate::{
    explain,
    plan::{KnownRecipe, draws, draws_waits},
    results::{Record, StoredRun},
    warning::warnings,
};

/// Most differences of a scenario that are named.
const NAMED: usize = 4;

/// The settings that both runs played.
pub(super) struct Conditions<'a> {
    old: &'a StoredRun,
    new: &'a StoredRun,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(old: &'a StoredRun, new: &'a StoredRun) -> Self {
        Self { old, new }
    }

    /// True if anything in this trial is random. A scenario that was not kept
    /// counts as random: its repetitions then pair by their seeds.
    pub(super) fn is_random(&self, group: &Group<'_>) -> bool {
        let recipe = group.first.recipe.as_deref();
        // Of a recipe that is not known its waits may be drawn.
        let drawn = |name| KnownRecipe::called(name).is_none_or(|one| draws_waits(&one.recipe));
        if recipe.is_some_and(drawn) {
            return true;
        }
        let scenario = |run| scenario(run, &group.first.scenario);
        match (scenario(self.old), scenario(self.new)) {
            (None, None) => true,
            (old, new) => old.is_some_and(draws) || new.is_some_and(draws),
        }
    }

    /// Scenarios of which not both runs still hold what they played, as a sentence
    /// without its stop: nobody knows if they played the same.
    pub(super) fn unknown(&self, groups: &[Group<'_>]) -> Option<String> {
        let known = |name| scenario(self.old, name).is_some() && scenario(self.new, name).is_some();
        let names: BTreeSet<&str> = groups
            .iter()
            .filter(|group| !group.old.is_empty() && !group.new.is_empty())
            .map(|group| group.first.scenario.as_str())
            .filter(|name| !known(name))
            .collect();
        let first = names.first()?;
        let more = match names.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!(
            "Not both runs have kept what they played as {first}{more}: it is taken for the same"
        ))
    }

    /// In what the trial was another experiment in the new run, as fragments;
    /// nothing where it was the same.
    pub(super) fn of(&self, group: &Group<'_>) -> Vec<String> {
        let mut why = Vec::new();
        let name = &group.first.scenario;
        if let (Some(old), Some(new)) = (scenario(self.old, name), scenario(self.new, name)) {
            why.extend(settings(old, new, group.first.world));
        }
        let (Some(old), Some(new)) = (group.old.first(), group.new.first()) else {
            return why;
        };
        if old.scaled != new.scaled {
            let words = |record: &Record| match record.scaled {
                Some(by) => format!("times x {}, sizes x {}", by.time, by.size),
                None => "not at all".into(),
            };
            why.push(format!("scaled {} -> {}", words(old), words(new)));
        }
        if group.first.world == World::Tcp && self.is_random(group) {
            let seeds = |side: &[&Record]| side.iter().map(|one| one.seed).collect::<BTreeSet<_>>();
            if seeds(&group.old) != seeds(&group.new) {
                why.push("other seeds".into());
            }
        }
        why.extend(self.rules(group));
        why
    }

    /// The rules of its profile, where they are others.
    fn rules(&self, group: &Group<'_>) -> Option<String> {
        let profile = group.first.profile.as_deref()?;
        let rules = |run: &'a StoredRun| {
            let mut all = run.info.profiles.iter();
            all.find(|one| one.profile == profile)
                .map(|one| one.rules.as_str())
        };
        let (old, new) = (rules(self.old)?, rules(self.new)?);
        (old != new).then(|| format!("rules of {profile} {old} -> {new}"))
    }
}

/// Other notes about two runs, as sentences without a full stop.
pub(super) fn notes(old: &StoredRun, new: &StoredRun) -> Vec<String> {
    let mut notes = Vec::new();
    for (run, which) in [(old, "old"), (new, "new")] {
        let (records, planned) = (run.records.len() as u64, run.info.planned_trials);
        if records < planned {
            notes.push(format!(
                "The {which} run has {records} of {planned} trials: it was interrupted or died"
            ));
        }
    }
    for (run, which) in [(old, "old"), (new, "new")] {
        let busy = warnings(&run.info, &[], &[]);
        notes.extend((busy.iter()).map(|one| format!("In the {which} run {}", one.sentence())));
    }
    if old.path == new.path {
        notes.push("Both are the same run".into());
    }
    let tcp = [old, new]
        .iter()
        .all(|run| run.info.worlds.contains(&World::Tcp));
    let (here, there) = (&old.info.host, &new.info.host);
    if tcp && here != there {
        let words = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".into());
        let cpus = |cpus: Option<u64>| cpus.map_or("?".into(), |cpus| cpus.to_string());
        notes.push(format!(
            "The machines differ: Linux {}, {} CPUs, {} -> Linux {}, {} CPUs, {}",
            words(&here.kernel),
            cpus(here.cpus),
            words(&here.congestion_control),
            words(&there.kernel),
            cpus(there.cpus),
            words(&there.congestion_control),
        ));
    }
    notes
}

fn scenario<'a>(run: &'a StoredRun, name: &str) -> Option<&'a Scenario> {
    let mut all = run.scenarios.iter();
    all.find(|one| one.name == name).map(Arc::as_ref)
}

/// The settings that differ, numbers with both values. Prose, expectations and the
/// plan do not change what a trial plays.
fn settings(old: &Scenario, new: &Scenario, world: World) -> Vec<String> {
    let changes = explain::changes(old, new);
    let mut named = Vec::new();
    differing("", &played(old, world), &played(new, world), &mut named);
    // A number is said with its values and its unit, and not once more without.
    let said = |one: &Difference| {
        changes.iter().any(|change| {
            let moment = one.path == "fault.when" && change.what.starts_with("fault");
            moment || change.what.starts_with(&one.path)
        })
    };
    named.retain(|one| !said(one));
    let mut all: Vec<String> = changes
        .into_iter()
        .map(|change| format!("{} {} -> {}", change.what, change.from, change.to))
        .chain(named.iter().map(Difference::to_string))
        .collect();
    if all.len() > NAMED {
        let more = all.len() - NAMED;
        all.truncate(NAMED);
        all.push(format!("and {more} more"));
    }
    all
}

/// A scenario as data, without what does not change how it is played.
fn played(scenario: &Scenario, world: World) -> Value {
    let mut scenario = scenario.clone();
    scenario.title.clear();
    scenario.cause.clear();
    scenario.why.clear();
    scenario.sources.clear();
    scenario.decisive.clear();
    scenario.plan = Default::default();
    scenario.expect = Default::default();
    // The factors are in the records; running alone is for real sockets.
    let alone = scenario.tcp.measure && world == World::Tcp;
    scenario.tcp = Default::default();
    scenario.tcp.measure = alone;
    // Plain data: there is nothing in it that JSON does not take.
    serde_json::to_value(&scenario).unwrap_or_default()
}

/// A setting that is not the same in two scenarios.
struct Difference {
    /// As in the file.
    path: String,
    /// Its values, where they are words.
    words: Option<[String; 2]>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match &self.words {
            Some([old, new]) => write!(f, " {old} -> {new}"),
            None => Ok(()),
        }
    }
}

/// The settings in which two tables differ.
fn differing(path: &str, old: &Value, new: &Value, found: &mut Vec<Difference>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) if path.matches('.').count() < 1 => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = match path {
                    // In files each of a list is a table of its own.
                    "" if ["faults", "answers", "versions"].contains(&key.as_str()) => {
                        key.trim_end_matches('s').into()
                    }
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                let of = |table: &'_ serde_json::Map<String, Value>| {
                    table.get(key).cloned().unwrap_or_default()
                };
                differing(&path, &of(a), &of(b), found);
            }
        }
        // One fault and another: which of its keys it is.
        (Value::Array(a), Value::Array(b)) if path == "fault" && a.len() == 1 && b.len() == 1 => {
            differing(path, &a[0], &b[0], found);
        }
        _ if old != new => found.push(Difference {
            path: path.into(),
            words: word(path, old).zip(word(path, new)).map(Into::into),
        }),
        _ => {}
    }
}

/// Numbers that count, and so have no unit.
const COUNTS: [&str; 3] = ["body.ratio", "body.members", "body.version"];

/// A value that is a word, or a count; other numbers have a unit, which is not here.
fn word(path: &str, value: &Value) -> Option<String> {
    match value {
        Value::Number(count) if COUNTS.contains(&path) => Some(count.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::{
        scenario::{Action, Fault, Trigger},
        units::ByteSize,
    };

    use super::*;

    #[test]
    fn prose_and_expectations_are_not_what_is_played() {
        let old = Scenario::default();
        let mut new = old.clone();
        new.title = "another".into();
        new.plan.profile = vec!["aiohttp-3.9".into()];
        new.tcp.size = 0.1;
        new.tcp.measure = true;
        assert_eq!(settings(&old, &new, World::Virtual), [""; 0]);
        assert_eq!(
            settings(&old, &new, World::Tcp),
            ["tcp.measure false -> true"]
        );
    }

    #[test]
    fn settings_that_differ_are_named_and_numbers_with_both_values() {
        let mut old = Scenario::default();
        old.body.size = ByteSize(1_000_000);
        old.faults = vec![Fault::new(Trigger::Body(ByteSize(1_000)), Action::Fin)];
        let mut new = old.clone();
        new.body.size = ByteSize(2_000_000);
        new.body.ratio = 10;
        new.faults[0].then = Action::Reset;
        assert_eq!(
            settings(&old, &new, World::Virtual),
            [
                "body.size 1 MB -> 2 MB",
                "body.ratio 1 -> 10",
                "fault.then fin -> reset"
            ]
        );
        new.faults[0].when = Trigger::Body(ByteSize(2_000));
        let said = settings(&old, &new, World::Virtual);
        assert!(
            !said.iter().any(|one| one.starts_with("fault.when")),
            "{said:?}"
        );
        assert_eq!(said.len(), 4, "{said:?}");
        new.client.parallel = 2;
        new.link.shared = true;
        let said = settings(&old, &new, World::Virtual);
        assert_eq!(said.last().unwrap(), "and 2 more");
    }
}
