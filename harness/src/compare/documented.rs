//! Compares `docs/COMPARE.md` with the program.

use std::collections::BTreeSet;

use super::{
    FALSE_SHARE, LEAST_FOR_ENDS, LEAST_FOR_FIGURES, LEVEL, RESAMPLES, compare,
    figures::repetitions_for,
    report,
    samples::{run, scenarios, simulated},
};
use crate::results::{QUANTITIES, Worse};

const DOCUMENT: &str = include_str!("../../../docs/COMPARE.md");

/// The cells of the table whose heading begins so.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = DOCUMENT.split_once(heading).expect(heading);
    table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn every_figure_is_documented_with_its_thresholds() {
    let rows = table("| figure | from");
    assert_eq!(rows.len(), QUANTITIES.len());
    for (row, quantity) in rows.iter().zip(QUANTITIES) {
        let [name, fields, world, worse, share, least] = row[..] else {
            panic!("{row:?}");
        };
        assert_eq!(name, quantity.name);
        let named: Vec<String> = quantity.fields.iter().map(|f| format!("`{f}`")).collect();
        assert_eq!(fields, named.join(", "));
        let worlds: Vec<&str> = quantity.worlds.iter().map(|world| world.word()).collect();
        let both = ["virtual", "tcp"];
        let world = world.to_lowercase();
        assert_eq!(
            worlds,
            if world == "both" {
                both.to_vec()
            } else {
                vec![&*world]
            }
        );
        assert_eq!(worse == "more", quantity.worse == Worse::More);
        assert_eq!(share, format!("{} %", quantity.least_share * 100.0));
        let least = match least.split_once(' ').expect(least) {
            (number, "ms") => number.parse::<f64>().unwrap() * 1e6,
            (number, "kB/s") => number.parse::<f64>().unwrap() * 1e3,
            (number, _) => number.parse().unwrap(),
        };
        assert_eq!(least, quantity.least, "{name}");
    }
}

#[test]
fn the_numbers_of_the_rules_are_those_of_the_code() {
    for said in [
        format!("with at least {LEAST_FOR_ENDS} in each"),
        format!("from {LEAST_FOR_FIGURES} repetitions a side on"),
        format!("the {} % interval", LEVEL * 100.0),
        format!("from {RESAMPLES} resamples"),
        format!("a discovery at {} %", FALSE_SHARE * 100.0),
    ] {
        let flat = DOCUMENT.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&said), "{said}");
    }
    let (_, rest) = DOCUMENT.split_once("| figures among which").unwrap();
    let row = rest
        .lines()
        .next()
        .unwrap()
        .trim_matches('|')
        .split('|')
        .skip(1);
    for (repetitions, most) in (5u32..).zip(row.map(|cell| cell.trim().parse::<usize>().unwrap())) {
        assert_eq!(repetitions_for(most), repetitions);
        assert_eq!(repetitions_for(most + 1), repetitions + 1);
    }
}

#[test]
fn every_field_of_the_json_is_documented() {
    let (_, text) = DOCUMENT
        .split_once("<!-- fields: Comparison -->\n")
        .unwrap();
    let documented: BTreeSet<String> = text
        .lines()
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .flat_map(|row| {
            let names = row.split('|').nth(1).unwrap_or_default();
            names.split('`').skip(1).step_by(2).map(str::to_owned)
        })
        .collect();
    let kept = scenarios(&["a"]);
    let run = |name| run(name, vec![simulated("a", "readany", 1)], &kept);
    let printed = report::json(&compare(&run("old"), &run("new")).unwrap()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let written: BTreeSet<String> = value.as_object().unwrap().keys().cloned().collect();
    assert_eq!(documented, written);
}
