//! What helps with one scenario: the remedy that was measured to, as settings and
//! programs of well-known clients.

mod measure;
mod paste;

use shortread_server::{scenario::Scenario, text::printable};

pub use measure::{Unmeasured, measure};
pub use paste::{Kind, Library};

use crate::{
    explain::{quoted, wrap},
    remedy::Recipe,
    report::Best,
};

/// The last sections of an explanation, wrapped to `width` columns: what was measured,
/// and the settings of each client. `called` is the user's word for the scenario.
pub fn told(measured: &Result<Best, Unmeasured>, called: &str, width: usize) -> String {
    let called = quoted(called);
    let mut text = String::from("\nWhat helps\n");
    let mut paragraph = |said: &str| text.push_str(&wrap::paragraph(said, "  ", width));
    let best = match measured {
        Ok(best) => {
            best.said.iter().for_each(|said| paragraph(said));
            paragraph(
                "Each remedy was played in memory, with the numbers of the TCP world and \
                 chunks of 64 KiB. With the scenario's own numbers:",
            );
            best.recipe.as_deref()
        }
        Err(why) => {
            paragraph(&format!("Not measured: {why}. This measures it:"));
            None
        }
    };
    text.push_str(&format!("  shortread run {called} --remedy all\n"));
    if let Some((name, kind)) = best.and_then(named) {
        text.push_str(&format!("\nTo paste: `{name}`\n"));
        for library in Library::ALL {
            text.push_str(&format!("  {:8}  {}\n", library.word(), kind.gist(library)));
        }
        let all = "A whole program for one of them, run as `python3 get.py URL FILE`:";
        text.push_str(&wrap::paragraph(all, "  ", width));
        text.push_str(&format!(
            "  shortread explain {called} --client aiohttp >get.py\n"
        ));
    }
    text
}

/// The program of `library` for `recipe`, under a comment that says of what it is. `best`
/// is the measurement that named the recipe, if one did.
pub fn program(
    scenario: &Scenario,
    recipe: &Recipe,
    library: Library,
    best: Option<&Best>,
) -> String {
    let why = match best.map(|best| best.cures) {
        Some(true) => "the cheapest cure, as measured",
        Some(false) => "no cure, but what comes closest, as measured",
        None => "as asked for",
    };
    let kind = Kind::of(recipe);
    format!(
        "{mark} {}: `{}`, {why}\n{mark} {}\n{}",
        printable(&scenario.name),
        printable(&recipe.name),
        kind.gist(library),
        kind.program(library),
        mark = library.mark(),
    )
}

/// A recipe by the name that a run has for it.
fn named(name: &str) -> Option<(&str, Kind)> {
    let recipe: Recipe = name.parse().ok()?;
    Some((name, Kind::of(&recipe)))
}

#[cfg(test)]
mod tests;
