//! The trial record: one JSON object per line of `trials.jsonl`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    journal::SocketFacts,
    scenario::{Deadline, Kind, Party, StrategyName, World},
};

use super::{ClientFacts, Expected};
use crate::{
    client::{Basis, Left},
    command::ClockKind,
    measure::Summary,
    outcome::{Judgement, Outcome},
    plan::call,
};

/// The record of one trial. Times are nanoseconds from the client's start of
/// connect. With `parallel` downloads, bytes are sums over all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The trial, within its run and in any other run of the same choice.
    pub id: String,
    /// The scenario's name.
    pub scenario: String,
    /// The way in which the body was read; null for a user's client, which does
    /// not say.
    pub strategy: Option<StrategyName>,
    /// The most bytes of an item, for `fixed-chunk`.
    pub chunk_size: Option<u64>,
    /// The release that the strategy imitated; null for `frames` and without a
    /// strategy.
    pub profile: Option<String>,
    /// The remedies around the library, by the name of their recipe; null without any.
    #[serde(default)]
    pub recipe: Option<String>,
    /// The world of the trial.
    pub world: World,
    /// Counts from 1.
    pub repetition: u32,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The end of the trial; of parallel downloads, the worst.
    pub outcome: Outcome,
    /// The scenario's expectation for such a trial, scaled like the trial.
    pub expected: Option<Expected>,
    /// True if the outcome is the expected one; null without expectation. False too where
    /// a recipe breaks what it promises.
    pub as_expected: Option<bool>,
    /// The difference, as a sentence.
    pub difference: Option<String>,
    /// The judgement of `[expect.any]`; null without a rule.
    #[serde(default)]
    pub any: Option<Judgement>,
    /// Bytes of the object, scaled as the trial was.
    pub expected_bytes: u64,
    /// Body bytes taken off the transport, before content decoding.
    pub received_bytes: u64,
    /// Bytes handed to the application, after content decoding.
    pub delivered_bytes: u64,
    /// Bytes left in the kernel's receive queue at the end; null if unknown.
    pub kernel_unread_bytes: Option<u64>,
    /// Offset of the first delivered byte that differs from the object.
    pub first_bad_offset: Option<u64>,
    /// The offset of the object whose bytes stood there instead.
    pub arrived_offset: Option<u64>,
    /// From the start of connect to the end of the last download.
    pub elapsed_ns: u64,
    /// The first byte of a response; null if none came.
    pub time_to_first_byte_ns: Option<u64>,
    /// The last body byte handed to the application; null if none was.
    pub last_progress_ns: Option<u64>,
    /// Nanoseconds between two chunks handed to the application.
    pub gap_ns: Summary,
    /// Nanoseconds inside each read call.
    pub read_call_ns: Summary,
    /// Bytes of each chunk.
    pub chunk_bytes: Summary,
    /// Nanoseconds in which bytes kept coming: the waits between two reads
    /// from the transport, those above 1 s left out; of several downloads, the
    /// longest.
    pub flowing_ns: u64,
    /// Reads from the transport that returned data.
    pub transport_reads: u64,
    /// Chunks written to the sink.
    pub sink_writes: u64,
    /// CPU time of the trial, user and system, in nanoseconds.
    pub cpu_ns: Option<u64>,
    /// Most heap in use at once, above what was in use at the start.
    pub peak_heap_bytes: Option<u64>,
    /// Most resident memory of the process.
    pub vm_hwm_bytes: Option<u64>,
    /// The source of the memory figures.
    pub memory: Memory,
    /// Most bytes seen waiting in the client's receive queue.
    pub max_receive_queue_bytes: Option<u64>,
    /// Downloads of this trial.
    pub downloads: u64,
    /// The same by the kind of their outcome.
    pub downloads_by_kind: BTreeMap<Kind, u64>,
    /// Each of them in the order of their start, where there are several.
    #[serde(default)]
    pub each: Vec<DownloadRecord>,
    /// The account of a recipe; null without one. Of several downloads, the sums, and the
    /// least that a result rests on.
    #[serde(default)]
    pub remedy: Option<RemedyFacts>,
    /// The client of one's own that ran; null for a strategy.
    #[serde(default)]
    pub client: Option<ClientFacts>,
    /// The ground truth.
    pub server: ServerFacts,
    /// Kernel buffers in force.
    pub buffers: Buffers,
    /// By how much the scenario's numbers were scaled; null if not at all.
    pub scaled: Option<Scaled>,
}

impl Record {
    /// The reader of the body in the words of people: the name of the user's
    /// client, or the call of the strategy.
    pub fn reader(&self) -> String {
        let reader = match (&self.client, self.strategy) {
            (Some(client), _) => client.name.clone(),
            (None, Some(strategy)) => call(strategy, self.chunk_size),
            (None, None) => String::new(),
        };
        match &self.recipe {
            Some(recipe) => format!("{reader} with {recipe}"),
            None => reader,
        }
    }

    /// True if the outcome was expected; `None` without expectation. A trial that
    /// the tool could not play never passes, whatever was expected.
    pub fn passed(&self) -> Option<bool> {
        match self.outcome.kind {
            Kind::ToolError => Some(false),
            _ => self.as_expected,
        }
    }

