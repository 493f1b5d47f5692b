//! Replays operation sequences that were recorded from the real library, and
//! compares every recorded field after every step.
//!
//! The format is described in `traces/README.md`. Set `AIOHTTP_TRACES` to a
//! folder of other recordings to replay those instead.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    task::Poll,
};

use bytes::Bytes;
use flate2::read::GzDecoder;
use harness::reader::{Flow, Profile, Progress, ReadError, ReadSize, Rules, StreamReader};
use serde::Deserialize;
use serde_json::{Value, json};

#[test]
fn the_reader_replays_every_recorded_step() {
    let (mut cases, mut steps) = (0, 0);
    for path in recordings() {
        let mut lines = lines(&path);
        let header: Header = parse(&path, 1, &lines.next().expect("a header line"));
        let name = format!("aiohttp-{}", header.aiohttp);
        let (profile, warning) = Profile::parse(&name).expect("a release that is known");
        if let Some(warning) = warning {
            println!("{}: {warning}", path.display());
        }
        let (cases_before, steps_before) = (cases, steps);
        for (index, line) in lines.enumerate() {
            let case: Case = parse(&path, index + 2, &line);
            let place = format!("{} line {}", path.display(), index + 2);
            steps += replay(&place, &profile.rules, &case);
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
    println!("{cases} cases, {steps} steps compared");
    assert!(cases > 0 && steps > 0, "nothing was compared");
}

#[derive(Deserialize)]
struct Header {
    aiohttp: String,
}

#[derive(Deserialize)]
struct Case {
    limit: usize,
    steps: Vec<Value>,
}

#[derive(Clone, Copy)]
enum Call {
    Read(usize),
    ReadAny,
    ReadChunk,
}

/// Returns the number of steps compared.
fn replay(place: &str, rules: &Rules, case: &Case) -> usize {
    let mut replay = Replay {
        reader: StreamReader::new(rules, case.limit),
        waiting: None,
    };
    for (index, recorded) in case.steps.iter().enumerate() {
        let op = recorded["op"].as_array().expect("an operation");
        let Value::Object(played) = replay.step(op) else {
            unreachable!("a step is an object");
        };
        let fields = recorded.as_object().expect("a step is an object");
        assert_eq!(fields.len(), played.len() + 1, "{place}: fields of a step");
        for (field, value) in &played {
            assert_eq!(
                fields.get(field),
                Some(value),
                "{place}, step {index} {}: `{field}` recorded (left) and played (right)",
                recorded["op"],
            );
        }
    }
    case.steps.len()
}

struct Replay {
    reader: StreamReader<&'static str>,
    // The read that was started and has not returned.
    waiting: Option<Call>,
}

impl Replay {
    /// Does one operation, lets the waiting read go on as far as it can, and
    /// tells what a recorded step tells.
    fn step(&mut self, op: &[Value]) -> Value {
        let mut calls = Vec::new();
        let mut result = Value::Null;
        match op[0].as_str().expect("the operation's name") {
            "feed" => {
                let data = counter(self.reader.total(), size(&op[1]));
                note(&mut calls, self.reader.feed(data));
            }
            "eof" => note(&mut calls, self.reader.feed_eof()),
            "exc" => self.reader.set_exception("Boom"),
            "begin" => self.reader.begin_chunk().expect("a chunk may begin"),
            "end" => note(
                &mut calls,
                self.reader.end_chunk().expect("a chunk may end"),
            ),
            "read_nowait" => {
                let n = match op[1].as_i64() {
                    Some(-1) => ReadSize::All,
                    _ => ReadSize::UpTo(size(&op[1])),
                };
                let progress = self.reader.read_nowait(n);
                result = self.told(&mut calls, progress, "data");
            }
            "read" => result = self.poll(&mut calls, Call::Read(size(&op[1]))),
            "readany" => result = self.poll(&mut calls, Call::ReadAny),
            "readchunk" => result = self.poll(&mut calls, Call::ReadChunk),
            other => panic!("unknown operation `{other}`"),
        }
        let mut released = Value::Null;
        if result.is_null()
            && let Some(call) = self.waiting
        {
            released = self.poll(&mut calls, call);
            if released == json!(["pending"]) {
                released = Value::Null;
            }
        }
        json!({
            "res": result,
            "rel": released,
            "calls": calls,
            "paused": self.reader.is_paused(),
            "size": self.reader.size(),
            "cursor": self.reader.cursor(),
            "splits": self.reader.splits(),
            "low": self.reader.low(),
            "high": self.reader.high(),
            "total": self.reader.total(),
        })
    }

    fn poll(&mut self, calls: &mut Vec<&'static str>, call: Call) -> Value {
        let result = match call {
            Call::Read(n) => {
                let progress = self.reader.poll_read(ReadSize::UpTo(n));
                self.told(calls, progress, "data")
            }
            Call::ReadAny => {
                let progress = self.reader.poll_readany();
                self.told(calls, progress, "data")
            }
            Call::ReadChunk => {
                let progress = self.reader.poll_readchunk();
                let mut end = false;
                let poll = progress.poll.map_ok(|chunk| {
                    end = chunk.end;
                    chunk.data
                });
                let resumes = progress.resumes;
                let mut told = self.told(calls, Progress { poll, resumes }, "chunk");
                if told[0] == "chunk" {
                    told.as_array_mut().expect("an array").push(end.into());
                }
                told
            }
        };
        let pending = result == json!(["pending"]);
        self.waiting = pending.then_some(call);
        result
    }

    /// A read's result in the recorded form, with the bytes checked.
    fn told(
        &self,
        calls: &mut Vec<&'static str>,
        progress: Progress<Bytes, &'static str>,
        kind: &str,
    ) -> Value {
        calls.extend(std::iter::repeat_n("resume", progress.resumes));
        match progress.poll {
            Poll::Pending => json!(["pending"]),
            Poll::Ready(Ok(data)) => {
                let offset = self.reader.cursor() - data.len() as u64;
                assert_eq!(data, counter(offset, data.len()), "bytes at {offset}");
                json!([kind, offset, data.len()])
            }
            Poll::Ready(Err(ReadError::Exception(name))) => json!(["raise", name]),
            Poll::Ready(Err(other)) => json!(["raise", other.to_string()]),
        }
    }
}

fn note(calls: &mut Vec<&'static str>, flow: Flow) {
    match flow {
        Flow::Unchanged => {}
        Flow::Pause => calls.push("pause"),
        Flow::Resume => calls.push("resume"),
    }
}

/// The bytes of the recorded stream: byte i is the low byte of i.
fn counter(offset: u64, len: usize) -> Bytes {
    (offset..offset + len as u64).map(|i| i as u8).collect()
}

fn size(value: &Value) -> usize {
    let size = value.as_u64().expect("a size");
    usize::try_from(size).expect("a size that fits")
}

fn recordings() -> Vec<PathBuf> {
    let folder = match env::var_os("AIOHTTP_TRACES") {
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
    paths
}

fn lines(path: &Path) -> impl Iterator<Item = String> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    BufReader::new(GzDecoder::new(file))
        .lines()
        .map(|line| line.expect("gzipped text"))
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, number: usize, line: &'a str) -> T {
    serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("{} line {number}: {error}", path.display()))
}
