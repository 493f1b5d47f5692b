//! Plays odd responses to the strategies' own aiohttp, for the comparison with the
//! real one: `harness/conformance/generate.py`, which starts it.
//!
//! Reads one case per line, writes one result per line, both as JSON; the release
//! and the parser are arguments: `responses aiohttp-3.14.5 c`.
//! `harness/conformance/generation/cases.py` defines a case and `real.py` a result.
//! Nothing waits, and nothing is sent.

use std::{
    env,
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use flate2::Crc;
use serde::Deserialize;
use serde_json::{Value, json};
use shortread::{
    client::Failure,
    engine::aiohttp::{
        Facts, Incoming, Protocol,
        reader::{Profile, ReadSize, Rules},
    },
};
use shortread_server::{clock::Clock, scenario::Parser};

/// Behind so many reads a body is called endless.
const MOST_READS: usize = 20_000;

/// The bytes of a response, and the way to read it.
#[derive(Deserialize)]
struct Case {
    pieces: Vec<String>,
    end: End,
    read: Vec<Value>,
    late: bool,
    limit: Option<usize>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum End {
    Eof,
    Reset,
    Open,
}

#[derive(Clone, Copy, PartialEq)]
enum Read {
    Any,
    Chunk,
    All,
    Some(usize),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [profile, parser] = &arguments[..] else {
        eprintln!("usage: responses aiohttp-RELEASE c|python <CASES");
        return ExitCode::from(2);
    };
    let parser = match &**parser {
        "c" => Parser::C,
        "python" => Parser::Python,
        other => {
            eprintln!("unknown parser `{other}`: write c or python");
            return ExitCode::from(2);
        }
    };
    match Profile::parse(profile) {
        Ok((profile, _)) => match play_all(&profile.rules, parser) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("the cases cannot be played: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn play_all(rules: &Rules, parser: Parser) -> io::Result<()> {
    let mut told = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        writeln!(told, "{}", Play::new(&case, rules, parser).run())?;
    }
    told.flush()
}

struct Play<'a> {
    case: &'a Case,
    read: Read,
    incoming: Incoming,
    head: Option<Value>,
    length: usize,
    crc: Crc,
    items: Vec<Value>,
    end: Option<Value>,
    /// The body's first read, or the sum of `read(-1)`, is under way.
    begun: bool,
    collected: Vec<u8>,
    lost: bool,
}

impl<'a> Play<'a> {
    fn new(case: &'a Case, rules: &Rules, parser: Parser) -> Self {
        let rules = Rules {
            read_bufsize: case.limit.unwrap_or(rules.read_bufsize),
            ..*rules
        };
        let facts = Facts::new(Clock::real(), Some(Duration::from_secs(10)), None);
        let mut incoming = Incoming::new(Box::new(Protocol::new(parser)), &rules, facts);
        incoming.request_written();
        let size = case.read.get(1).and_then(Value::as_i64);
        let read = match (case.read[0].as_str(), size) {
            (Some("readchunk"), _) => Read::Chunk,
            (Some("read"), Some(size)) => usize::try_from(size).map_or(Read::All, Read::Some),
            _ => Read::Any,
        };
        Self {
            case,
            read,
            incoming,
            head: None,
            length: 0,
            crc: Crc::new(),
            items: Vec::new(),
            end: None,
            begun: false,
            collected: Vec::new(),
            lost: false,
        }
    }

    fn run(mut self) -> Value {
        for piece in &self.case.pieces {
            if self.is_over() {
                break;
            }
            if self.incoming.is_paused() {
                self.reads();
                if self.incoming.is_paused() || self.is_over() {
                    break;
                }
            }
            self.incoming.data(bytes_of(piece));
            if !self.case.late {
                self.reads();
            }
            self.lose();
        }
        if self.case.late && self.incoming.is_paused() {
            self.reads();
            self.lose();
        }
        if !self.is_over() && !self.incoming.is_paused() {
            match self.case.end {
                End::Eof => self.incoming.closed(None),
                End::Reset => self
                    .incoming
                    .closed(Some(io::ErrorKind::ConnectionReset.into())),
                End::Open => {}
            }
        }
        self.reads();
        json!({
            "head": self.head,
            "length": self.length,
            "crc": self.crc.sum(),
            "items": self.items,
            "end": self.end.unwrap_or_else(|| "pending".into()),
        })
    }

    /// Nothing more reaches the client.
    fn is_over(&self) -> bool {
        self.lost || self.incoming.is_finished()
    }

    /// A connection that the client closed is lost a round of the loop later.
    fn lose(&mut self) {
        if self.incoming.has_hung_up() && !self.lost {
            self.lost = true;
            self.incoming.disconnected();
            if !self.case.late {
                self.reads();
            }
        }
    }

    /// All that the program's reads return now.
    fn reads(&mut self) {
        for _ in 0..MOST_READS {
            if self.end.is_some() || !self.has_head() {
                return;
            }
            let Poll::Ready(read) = self.poll() else {
                return;
            };
            self.take(read);
        }
        // How far it came by then says nothing.
        self.items.clear();
        self.length = 0;
        self.crc.reset();
        self.end = Some("endless".into());
    }

    fn has_head(&mut self) -> bool {
        match self.incoming.poll_head() {
            Poll::Pending => false,
            Poll::Ready(Ok(head)) => {
                self.head = Some(head.status.into());
                true
            }
            Poll::Ready(Err(failure)) => {
                self.head = Some(chain(&failure));
                false
            }
        }
    }

    fn poll(&mut self) -> Poll<Result<(Bytes, bool), Failure>> {
        let alone = |data: Bytes| (data, false);
        match self.read {
            Read::Any => self.incoming.poll_readany().map_ok(alone),
            Read::Some(n) => self.incoming.poll_read(ReadSize::UpTo(n)).map_ok(alone),
            Read::Chunk => {
                let read = self.incoming.poll_readchunk();
                read.map_ok(|chunk| (chunk.data, chunk.end))
            }
            Read::All => {
                if !std::mem::replace(&mut self.begun, true) {
                    self.incoming.begin_read_all();
                }
                self.incoming.poll_readany().map_ok(alone)
            }
        }
    }

    fn take(&mut self, read: Result<(Bytes, bool), Failure>) {
        let (data, end) = match read {
            Ok(read) => read,
            Err(failure) => {
                self.end = Some(chain(&failure));
                return;
            }
        };
        if self.read == Read::All {
            self.collected.extend_from_slice(&data);
            if data.is_empty() {
                let collected = std::mem::take(&mut self.collected);
                self.deliver(&collected);
                self.end = Some("eof".into());
            }
            return;
        }
        if data.is_empty() && !end {
            self.end = Some("eof".into());
            return;
        }
        self.deliver(&data);
        if self.read == Read::Chunk {
            self.items.push(json!([data.len(), end]));
        }
    }

    fn deliver(&mut self, data: &[u8]) {
        self.crc.update(data);
        self.length += data.len();
    }
}

/// Class and text of an exception and of what caused it, outermost first.
fn chain(failure: &Failure) -> Value {
    let class = failure.exception.as_deref().unwrap_or_default();
    let links = failure.error.iter().enumerate();
    // The system's error is a link of its own even where the library has it in the
    // text alone.
    let links = links
        .filter(|(at, link)| *at == 0 || link.errno.is_none() || class != "ClientPayloadError");
    links
        .map(|(at, link)| match link.message.split_once(": ") {
            Some((class, text)) if at > 0 => json!([class, text]),
            _ => json!([class, link.message]),
        })
        .collect()
}

fn bytes_of(digits: &str) -> Bytes {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            let pair = str::from_utf8(pair).unwrap_or_default();
            u8::from_str_radix(pair, 16).unwrap_or_default()
        })
        .collect()
}