    /// The difference from the expectation, as a sentence without a full stop.
    pub fn why(&self) -> String {
        match (&self.difference, self.outcome.kind) {
            (_, Kind::ToolError) => {
                let error = self.outcome.error.first();
                let why = error.map_or("it does not say why", |link| link.message.as_str());
                format!("the tool failed: {why}")
            }
            (Some(difference), _) => difference.clone(),
            (None, _) => "it differs".into(),
        }
    }

    /// The trial without its repetition: `healthy/readany/aiohttp-3.14.5/tcp`.
    pub fn trial(&self) -> &str {
        match self.id.rsplit_once('/') {
            Some((trial, _)) => trial,
            None => &self.id,
        }
    }

    /// The common key of a trial's repetitions, for look-ups.
    pub fn key(&self) -> TrialKey<'_> {
        TrialKey {
            scenario: &self.scenario,
            strategy: self.strategy,
            chunk_size: self.chunk_size,
            profile: self.profile.as_deref(),
            recipe: self.recipe.as_deref(),
            client: self.client.as_ref().map(|client| client.name.as_str()),
            clock: self.client.as_ref().map(|client| client.clock.kind),
            world: self.world,
        }
    }
}

/// A trial without its repetition: the one answer to whether two records are of
/// the same trial, made by [`Record::key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrialKey<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// The way in which the body was read.
    pub strategy: Option<StrategyName>,
    /// Of `fixed-chunk`.
    pub chunk_size: Option<u64>,
    /// The release that was imitated.
    pub profile: Option<&'a str>,
    /// The name of the recipe.
    pub recipe: Option<&'a str>,
    /// The name of the client of one's own.
    pub client: Option<&'a str>,
    /// The clock of that client.
    pub clock: Option<ClockKind>,
    /// The world of the trial.
    pub world: World,
}

impl TrialKey<'_> {
    /// The same trial in the other world.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        let world = match self.world {
            World::Tcp => World::Virtual,
            World::Virtual => World::Tcp,
        };
        Self { world, ..self }
    }

    /// The common key of trials that only differ in their chunk size.
    #[must_use]
    pub fn whatever_size(self) -> Self {
        Self {
            chunk_size: None,
            ..self
        }
    }
}

/// The account of the client around the library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemedyFacts {
    /// Requests that it made, those of the library's own retries left out.
    pub attempts: u64,
    /// Of those, the ones that went on where the one before had ended.
    pub resumed: u64,
    /// Nanoseconds spent in waits between them.
    pub waited_ns: u64,
    /// What the result rests on; null where there is none.
    pub rests_on: Option<Basis>,
    /// The file that is left.
    pub file: Left,
    /// Parts of the object that were fetched by themselves; 0 for all at once.
    #[serde(default)]
    pub parts: u64,
    /// Most of them at a time in one download, each over a connection of its own.
    #[serde(default)]
    pub at_a_time: u64,
}

/// One of several downloads of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DownloadRecord {
    /// The kind of the end.
    pub kind: Kind,
    /// The party that ended it, as in the outcome.
    pub ended_by: Option<Party>,
    /// The deadline that ended it.
    pub deadline: Option<Deadline>,
    /// Bytes handed to the application, after content decoding.
    pub delivered_bytes: u64,
    /// Body bytes taken off the transport, before content decoding.
    pub received_bytes: u64,
    /// From the start of the trial's first connect to its end.
    pub elapsed_ns: u64,
    /// The number of its last connection in the trial, from 1; null without one.
    #[serde(default)]
    pub connection: Option<u32>,
    /// True if that connection had carried an earlier request.
    #[serde(default)]
    pub reused: bool,
}

/// The source of memory figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// Counted in the trial's own process.
    Measured,
    /// Worked out from buffer sizes.
    Modelled,
}

/// The server's journal about a trial, all connections together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerFacts {
    /// Body bytes handed to the transport.
    pub sent_bytes: u64,
    /// Of those, body bytes that the client's kernel acknowledged; null where the
    /// server's platform does not count them.
    pub acked_bytes: Option<u64>,
    /// Most bytes that waited unsent in the server's kernel.
    pub max_unsent_bytes: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Requests read.
    pub requests: u64,
    /// The faults carried out, in their order.
    pub faults: Vec<FaultRecord>,
}

/// One fault as it was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultRecord {
    /// Its index in the scenario.
    pub index: usize,
    /// The connection it hit, from 1.
    pub connection: u32,
    /// The action as a URL spells it: `reset`, `stall:30s`.
    pub action: String,
    /// The party that it stands for.
    pub by: Party,
    /// Body bytes of the response handed to the transport until then.
    pub at_bytes: u64,
    /// The same in bytes of the response, head and framing included.
    pub at_wire_bytes: u64,
    /// The time.
    pub at_ns: u64,
    /// Bytes not acknowledged at that moment.
    pub in_flight_bytes: u64,
    /// The largest delay in noticing its moment, in nanoseconds.
    pub error_bound_ns: u64,
}

/// Kernel buffers of both sides; those of the server are its first
/// connection's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Buffers {
    /// The client's socket.
    pub client: SocketFacts,
    /// The server's socket.
    pub server: SocketFacts,
}

/// The factors of `[tcp]` that were applied.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scaled {
    /// On every duration.
    pub time: f64,
    /// On every size; rates were scaled by `size / time`.
    pub size: f64,
}
