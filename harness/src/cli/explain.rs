//! `shortread explain`: one scenario in prose, or its settings as JSON.

use shortread_server::{
    scenario::load,
    text::{json_lines, printable_lines},
};

use super::{Done, Out, args::ExplainArgs, exit, failure::Failure};
use crate::explain::{Settings, WIDTH, explain};

pub(super) fn run(args: &ExplainArgs, out: Out<'_>) -> Done {
    let mut scenario = load(&args.scenario)?;
    if args.scaled {
        scenario = scenario
            .scaled()
            .map_err(|error| Failure::usage(error.to_string(), "change the factors in [tcp]"))?;
    }
    if args.json {
        let json = serde_json::to_string_pretty(&Settings::of(&scenario))
            .map_err(|error| Failure::tool(&error))?;
        writeln!(out, "{}", json_lines(&json))?;
    } else {
        let told = explain(&scenario, &args.scenario, WIDTH);
        write!(out, "{}", printable_lines(&told))?;
    }
    Ok(exit::DONE)
}
