//! Applies `[expect.any]` to the result of a client.
//!
//! The rule is for any client, so it only knows three facts: the client's answer,
//! the truth of its bytes, and the number of its requests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    scenario::{Kind, Scenario, Success},
    units::human_bounds,
};

use crate::{
    client::{Download, Verdict},
    verify::Finding,
};

/// `[expect.any]` of a scenario, in bytes, with its defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// True if an attempt has to succeed.
    pub success: Success,
    /// True if a client may wait forever.
    pub hang: bool,
    /// True bytes that one response brings: the least and the most.
    pub prefix: [u64; 2],
    /// Bytes of the object.
    pub object: u64,
}

impl Rule {
    /// The rule of `scenario`, scaled as it is; `None` where it states none.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let any = scenario.expect.any?;
        let object = scenario.body.size.0;
        let unstated = match any.success {
            Success::Required => [object, object],
            Success::Forbidden | Success::Undetectable => [0, object],
        };
        Some(Self {
            success: any.success,
            hang: any.hang,
            prefix: any
                .prefix
                .map_or(unstated, |prefix| prefix.map(|size| size.0)),
            object,
        })
    }

    /// The response announces more than there is, so no attempt is complete.
    fn never_complete(&self) -> bool {
        self.success == Success::Forbidden && self.prefix[0] == self.object
    }
}

/// The client's answer to its caller: its exit status, or its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The download is whole.
    Success,
    /// It failed.
    Failure,
    /// Nothing, until it was stopped.
    Nothing,
}

/// The truth about the saved bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// Bytes that it has.
    pub length: u64,
    /// Of those, the right ones from the object's start on.
    pub true_prefix: u64,
    /// True if they are the object.
    pub whole: bool,
    /// The number of requests; `None` if it is unknown.
    pub requests: Option<u64>,
}

impl Truth {
    /// Of a saved file. Without a file: [`Finding`] of an empty one.
    pub fn of_file(finding: &Finding, requests: Option<u64>) -> Self {
        Self {
            length: finding.length_bytes,
            true_prefix: finding.true_prefix_bytes,
            whole: finding.is_whole(),
            requests,
        }
    }

    /// Of one download of a trial of an object of `object` bytes.
    pub fn of_download(download: &Download, object: u64, requests: Option<u64>) -> Self {
        let length = download.delivered_bytes;
        Self {
            length,
            true_prefix: download.first_bad_offset.unwrap_or(length).min(length),
            whole: download.first_bad_offset.is_none() && length == object,
            requests,
        }
    }
}

/// The result, judged by `[expect.any]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// `complete`, `silent-truncation`, `truncated` (the client reported a
    /// failure), `corrupt` or `stalled`.
    pub kind: Kind,
    /// True if any client may do that.
    pub accepted: bool,
    /// The violation, as a sentence without a full stop.
    pub why: Option<String>,
}

/// The judgement of a client that `said` so, where `truth` is true.
pub fn judge(rule: &Rule, said: Said, truth: &Truth) -> Judgement {
    let kind = match said {
        Said::Nothing => Kind::Stalled,
        Said::Failure => Kind::Truncated,
        Said::Success if truth.whole => Kind::Complete,
        // Right as far as it goes.
        Said::Success if truth.true_prefix == truth.length => Kind::SilentTruncation,
        Said::Success => Kind::Corrupt,
    };
    let why = violation(rule, kind, truth);
    Judgement {
        kind,
        accepted: why.is_none(),
        why,
    }
}

fn violation(rule: &Rule, kind: Kind, truth: &Truth) -> Option<String> {
    let [least, most] = rule.prefix;
    let has = || human_bounds(truth.true_prefix, truth.true_prefix);
    if truth.requests == Some(1) && !truth.whole && truth.true_prefix > most {
        return Some(format!(
            "it has {} right bytes, and one response brings at most {}",
            has(),
            human_bounds(most, most)
        ));
    }
    match (kind, rule.success) {
        // A client that sent another request may know the true size: a 416 names
        // it.
        (Kind::Complete, _)
            if rule.never_complete() && truth.requests.is_none_or(|requests| requests < 2) =>
        {
            Some("it reports success, and the response that announced more was not complete".into())
        }
        (Kind::Complete, _) => None,
        (Kind::Stalled, _) if rule.hang => None,
        (Kind::Stalled, _) => Some("it waits without end, and the server does not".into()),
        (Kind::Truncated, Success::Required) => {
            Some("it reports failure, and the whole object was to be had".into())
        }
        (Kind::Truncated, _) => None,
        (_, Success::Undetectable) if truth.true_prefix >= least => None,
        (_, Success::Undetectable) => Some(format!(
            "it reports success with {} right bytes, and {} came",
            has(),
            human_bounds(least, most)
        )),
        _ => Some(format!(
            "it reports success with {} right bytes of {}",
            has(),
            human_bounds(rule.object, rule.object)
        )),
    }
}

/// The worst judgement of a trial's downloads; `None` where the rule does not
/// speak of them: a limit of the client's own ended one that had to succeed.
/// `slow_sink` tells that the client may stop reading for so long that the
/// server loses patience; `requests` counts those of all downloads together.
pub fn judge_trial(
    rule: &Rule,
    downloads: &[(&Download, Kind)],
    slow_sink: bool,
    requests: u64,
) -> Option<Judgement> {
    let once = (requests <= downloads.len() as u64).then_some(1);
    let mut judgements = Vec::new();
    for (download, kind) in downloads {
        let own_limit = match kind {
            Kind::TimedOut | Kind::OutOfMemory | Kind::DiskFull => true,
            Kind::Truncated | Kind::Reset => slow_sink,
            _ => false,
        };
        if *kind == Kind::ToolError || (own_limit && rule.success == Success::Required) {
            return None;
        }
        // An end behind the last announced byte is complete whatever was said.
        let said = match (&download.verdict, kind) {
            (_, Kind::Complete) | (Verdict::Success, _) => Said::Success,
            (Verdict::Failure(_), _) => Said::Failure,
            (Verdict::GaveUp, _) => Said::Nothing,
        };
        let truth = Truth::of_download(download, rule.object, once);
        judgements.push(judge(rule, said, &truth));
    }
    let violated = judgements.iter().position(|judgement| !judgement.accepted);
    match violated {
        Some(index) => Some(judgements.swap_remove(index)),
        None => judgements.into_iter().next(),
    }
}

#[cfg(test)]
#[path = "any_tests.rs"]
mod tests;
