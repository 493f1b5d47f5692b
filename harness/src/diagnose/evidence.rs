//! The user's numbers about failed downloads, checked, and the pattern of several
//! attempts.

use std::time::Duration;

use serde::Serialize;
use shortread_server::units::{self, ByteSize, UnitError, human_duration};

use super::errors::{self, Reported};

/// One download that stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedDownload {
    /// Bytes of the body that arrived.
    pub got: ByteSize,
    /// From the request to the end; above zero.
    pub after: Duration,
}

impl ReportedDownload {
    /// Bytes a second, on average.
    pub fn rate(&self) -> f64 {
        self.got.0 as f64 / self.after.as_secs_f64()
    }

    /// Bytes a second while they came: without `idle` at the end.
    pub fn rate_without(&self, idle: Option<Duration>) -> f64 {
        let flowed = self.after.saturating_sub(idle.unwrap_or_default());
        self.got.0 as f64 / flowed.as_secs_f64()
    }
}

/// All that was told. Error and silence hold for every attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Never empty.
    pub attempts: Vec<ReportedDownload>,
    /// The size of the whole object.
    pub of: Option<ByteSize>,
    /// The client's report of the end.
    pub error: Option<Reported>,
    /// The silence before the end.
    pub idle: Option<Duration>,
}

/// The common traits of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// There is one attempt.
    Alone,
    /// They ended at the same time with different sizes.
    SameTime,
    /// They ended at the same size after different times.
    SameSize,
    /// Same size, same time: the same attempt again, which tells nothing apart.
    Repeated,
    /// Neither size nor time repeats.
    Neither,
    /// A size or a time repeats, but not in all of them.
    Mixed,
}

/// Times are the same within this, or within [`SAME_TIME_SHARE`]: clients round
/// their timers to the next full second.
const SAME_TIME: Duration = Duration::from_secs(1);
/// See [`SAME_TIME`].
const SAME_TIME_SHARE: f64 = 0.02;
/// Sizes are the same within this: what a client had buffered is lost.
const SAME_SIZE_SHARE: f64 = 0.001;

/// The reasons why evidence cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// A size or a time that cannot be read.
    #[error("{option}: {source}")]
    Unit {
        /// The option it stands in.
        option: &'static str,
        /// The mistake.
        source: UnitError,
    },
    /// A time without its unit: seconds and milliseconds are confused easily.
    #[error("{option}: `{number}` has no unit; write for example {number}s")]
    NoUnit {
        /// The option it stands in.
        option: &'static str,
        /// The text in its place.
        number: String,
    },
    /// An attempt without its comma.
    #[error("--attempt `{0}` is not SIZE,TIME; write for example --attempt 600MB,300s")]
    ReportedDownload(String),
    /// A time of zero.
    #[error("{0}: a download that took no time has no rate; write for example 0.1s")]
    NoTime(&'static str),
    /// More arrived than there is.
    #[error("{got} arrived, more than the {of} of --of; is --of the size of the whole object?")]
    MoreThanAll {
        /// The bytes that arrived.
        got: ByteSize,
        /// The size of the object.
        of: ByteSize,
    },
    /// There is nothing to get.
    #[error("--of: an object of 0 bytes is whole at once; leave --of out if its size is unknown")]
    Nothing,
    /// A silence longer than the download.
    #[error("--idle {} is longer than the whole attempt, {}",
        units::print_duration(*idle), units::print_duration(*after))]
    IdleTooLong {
        /// The silence.
        idle: Duration,
        /// The shortest attempt.
        after: Duration,
    },
    /// A silence as long as the download, of which bytes came.
    #[error("--idle {} leaves no time in which {got} came within {}; the silence before the end is \
        shorter than the attempt", units::print_duration(*idle), units::print_duration(*after))]
    NothingFlowed {
        /// The silence.
        idle: Duration,
        /// The attempt.
        after: Duration,
        /// The bytes that arrived in it.
        got: ByteSize,
    },
    /// `--error` without a word.
    #[error("--error is empty; give the exception or the message from the log, or `none`")]
    EmptyError,
}

/// The options as they were typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// `--got`
    pub got: &'a str,
    /// `--after`
    pub after: &'a str,
    /// `--of`
    pub of: Option<&'a str>,
    /// `--error`
    pub error: Option<&'a str>,
    /// `--idle`
    pub idle: Option<&'a str>,
    /// `--attempt`, each
    pub attempts: &'a [String],
}

impl Evidence {
    /// Reads and checks what was typed.
    ///
    /// # Errors
    /// The first thing that cannot be, with the option it stands in.
    pub fn read(told: &Told<'_>) -> Result<Self, EvidenceError> {
        let mut attempts = vec![ReportedDownload {
            got: size("--got", told.got)?,
            after: time("--after", told.after)?,
        }];
        for text in told.attempts {
            let (got, after) = text
                .split_once(',')
                .ok_or_else(|| EvidenceError::ReportedDownload(text.clone()))?;
            attempts.push(ReportedDownload {
                got: size("--attempt", got)?,
                after: time("--attempt", after)?,
            });
        }
        let of = told.of.map(|text| size("--of", text)).transpose()?;
        let idle = told.idle.map(|text| duration("--idle", text)).transpose()?;
        let error = match told.error.map(str::trim) {
            Some("") => return Err(EvidenceError::EmptyError),
            other => other.map(errors::look_up),
        };
        let evidence = Self {
            attempts,
            of,
            error,
            idle,
        };
        evidence.check()?;
        Ok(evidence)
    }

