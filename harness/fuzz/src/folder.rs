//! The folder of a run with one file replaced: read, reported in a format, or
//! compared with the original.
//!
//! The first byte chooses the file and the action; the rest is the content of the
//! file.

use std::{fs, io, path::Path};

use flate2::{Compression, write::GzEncoder};
use shortread::{
    compare::{compare, report},
    report::{Format, RunView, Terminal},
    results::StoredRun,
    results::agree::Agreement,
};
use tempfile::TempDir;

use crate::{Heard, Syntax, Target, no_words};

pub(crate) const TARGET: Target = Target {
    name: "folder",
    run,
    seeds,
    longest: 64 << 10,
    choices: 1,
    syntax: Some(Syntax::Json),
    words: no_words,
    fresh: None,
};

/// The files of a run that are read again.
const FILES: [&str; 4] = ["run.json", TRIALS, "scenarios/healthy.toml", TIMELINE];

/// A line for each trial.
const TRIALS: &str = "trials.jsonl";

/// A short one of a trial that was cut.
const TIMELINE: &str = "timeline/gzip-cut__readany__aiohttp-3.14.5__virtual__1.jsonl.gz";

/// A run of the first version, which is read for ever.
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/reference-v1");

fn run(input: &[u8]) -> Heard {
    let Some((choice, content)) = input.split_first() else {
        return Heard::Refused;
    };
    thread_local! {
        static KEPT: Kept = Kept::new().expect("the reference run can be copied");
    }
    KEPT.with(|kept| {
        let file = FILES[usize::from(choice & 3)];
        // Half of the timelines are written as they are, compressed or not.
        let packed = file == TIMELINE && choice & 4 == 0;
        let content = match packed {
            true => &gzip(content),
            false => content,
        };
        let what = usize::from(choice >> 3);
        kept.with(file, content, |whole, damaged| tell(what, whole, damaged))
    })
}

/// Tells the run in one of the formats, or one of the comparisons: one thing at
/// a time, since all of them take twenty times as long as to read it.
fn tell(what: usize, whole: &StoredRun, damaged: &Path) -> Heard {
    let Ok(stored) = StoredRun::open(damaged, damaged) else {
        return Heard::Refused;
    };
    let agreement = Agreement::of(&stored.records);
    let view = RunView::of(&stored, agreement.as_ref());
    let _ = (view.exit_code(), view.warnings());
    if let Some(format) = Format::ALL.get(what % (Format::ALL.len() + 2)) {
        let _ = format
            .exporter(Terminal::default())
            .export(&view, &mut Vec::new());
        return Heard::Taken;
    }
    let (old, new) = match what % 2 {
        0 => (whole, &stored),
        _ => (&stored, whole),
    };
    if let Ok(comparison) = compare(old, new) {
        let _ = report::text(&comparison);
        let _ = report::markdown(&comparison);
        let _ = report::html(&comparison);
        let _ = report::json(&comparison);
    }
    Heard::Taken
}

/// A copy of the reference run with few of its trials, in memory where there is
/// a place for it.
struct Kept {
    folder: TempDir,
    whole: StoredRun,
}

/// Trials of these scenarios are kept: whole, cut, parallel.
const SCENARIOS: [&str; 3] = ["gzip-cut", "healthy", "shared-link-parts"];

/// The lines of `trials.jsonl` that are kept.
fn records() -> Vec<Vec<u8>> {
    let all = fs::read(Path::new(REFERENCE).join(TRIALS)).unwrap_or_default();
    let lines = all.split_inclusive(|byte| *byte == b'\n');
    let kept = lines.filter(|line| {
        let text = String::from_utf8_lossy(line);
        let of = |name: &&str| text.contains(&format!("\"scenario\":\"{name}\""));
        SCENARIOS.iter().any(of) && !text.contains("fixed-chunk")
    });
    kept.map(<[u8]>::to_vec).collect()
}

impl Kept {
    fn new() -> io::Result<Self> {
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory)?,
            false => tempfile::tempdir()?,
        };
        copy(Path::new(REFERENCE), folder.path())?;
        fs::write(folder.path().join(TRIALS), records().concat())?;
        let whole = StoredRun::open(folder.path(), folder.path()).map_err(io::Error::other)?;
        Ok(Self { folder, whole })
    }

    /// Calls `then` while `file` has `content`.
    fn with<T>(&self, file: &str, content: &[u8], then: impl FnOnce(&StoredRun, &Path) -> T) -> T {
        let path = self.folder.path().join(file);
        let before = fs::read(&path).expect("a file of ours is read");
        fs::write(&path, content).expect("a file of ours is written");
        let done = then(&self.whole, self.folder.path());
        fs::write(&path, before).expect("a file of ours is written");
        done
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            false => fs::copy(entry.path(), to).map(|_| ())?,
        }
    }
    Ok(())
}

/// Each file as it is, and single records.
fn seeds() -> Vec<Vec<u8>> {
    let read = |file: &str| fs::read(Path::new(REFERENCE).join(file)).unwrap_or_default();
    let seed = |choice: u8, content: &[u8]| [&[choice], content].concat();
    let lines = records();
    let mut seeds = vec![
        seed(0, &read("run.json")),
        seed(1, &lines.concat()),
        seed(2, &read("scenarios/healthy.toml")),
        seed(2, &read("scenarios/shared-link-parts.toml")),
        seed(3, &gunzip(&read(TIMELINE))),
        seed(7, &read(TIMELINE)),
    ];
    seeds.extend(lines.iter().map(|line| seed(1, line)));
    seeds.extend(lines.windows(2).map(|pair| seed(1, &pair.concat())));
    // Each told in another way.
    for (number, seed) in seeds.iter_mut().enumerate() {
        seed[0] |= (number as u8) << 3;
    }
    seeds
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail.
    let _ = io::Write::write_all(&mut encoder, data);
    encoder.finish().unwrap_or_default()
}

fn gunzip(data: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = io::Read::read_to_end(&mut flate2::read::GzDecoder::new(data), &mut text);
    text
}
