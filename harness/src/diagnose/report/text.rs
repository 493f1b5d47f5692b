//! The diagnosis on one screen: 80 columns, the three best causes in full.

use shortread_server::{text::printable, units::human_duration};

use super::error_sentence;
use crate::{
    diagnose::{causes::weigh, clues::Fit, evidence::Evidence, rank::Ranked},
    explain::wrap::paragraph,
};

/// The widest line.
const WIDTH: usize = 80;
/// Causes told in full.
const FULL: usize = 3;
/// In front of what belongs to a cause.
const INDENT: &str = "           ";

/// `ranked`, which is the diagnosis of `evidence`.
pub fn text(evidence: &Evidence, ranked: &[Ranked]) -> String {
    let mut text = paragraph(&sums(evidence), "", WIDTH);
    if let Some(sentence) = error_sentence(evidence) {
        // It quotes what the client said.
        text.push_str(&paragraph(&printable(&sentence), "", WIDTH));
    }
    text.push_str(&paragraph(&evidence.pattern_sentence(), "", WIDTH));
    let in_full = ranked
        .iter()
        .take(FULL)
        .take_while(|ranked| ranked.fit <= Fit::Fits)
        .count();
    let (full, rest) = ranked.split_at(in_full);
    if full.is_empty() {
        text.push_str("\nNothing that is known here fits these numbers.\n");
    }
    for (index, ranked) in full.iter().enumerate() {
        let tie = index > 0 && full[index - 1].rank == ranked.rank;
        text.push('\n');
        text.push_str(&cause(evidence, ranked, tie));
    }
    for fit in [Fit::Exactly, Fit::Fits, Fit::NotContradicted, Fit::RuledOut] {
        let of_fit: Vec<&Ranked> = rest.iter().filter(|ranked| ranked.fit == fit).collect();
        if !of_fit.is_empty() {
            text.push_str(&format!("\n{}:\n", heading(fit)));
            for ranked in of_fit {
                text.push_str(&one_line(ranked));
            }
        }
    }
    text
}

/// The bytes that arrived, the rate, and the missing bytes.
fn sums(evidence: &Evidence) -> String {
    let attempt = evidence.first();
    let of = evidence
        .of
        .map_or(String::new(), |of| format!(" of {}", of.human()));
    let mut text = format!(
        "{}{of} in {}",
        attempt.got.human(),
        human_duration(attempt.after)
    );
    if attempt.got.0 > 0 {
        text.push_str(&format!(" = {}", weigh::rate(attempt.rate())));
    }
    if let Some(of) = evidence.of {
        text.push_str(&match of.0 - attempt.got.0 {
            0 => "; nothing is missing".into(),
            missing => format!(
                "; {} missing",
                shortread_server::units::ByteSize(missing).human()
            ),
        });
    }
    if let Some(idle) = evidence.idle {
        text.push_str(&format!("; silent for the last {}", human_duration(idle)));
    }
    text + "."
}

fn cause(evidence: &Evidence, ranked: &Ranked, tie: bool) -> String {
    let cause = ranked.cause;
    let tie = if tie { ", a tie" } else { "" };
    let mut text = format!(
        "\x1b[1m{}. {}\x1b[0m: {}{tie}\n",
        ranked.rank,
        cause.name,
        ranked.fit.words()
    );
    let reasons: Vec<String> = ranked
        .clues
        .iter()
        .map(|clue| match clue.fit == ranked.fit {
            true => clue.reason.clone(),
            false if clue.fit == Fit::NotContradicted => format!("open: {}", clue.reason),
            false => format!("({}) {}", clue.fit.words(), clue.reason),
        })
        .collect();
    text.push_str(&labelled("because", &reasons.join("; ")));
    if let Some(sums) = (cause.arithmetic)(evidence) {
        text.push_str(&labelled("sums", &sums));
    }
    text.push_str(&labelled("refute", cause.test));
    let play = format!("shortread run {}", cause.nearest_scenario(evidence));
    text.push_str(&labelled("play it", &play));
    text.push_str(&labelled("change", cause.setting));
    text.push_str(&labelled("source", cause.sources[0]));
    text
}

fn labelled(label: &str, words: &str) -> String {
    let lines = paragraph(words, INDENT, WIDTH);
    format!("  {label:<9}{}", &lines[INDENT.len()..])
}

fn heading(fit: Fit) -> &'static str {
    match fit {
        Fit::Exactly => "Fits exactly too",
        Fit::Fits => "Fits too",
        Fit::NotContradicted => "Not contradicted, nor supported",
        Fit::RuledOut => "Ruled out, because",
    }
}

fn one_line(ranked: &Ranked) -> String {
    let reason = ranked.clues.first().map_or("", |clue| &clue.reason);
    let line = format!("  {:<21}{reason}", ranked.cause.id);
    match line.char_indices().nth(WIDTH) {
        Some(_) => {
            let kept: String = line.chars().take(WIDTH - 1).collect();
            format!("{}…\n", kept.trim_end())
        }
        None => line + "\n",
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
