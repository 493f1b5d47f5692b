//! The end of a trial with its evidence: a pure function of the client's report,
//! the bytes that arrived, and the faults that fired.

mod any;
mod cause;
mod classify;
mod client;
mod group;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Instant,
    journal::{Event, Fact},
    scenario::{Action, Deadline, Kind, Party},
};

pub use any::{Judgement, Rule, Said, Truth, judge, judge_trial};
pub use classify::{classify, classify_download};
pub use client::{classify_client, judge_client};
pub use group::Group;

use crate::client::ErrorLink;

/// The verdict of the trial record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The kind of the end.
    pub kind: Kind,
    /// The party that ended it early; `None` if nobody did: the response came to
    /// its announced end, or never ended.
    pub ended_by: Option<Party>,
    /// The client's deadline that ended it.
    pub deadline: Option<Deadline>,
    /// The scenario's index of the fired fault that led to it.
    pub cause: Option<usize>,
    /// The client's error chain, outermost first; empty where it reported none.
    pub error: Vec<ErrorLink>,
    /// The exception that the real library raises.
    pub exception: Option<String>,
}

/// A fault that was carried out, as the journal has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FiredFault {
    /// Its index in the scenario.
    pub index: usize,
    /// The action.
    pub action: Action,
    /// The party that it stands for.
    pub by: Party,
    /// The time, on the clock of the client's report.
    pub at_ns: Instant,
    /// On which connection, from 1; `None` where that is not known.
    pub connection: Option<u32>,
}

impl FiredFault {
    /// The fault that `event` tells of, if it does.
    pub fn from_event(event: &Event) -> Option<Self> {
        match event.fact {
            Fact::Fault {
                index, action, by, ..
            } => Some(Self {
                index,
                action,
                by,
                at_ns: event.at_ns,
                connection: Some(event.connection),
            }),
            _ => None,
        }
    }
}
