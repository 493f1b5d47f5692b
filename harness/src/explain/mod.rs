//! A scenario in prose: the events, their times, the result, and the reasons.
//!
//! Each topic has a file. Each function there returns its paragraphs, or none if
//! the scenario does not touch its topic.

mod deadline;
mod effect;
mod expected;
mod fault;
mod idle;
mod memory;
mod origin;
mod place;
mod requests;
mod scaling;
mod settings;
mod sink;
mod truth;
pub(crate) mod wrap;

use shortread_server::scenario::{Scenario, suites};

use self::place::Plain;

pub use effect::{Note, without_effect};
pub use scaling::{Change, changes};
pub use settings::Settings;

/// The widest line, unless the terminal is narrower.
pub const WIDTH: usize = 80;

/// A part of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// At least one, each without line breaks.
    pub paragraphs: Vec<String>,
}

/// The sections about `scenario`, in the order of reading.
pub fn sections(scenario: &Scenario) -> Vec<Section> {
    let plain = Plain::of(scenario);
    let happens = [
        origin::paragraphs(scenario),
        requests::paragraphs(scenario),
        fault::paragraphs(scenario, plain.as_ref()),
        sink::paragraphs(scenario),
    ];
    let fires = place::without_dead_faults(scenario, plain.as_ref());
    let comes_to = [
        deadline::paragraphs(&fires),
        idle::paragraphs(&fires),
        memory::paragraphs(&fires),
        truth::paragraphs(&fires),
    ];
    let why = scenario
        .why
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    [
        ("What happens", happens.concat()),
        ("What it comes to", comes_to.concat()),
        (
            "Why it happens",
            Vec::from_iter((!why.is_empty()).then_some(why)),
        ),
        ("In the TCP world", scaling::paragraphs(scenario)),
        ("What is expected", expected::paragraphs(scenario)),
    ]
    .into_iter()
    .filter(|(_, paragraphs)| !paragraphs.is_empty())
    .map(|(heading, paragraphs)| Section {
        heading,
        paragraphs,
    })
    .collect()
}

/// The whole explanation of `scenario`, wrapped to `width` columns. `called` is
/// the user's word for it: a name of the catalogue or a path.
pub fn explain(scenario: &Scenario, called: &str, width: usize) -> String {
    let mut text = wrap::paragraph(&format!("{}: {}", scenario.name, scenario.title), "", width);
    if !scenario.cause.is_empty() {
        text.push_str(&wrap::paragraph(
            &format!("Cause: {}", scenario.cause),
            "",
            width,
        ));
    }
    for section in sections(scenario) {
        text.push_str(&format!("\n{}\n", section.heading));
        for paragraph in section.paragraphs {
            text.push_str(&wrap::paragraph(&paragraph, "  ", width));
        }
    }
    if !scenario.sources.is_empty() {
        text.push_str("\nSources\n");
        for source in &scenario.sources {
            text.push_str(&wrap::paragraph(source, "  ", width));
        }
    }
    let called = quoted(called);
    text.push_str(&format!(
        "\nTry it\n  shortread run {}\n  shortread serve {called}\n",
        match suite_of(scenario) {
            Some(suite) => format!("--suite {suite} --client COMMAND"),
            None => format!("{called} --world tcp"),
        }
    ));
    text
}

/// The suite that has `scenario` as a case.
fn suite_of(scenario: &Scenario) -> Option<&'static str> {
    let mut suites = suites().into_iter();
    let found = suites.find(|(suite, cases)| {
        let path = format!("/{suite}/{}", scenario.name);
        cases.contains(&scenario.name.as_str()) && scenario.alias.contains(&path)
    });
    found.map(|(suite, _)| suite)
}

/// As a shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+@:".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.into()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;
