//! A scenario as plain data, with the default of every setting.
//!
//! Nothing here is interpreted. The origin, the link and the schedule of this
//! crate read their tables; `[client]`, `[sink]` and `[expect]` are for the
//! harness.

mod defaults;
mod fault;
mod response;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{
    fault::{Fault, Trigger},
    response::{Answer, Raw, RawAt, Response, Version},
};
use super::{
    Accept, Coding, Deadline, Digest, ExpectAny, Framing, Kind, Parser, Partial, Party,
    RequestFacts, StrategyName, TimerOrder, Validators, World,
};
use crate::{
    body::{Object, ObjectFile, OpenFile, Pattern, Reference},
    units::{ByteSize, Rate},
};

/// One way for a download to fail, or to survive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// The file's name without `.toml`.
    pub name: String,
    /// One line: what the user sees.
    pub title: String,
    /// A short phrase that names the cause; `list` groups by it.
    pub cause: String,
    /// A few sentences: why it happens in the real world.
    pub why: String,
    /// The sources.
    pub sources: Vec<String>,
    /// The settings without which it would not fail, as key paths (`fault`,
    /// `client.total`); empty where nothing fails.
    pub decisive: Vec<String>,
    /// Paths of the standalone server at which it is served too.
    #[serde(default)]
    pub alias: Vec<String>,
    /// `[body]`
    pub body: Body,
    /// `[response]`
    pub response: Response,
    /// `[link]`
    pub link: Link,
    /// `[sockets]`
    pub sockets: Sockets,
    /// `[[answer]]`, in the order of the file.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// `[[version]]`, in the order of the file.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// `[[fault]]`, in the order of the file.
    pub faults: Vec<Fault>,
    /// `[client]`
    pub client: Client,
    /// `[sink]`
    pub sink: Sink,
    /// `[tcp]`
    pub tcp: Tcp,
    /// `[plan]`
    pub plan: Plan,
    /// `[expect]`
    pub expect: Expect,
    /// The text of the file that it was read from; empty where there was none.
    /// It stays where it was read: it does not go to other processes.
    #[serde(skip)]
    pub text: Arc<str>,
}

/// A limit in time that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// `off` for a deadline, `forever` for a stall.
    Never,
    /// After this long.
    After(Duration),
}

impl Limit {
    /// The duration, if there is one.
    pub const fn duration(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::After(time) => Some(time),
        }
    }
}

/// `[body]`: the object and how its end is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Bytes of the object, before any content coding.
    pub size: ByteSize,
    /// The real file that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ObjectFile>,
    /// Its version, from 1, which decides its bytes.
    #[serde(default = "first_version")]
    pub version: u32,
    /// The way in which the body ends.
    pub framing: Framing,
    /// Bytes in each chunk of a chunked body.
    pub chunk: ByteSize,
    /// The content codings, in the order in which they are applied.
    pub encoding: Vec<Coding>,
    /// Times that each block of the object's bytes stands there.
    pub ratio: u32,
    /// Members (of gzip) or frames (of zstd) of the coded body.
    pub members: u32,
    /// Bytes behind the coded body, inside its framing.
    pub garbage: ByteSize,
    /// The codings that the head names instead; an empty list names none.
    pub declared_encoding: Option<Vec<Coding>>,
    /// The treatment of clients that do not accept the codings.
    pub accept: Accept,
    /// Cut the encoded body to this many bytes, inside a complete framing.
    pub truncate_at: Option<ByteSize>,
    /// The false `Content-Length`.
    pub declared_size: Option<ByteSize>,
}

impl Body {
    /// The object's bytes, by offset.
    pub const fn pattern(&self) -> Pattern {
        Pattern::repeating(self.ratio).of_version(self.version)
    }

    /// That which a download is compared with: the object's bytes.
    ///
    /// # Errors
    /// The object is a file that cannot be opened, or has changed.
    pub fn reference(&self) -> std::io::Result<Reference> {
        Ok(match self.open_file()? {
            Some(file) => file.into(),
            None => self.object().into(),
        })
    }

    /// The file that the object is.
    ///
    /// # Errors
    /// It cannot be opened, or has changed since the scenario was read.
    pub fn open_file(&self) -> std::io::Result<Option<OpenFile>> {
        self.file.as_ref().map(ObjectFile::open).transpose()
    }

    /// The object, before any content coding, where it is no file.
    pub const fn object(&self) -> Object {
        Object {
            size: self.size.0,
            pattern: self.pattern(),
        }
    }
}

const fn first_version() -> u32 {
    1
}