    fn check(&self) -> Result<(), EvidenceError> {
        if let Some(of) = self.of {
            if of.0 == 0 {
                return Err(EvidenceError::Nothing);
            }
            if let Some(more) = self.attempts.iter().find(|attempt| attempt.got > of) {
                return Err(EvidenceError::MoreThanAll { got: more.got, of });
            }
        }
        let came = self.attempts.iter().filter(|attempt| attempt.got.0 > 0);
        if let Some(idle) = self.idle
            && let Some(attempt) = came.clone().find(|attempt| attempt.after == idle)
        {
            let ReportedDownload { got, after } = *attempt;
            return Err(EvidenceError::NothingFlowed { idle, after, got });
        }
        let shortest = self.attempts.iter().map(|attempt| attempt.after).min();
        match (self.idle, shortest) {
            (Some(idle), Some(after)) if idle > after => {
                Err(EvidenceError::IdleTooLong { idle, after })
            }
            _ => Ok(()),
        }
    }

    /// The attempt of `--got` and `--after`.
    pub fn first(&self) -> ReportedDownload {
        self.attempts[0]
    }

    /// True if every attempt fulfils `test`.
    pub fn all(&self, test: impl Fn(&ReportedDownload) -> bool) -> bool {
        self.attempts.iter().all(test)
    }

    /// True if all of the object arrived in every attempt; false if its size is
    /// unknown.
    pub fn whole(&self) -> bool {
        self.of.is_some_and(|of| self.all(|a| a.got == of))
    }

    /// The common trait of the attempts.
    pub fn pattern(&self) -> Pattern {
        if self.attempts.len() == 1 {
            return Pattern::Alone;
        }
        match (same_time(&self.attempts), same_size(&self.attempts)) {
            (true, false) => Pattern::SameTime,
            (false, true) => Pattern::SameSize,
            (true, true) => Pattern::Repeated,
            (false, false) if self.repeats_in_part() => Pattern::Mixed,
            (false, false) => Pattern::Neither,
        }
    }

    /// True if any two attempts share a size or a time.
    fn repeats_in_part(&self) -> bool {
        let mut rest = self.attempts.as_slice();
        while let Some((first, others)) = rest.split_first() {
            let alike = |other: &ReportedDownload| {
                let pair = [*first, *other];
                same_time(&pair) || same_size(&pair)
            };
            if others.iter().any(alike) {
                return true;
            }
            rest = others;
        }
        false
    }

    /// The pattern in a sentence; what one attempt is worth, where it is one.
    pub fn pattern_sentence(&self) -> String {
        let count = self.attempts.len();
        let sizes = || listed(self.attempts.iter().map(|a| a.got.human()));
        let times = || listed(self.attempts.iter().map(|a| human_duration(a.after)));
        match self.pattern() {
            Pattern::Alone => "One attempt gives candidates, never proof. A second one at another \
                               speed (--attempt SIZE,TIME) tells deadlines from size limits."
                .into(),
            Pattern::SameTime => format!(
                "{count} attempts: the same time ({}), different sizes ({}). That is what a \
                 deadline does.",
                times(),
                sizes()
            ),
            Pattern::SameSize => format!(
                "{count} attempts: the same size ({}), different times ({}). That is what a limit \
                 on size does.",
                sizes(),
                times()
            ),
            Pattern::Repeated => format!(
                "{count} attempts with the same size and the same time ({}): they cannot tell a \
                 deadline from a limit on size. Repeat at another speed.",
                times()
            ),
            Pattern::Neither => format!(
                "{count} attempts: neither size ({}) nor time ({}) repeats. That is no deadline \
                 on the whole and no limit on size; loss, silence or chance remain.",
                sizes(),
                times()
            ),
            Pattern::Mixed => format!(
                "{count} attempts ({}): a size or a time repeats, but not in all. Those that agree \
                 may have another cause than the others; diagnose them alone.",
                listed(self.attempts.iter().map(|attempt| {
                    let after = human_duration(attempt.after);
                    format!("{} in {after}", attempt.got.human())
                }))
            ),
        }
    }
}

fn same_time(attempts: &[ReportedDownload]) -> bool {
    let times = Span::of(attempts.iter().map(|a| a.after.as_secs_f64()));
    times.width() <= SAME_TIME.as_secs_f64().max(times.most * SAME_TIME_SHARE)
}

fn same_size(attempts: &[ReportedDownload]) -> bool {
    let sizes = Span::of(attempts.iter().map(|a| a.got.0 as f64));
    sizes.width() <= sizes.most * SAME_SIZE_SHARE
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.collect();
    parts.dedup();
    parts.join(", ")
}

struct Span {
    least: f64,
    most: f64,
}

impl Span {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let start = Self {
            least: f64::INFINITY,
            most: 0.0,
        };
        values.fold(start, |span, value| Self {
            least: span.least.min(value),
            most: span.most.max(value),
        })
    }

    fn width(&self) -> f64 {
        self.most - self.least
    }
}

fn size(option: &'static str, text: &str) -> Result<ByteSize, EvidenceError> {
    text.parse()
        .map_err(|source| EvidenceError::Unit { option, source })
}

fn duration(option: &'static str, text: &str) -> Result<Duration, EvidenceError> {
    let number = text.trim();
    if number != "0" && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EvidenceError::NoUnit {
            option,
            number: number.into(),
        });
    }
    units::parse_duration(text).map_err(|source| EvidenceError::Unit { option, source })
}

fn time(option: &'static str, text: &str) -> Result<Duration, EvidenceError> {
    match duration(option, text)? {
        Duration::ZERO => Err(EvidenceError::NoTime(option)),
        time => Ok(time),
    }
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
