//! `shortread keep`: keeps one client in its own process.

use super::{Done, exit, failure::Failure};
use crate::world::tcp;

pub(super) fn run() -> Done {
    match tcp::keeper_process() {
        Ok(()) => Ok(exit::DONE),
        Err(error) => Err(Failure::Tool(format!("keeper of a client: {error:#}"))),
    }
}
