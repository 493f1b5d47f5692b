//! The live view on terminals in memory.

use std::time::Duration;

use indicatif::InMemoryTerm;

use super::*;
use crate::{
    cli::progress::{Task, screen},
    outcome::Outcome,
    results::{Detail, Record, samples},
    world::RunEvent,
};
use shortread_server::scenario::{Kind, Party};

/// A terminal, a run on it, and its time.
struct Scene {
    terminal: InMemoryTerm,
    live: Live,
    state: State,
    now: Instant,
}

impl Scene {
    fn new(columns: u16, tasks: Vec<Task>) -> Self {
        let terminal = InMemoryTerm::new(20, columns);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        Self {
            terminal,
            live: Live::on(target, columns < NARROW),
            state: State::new(tasks, 4),
            now: Instant::default(),
        }
    }

    fn after(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
    }

    fn take(&mut self, event: &RunEvent) {
        self.state.take(event, self.now);
    }

    fn start(&mut self, index: usize) {
        self.take(&RunEvent::Started { index });
    }

    fn deliver(&mut self, index: usize, delivered_bytes: u64) {
        self.take(&RunEvent::Progress {
            index,
            delivered_bytes,
        });
    }

    fn end(&mut self, index: usize, record: Record) {
        self.take(&RunEvent::Ended {
            index,
            record: Box::new(record),
            detail: Box::new(Detail::default()),
        });
    }

    /// The text on the terminal after a draw.
    fn shown(&mut self) -> String {
        self.after(100);
        self.live.draw(&self.state, self.now);
        self.terminal.contents()
    }
}

fn task(label: &str) -> Task {
    Task {
        label: label.into(),
        likely: Duration::from_secs(10),
        alone: false,
        simulated: false,
        bytes: 100_000_000,
        tells: true,
    }
}

fn simulated(label: &str) -> Task {
    Task {
        likely: Duration::from_secs(36_000),
        simulated: true,
        ..task(label)
    }
}

fn came_to(kind: Kind) -> Record {
    let outcome = Outcome {
        ended_by: (kind != Kind::Complete).then_some(Party::Server),
        ..samples::outcome(kind, None, None, None)
    };
    samples::ended(samples::record("healthy", "readany"), outcome, 5, 1.0)
}

/// Four trials: one has ended, one goes on, one is silent, one shows nothing
/// before its end.
fn four(columns: u16) -> Scene {
    let mut read_all = task("stall-forever response.read()");
    read_all.tells = false;
    let tasks = vec![
        task("healthy readany()"),
        task("healthy iter_chunked(65536)"),
        task("stall-forever readany()"),
        read_all,
        task("waits readany()"),
    ];
    let mut scene = Scene::new(columns, tasks);
    (0..4).for_each(|index| scene.start(index));
    scene.after(1_000);
    scene.deliver(1, 25_000_000);
    scene.deliver(2, 50_000_000);
    scene.end(0, came_to(Kind::Reset));
    scene.after(3_900);
    scene.deliver(1, 75_000_000);
    scene
}

#[test]
fn each_trial_under_way_has_a_bar_a_rate_and_how_it_stands() {
    insta::assert_snapshot!(four(80).shown(), @r"
    [===>            ] 1 of 5  ETA 6 s  1 CUT
      [======> ]    75 MB  12.82 MB/s  healthy iter_chunked(65536)
      [====>   ]    50 MB  silent 4 s  stall-forever readany()
      [====>   ]                  5 s  stall-forever response.read()
    ");
}

#[test]
fn a_narrow_terminal_shows_figures_first_and_no_line_is_broken() {
    let shown = four(40).shown();
    insta::assert_snapshot!(shown, @r"
    [===>            ] 1 of 5  ETA 6 s  1 CU
       75 MB  12.82 MB/s  healthy iter_chunk
       50 MB  silent 4 s  stall-forever read
                     5 s  stall-forever resp
    ");
}

#[test]
fn what_ended_is_counted_and_what_is_unexpected_stays_above() {
    let mut scene = four(80);
    scene.shown();
    let mut record = came_to(Kind::SilentTruncation);
    record.as_expected = Some(false);
    record.difference = Some("it came to silent-truncation instead of complete".into());
    scene.live.say(&screen::unexpected(&record).unwrap());
    scene.end(1, record);
    scene.end(2, came_to(Kind::Complete));
    insta::assert_snapshot!(scene.shown(), @r"
    unexpected: healthy/readany/aiohttp-3.14.5/tcp/1: it came to silent-truncation i
    nstead of complete
    [=========>      ] 3 of 5  ETA 3 s  1 SILENT, 1 CUT, 1 OK, 1 unexpected
      [====>   ]                  5 s  stall-forever response.read()
    ");
    scene.live.clear();
    insta::assert_snapshot!(scene.terminal.contents(), @r"
    unexpected: healthy/readany/aiohttp-3.14.5/tcp/1: it came to silent-truncation i
    nstead of complete
    ");
    assert_eq!(screen::unexpected(&came_to(Kind::Complete)), None);
}

#[test]
fn however_many_trials_there_are_the_lines_are_few() {
    let tasks = (0..40)
        .map(|number| task(&format!("task-{number}")))
        .collect();
    let mut scene = Scene::new(80, tasks);
    (0..40).for_each(|index| scene.start(index));
    let shown = scene.shown();
    assert_eq!(shown.lines().count(), 1 + screen::MOST, "{shown}");
    let first = shown.lines().next().unwrap();
    assert!(first.ends_with("and 34 more under way"), "{shown}");
}

#[test]
fn a_trial_in_memory_gets_a_line_only_when_it_takes_long() {
    let mut scene = Scene::new(80, vec![simulated("quick"), simulated("long")]);
    scene.start(0);
    assert!(!scene.shown().contains("quick"));
    scene.after(100);
    scene.end(0, came_to(Kind::Complete));
    scene.start(1);
    scene.after(1_000);
    scene.deliver(1, 50_000_000);
    insta::assert_snapshot!(scene.shown(), @r"
    [========>       ] 1 of 2  ETA 0 s  1 OK
      [====>   ]    50 MB         1 s  long
    ");
}

#[test]
fn a_terminal_is_drawn_at_most_ten_times_a_second() {
    let mut scene = four(80);
    let before = scene.shown();
    scene.deliver(1, 99_000_000);
    scene.after(50);
    scene.live.draw(&scene.state, scene.now);
    assert_eq!(scene.terminal.contents(), before);
    assert!(scene.shown().contains("99 MB"));
}
