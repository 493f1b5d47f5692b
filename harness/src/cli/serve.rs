//! `shortread serve`.

use super::{Done, args::ServeArgs, failure::Failure};

pub(super) fn run(_args: &ServeArgs) -> Done {
    Err(Failure::Tool("`serve` is not there yet".into()))
}
