//! `shortread trial`: runs one trial in its own process.

use super::{Done, exit, failure::Failure};
use crate::world::tcp;

pub(super) fn run() -> Done {
    match tcp::trial_process() {
        Ok(()) => Ok(exit::DONE),
        Err(error) => Err(Failure::Tool(format!("trial process: {error:#}"))),
    }
}
