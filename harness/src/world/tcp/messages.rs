//! The messages between a run and its trial processes: one order on the standard
//! input of the trial, then lines on its standard output. The keeper of a client
//! works the same way.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use shortread_server::scenario::Scenario;

use crate::{
    client::ClientReport,
    command::{ClientEnd, Preload},
    engine::TrialSpec,
    plan::Trial,
    remedy::Recipe,
};

/// The order to a trial process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialOrder {
    /// The server.
    pub addr: SocketAddr,
    /// The trial.
    pub spec: TrialSpec,
    /// Time after which the run takes the process for stuck.
    pub patience: Duration,
}

impl TrialOrder {
    /// The order for `trial`, which plays `scaled` at `addr`.
    /// Its sink writes to `file`, or what it downloads is saved as `save`.
    pub fn new(
        trial: &Trial,
        scaled: &Scenario,
        addr: SocketAddr,
        file: Option<PathBuf>,
        save: Option<PathBuf>,
    ) -> Self {
        // A trial gives up by itself. The extra time is for starting a process on
        // a loaded machine, and for verifying the bytes.
        let recipe = trial.played_recipe();
        let (attempts, waits) = recipe.as_ref().map_or((1, Duration::ZERO), Recipe::longest);
        let requests = scaled.client.requests.max(1);
        let each = scaled.give_up().saturating_mul(attempts.saturating_mul(2));
        let patience = each
            .saturating_add(waits)
            .saturating_mul(requests)
            .saturating_add(Duration::from_secs(60));
        let spec = TrialSpec {
            scenario: scaled.clone(),
            time_scale: trial.scenario.tcp.time,
            strategy: trial.strategy,
            profile: trial.profile,
            seed: trial.seed,
            recipe,
            file,
            save,
        };
        Self {
            addr,
            spec,
            patience,
        }
    }
}

/// A message from a trial process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromTrial {
    /// The progress of the trial.
    Progress {
        /// Bytes handed to the application so far, all downloads together.
        delivered_bytes: u64,
    },
    /// The final report.
    Report(Box<ClientReport>),
}

/// The order to the keeper of a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientOrder {
    /// The program, then its arguments.
    pub words: Vec<String>,
    /// The file for its standard output; `None` throws it away.
    pub stdout: Option<PathBuf>,
    /// Variables for its environment.
    #[serde(default)]
    pub variables: Vec<(String, String)>,
    /// The trial's own folder, which is removed if the run is gone.
    pub folder: PathBuf,
    /// The time at which it is stopped.
    pub limit: Duration,
    /// The library that scales its clock.
    pub preload: Option<Preload>,
}

/// The last message from the keeper of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromKeeper {
    /// The end of the client.
    Ended(ClientEnd),
    /// The reason why it could not be run.
    Failed(String),
}