/// `[link]`: the path between the origin and the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Bytes per second towards the client.
    pub rate: Rate,
    /// One way.
    pub latency: Duration,
    /// Added to the latency of each segment, uniform from zero to this; the
    /// order is kept.
    pub jitter: Duration,
    /// Bytes per segment; by default what the rate in force carries in 5 ms,
    /// from 1 B to 64 KiB.
    pub segment: Option<ByteSize>,
    /// The share of segments that are lost and arrive one retransmission
    /// timeout later. On a simulated clock only.
    pub loss: f64,
    /// Bytes of the largest segment that reaches the client: larger ones get lost, each
    /// time that they are sent. All pass without it.
    #[serde(default)]
    pub drops_above: Option<ByteSize>,
    /// The number of downloads at a time; `client.parallel` by another name, for
    /// downloads that share the link.
    pub connections: Option<u32>,
    /// True if they share `rate`, false if each has it.
    pub shared: bool,
}

/// The default time of a segment: so short that a slow link is a trickle, not a
/// row of bursts.
const SEGMENT_TIME: Duration = Duration::from_millis(5);

/// Most bytes of such a segment: one of loopback.
const LARGEST_DERIVED: u64 = 64 << 10;

impl Link {
    /// Bytes per segment for a connection that has `rate`: what the file
    /// states, whatever the rate; else as many as pass in 5 ms.
    pub fn segment_at(&self, rate: Rate) -> u64 {
        let derived = rate.bytes_in(SEGMENT_TIME).clamp(1, LARGEST_DERIVED);
        self.segment.map_or(derived, |size| size.0)
    }
}

/// `[sockets]`: the kernel's buffers. What is absent is the kernel's default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sockets {
    /// SO_SNDBUF of the server (Linux doubles it for its own bookkeeping).
    pub server_send: Option<ByteSize>,
    /// SO_RCVBUF of the client, before connect.
    pub client_receive: Option<ByteSize>,
    /// TCP_NOTSENT_LOWAT of the server; writes wait for it.
    pub notsent_lowat: Option<ByteSize>,
    /// TCP_CONGESTION of the server; `None` is `reno`, because the default of
    /// many machines (bbr) halves the speed of loopback.
    pub congestion: Option<String>,
}

/// `[client]`: the deadlines and the size of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Until the connection is established; aiohttp's default is 30 s.
    pub connect: Limit,
    /// From the request to the end of the response head; off by default.
    pub head: Limit,
    /// Between two reads from the socket; off by default.
    pub sock_read: Limit,
    /// For everything; aiohttp's default is 300 s.
    pub total: Limit,
    /// TCP keepalive; off by default.
    pub keepalive: Option<Keepalive>,
    /// The most heap that it may use.
    pub memory: Option<ByteSize>,
    /// The number of downloads at a time, in one process.
    pub parallel: u32,
    /// The number of requests of each, one after the other over one session.
    #[serde(default = "one_request")]
    pub requests: u32,
    /// The time at which the harness gives up; by default twice the longest time
    /// in the scenario.
    pub give_up: Option<Duration>,
    /// The order of the event loop: a due timer or a readable socket first.
    pub timers: TimerOrder,
    /// The parser of aiohttp that reads the response.
    pub parser: Parser,
}

const fn one_request() -> u32 {
    1
}

/// TCP keepalive (tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keepalive {
    /// Silence before the first probe.
    pub idle: Duration,
    /// Between probes.
    pub interval: Duration,
    /// Probes without an answer until ETIMEDOUT.
    pub count: u32,
}

/// Linux's MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL, in seconds.
pub(super) const LONGEST_KEEPALIVE: u64 = 32_767;

impl Keepalive {
    /// True if the kernel can keep `time` before a probe.
    pub fn can_keep(time: Duration) -> bool {
        time.subsec_nanos() == 0 && (1..=LONGEST_KEEPALIVE).contains(&time.as_secs())
    }

    /// After so much silence, with Linux's defaults for the rest (tcp(7)).
    pub const fn after(idle: Duration) -> Self {
        Self {
            idle,
            interval: Duration::from_secs(75),
            count: 9,
        }
    }
}

/// `[sink]`: where the application puts what it reads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sink {
    /// Between the response head and the first read of the body: a program that does
    /// something else first.
    #[serde(default)]
    pub first_pause: Duration,
    /// After each chunk.
    pub pause: Duration,
    /// At most this many bytes per second.
    pub rate: Option<Rate>,
    /// Pauses block the event loop, as a synchronous write does.
    pub blocking: bool,
    /// Write to a file, removed at the end.
    pub file: bool,
    /// Bytes that its disk takes, of all downloads together; none is full.
    #[serde(default)]
    pub capacity: Option<ByteSize>,
}

/// `[tcp]`: how production numbers are scaled in the TCP world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tcp {
    /// Factor on every duration.
    pub time: f64,
    /// Factor on every size; rates scale by `size / time`.
    pub size: f64,
    /// Runs alone, since its figures are measurements.
    pub measure: bool,
}

/// `[plan]`: what a run tries where it was not told. Empty lists leave it to
/// the defaults of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Item sizes of `fixed-chunk`.
    pub chunk_size: Vec<ByteSize>,
    /// Releases, as on the command line.
    pub profile: Vec<String>,
}

