//! `remedies.csv`: a row per recipe and scenario.

use std::io::{self, Write};

use super::Cures;
use crate::report::{Exporter, RunView, csv::harmless};

/// What each recipe changes, as comma-separated values like those of
/// [`Csv`](crate::report::Csv). Without remedies there is the head alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct CuresCsv;

const COLUMNS: [&str; 18] = [
    "scenario",
    "strategy",
    "chunk_size",
    "profile",
    "world",
    "recipe",
    "effect",
    "extra_received_bytes",
    "extra_elapsed_ns",
    "extra_requests",
    "extra_peak_heap_bytes",
    "is_cheapest_cure",
    "trials",
    "trials_of_effect",
    "trials_whole",
    "rests_on",
    "delivered_bytes",
    "expected_bytes",
];

impl Exporter for CuresCsv {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS)?;
        let Some(cures) = Cures::of(run) else {
            return writer.flush();
        };
        let known =
            |figure: Option<i128>| figure.map_or(String::new(), |figure| figure.to_string());
        for line in &cures.lines {
            let plain = line.plain;
            for (index, (recipe, cell)) in cures.recipes.iter().zip(&line.cells).enumerate() {
                let Some(cell) = cell else { continue };
                writer.write_record([
                    harmless(&plain.scenario),
                    plain
                        .strategy
                        .map_or(String::new(), |name| name.to_string()),
                    known(plain.chunk_size.map(i128::from)),
                    plain.profile.clone().unwrap_or_default(),
                    plain.world.word().to_owned(),
                    harmless(recipe),
                    cell.effect.word().to_owned(),
                    cell.extra_bytes.to_string(),
                    cell.extra_ns.to_string(),
                    cell.extra_requests.to_string(),
                    known(cell.extra_heap),
                    (line.cheapest == Some(index)).to_string(),
                    cell.trials().to_string(),
                    cell.effects[&cell.effect].to_string(),
                    cell.whole.to_string(),
                    cell.basis().unwrap_or_default().to_owned(),
                    cell.example.1.delivered_bytes.to_string(),
                    cell.example.1.expected_bytes.to_string(),
                ])?;
            }
        }
        writer.flush()
    }
}
