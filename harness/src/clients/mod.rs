//! Any client against the catalogue: a command that is told a URL and a file,
//! its exit status for a verdict, and the file for the truth.
//!
//! Nothing is known of such a client but what it said, what it saved and how
//! often it asked, so `[expect.any]` alone judges it.

mod command;
mod end;
mod known;
mod plan;

pub use command::{Client, CommandError, NO_PROXY};
pub use end::{ClientEnd, Stopped};
pub use known::{Known, KnownError, KnownFailure};
pub use plan::{ClientPlan, ClientPlanError, ClientTrial, START_UP};
