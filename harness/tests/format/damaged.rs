//! A run's folder that somebody has damaged is told, or refused by name; no
//! command panics on it.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use proptest::{
    prelude::*,
    sample::{Index, select},
};
use serde_json::Value;
use shortread::{
    compare::{compare, report},
    report::{Format, RunView, Terminal},
    results::StoredRun,
    results::agree::Agreement,
};

use super::results;

/// The replacement of a value.
const VALUES: [&str; 16] = [
    "0",
    "1",
    "-1",
    "18446744073709551615",
    "18446744073709551614",
    "9223372036854775808",
    "1e308",
    "-1e308",
    "0.1",
    "null",
    "true",
    "\"\"",
    "\"\\u001b[2J\\u202e`|<b>\"",
    "[]",
    "{}",
    "[1, 2]",
];

/// One thing that is done to a run.
#[derive(Debug, Clone)]
enum Harm {
    /// A value of `run.json` or of a record becomes another.
    Value {
        record: Option<Index>,
        place: Index,
        value: &'static str,
    },
    /// All numbers of a record do.
    Numbers { record: Index, value: &'static str },
    /// A file is cut off.
    Cut { file: Index, at: Index },
    /// A byte of a file becomes another.
    Byte { file: Index, at: Index, byte: u8 },
    /// The numbers of a trial's samples become another.
    Samples { file: Index, value: &'static str },
    /// A file becomes a folder, a link to itself, or is gone.
    Instead { file: Index, what: u8 },
    /// A record is there again and again.
    Again { record: Index, times: usize },
}

fn harm() -> impl Strategy<Value = Harm> {
    let index = any::<Index>;
    let value = || select(&VALUES[..]);
    let number = || select(&VALUES[..9]);
    prop_oneof![
        4 => (prop::option::of(index()), index(), value())
            .prop_map(|(record, place, value)| Harm::Value { record, place, value }),
        3 => (index(), number()).prop_map(|(record, value)| Harm::Numbers { record, value }),
        1 => (index(), index()).prop_map(|(file, at)| Harm::Cut { file, at }),
        1 => (index(), index(), any::<u8>())
            .prop_map(|(file, at, byte)| Harm::Byte { file, at, byte }),
        2 => (index(), number()).prop_map(|(file, value)| Harm::Samples { file, value }),
        1 => (index(), 0u8..3).prop_map(|(file, what)| Harm::Instead { file, what }),
        1 => (index(), 1usize..40).prop_map(|(record, times)| Harm::Again { record, times }),
    ]
}

/// Every file below `folder`, in one order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push(path),
        }
    }
    all
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// The values of a document that hold no others.
fn leaves(value: &mut Value) -> Vec<&mut Value> {
    let is_leaf = value.as_array().is_none_or(Vec::is_empty)
        && value.as_object().is_none_or(serde_json::Map::is_empty);
    if is_leaf {
        return vec![value];
    }
    match value {
        Value::Array(all) => all.iter_mut().flat_map(leaves).collect(),
        Value::Object(all) => all.values_mut().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}

fn change(text: &str, mut with: impl FnMut(Vec<&mut Value>)) -> String {
    let Ok(mut document) = serde_json::from_str(text) else {
        return text.into();
    };
    with(leaves(&mut document));
    document.to_string()
}

fn all_numbers(text: &str, value: &str) -> String {
    let value: Value = serde_json::from_str(value).unwrap();
    change(text, |leaves| {
        for leaf in leaves.into_iter().filter(|leaf| leaf.is_number()) {
            *leaf = value.clone();
        }
    })
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().map(str::to_owned).collect()
}

fn put_lines(path: &Path, lines: &[String]) {
    // A folder or a link in its place stays.
    let _ = fs::write(path, lines.join("\n") + "\n");
}

fn change_record(run: &Path, record: &Index, with: impl FnOnce(&str) -> Vec<String>) {
    let path = run.join("trials.jsonl");
    let mut all = lines(&path);
    if !all.is_empty() {
        let at = record.index(all.len());
        let new = with(&all[at]);
        all.splice(at..=at, new);
        put_lines(&path, &all);
    }
}

fn do_harm(run: &Path, harm: &Harm) {
    let all = files(run);
    let bytes = |file: &Index| {
        let path = file.get(&all).clone();
        let bytes = fs::read(&path).unwrap_or_default();
        (path, bytes)
    };
    match harm {
        Harm::Value {
            record,
            place,
            value,
        } => {
            let value: Value = serde_json::from_str(value).unwrap();
            let changed = |text: &str| {
                change(text, |mut leaves| {
                    let at = place.index(leaves.len());
                    *leaves[at] = value.clone();
                })
            };
            match record {
                Some(record) => change_record(run, record, |line| vec![changed(line)]),
                None => {
                    let path = run.join("run.json");
                    let text = fs::read_to_string(&path).unwrap_or_default();
                    put_lines(&path, &[changed(&text)]);
                }
            }
        }
        Harm::Numbers { record, value } => {
            change_record(run, record, |line| vec![all_numbers(line, value)]);
        }
        Harm::Again { record, times } => {
            change_record(run, record, |line| vec![line.to_owned(); *times]);
        }
        Harm::Cut { file, at } => {
            let (path, bytes) = bytes(file);
            let _ = fs::write(path, &bytes[..at.index(bytes.len() + 1)]);
        }
        Harm::Byte { file, at, byte } => {
            let (path, mut bytes) = bytes(file);
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
                let _ = fs::write(path, bytes);
            }
        }
        Harm::Samples { file, value } => {
            let timelines: Vec<_> = all.iter().filter(|path| path.ends_with_gz()).collect();
            if timelines.is_empty() {
                return;
            }
            let path = file.get(&timelines);
            let mut text = String::new();
            let read =
                fs::File::open(path).map(|file| GzDecoder::new(file).read_to_string(&mut text));
            if !matches!(read, Ok(Ok(_))) {
                return;
            }
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            for (number, line) in text.lines().enumerate() {
                // The first is the header.
                let line = match number {
                    0 => line.to_owned(),
                    _ => all_numbers(line, value),
                };
                writeln!(gzip, "{line}").unwrap();
            }
            fs::write(path, gzip.finish().unwrap()).unwrap();
        }
        Harm::Instead { file, what } => {
            let path = file.get(&all);
            let _ = fs::remove_file(path);
            match what {
                0 => fs::create_dir_all(path).unwrap(),
                1 => std::os::unix::fs::symlink(path, path).unwrap(),
                _ => {}
            }
        }
    }
}