/// `[expect]`: what must come of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Expect {
    /// `[expect.any]`: what any client on earth may make of it.
    pub any: Option<ExpectAny>,
    /// `[[expect.trial]]`: for this project's trials; the first that matches
    /// counts.
    pub trials: Vec<ExpectTrial>,
}

/// `[[expect.trial]]`. Empty selectors match everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectTrial {
    /// Selects by strategy.
    pub strategy: Vec<StrategyName>,
    /// Selects by item size: `fixed-chunk` alone has one.
    pub chunk_size: Vec<ByteSize>,
    /// Selects by profile (`aiohttp-3.14` matches every 3.14.x,
    /// `<aiohttp-3.14` every release before); see [`selects`](super::selects).
    pub profile: Vec<String>,
    /// Selects by world.
    pub world: Vec<World>,
    /// The outcome's kind.
    pub kind: Kind,
    /// The party that ended it; absent accepts any.
    pub ended_by: Option<Party>,
    /// The deadline; absent accepts any and none.
    pub deadline: Option<Deadline>,
    /// Least and most bytes handed to the application, both included.
    pub delivered: [ByteSize; 2],
    /// Least and most bytes that were received and not handed over.
    pub lost: Option<[ByteSize; 2]>,
}

/// The largest body of the scenarios that run without being asked for.
const LARGEST_UNASKED: ByteSize = ByteSize(8_000_000_000);

impl Scenario {
    /// True if it only runs by name or with `--all`: its body is larger than 8
    /// GB.
    pub fn is_large(&self) -> bool {
        self.body.size > LARGEST_UNASKED
    }

    /// The response to a client that asks once: the first of `[[answer]]` that is for its
    /// request, else `[response]`.
    pub fn first_response(&self) -> &Response {
        let answer = self
            .answers
            .iter()
            .find(|answer| answer.on.selects(&RequestFacts::FIRST));
        answer.map_or(&self.response, |answer| &answer.response)
    }

    /// `[response]`, then each `[[answer]]`.
    pub fn responses(&self) -> impl Iterator<Item = &Response> {
        let answers = self.answers.iter().map(|answer| &answer.response);
        std::iter::once(&self.response).chain(answers)
    }

    /// Bytes of the object that such a client finds.
    pub fn first_size(&self) -> ByteSize {
        let found = self
            .versions
            .iter()
            .find(|one| one.on.selects(&RequestFacts::FIRST));
        found
            .and_then(|version| version.size)
            .unwrap_or(self.body.size)
    }

    /// `[body]` as each `[[version]]` has it, in the order of the file.
    pub fn later_bodies(&self) -> impl Iterator<Item = Body> {
        let numbers = self.body.version.saturating_add(1)..;
        let versions = self.versions.iter().zip(numbers);
        versions.map(|(version, number)| Body {
            size: version.size.unwrap_or(self.body.size),
            version: number,
            ..self.body.clone()
        })
    }

    /// Bytes of every version of the object, the first one first.
    pub fn sizes(&self) -> impl Iterator<Item = ByteSize> {
        let later = self.versions.iter();
        let later = later.map(|version| version.size.unwrap_or(self.body.size));
        std::iter::once(self.body.size).chain(later)
    }

    /// True if a server goes over the whole object before it answers: to code it, or to
    /// make its digest.
    pub fn is_gone_over(&self) -> bool {
        self.body.is_coded() || self.has_digest()
    }

    /// True if some response has a digest.
    pub(crate) fn has_digest(&self) -> bool {
        let answers = self.answers.iter().map(|answer| &answer.response);
        let mut all = answers.chain([&self.response]);
        all.any(|response| response.digest != Digest::None)
    }

    /// Bytes of all versions of the object together.
    pub fn all_bytes(&self) -> u64 {
        let sizes = self.sizes().map(|size| size.0);
        sizes.fold(0, u64::saturating_add)
    }

    /// Bytes of the largest version of the object.
    pub fn largest_size(&self) -> ByteSize {
        self.sizes().fold(self.body.size, ByteSize::max)
    }

    /// `[body]` with that size.
    pub(crate) fn largest_body(&self) -> Body {
        Body {
            size: self.largest_size(),
            ..self.body.clone()
        }
    }

    /// Downloads at a time: `client.parallel`, or `link.connections`.
    pub fn downloads(&self) -> u32 {
        self.link.connections.unwrap_or(self.client.parallel).max(1)
    }

    /// Requests of all of them together, each of which is for the whole object.
    pub fn all_requests(&self) -> u32 {
        self.downloads().saturating_mul(self.client.requests.max(1))
    }

    /// The share of `link.rate` for each of them while all run.
    pub fn fair_rate(&self) -> Rate {
        match self.link.shared {
            true => self.link.rate.shared_by(self.downloads()),
            false => self.link.rate,
        }
    }

    /// Bytes per segment of a connection whose own rate is `rate`, which may be
    /// more than its part of a shared link.
    pub fn segment_at(&self, rate: Rate) -> u64 {
        self.link.segment_at(rate.min(self.fair_rate()))
    }
}
