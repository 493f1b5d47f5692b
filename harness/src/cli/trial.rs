//! `shortread trial`: one trial in a process of its own.

use super::{Done, exit, failure::Failure};
use crate::world::tcp;

pub(super) fn run() -> Done {
    match tcp::trial_process() {
        Ok(()) => Ok(exit::DONE),
        Err(error) => Err(Failure::Tool(format!("trial process: {error:#}"))),
    }
}
