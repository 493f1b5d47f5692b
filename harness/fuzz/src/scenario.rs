//! A scenario file: read, checked, scaled, explained, and prepared for serving.

use shortread::{
    explain::{Settings, WIDTH, explain},
    plan::planned_profiles,
};
use shortread_server::{
    http1::origin::Origin,
    scenario::{Scenario, catalogue, parse},
    units::ByteSize,
};

use crate::{
    Heard, Syntax, Target,
    draw::{Scope, draft},
    no_words,
};

pub(crate) const TARGET: Target = Target {
    name: "scenario",
    run,
    seeds,
    longest: 64 << 10,
    choices: 0,
    syntax: Some(Syntax::Toml),
    words: no_words,
    fresh: Some(|seed| draft(seed, Scope::VIRTUAL).to_string().into_bytes()),
};

/// A larger body is encoded, or its digest made, for longer than one input may take.
const LARGEST_ENCODED: ByteSize = ByteSize::mib(1);

/// Pages that are held at once, so that one input takes no more memory than it may.
const LARGEST_HELD: ByteSize = ByteSize::mib(32);

fn run(input: &[u8]) -> Heard {
    let Ok(text) = str::from_utf8(input) else {
        return Heard::Refused;
    };
    match parse("fuzzed", "fuzzed.toml", text) {
        Ok(scenario) => {
            use_it(&scenario);
            Heard::Taken
        }
        Err(errors) => {
            assert!(!errors.list().is_empty(), "it is refused without a reason");
            let _ = errors.to_string();
            let _ = errors.render_coloured();
            Heard::Refused
        }
    }
}

pub(crate) fn use_it(scenario: &Scenario) {
    tell(scenario);
    let _ = planned_profiles(scenario);
    let is_long = scenario.is_gone_over() && scenario.all_bytes() > LARGEST_ENCODED.0;
    if !is_long && Origin::most_held_bytes(scenario) <= LARGEST_HELD.0 {
        let _ = Origin::new(scenario);
    }
    match scenario.scaled() {
        Ok(scaled) => tell(&scaled),
        Err(error) => {
            let _ = error.to_string();
            let _ = error.key();
            let _ = error.remedy();
        }
    }
}

fn tell(scenario: &Scenario) {
    let _ = explain(scenario, &scenario.name, WIDTH);
    let _ = serde_json::to_string(&Settings::of(scenario));
    let _ = scenario.give_up();
    let _ = (scenario.ideal_transfer(), scenario.total_may_fire());
}

/// The catalogue, the complete files of its reference, and what is drawn.
fn seeds() -> Vec<Vec<u8>> {
    let document = include_str!("../../../docs/SCENARIOS.md");
    let blocks = document.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let files = catalogue().iter().map(|(_, text)| *text);
    let all = files.chain(blocks).map(str::to_owned);
    let all = all.chain(drawn());
    all.map(String::into_bytes).collect()
}

/// Valid scenarios with every key of the grammar.
pub(crate) fn drawn() -> impl Iterator<Item = String> {
    const MANY: usize = 200;
    let drafts = (0..).map(|seed| draft(seed, Scope::VIRTUAL).to_string());
    let is_valid = |text: &String| parse("drawn", "drawn.toml", text).is_ok();
    drafts.take(MANY * 10).filter(is_valid).take(MANY)
}
