//! Replays what the real library was recorded to do, and compares every
//! recorded field after every step.
//!
//! There are two kinds of recordings: of the stream reader alone (`reader`),
//! and of the client's protocol and parser on the bytes of responses (`wire`).
//! The format is described in `README.md`. Set `AIOHTTP_TRACES` to a folder of
//! other recordings to replay those instead; it may have one kind alone.

mod compare;
mod counter;
mod reader;
mod wire;

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use serde::{Deserialize, de::DeserializeOwned};
use shortread::engine::aiohttp::reader::Profile;

use compare::Differences;

/// The environment variable that names a folder of other recordings.
const FOLDER: &str = "AIOHTTP_TRACES";

#[test]
fn the_stream_reader_replays_every_recorded_step() {
    replay_all(Kind::Reader, reader::replay);
}

#[test]
fn the_client_replays_every_recorded_step_on_the_wire() {
    replay_all(Kind::Wire, wire::replay);
}

#[derive(Deserialize)]
struct Header {
    aiohttp: String,
    #[serde(default)]
    kind: Kind,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Reader,
    Wire,
}

/// Gives each case to `replay`, which returns the number of steps compared.
fn replay_all<C: DeserializeOwned>(
    kind: Kind,
    replay: impl Fn(&Profile, &C, &mut Differences) -> usize,
) {
    let (mut files, mut cases, mut steps) = (0, 0, 0);
    let mut differences = Differences::default();
    for path in recordings() {
        let mut lines = lines(&path);
        let header: Header = parse(&path, 1, &lines.next().expect("a header line"));
        if header.kind != kind {
            continue;
        }
        files += 1;
        let name = format!("aiohttp-{}", header.aiohttp);
        let (profile, warning) = Profile::parse(&name).expect("a release that is known");
        if let Some(warning) = warning {
            println!("{}: {warning}", path.display());
        }
        let (cases_before, steps_before) = (cases, steps);
        for (index, line) in lines.enumerate() {
            let case: C = parse(&path, index + 2, &line);
            differences.enter(&path, index + 2);
            steps += replay(&profile, &case, &mut differences);
            cases += 1;
        }
        println!(
            "{}: {profile} (rules of {}): {} cases, {} steps compared",
            path.display(),
            profile.rule_set(),
            cases - cases_before,
            steps - steps_before,
        );
    }
    println!("{files} files, {cases} cases, {steps} steps compared");
    // The recordings that are checked in have both kinds; other people's may
    // have one.
    if files > 0 || env::var_os(FOLDER).is_none() {
        differences.assert_none();
    }
}

fn recordings() -> Vec<PathBuf> {
    let folder = match env::var_os(FOLDER) {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces"),
    };
    let entries = folder
        .read_dir()
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{}: no recordings", folder.display());
    paths
}

fn lines(path: &Path) -> impl Iterator<Item = String> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    BufReader::new(GzDecoder::new(file))
        .lines()
        .map(|line| line.expect("gzipped text"))
}

fn parse<T: DeserializeOwned>(path: &Path, number: usize, line: &str) -> T {
    serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("{} line {number}: {error}", path.display()))
}
