//! Recipes: several remedies with their settings.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shortread_server::scenario::{Keepalive, Limit, Scenario};

use super::{
    digest,
    least_rate::LeastRate,
    resume::{Resume, Without},
    retry::Retry,
    segments::{MOST_AT_A_TIME, Segments},
    stall::Stall,
};
use crate::client::Basis;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Remedies that go together. The default is none of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Recipe {
    /// Its name, for ids and tables.
    pub name: String,
    /// Compares the bytes with the length that is expected.
    pub progress: Option<Progress>,
    /// Other deadlines than the scenario's.
    pub deadlines: Option<Deadlines>,
    /// Ends an attempt whose bytes stop or trickle.
    pub stall: Option<Stall>,
    /// Tries again.
    pub retry: Option<Retry>,
    /// Goes on where an attempt has ended.
    pub resume: Option<Resume>,
    /// Fetches parts side by side.
    #[serde(default)]
    pub segments: Option<Segments>,
    /// Compares what is there with what the server says of it.
    pub verify: Option<Verify>,
    /// Gives the file its name when all is there.
    pub atomic: Option<Atomic>,
}

/// The length that is expected: `Content-Length`, the total of `Content-Range`, or:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Bytes of the file, where the user knows them.
    pub bytes: Option<u64>,
}

/// Deadlines in place of the scenario's; what is absent stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// For everything.
    pub total: Option<Limit>,
    /// In its place: a total for each attempt, by the size of what it is sent.
    #[serde(default)]
    pub least_rate: Option<LeastRate>,
    /// Between two reads from the socket.
    pub sock_read: Option<Limit>,
    /// TCP keepalive.
    pub keepalive: Option<Keepalive>,
}

impl Deadlines {
    /// No deadline for everything, and a minute between two reads: most servers and
    /// firewalls are patient for that long, and most users are not for longer.
    pub fn usual() -> Self {
        Self::of_silence(Duration::from_secs(60))
    }

    /// No deadline for everything, one of `silence` between two reads.
    pub fn of_silence(silence: Duration) -> Self {
        Self {
            total: Some(Limit::Never),
            least_rate: None,
            sock_read: Some(Limit::After(silence)),
            keepalive: None,
        }
    }
}

/// What the result must rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verify {
    /// A result that rests on less is an error.
    pub require: Basis,
    /// The digest of the file, where the user knows it.
    pub digest: Option<digest::Expected>,
}

impl Default for Verify {
    fn default() -> Self {
        Self {
            require: Basis::Length,
            digest: None,
        }
    }
}

/// The file has another name until it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Atomic {
    /// A result that rests on less is an error, and its file keeps the other name.
    pub require: Basis,
}

impl Default for Atomic {
    fn default() -> Self {
        Self {
            require: Basis::Length,
        }
    }
}

/// Settings that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// Nothing is ever tried again.
    #[error("`retry` with 0 attempts never tries again; give at least 1, or leave it out")]
    NoAttempt,
    /// Two deadlines for the same.
    #[error(
        "`deadlines.total` is a time, and `deadlines.least_rate` makes another of the size; leave \
         one of them out"
    )]
    TwoTotals,
    /// No part would ever come, or too many at a time.
    #[error("`segments.connections` must be 1 to {MOST_AT_A_TIME}")]
    Connections,
    /// Parts that are not tried again.
    #[error("`segments` needs `retry` and `resume`: each part is tried again by itself")]
    PartsWithoutResume,
    /// Parts come in no order.
    #[error(
        "`segments` compares no digest: the parts come in no order, and nothing is read again; \
         leave out one of them"
    )]
    DigestOfParts,
    /// Nothing would be resumed.
    #[error("`resume` needs `retry`: without another attempt nothing is resumed")]
    ResumeWithoutRetry,
    /// Parts may be joined that no validator vouches for.
    #[error(
        "a validator is required, and `resume` joins parts without one; leave out \
         `without_validator = \"resume\"` and `validators = false`, or require a length"
    )]
    Unvouched,
    /// No file would ever get its name.
    #[error(
        "`atomic.require` is a digest, and without `verify` none is compared; add `verify`, or \
         require less"
    )]
    NoDigest,
    /// The first wait is longer than the longest.
    #[error("`retry.first` is longer than `retry.most`, so that it is never waited")]
    Longer,
    /// The time is over before the first wait is.
    #[error("`retry.within` is shorter than the first wait, so that no attempt is made in it")]
    TooShort,
}

