//! `shortread run`.

use super::{Done, args::RunArgs, failure::Failure, resolve};

pub(super) fn run(args: &RunArgs) -> Done {
    let plan = resolve::plan(args)?;
    Err(Failure::Tool(format!(
        "`run` is not there yet; the plan has {} trials",
        plan.trials.len()
    )))
}
