//! The client's protocol and parser on the bytes of a response.

use std::{io, task::Poll, time::Duration};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shortread::{
    client::Failure,
    engine::aiohttp::{
        Facts, Incoming, Protocol,
        reader::{Profile, ReadSize, Rules},
    },
};
use shortread_server::{clock::Clock, scenario::Parser};

use crate::{
    compare::Differences,
    counter::{counter, size, splits, told},
    reader::read_size,
};

#[derive(Deserialize)]
pub(crate) struct Case {
    limit: usize,
    wire: Vec<Value>,
    steps: Vec<Value>,
}

/// Returns the number of steps compared.
pub(crate) fn replay(profile: &Profile, case: &Case, differences: &mut Differences) -> usize {
    let rules = Rules {
        read_bufsize: case.limit,
        ..profile.rules
    };
    let facts = Facts::new(Clock::real(), Some(Duration::from_secs(10)), None);
    let mut replay = Replay {
        incoming: Incoming::new(Box::new(Protocol::new(Parser::C)), &rules, facts),
        wire: wire(&case.wire),
        closed: false,
        waiting: None,
    };
    for (index, recorded) in case.steps.iter().enumerate() {
        let op = recorded["op"].as_array().expect("an operation");
        replay.closed = recorded["closed"] == true;
        let played = replay.step(op);
        if !differences.step(index, &comparable(recorded), &played) {
            return index + 1;
        }
    }
    case.steps.len()
}

/// The recorded step without what has no counterpart:
///
/// - `calls`: the owner of the connection looks at `paused` after each call, so
///   that only what the calls come to exists here;
/// - `closed`: the library closes the connection as soon as the response is
///   finished, here its owner does later. It shows in `finished`. On a
///   connection that is closed, `paused` and `armed` concern nobody;
/// - text and cause of what fails before the body: the text quotes the input
///   as llhttp does;
/// - a preposition: releases before 3.12 have "for satisfy" in their texts.
fn comparable(recorded: &Value) -> Value {
    let mut step = recorded.clone();
    let fields = step.as_object_mut().expect("a step is an object");
    let closed = fields["closed"] == true;
    let finished = closed || fields["head"].is_array() || fields["eof"] == true;
    fields.insert("finished".into(), finished.into());
    if let Value::Array(failure) = &mut fields["head"] {
        failure.truncate(2);
    }
    if closed {
        fields.insert("paused".into(), Value::Null);
        fields.insert("armed".into(), Value::Null);
    }
    for name in ["res", "rel", "exc"] {
        let parts = fields[name].as_array_mut().into_iter().flatten();
        for text in parts.filter(|part| part.is_string()) {
            *text = respelled(text).into();
        }
    }
    fields.remove("calls");
    fields.remove("closed");
    step
}

fn respelled(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default();
    text.replace("data for satisfy", "data to satisfy")
}

/// Class, start of the text, class of the cause.
fn exception(failure: &Failure) -> [Option<String>; 3] {
    let text = failure.error.first().map(|link| link.message.clone());
    // The system's error is a link of its own even where the library has it in
    // the text alone.
    let cause = failure.error.get(1).filter(|link| link.errno.is_none());
    let class = cause.and_then(|link| link.message.split_once(':'));
    let class = class.map(|(class, _)| class.to_owned());
    [failure.exception.clone(), text, class]
}

fn raise(failure: &Failure) -> Value {
    let mut raise = vec![json!("raise")];
    raise.extend(exception(failure).map(Value::from));
    raise.into()
}

#[derive(Clone, Copy)]
enum Call {
    Read(ReadSize),
    ReadAny,
    ReadChunk,
}

struct Replay {
    incoming: Incoming,
    /// The bytes that the transport has still to deliver.
    wire: Bytes,
    /// The library has closed the connection, or lost it.
    closed: bool,
    /// The read that was started and has not returned.
    waiting: Option<Call>,
}

