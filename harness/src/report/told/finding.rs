//! The run in one sentence, for every format that has one.

use shortread_server::scenario::Kind;

use crate::{
    outcome::Group,
    report::{Scoreboard, rows::Story, scoreboard::Sign},
};

/// The run in one sentence, by the worst way to read each scenario.
pub(super) fn of_stories(stories: &[Story<'_>]) -> String {
    let of = |group: Group| stories.iter().filter(|story| story.group == group).count();
    let all = match stories.len() {
        0 => return "No trial has ended.".into(),
        1 => "1 scenario".to_owned(),
        n => format!("{n} scenarios"),
    };
    let short = stories
        .iter()
        .filter(|story| story.group == Group::Silent)
        .all(|story| {
            let mut records = story.rows.iter().flat_map(|row| &row.records);
            records.all(|r| {
                r.outcome.kind == Kind::SilentTruncation
                    || Group::of(r.outcome.kind) != Group::Silent
            })
        });
    let clauses: Vec<String> = Group::ALL
        .into_iter()
        .filter(|group| of(*group) > 0)
        .map(|group| {
            let count = of(group);
            let one = count == 1;
            let verb = match group {
                Group::Silent if short && one => "truncates silently",
                Group::Silent if short => "truncate silently",
                Group::Silent if one => "leaves a short or wrong file without an error",
                Group::Silent => "leave a short or wrong file without an error",
                Group::Cut if one => "fails with an error",
                Group::Cut => "fail with an error",
                Group::Hang if one => "hangs",
                Group::Hang => "hang",
                Group::Ok if one => "comes whole",
                Group::Ok => "come whole",
                Group::Tool => "could not be run in full",
            };
            format!("{count} {verb}")
        })
        .collect();
    // The bad news first: `1 of 24 scenarios truncates silently; 5 hang.`
    let clauses = clauses.join("; ");
    match clauses.split_once(' ') {
        Some((count, rest)) => format!("{count} of {all} {rest}."),
        None => format!("{clauses}."),
    }
}

/// The run of clients in one sentence, by what any client could know.
pub(super) fn of_clients(board: &Scoreboard<'_>) -> String {
    let count = |sign: Sign| board.cells().filter(|cell| cell.sign == sign).count();
    let all = board.cells().count();
    let names: Vec<&str> = board.clients.iter().map(|column| column.name).collect();
    let mut text = format!(
        "{}: {} of {all} right",
        names.join(", "),
        count(Sign::Right)
    );
    for (sign, word) in [
        (Sign::Excused, "excused"),
        (Sign::Open, "not judged"),
        (Sign::Wrong, "wrong"),
    ] {
        if let count @ 1.. = count(sign) {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text + "."
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::Party;

    use super::*;
    use crate::{
        report::{
            client_samples::view,
            rows::{Sharing, stories},
        },
        results::samples,
    };

    /// The finding of a run whose one scenario ended so.
    fn of(kinds: &[Kind]) -> String {
        let records: Vec<_> = kinds
            .iter()
            .zip(["readany", "iter-any"])
            .map(|(kind, strategy)| {
                let mut record = samples::record("a", strategy);
                record.outcome = samples::outcome(*kind, Some(Party::Server), None, None);
                record
            })
            .collect();
        let info = samples::run_info();
        let run = view(&info, &records);
        of_stories(&stories(&run, Sharing::SameBytes))
    }

    #[test]
    fn an_error_page_that_was_saved_is_not_called_a_truncation() {
        let wrong = "1 of 1 scenario leaves a short or wrong file without an error.";
        assert_eq!(of(&[Kind::WrongObject]), wrong);
        let short = "1 of 1 scenario truncates silently.";
        assert_eq!(of(&[Kind::SilentTruncation]), short);
    }

    #[test]
    fn a_scenario_is_told_by_its_worst_trial() {
        assert_eq!(of(&[Kind::Reset, Kind::Stalled]), "1 of 1 scenario hangs.");
        let tool = "1 of 1 scenario could not be run in full.";
        assert_eq!(of(&[Kind::Complete, Kind::ToolError]), tool);
    }
}
