//! The format of results: one record per trial, and the folder of a run.
//!
//! The format is a contract: names stay, units are part of the name, and later
//! versions may add fields but not change any.

pub mod agree;
mod build;
mod client;
mod detail;
mod expect;
mod folder;
mod interval_log;
mod order;
mod promise;
mod quantity;
mod record;
mod run;
pub mod schema;
mod stored;
mod timeline;
mod timelines;
pub mod warning;

#[cfg(test)]
mod documented;
#[cfg(test)]
pub(crate) mod samples;

pub use build::build;
pub use client::{ClientCame, ClientFacts, build_client};
pub use detail::Detail;
pub use expect::{Expected, difference, expectation};
pub use folder::{FolderError, RunFolder, read_records, read_run, replace};
pub use order::in_order;
pub use quantity::{COSTS, QUANTITIES, Quantity, Worse};
pub use record::{
    Buffers, DownloadRecord, FaultRecord, Memory, Record, RemedyFacts, Scaled, ServerFacts,
    TrialKey,
};
pub use run::{Host, PlannedClient, PlannedProfile, RunInfo, RunSummary, SCHEMA_VERSION, Totals};
pub use stored::{StoredError, StoredRun};
pub use timeline::{
    ClientSample, Line, Mark, MarkKind, ServerSample, Timeline, TimelineHeader, timeline,
};
pub use timelines::Timelines;
