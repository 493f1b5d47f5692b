//! `shortread explain`: one scenario in prose.

use mock_server::scenario::load;

use super::{Done, Out, args::ExplainArgs, exit};
use crate::explain::{WIDTH, explain};

pub(super) fn run(args: &ExplainArgs, out: Out<'_>) -> Done {
    let scenario = load(&args.scenario)?;
    write!(out, "{}", explain(&scenario, &args.scenario, WIDTH))?;
    Ok(exit::DONE)
}
