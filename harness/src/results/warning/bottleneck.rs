//! Trials in which client or server was slower than the link.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::units::{ByteSize, Rate, counted};

/// The slow side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Slow {
    /// The client: it computed all the time, or its receive queue was full.
    Client,
    /// The server: the client waited for it with an empty queue.
    Server,
}

/// Trials that were slower than their link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bottleneck {
    /// The slow side.
    pub side: Slow,
    /// Ids of the trials.
    pub trials: Vec<String>,
    /// The slowest of them, held against its link.
    pub worst: String,
    /// Its rate while bytes flowed.
    pub bytes_per_second: u64,
    /// The link's.
    pub link_bytes_per_second: u64,
    /// Share of the time in which its client computed, in percent; null where
    /// CPU time is not known.
    pub client_cpu_percent: Option<u64>,
    /// The most that waited in its receive queue; null where that is not known.
    pub receive_queue_bytes: Option<u64>,
}

impl Bottleneck {
    pub(crate) fn sentence(&self) -> String {
        let human = |rate| Rate::per_second(rate).map_or("0 B/s".into(), |rate| rate.human());
        let side = match self.side {
            Slow::Client => "client",
            Slow::Server => "server",
        };
        let mut why = Vec::new();
        why.extend(
            self.client_cpu_percent
                .map(|share| format!("the client computed {share} % of the time")),
        );
        why.extend(
            self.receive_queue_bytes
                .map(|bytes| format!("at most {} waited for it", ByteSize(bytes).human())),
        );
        format!(
            "the {side} was slower than the link in {}, most in {}: {} of {}{}",
            counted(self.trials.len(), "trial"),
            self.worst,
            human(self.bytes_per_second),
            human(self.link_bytes_per_second),
            match why.is_empty() {
                true => String::new(),
                false => format!(" ({})", why.join(", ")),
            },
        )
    }

    pub(crate) fn remedy(&self) -> &'static str {
        match self.side {
            Slow::Client => "its speed is this machine's, not the link's: lower link.rate",
            Slow::Server => "run fewer at a time (--jobs 1), or lower link.rate",
        }
    }
}
