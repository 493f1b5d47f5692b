//! The seam between a download and the client around it: how often it asks, for what, and
//! where the bytes of an answer go.

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::clock::Instant;

use super::{
    head::Head,
    report::{Download, Failure, Verdict},
    traffic::Guard,
};

/// One request of a download.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// The first byte that is asked for; 0 without an end asks for all, without a range.
    pub from: u64,
    /// The byte behind the last one that is asked for; `None` asks for all behind the
    /// first.
    pub until: Option<u64>,
    /// The validator of `If-Range`.
    pub if_range: Option<String>,
}

impl Ask {
    /// All of the object.
    pub const WHOLE: Self = Self {
        from: 0,
        until: None,
        if_range: None,
    };

    /// Its header fields, by name and value.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        if self.from > 0 || self.until.is_some() {
            let last = self.until.map(|until| until.saturating_sub(1).to_string());
            let last = last.unwrap_or_default();
            fields.push(("Range", format!("bytes={}-{last}", self.from)));
            let validator = self.if_range.clone();
            fields.extend(validator.map(|validator| ("If-Range", validator)));
        }
        fields
    }
}

/// The place of a body in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The offset from which the file is written on; what stood there is dropped.
    pub at: u64,
    /// Bytes of the body that are dropped first.
    pub skip: u64,
    /// Most bytes of the body that are taken, those dropped among them.
    pub most: Option<u64>,
}

impl Place {
    /// All of the body goes behind the `held` bytes that are there.
    pub const fn behind(held: u64) -> Self {
        Self {
            at: held,
            ..Self::START
        }
    }

    /// All of the body is all of the file.
    pub const START: Self = Self {
        at: 0,
        skip: 0,
        most: None,
    };
}

/// The state of a download at the end of an attempt.
#[derive(Debug)]
pub struct Attempted<'a> {
    /// As the library left it.
    pub download: &'a Download,
    /// The head of its last response.
    pub head: Option<&'a Head>,
    /// Bytes in the file.
    pub held: u64,
    /// Bytes of the last body behind the most that its place takes.
    pub surplus: u64,
    /// The time.
    pub now: Instant,
}

/// The step behind an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// The download has ended, and this is said to the caller.
    Stop(Verdict),
    /// Another attempt, so much later.
    Again {
        /// Its request.
        ask: Ask,
        /// The wait before it.
        after: Duration,
    },
}

/// What a result rests on, from the least on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The connection ended, which says nothing.
    Nothing,
    /// The bytes are as many as announced, or their framing told its end.
    Length,
    /// The length, and a strong validator for each part (RFC 9110, section 8.8).
    Validator,
    /// A digest of the whole.
    Digest,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Length => "the length",
            Self::Validator => "the length and a strong validator",
            Self::Digest => "a digest",
        })
    }
}

/// The file that a download leaves behind.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// None: no body was taken.
    #[default]
    Nothing,
    /// One of another name.
    Temporary,
    /// One with the name that was asked for.
    Target,
}

impl Left {
    /// The same of a download that fails: with `atomic` its file does not get its name.
    pub(crate) fn of_failure(self, atomic: bool) -> Self {
        match self {
            Self::Target if atomic => Self::Temporary,
            left => left,
        }
    }
}

/// The account of a client around the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Requests that it made.
    pub attempts: u32,
    /// Of those, the ones that went on where the one before had ended.
    pub resumed: u32,
    /// The time spent in waits between them.
    pub waited: Duration,
    /// What the result rests on; `None` where there is none.
    pub rests_on: Option<Basis>,
    /// The file that it leaves.
    pub file: Left,
    /// Parts of the object that were fetched by themselves; 0 for all at once.
    #[serde(default)]
    pub parts: u32,
    /// Most of them at a time.
    #[serde(default)]
    pub at_a_time: u32,
}

impl Account {
    /// The account of this part and of another one together: the result rests on what the
    /// weaker one rests on. How many there are is not theirs to tell.
    pub fn join(self, other: Self) -> Self {
        Self {
            attempts: self.attempts.saturating_add(other.attempts),
            resumed: self.resumed.saturating_add(other.resumed),
            waited: self.waited.saturating_add(other.waited),
            rests_on: self.rests_on.min(other.rests_on),
            file: self.file.max(other.file),
            ..self
        }
    }
}

/// A part of the object that is fetched by itself.
#[derive(Debug)]
pub struct Part {
    /// Its offset.
    pub start: u64,
    /// The course that fetches it.
    pub course: Box<dyn Course>,
}

/// The parts of one download, which are fetched side by side. It decides, and does no I/O.
pub trait Parts: fmt::Debug {
    /// Most parts at a time.
    fn at_a_time(&self) -> usize;

    /// The next part. The first one is fetched alone, since it tells how many there are.
    fn next(&mut self) -> Option<Part>;

    /// All have ended: the verdict on the whole, whose parts came to `verdict`.
    fn ended(&mut self, verdict: Verdict, account: &mut Account) -> Verdict;
}

/// The course of one download. It decides, and does no I/O.
pub trait Course: fmt::Debug {
    /// The first request.
    fn begin(&mut self, now: Instant) -> Ask;

    /// A response head is complete.
    ///
    /// # Errors
    /// The body is not wanted.
    fn head(&mut self, head: &Head) -> Result<Place, Failure>;

    /// Bytes go into the file, one after the other from where the head's place said.
    fn took(&mut self, bytes: &[u8]) {
        let _ = bytes;
    }

    /// The guard over the traffic of the attempt that begins.
    fn guard(&mut self) -> Option<Box<dyn Guard>> {
        None
    }

    /// An attempt has ended.
    fn ended(&mut self, attempted: &Attempted<'_>) -> Next;

    /// Its account; `None` of one that only asks once.
    fn account(&self) -> Option<Account> {
        None
    }
}

/// Asks once, and takes what comes.
#[derive(Debug, Clone, Copy)]
pub struct Once;

impl Course for Once {
    fn begin(&mut self, _: Instant) -> Ask {
        Ask::WHOLE
    }

    fn head(&mut self, _: &Head) -> Result<Place, Failure> {
        Ok(Place::START)
    }

    fn ended(&mut self, attempted: &Attempted<'_>) -> Next {
        Next::Stop(attempted.download.verdict.clone())
    }
}
