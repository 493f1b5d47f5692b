//! Commands to type: to play something again, or to have it explained.

use shortread_server::{scenario::World, units::ByteSize};

use super::choice;
use crate::{
    explain::quoted,
    report::{RunView, rows::Story, suited},
    results::Record,
};

/// A scenario as it was asked for, as a shell takes it.
fn typed(run: &RunView<'_>, scenario: &str) -> String {
    quoted(&run.info.typed(scenario))
}

/// The command that explains a scenario.
pub(in crate::report) fn explain(run: &RunView<'_>, scenario: &str) -> String {
    format!("shortread explain {}", typed(run, scenario))
}

/// The command that plays all of a story again, with each of its recipes.
pub(in crate::report) fn play_story(run: &RunView<'_>, story: &Story<'_>) -> String {
    let mut words = vec!["shortread run".to_owned(), typed(run, story.name)];
    let same = |record: &&&Record| record.scenario == story.name;
    let records: Vec<&Record> = run.records.iter().collect();
    let records: Vec<&Record> = records.iter().filter(same).copied().collect();
    words.extend(choice::of(run, &records));
    if run.info.seed != 1 {
        words.push(format!("--seed {}", run.info.seed));
    }
    if run.info.repetitions > 1 {
        words.push(format!("--repeat {}", run.info.repetitions));
    }
    if records.iter().any(|record| record.client.is_some()) {
        // Clients run over TCP, whatever is said.
        return words.join(" ");
    }
    let first = records
        .first()
        .map_or(World::Virtual, |record| record.world);
    let world = match records.iter().all(|record| record.world == first) {
        true => first.word(),
        false => "both",
    };
    words.push(format!("--world {world}"));
    words.join(" ")
}

/// The command that plays one trial again.
pub(in crate::report) fn play_trial(run: &RunView<'_>, record: &Record) -> String {
    let mut words = vec!["shortread run".to_owned(), typed(run, &record.scenario)];
    if let Some(client) = &record.client {
        if let Some(suite) = suited::argument(record) {
            words[1] = suite;
        }
        words.push(format!("--client {}", quoted(&client.argument())));
        return words.join(" ");
    }
    if let Some(strategy) = record.strategy {
        words.push(format!("--strategy {}", strategy.word()));
    }
    if let Some(size) = record.chunk_size {
        words.push(format!("--chunk-size {}", ByteSize(size)));
    }
    if let Some(profile) = &record.profile {
        words.push(format!("--profile {profile}"));
    }
    words.extend(
        record
            .recipe
            .as_deref()
            .map(|name| choice::recipe(run.info, name)),
    );
    words.push(format!("--seed {}", record.seed));
    match (record.world, record.scaled) {
        (World::Tcp, _) => words.push("--world tcp".into()),
        // The scaled numbers are played in memory only beside the real world.
        (World::Virtual, Some(_)) => words.push("--world both".into()),
        (World::Virtual, None) => {}
    }
    words.join(" ")
}
