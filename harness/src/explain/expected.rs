//! What is expected of each way to read.

use mock_server::scenario::{ExpectTrial, Kind, Scenario};

use crate::{
    plan::{CHUNK_SIZES, call},
    results::bounds,
};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let several = scenario.expect.trials.len() > 1;
    scenario
        .expect
        .trials
        .iter()
        .enumerate()
        .map(|(index, expect)| one(expect, index > 0 && several, scenario.downloads()))
        .collect()
}

fn one(expect: &ExpectTrial, after_others: bool, parallel: u32) -> String {
    let mut who: Vec<String> = expect
        .strategy
        .iter()
        .map(|strategy| {
            let size = CHUNK_SIZES[1].0;
            call(*strategy, None).replace("(n)", &format!("({size}) and other sizes"))
        })
        .collect();
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
        who.push_str(&format!(" as {}", expect.profile.join(" or ")));
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
    format!(
        "{who}: {end}, with {} delivered{all}.",
        bounds(least.0, most.0)
    )
}
