//! The ways to read, and the expected outcome of each.

use shortread_server::{
    scenario::{ExpectTrial, Kind, Scenario, StrategyName},
    units::human_bounds,
};

use crate::plan::{CHUNK_SIZES, call, planned_profiles};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let several = scenario.expect.trials.len() > 1;
    let expected = scenario
        .expect
        .trials
        .iter()
        .enumerate()
        .map(|(index, expect)| one(expect, index > 0 && several, scenario.all_requests()));
    planned(scenario).into_iter().chain(expected).collect()
}

/// The trials of a default run, if they differ from the usual ones.
fn planned(scenario: &Scenario) -> Option<String> {
    let mut text = Vec::new();
    // A release that cannot be followed is told by the run.
    let profiles = planned_profiles(scenario).unwrap_or_default();
    if !profiles.is_empty() {
        let profiles: Vec<String> = profiles.iter().map(ToString::to_string).collect();
        text.push(format!("as {}", profiles.join(", ")));
    }
    if !scenario.plan.chunk_size.is_empty() {
        let calls = scenario.plan.chunk_size.iter();
        let calls: Vec<String> = calls
            .map(|size| call(StrategyName::FixedChunk, Some(size.0)))
            .collect();
        text.push(format!("with {}", calls.join(", ")));
    }
    (!text.is_empty()).then(|| format!("It is tried {}, unless told otherwise.", text.join(", ")))
}

fn one(expect: &ExpectTrial, after_others: bool, parallel: u32) -> String {
    let mut who: Vec<String> = expect
        .strategy
        .iter()
        .filter(|name| expect.chunk_size.is_empty() || !name.has_size())
        .map(|strategy| {
            let size = CHUNK_SIZES[1].0;
            call(*strategy, None).replace("(n)", &format!("({size}) and other sizes"))
        })
        .collect();
    let sizes = expect.chunk_size.iter();
    who.extend(sizes.map(|size| call(StrategyName::FixedChunk, Some(size.0))));
    if who.is_empty() {
        who.push(
            if after_others {
                "Otherwise"
            } else {
                "Every way to read"
            }
            .into(),
        );
    }
    let mut who = who.join(", ");
    if !expect.profile.is_empty() {
        let releases: Vec<String> = expect.profile.iter().map(|text| releases(text)).collect();
        who.push_str(&format!(" as {}", releases.join(" or ")));
    }
    if !expect.world.is_empty() {
        let worlds: Vec<&str> = expect.world.iter().map(|world| world.word()).collect();
        who.push_str(&format!(" in the {} world", worlds.join(" or ")));
    }
    let mut end = match expect.kind {
        Kind::Complete => "the whole file".into(),
        kind => kind.to_string(),
    };
    if let Some(deadline) = expect.deadline {
        end.push_str(&format!(" by `{deadline}`"));
    }
    if let Some(party) = expect.ended_by {
        end.push_str(&format!(", ended by the {party}"));
    }
    let [least, most] = expect.delivered;
    let all = match parallel {
        1 => String::new(),
        n => format!(" by the {n} together"),
    };
    let lost = expect.lost.map_or(String::new(), |[least, most]| {
        format!(", and {} received and lost", human_bounds(least.0, most.0))
    });
    format!(
        "{who}: {end}, with {} delivered{all}{lost}.",
        human_bounds(least.0, most.0)
    )
}

/// A selector of releases, for people.
fn releases(selector: &str) -> String {
    match selector.strip_prefix('<') {
        Some(bound) => format!("a release before {bound}"),
        None => selector.into(),
    }
}
