//! The messages between a harness and a supervised server: one JSON object per
//! line. The harness writes [`Command`]s to the server's standard input and reads
//! [`Reply`]s from its standard output.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::{
    journal::{Event, Progress},
    scenario::Scenario,
};

/// To the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Open a listener for a trial.
    Open {
        /// The trial's id.
        trial: String,
        /// The scenario, already scaled.
        scenario: Box<Scenario>,
        /// The seed of all random numbers.
        seed: u64,
    },
    /// Close the listener and connections of the trial, and send its events.
    Close {
        /// The trial's id.
        trial: String,
    },
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// The listener is open.
    Opened {
        /// The trial's id.
        trial: String,
        /// The address of the listener.
        addr: SocketAddr,
    },
    /// An event of a trial; sent between `close` and `closed`.
    Event {
        /// The trial's id.
        trial: String,
        /// The event.
        event: Event,
    },
    /// The server's progress over time in a trial; sent after its events.
    Progress {
        /// The trial's id.
        trial: String,
        /// The kept samples: some hundred at most.
        samples: Vec<Progress>,
    },
    /// The trial is closed; no more events follow.
    Closed {
        /// The trial's id.
        trial: String,
        /// The number of events sent.
        count: usize,
    },
    /// A command could not be carried out.
    Failed {
        /// The trial's id, if the command had one.
        trial: Option<String>,
        /// The reason.
        error: String,
    },
}
