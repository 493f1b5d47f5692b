//! What a run and its trial processes say to each other: one order on the
//! trial's standard input, then lines on its standard output.
//! So too with the process that keeps a client of one's own.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use mock_server::scenario::Scenario;
use serde::{Deserialize, Serialize};

use crate::{client::ClientReport, clients::ClientEnd, engine::TrialSpec, plan::Trial};

/// To a trial process: what to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialOrder {
    /// The server.
    pub addr: SocketAddr,
    /// The trial.
    pub spec: TrialSpec,
    /// After this long the run takes the process for stuck.
    pub patience: Duration,
}

impl TrialOrder {
    /// The order for `trial`, which plays `scaled` at `addr`.
    pub fn new(trial: &Trial, scaled: &Scenario, addr: SocketAddr, file: Option<PathBuf>) -> Self {
        // A trial gives up by itself. What is added is for starting a process
        // on a loaded machine, and for verifying what was read.
        let patience = scaled.give_up() * 2 + Duration::from_secs(60);
        let spec = TrialSpec {
            scenario: scaled.clone(),
            time_scale: trial.scenario.tcp.time,
            strategy: trial.strategy,
            profile: trial.profile,
            seed: trial.seed,
            file,
        };
        Self {
            addr,
            spec,
            patience,
        }
    }
}

/// From a trial process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromTrial {
    /// How far it is.
    Progress {
        /// Bytes handed to the application so far, all downloads together.
        delivered_bytes: u64,
    },
    /// The end.
    Report(Box<ClientReport>),
}

/// To the process that keeps a client: what to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientOrder {
    /// The program, then its arguments.
    pub words: Vec<String>,
    /// Where its standard output goes; `None` throws it away.
    pub stdout: Option<PathBuf>,
    /// The trial's own folder, which is removed when the run is gone.
    pub folder: PathBuf,
    /// When it is stopped.
    pub limit: Duration,
}

/// From the process that keeps a client: its last word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromKeeper {
    /// How it ended.
    Ended(ClientEnd),
    /// Why it could not be run.
    Failed(String),
}