impl Recipe {
    /// Checks the settings against each other.
    ///
    /// # Errors
    /// Every contradiction, in a stable order.
    pub fn check(&self) -> Result<(), Vec<RecipeError>> {
        let mut errors = Vec::new();
        if let Some(retry) = &self.retry {
            if retry.attempts == 0 {
                errors.push(RecipeError::NoAttempt);
            }
            if retry.backoff.first > retry.backoff.most {
                errors.push(RecipeError::Longer);
            }
            let first = retry.backoff.wait(1, Duration::ZERO, 0.0);
            if retry.within.is_some_and(|within| within < first) {
                errors.push(RecipeError::TooShort);
            }
        } else if self.resume.is_some() {
            errors.push(RecipeError::ResumeWithoutRetry);
        }
        let deadlines = self.deadlines.unwrap_or_default();
        if deadlines.least_rate.is_some() && matches!(deadlines.total, Some(Limit::After(_))) {
            errors.push(RecipeError::TwoTotals);
        }
        let joins = self.resume.is_some_and(|resume| {
            resume.without_validator == Without::Resume || !resume.validators
        });
        let requires = self.requires();
        if joins && requires == Some(Basis::Validator) {
            errors.push(RecipeError::Unvouched);
        }
        let atomic = self.atomic.map(|atomic| atomic.require);
        if atomic == Some(Basis::Digest) && self.verify.is_none() {
            errors.push(RecipeError::NoDigest);
        }
        if let Some(segments) = &self.segments {
            if !(1..=MOST_AT_A_TIME).contains(&segments.at_a_time) || segments.bytes == 0 {
                errors.push(RecipeError::Connections);
            }
            if self.resume.is_none() {
                errors.push(RecipeError::PartsWithoutResume);
            }
            let by_hand = self.verify.as_ref().is_some_and(|one| one.digest.is_some());
            if by_hand || requires == Some(Basis::Digest) {
                errors.push(RecipeError::DigestOfParts);
            }
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors),
        }
    }

    /// The least that a result must rest on; `None` where nothing asks.
    pub fn requires(&self) -> Option<Basis> {
        let verify = self.verify.as_ref().map(|verify| verify.require);
        verify.max(self.atomic.map(|atomic| atomic.require))
    }

    /// The deadlines of `scenario` as the recipe has them. A total that follows from the
    /// size is not among them; the harness gives up behind it, as behind any deadline, or
    /// after a day.
    pub fn set_deadlines(&self, scenario: &mut Scenario) {
        let Some(deadlines) = &self.deadlines else {
            return;
        };
        let client = &mut scenario.client;
        if let Some(total) = deadlines.total {
            client.total = total;
        }
        if let Some(sock_read) = deadlines.sock_read {
            client.sock_read = sock_read;
        }
        if let Some(keepalive) = deadlines.keepalive {
            client.keepalive = Some(keepalive);
        }
        if let (None, Some(least)) = (client.give_up, deadlines.least_rate) {
            let longest = least.total(scenario.body.size.0).saturating_mul(2).min(DAY);
            scenario.client.give_up = Some(scenario.give_up().max(longest));
        }
    }

    /// The most attempts of a download, and the longest time of all waits between them.
    /// A budget that progress renews has no such number: it counts as ten times as many.
    pub fn longest(&self) -> (u32, Duration) {
        let Some(retry) = &self.retry else {
            return (1, Duration::ZERO);
        };
        let again = match retry.budget {
            super::Budget::Total => retry.attempts,
            super::Budget::SinceProgress(_) => retry.attempts.saturating_mul(10),
        };
        let wait = retry
            .backoff
            .most
            .max(retry.retry_after.unwrap_or_default());
        (again.saturating_add(1), wait.saturating_mul(again))
    }

    /// The recipe for a scenario whose durations and sizes are scaled by these factors.
    /// The deadlines that are the scenario's too are scaled with those of the scenario.
    pub fn scaled(&self, time: f64, size: f64) -> Self {
        let mut scaled = self.clone();
        let duration = |duration: &mut Duration| *duration = duration.mul_f64(time);
        scaled.segments = self.segments.map(|segments| segments.scaled(size));
        scaled.stall = self.stall.map(|stall| stall.scaled(time, size));
        if let Some(deadlines) = &mut scaled.deadlines {
            let least = deadlines.least_rate;
            deadlines.least_rate = least.map(|least| least.scaled(time, size));
        }
        if let Some(retry) = &mut scaled.retry {
            duration(&mut retry.backoff.first);
            duration(&mut retry.backoff.most);
            if let super::Jitter::Added(extra) = &mut retry.backoff.jitter {
                duration(extra);
            }
            retry.within.as_mut().map(duration);
            retry.retry_after.as_mut().map(duration);
            if let super::Budget::SinceProgress(bytes) = &mut retry.budget {
                *bytes = (*bytes as f64 * size).round() as u64;
            }
        }
        scaled
    }
}
