//! The stream reader alone.

use std::{iter, task::Poll};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shortread::engine::aiohttp::reader::{
    FlowCommand, Polled, Profile, ReadError, ReadSize, Rules, StreamReader,
};

use crate::{
    compare::Differences,
    counter::{counter, size, splits, told},
};

#[derive(Deserialize)]
pub(crate) struct Case {
    limit: usize,
    steps: Vec<Value>,
}

/// Returns the number of steps compared.
pub(crate) fn replay(profile: &Profile, case: &Case, differences: &mut Differences) -> usize {
    let mut replay = Replay::new(&profile.rules, case.limit);
    for (index, recorded) in case.steps.iter().enumerate() {
        let op = recorded["op"].as_array().expect("an operation");
        if !differences.step(index, recorded, &replay.step(op)) {
            return index + 1;
        }
    }
    case.steps.len()
}

#[derive(Clone, Copy, PartialEq)]
enum Call {
    Read(ReadSize),
    ReadAny,
    ReadChunk,
}

struct Replay {
    reader: StreamReader<&'static str>,
    /// The read that was started and has not returned.
    waiting: Option<Call>,
    /// The commands of the current step.
    calls: Vec<&'static str>,
}

impl Replay {
    fn new(rules: &Rules, limit: usize) -> Self {
        Self {
            reader: StreamReader::new(rules, limit),
            waiting: None,
            calls: Vec::new(),
        }
    }

    /// Does one operation, lets the waiting read go on as far as it can, and
    /// tells what a recorded step tells.
    fn step(&mut self, op: &[Value]) -> Map<String, Value> {
        let mut result = Value::Null;
        match op[0].as_str().expect("the operation's name") {
            "feed" => self.feed(size(&op[1])),
            "eof" => {
                let flow = self.reader.feed_eof();
                self.note(flow);
            }
            "exc" => self.reader.set_exception("Boom"),
            "begin" => self.begin(),
            "end" => self.end(),
            "chunks" => {
                for _ in 0..size(&op[1]) {
                    self.begin();
                    self.feed(size(&op[2]));
                    self.end();
                }
            }
            "iter_chunked" => self.reader.begin_iter_chunked(size(&op[1])),
            "read_nowait" => {
                let progress = self.reader.read_nowait(read_size(&op[1]));
                result = self.told(progress.map_end(None));
            }
            "read" => result = self.start(Call::Read(read_size(&op[1]))),
            "readany" => result = self.start(Call::ReadAny),
            "readchunk" => result = self.start(Call::ReadChunk),
            other => panic!("unknown operation `{other}`"),
        }
        let mut released = Value::Null;
        if result.is_null()
            && let Some(call) = self.waiting
        {
            released = self.poll(call);
            if released == json!(["pending"]) {
                released = Value::Null;
            } else {
                self.waiting = None;
            }
        }
        let Value::Object(step) = json!({
            "res": result,
            "rel": released,
            "calls": std::mem::take(&mut self.calls),
            "paused": self.reader.is_paused(),
            "size": self.reader.size(),
            "cursor": self.reader.cursor(),
            "splits": splits(self.reader.splits()),
            "low": self.reader.low(),
            "high": self.reader.high(),
            "total": self.reader.total(),
        }) else {
            unreachable!("it is an object");
        };
        step
    }

    fn feed(&mut self, len: usize) {
        let flow = self.reader.feed(counter(self.reader.total(), len));
        self.note(flow);
    }

    fn begin(&mut self) {
        self.reader.begin_chunk().expect("a chunk may begin");
    }

    fn end(&mut self) {
        let flow = self.reader.end_chunk().expect("a chunk may end");
        self.note(flow);
    }

    /// Another read may wait already; that one goes on waiting.
    fn start(&mut self, call: Call) -> Value {
        let result = self.poll(call);
        if result == json!(["pending"]) {
            self.waiting = Some(call);
        }
        result
    }

    fn poll(&mut self, call: Call) -> Value {
        let told = match call {
            Call::Read(n) => self.reader.poll_read(n).map_end(None),
            Call::ReadAny => self.reader.poll_readany().map_end(None),
            Call::ReadChunk => {
                let Polled { poll, resumes } = self.reader.poll_readchunk();
                let poll = poll.map_ok(|chunk| (chunk.data, Some(chunk.end)));
                Polled { poll, resumes }
            }
        };
        self.told(told)
    }

    fn told(&mut self, progress: Polled<(Bytes, Option<bool>), &'static str>) -> Value {
        self.calls
            .extend(iter::repeat_n("resume", progress.resumes));
        match progress.poll {
            Poll::Pending => json!(["pending"]),
            Poll::Ready(Ok((data, end))) => told(self.reader.cursor(), &data, end),
            Poll::Ready(Err(ReadError::Exception(name))) => json!(["raise", name]),
            Poll::Ready(Err(ReadError::TotalExpired)) => json!(["raise", "TimeoutError"]),
            Poll::Ready(Err(_)) => json!(["raise", "RuntimeError"]),
        }
    }

    fn note(&mut self, flow: FlowCommand) {
        match flow {
            FlowCommand::Unchanged => {}
            FlowCommand::Pause => self.calls.push("pause"),
            FlowCommand::Resume => self.calls.push("resume"),
        }
    }
}

/// Brings the reads into one form.
trait MapEnd<E> {
    fn map_end(self, end: Option<bool>) -> Polled<(Bytes, Option<bool>), E>;
}

impl<E> MapEnd<E> for Polled<Bytes, E> {
    fn map_end(self, end: Option<bool>) -> Polled<(Bytes, Option<bool>), E> {
        Polled {
            poll: self.poll.map_ok(|data| (data, end)),
            resumes: self.resumes,
        }
    }
}

/// -1 is all.
pub(crate) fn read_size(value: &Value) -> ReadSize {
    match value.as_i64() {
        Some(-1) => ReadSize::All,
        _ => ReadSize::UpTo(size(value)),
    }
}
