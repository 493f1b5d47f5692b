//! `shortread explain`: one scenario in prose, its settings as JSON, or a program that
//! downloads from it with the remedy that helps.

use shortread_server::{
    scenario::{Scenario, load},
    text::{json_lines, printable, printable_lines},
};

use super::{Done, Out, args::ExplainArgs, exit, failure::Failure};
use crate::{
    advise::{self, Library},
    explain::{Settings, WIDTH, explain},
};

pub(super) fn run(args: &ExplainArgs, out: Out<'_>) -> Done {
    let scenario = load(&args.scenario)?;
    if let Some(client) = args.client.as_deref().and_then(Library::from_word) {
        write!(out, "{}", program(args, &scenario, client)?)?;
        return Ok(exit::DONE);
    }
    let shown = match args.scaled {
        true => scenario
            .scaled()
            .map_err(|error| Failure::usage(error.to_string(), "change the factors in [tcp]"))?,
        false => scenario.clone(),
    };
    if args.json {
        let json = serde_json::to_string_pretty(&Settings::of(&shown))
            .map_err(|error| Failure::tool(&error))?;
        writeln!(out, "{}", json_lines(&json))?;
    } else {
        let told = explain(&shown, &args.scenario, WIDTH);
        write!(out, "{}", printable_lines(&told))?;
        // Who reads has something to read meanwhile.
        out.flush()?;
        let measured = advise::measure(&scenario, &args.scenario);
        let told = advise::told(&measured, &args.scenario, WIDTH);
        write!(out, "{}", printable_lines(&told))?;
    }
    Ok(exit::DONE)
}

/// The program of a client for the remedy that was asked for, or that helps most.
fn program(args: &ExplainArgs, scenario: &Scenario, client: Library) -> Result<String, Failure> {
    if let Some(recipe) = &args.remedy {
        if recipe.segments.is_some() {
            return Err(Failure::usage(
                "none of the programs fetches parts side by side",
                "give --remedy resume, of which `segments` is the parallel form",
            ));
        }
        return Ok(advise::program(scenario, recipe, client, None));
    }
    let help = "`--remedy NAME` names one";
    let name = printable(&scenario.name);
    let best = advise::measure(scenario, &args.scenario).map_err(|why| {
        let message = format!("it was not measured what helps with `{name}`: {why}");
        Failure::usage(message, help)
    })?;
    let recipe = best.recipe.as_deref().and_then(|name| name.parse().ok());
    let recipe = recipe.ok_or_else(|| {
        let message = format!("no remedy helps with `{name}`, as measured");
        Failure::usage(message, help)
    })?;
    Ok(advise::program(scenario, &recipe, client, Some(&best)))
}
