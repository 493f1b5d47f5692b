//! The diagnosis for programs: one object, every cause with all its reasons.

use serde::Serialize;
use shortread_server::text::json_lines;

use crate::diagnose::{
    clues::{Clue, Fit},
    errors::Blame,
    evidence::{Evidence, Pattern},
    rank::Ranked,
};

/// Sizes in bytes, times in seconds.
#[derive(Serialize)]
struct Diagnosis<'a> {
    attempts: Vec<Numbers>,
    object_bytes: Option<u64>,
    idle_seconds: Option<f64>,
    error: Option<Error<'a>>,
    pattern: Pattern,
    causes: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Numbers {
    got_bytes: u64,
    after_seconds: f64,
    bytes_per_second: f64,
}

#[derive(Serialize)]
struct Error<'a> {
    text: &'a str,
    known: Option<&'static str>,
    nearest: Option<&'static str>,
    end: Option<Blame>,
    source: Option<&'static str>,
}

#[derive(Serialize)]
struct Cause<'a> {
    rank: usize,
    id: &'static str,
    name: &'static str,
    fit: Fit,
    because: &'a [Clue],
    arithmetic: Option<String>,
    test: &'static str,
    scenario: &'static str,
    setting: &'static str,
    sources: &'static [&'static str],
}

/// `ranked`, which is the diagnosis of `evidence`, indented, with a line's end.
pub fn json(evidence: &Evidence, ranked: &[Ranked]) -> String {
    let diagnosis = Diagnosis {
        attempts: evidence
            .attempts
            .iter()
            .map(|attempt| Numbers {
                got_bytes: attempt.got.0,
                after_seconds: attempt.after.as_secs_f64(),
                bytes_per_second: attempt.rate(),
            })
            .collect(),
        object_bytes: evidence.of.map(|of| of.0),
        idle_seconds: evidence.idle.map(|idle| idle.as_secs_f64()),
        error: evidence.error.as_ref().map(|reported| Error {
            text: &reported.text,
            known: reported.known.map(|known| known.name),
            nearest: reported.nearest,
            end: reported.end(),
            source: reported.known.map(|known| known.source),
        }),
        pattern: evidence.pattern(),
        causes: ranked
            .iter()
            .map(|ranked| Cause {
                rank: ranked.rank,
                id: ranked.cause.id,
                name: ranked.cause.name,
                fit: ranked.fit,
                because: &ranked.clues,
                arithmetic: (ranked.fit < Fit::RuledOut)
                    .then(|| (ranked.cause.arithmetic)(evidence))
                    .flatten(),
                test: ranked.cause.test,
                scenario: ranked.cause.nearest_scenario(evidence),
                setting: ranked.cause.setting,
                sources: ranked.cause.sources,
            })
            .collect(),
    };
    // Plain data with text as keys: nothing in it can fail to be written.
    let json = serde_json::to_string_pretty(&diagnosis).unwrap_or_default();
    json_lines(&json).into_owned() + "\n"
}