trait EndsWith {
    fn ends_with_gz(&self) -> bool;
}

impl EndsWith for PathBuf {
    fn ends_with_gz(&self) -> bool {
        self.extension().is_some_and(|end| end == "gz")
    }
}

/// Tells a run in every way. Errors do not matter.
fn tell(run: &StoredRun) {
    let agreement = Agreement::of(&run.records);
    let view = RunView::of(run, agreement.as_ref());
    for format in Format::ALL {
        for wide in [false, true] {
            let _ = format
                .exporter(Terminal::new(wide))
                .export(&view, &mut Vec::new());
        }
    }
}

fn hold_against(old: &StoredRun, new: &StoredRun) {
    if let Ok(comparison) = compare(old, new) {
        let _ = (report::text(&comparison), report::markdown(&comparison));
        let _ = (report::html(&comparison), report::json(&comparison));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_run_is_told_or_refused_and_nothing_panics(
        all in prop::collection::vec(harm(), 1..4),
    ) {
        let reference = results().join("reference-v1");
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("run");
        copy(&reference, &path);
        for one in &all {
            do_harm(&path, one);
        }
        // A folder that is no run any more is named as one.
        if let Ok(damaged) = StoredRun::open(&path, root.path()) {
            let whole = StoredRun::open(&reference, root.path()).unwrap();
            tell(&damaged);
            hold_against(&whole, &damaged);
            hold_against(&damaged, &whole);
        }
    }
}