impl Replay {
    fn step(&mut self, op: &[Value]) -> Map<String, Value> {
        let mut result = Value::Null;
        match op[0].as_str().expect("the operation's name") {
            "request" => self.incoming.request_written(),
            "data" => {
                let bytes = self.wire.split_to(size(&op[1]));
                self.incoming.data(bytes);
            }
            "eof" => self.incoming.closed(None),
            "reset" => self
                .incoming
                .closed(Some(io::ErrorKind::ConnectionReset.into())),
            "lost" => self.incoming.disconnected(),
            "iter_chunked" => self.incoming.begin_iter_chunked(size(&op[1])),
            "read_nowait" => {
                let read = self.incoming.read_nowait(read_size(&op[1]));
                result = self.told(read.map(|data| (data, None)));
            }
            "read" => result = self.poll(Call::Read(read_size(&op[1]))),
            "readany" => result = self.poll(Call::ReadAny),
            "readchunk" => result = self.poll(Call::ReadChunk),
            other => panic!("unknown operation `{other}`"),
        }
        let mut released = Value::Null;
        if result.is_null()
            && let Some(call) = self.waiting
        {
            released = self.poll(call);
            if released == json!(["pending"]) {
                released = Value::Null;
            }
        }
        self.tell(result, released)
    }

    /// The facts of a recorded step that can be compared.
    fn tell(&self, result: Value, released: Value) -> Map<String, Value> {
        let incoming = &self.incoming;
        let head = match incoming.poll_head() {
            Poll::Pending => Value::Null,
            Poll::Ready(Ok(head)) => head.status.into(),
            Poll::Ready(Err(failure)) => json!(["raise", failure.exception]),
        };
        let reader = incoming.reader();
        // Before the head there is no body to read.
        let body = head.is_number();
        let stream = |value: Value| if body { value } else { Value::Null };
        let exception = reader.exception().map(exception);
        let Value::Object(step) = json!({
            "res": result,
            "rel": released,
            "head": head,
            "paused": (!self.closed).then_some(incoming.is_paused()),
            "armed": (!self.closed).then_some(incoming.sock_read_due().is_some()),
            "finished": incoming.is_finished() || incoming.has_hung_up(),
            "eof": stream(reader.is_eof().into()),
            "exc": stream(json!(exception)),
            "size": stream(reader.size().into()),
            "cursor": stream(reader.cursor().into()),
            "splits": stream(splits(reader.splits())),
            "low": stream(reader.low().into()),
            "high": stream(reader.high().into()),
            "total": stream(reader.total().into()),
        }) else {
            unreachable!("it is an object");
        };
        step
    }

    fn poll(&mut self, call: Call) -> Value {
        let read = match call {
            Call::Read(n) => self.incoming.poll_read(n).map_ok(|data| (data, None)),
            Call::ReadAny => self.incoming.poll_readany().map_ok(|data| (data, None)),
            Call::ReadChunk => {
                let read = self.incoming.poll_readchunk();
                read.map_ok(|chunk| (chunk.data, Some(chunk.end)))
            }
        };
        self.waiting = read.is_pending().then_some(call);
        match read {
            Poll::Pending => json!(["pending"]),
            Poll::Ready(read) => self.told(read),
        }
    }

    fn told(&self, read: Result<(Bytes, Option<bool>), Failure>) -> Value {
        match read {
            Ok((data, end)) => told(self.incoming.reader().cursor(), &data, end),
            Err(failure) => raise(&failure),
        }
    }
}

/// The bytes of a response.
fn wire(parts: &[Value]) -> Bytes {
    let mut wire = Vec::new();
    for part in parts {
        let number = |index: usize| size(&part[index]);
        let text = || part[1].as_str().expect("a text");
        match part[0].as_str().expect("a kind of part") {
            "text" => wire.extend_from_slice(text().as_bytes()),
            "body" => wire.extend_from_slice(&counter(number(1) as u64, number(2))),
            "hex" => {
                let digits = text().as_bytes().chunks(2);
                wire.extend(digits.map(|pair| {
                    let pair = str::from_utf8(pair).expect("hexadecimal digits");
                    u8::from_str_radix(pair, 16).expect("hexadecimal digits")
                }));
            }
            "chunks" => {
                let (first, count, len) = (number(1), number(2), number(3));
                for index in 0..count {
                    wire.extend_from_slice(format!("{len:x}\r\n").as_bytes());
                    wire.extend_from_slice(&counter((first + index * len) as u64, len));
                    wire.extend_from_slice(b"\r\n");
                }
            }
            other => panic!("unknown part `{other}`"),
        }
    }
    wire.into()
}
