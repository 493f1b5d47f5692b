//! What a harness and a supervised server say to each other: one JSON object
//! per line. The harness writes [`Command`]s to the server's standard input
//! and reads [`Reply`]s from its standard output.

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
        /// What it plays, scaled already.
        scenario: Box<Scenario>,
        /// Of what is drawn.
        seed: u64,
    },
    /// Close the trial's listener and connections and tell what happened.
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
        /// Where it listens.
        addr: SocketAddr,
    },
    /// Something that happened in a trial; sent between `close` and `closed`.
    Event {
        /// The trial's id.
        trial: String,
        /// What happened.
        event: Event,
    },
    /// How far the server was over time in a trial; sent behind its events.
    Progress {
        /// The trial's id.
        trial: String,
        /// What was kept of it: some hundred samples at most.
        samples: Vec<Progress>,
    },
    /// The trial is closed; no event of it follows.
    Closed {
        /// The trial's id.
        trial: String,
        /// How many events were sent.
        count: usize,
    },
    /// A command could not be carried out.
    Failed {
        /// The trial's id, where the command had one.
        trial: Option<String>,
        /// Why.
        error: String,
    },
}
