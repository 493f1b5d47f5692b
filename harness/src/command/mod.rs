//! Runs any client against the catalogue: a command that gets a URL and a file.
//! Its exit status is the verdict, and the file shows the truth.
//!
//! Only the verdict, the file and the number of requests of such a client are
//! known, so `[expect.any]` alone judges it.

mod client;
mod clock;
mod end;
mod known;
mod plan;

pub use client::{ClientCommand, CommandError, NO_PROXY, Places};
pub use clock::{ClientClock, ClockChoice, ClockKind, LEAST_REAL, Preload};
pub(crate) use clock::{forget, library as clock_library};
pub use end::{ClientEnd, Stopped};
pub use known::{CellKey, Known, KnownError, KnownFailure};
pub use plan::{ClientPlan, ClientPlanError, ClientTrial, START_UP};
