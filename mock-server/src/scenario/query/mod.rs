//! Scenarios from the query of a URL, in the vocabulary of scenario files.
//!
//! There is only one grammar: a query becomes a scenario file with a line per
//! parameter, and is read as files are. An error in a line is reported for its
//! parameter.

mod decode;
mod fault;
mod part;
mod selector;
mod toml;

use std::fmt;

use self::{
    part::Part,
    toml::{Kind, Lines},
};
use super::{Scenario, nearest, read::parse_query as read_query};
use crate::{text::printable, units::ByteSize};

pub use decode::{Undecodable, encoded, form, percent, pieces};
pub(in crate::scenario) use toml::quoted;

/// A query has at most so many parameters.
pub const MOST_PARAMETERS: usize = 64;

/// Bytes of a key, at most.
pub const LONGEST_KEY: usize = 128;

/// So many errors are said; a query with more was meant for something else.
const MOST_ERRORS: usize = 10;

/// A coded body is encoded when it is asked for, while others wait.
pub const LARGEST_CODED: ByteSize = ByteSize::mib(256);

/// The name of every scenario that a query makes.
const NAME: &str = "download";

/// The title of them.
const TITLE: &str = "made from a query";

/// The content of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The scenario to serve. Its name is `download`.
    pub scenario: Scenario,
    /// The test that it is for.
    pub key: Option<String>,
}

/// One thing that is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The parameter as it was sent, decoded; empty where it is none alone.
    pub parameter: String,
    /// The mistake: a lowercase fragment.
    pub message: String,
    /// The accepted input.
    pub help: Option<String>,
}

/// Everything that is wrong with a query, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryErrors(pub Vec<QueryError>);

/// One parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name, the key of the scenario file.
    pub name: &'static str,
    /// The table of the file that it stands in.
    pub table: &'static str,
    /// A value, as it is written in a URL.
    pub example: &'static str,
    /// Its effect, in a few words.
    pub meaning: &'static str,
}

const fn parameter(
    table: &'static str,
    name: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        name,
        table,
        example,
        meaning,
    }
}

/// Every parameter, those of a fault behind `fault`.
#[rustfmt::skip]
pub const PARAMETERS: &[Parameter] = &[
    parameter("body", "size", "64MiB", "bytes of the object"),
    parameter("body", "framing", "chunked", "how the body ends: content-length, chunked or close"),
    parameter("body", "chunk", "16KiB", "bytes in each chunk"),
    parameter("body", "encoding", "gzip", "content coding: identity, gzip, deflate, br or zstd, or several with commas"),
    parameter("body", "ratio", "10", "how far the object compresses"),
    parameter("body", "members", "3", "members of gzip or frames of zstd"),
    parameter("body", "truncate_at", "1MiB", "cut the coded body here, inside a complete framing"),
    parameter("body", "garbage", "8B", "bytes behind the coded body, inside the framing"),
    parameter("body", "declared_encoding", "br", "a false Content-Encoding; identity leaves it out"),
    parameter("body", "accept", "honour", "send the plain object to who does not accept the coding"),
    parameter("body", "declared_size", "80MiB", "a false Content-Length"),
    parameter("link", "rate", "2MB/s", "bytes per second"),
    parameter("link", "latency", "40ms", "one way"),
    parameter("link", "jitter", "10ms", "most extra latency of a segment"),
    parameter("link", "segment", "1460B", "bytes sent at a time"),
    parameter("link", "drops_above", "1400B", "segments of more bytes get lost each time"),
    parameter("response", "status", "503", "the status code"),
    parameter("response", "header", "X-Name:value", "a header field; may be repeated"),
    parameter("response", "head_delay", "5s", "wait before the first byte"),
    parameter("response", "head_pause", "100ms", "wait between any two bytes of the head"),
    parameter("response", "page", "please+log+in", "an HTML page to send instead of the object"),
    parameter("response", "page_of", "s3-slow-down", "a page of an object store, with its status and fields"),
    parameter("response", "page_type", "application/json", "the page's Content-Type"),
    parameter("response", "page_size", "1MiB", "the page is repeated, or cut, to so many bytes"),
    parameter("response", "retry_after", "2s", "Retry-After in seconds"),
    parameter("response", "retry_after_date", "2s", "the same as a date, so long from now"),
    parameter("response", "redirect", "self", "the Location; self is the request's own target"),
    parameter("response", "ranges", "false", "answer Range requests"),
    parameter("response", "range", "other-start", "how a range is answered, rightly or not"),
    parameter("response", "validators", "last-modified", "which of ETag and Last-Modified there are: both, etag, last-modified or none"),
    parameter("response", "digest", "sha-256", "the Repr-Digest: sha-256, sha-512, wrong or none"),
    parameter("response", "etag", "v2", "the ETag"),
    parameter("raw", "raw", "12KiB:xyz%0D%0A", "PLACE:BYTES that are put in; PLACE is a body offset, head@17 or end; may be repeated"),
    parameter("raw", "replace", "2B", "bytes that the raw ones before it take the place of"),
    parameter("answer", "answer", "503", "the status, or the page of an object store, that the requests of the on behind it get, without the object; response parameters behind it are its own; may be repeated"),
    parameter("version", "version", "70MiB", "the size of the object, or same, as the requests of the on behind it find it, with other bytes; may be repeated"),
    parameter("version", "last_modified", "Fri,+02+Jan+2026+00:00:00+GMT", "the Last-Modified of the version before it"),
    parameter("on", "on", "first", "the requests that the fault, answer or version before it is for: first, resumption, 2.., every-3, or KEY:VALUE"),
    parameter("sockets", "server_send", "16KiB", "SO_SNDBUF of the server"),
    parameter("sockets", "notsent_lowat", "16KiB", "TCP_NOTSENT_LOWAT of the server"),
    parameter("sockets", "congestion", "cubic", "TCP_CONGESTION of the server"),
    parameter("fault", "fault", "reset@12MiB", "ACTION[:ARG]@TRIGGER:VALUE, a size alone means body, chunk-3, head or 50%25 a place; may be repeated"),
    parameter("fault", "by", "network", "the party that the fault before it stands for"),
    parameter("fault", "drain", "false", "make the fault before it wait for acknowledgements"),
    parameter("fault", "drain_limit", "2s", "the longest such wait"),
    parameter("fault", "settle", "0", "the pause from there to FIN or RST"),
    parameter("fault", "counts", "payload", "the signs of life for the idle fault before it"),
    parameter("key", "key", "test-7", "the name of the test, which gets its own counters"),
];

/// Reads a query, without its question mark.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_query(query: &str) -> Result<Asked, QueryErrors> {
    let mut reader = Reader::default();
    for (number, (name, value)) in pieces(query).enumerate() {
        if number == MOST_PARAMETERS {
            let message = format!("there are more than {MOST_PARAMETERS} parameters");
            reader.errors.clear();
            reader.error("", message, "use a scenario file instead".to_owned());
            return Err(QueryErrors(reader.errors));
        }
        reader.piece(name, value);
    }
    reader.finish()
}

/// Checks a key.
///
/// # Errors
/// The mistake in it.
pub fn check_key(key: &str) -> Result<(), QueryError> {
    if (1..=LONGEST_KEY).contains(&key.len()) && !key.chars().any(char::is_control) {
        return Ok(());
    }
    Err(QueryError::new(
        &format!("key={key}"),
        "this is not a valid key",
        format!("write 1 to {LONGEST_KEY} bytes without control characters"),
    ))
}

impl QueryError {
    /// Each text may quote the query, which may hold anything: it is spelt out.
    fn new(parameter: &str, message: &str, help: impl Into<Option<String>>) -> Self {
        let help: Option<String> = help.into();
        Self {
            parameter: shown(parameter),
            message: printable(message).into_owned(),
            help: help.map(|help| printable(&help).into_owned()),
        }
    }
}

#[derive(Default)]
struct Reader {
    lines: Lines,
    given: Vec<&'static str>,
    key: Option<String>,
    /// That which the parameters that follow may belong to.
    open: Option<Open>,
    errors: Vec<QueryError>,
}

/// A parameter that others behind it belong to.
enum Open {
    Fault(fault::Text),
    Part(Part),
}

impl Reader {
    fn error(
        &mut self,
        parameter: &str,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) {
        let error = QueryError::new(parameter, message.as_ref(), help);
        self.errors.push(error);
    }

    fn piece(&mut self, name: &str, value: Option<&str>) {
        let sent = match value {
            Some(value) => format!("{name}={value}"),
            None => name.to_owned(),
        };
        let decoded = form(name).and_then(|name| Ok((name, value.map(form).transpose()?)));
        let (name, value) = match decoded {
            Ok(decoded) => decoded,
            Err(error) => return self.error(&sent, error.to_string(), None),
        };
        let Some(parameter) = PARAMETERS.iter().find(|known| known.name == name) else {
            return self.unknown(&name);
        };
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            let help = format!("write {name}={}", parameter.example);
            return self.error(&sent, format!("`{name}` has no value"), help);
        };
        self.set(parameter, &value);
    }

    fn unknown(&mut self, name: &str) {
        if name == "file" {
            let help = "a stranger must not read files: start the server with --file PATH";
            let message = "`file` is of scenario files alone";
            return self.error(name, message, help.to_owned());
        }
        let names = || PARAMETERS.iter().map(|parameter| parameter.name);
        let help = match nearest::nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", nearest::all_of(names())),
        };
        self.error(name, format!("`{}` is not a parameter", shown(name)), help);
    }

    fn set(&mut self, parameter: &'static Parameter, value: &str) {
        let sent = format!("{}={value}", parameter.name);
        if let Some(Open::Part(part)) = &mut self.open
            && part.takes(parameter.table, parameter.name)
        {
            if let Err((message, help)) = part.set(parameter.name, value) {
                self.error(&sent, message, help);
            }
            return;
        }
        match (parameter.table, parameter.name) {
            ("fault", "fault") => {
                let text = fault::Text::new(value).unwrap_or_else(|(message, help)| {
                    self.error(&sent, message, help);
                    // The parameters that follow still belong to this one.
                    fault::Text::broken()
                });
                self.begin(Open::Fault(text));
                return;
            }
            ("answer", _) => return self.begin(Open::Part(Part::answer(value))),
            ("version", "version") => return self.begin(Open::Part(Part::version(value))),
            ("fault" | "version" | "on", name) => {
                if let Err((message, help)) = self.belonging(parameter.table, name, value) {
                    self.error(&sent, message, help);
                }
                return;
            }
            ("raw", name) => {
                let outcome = match name {
                    "raw" => self.lines.raw(value),
                    _ => self.lines.replace(value, &sent),
                };
                if let Err((message, help)) = outcome {
                    self.error(&sent, message, help);
                }
                return;
            }
            ("key", _) => match check_key(value) {
                Ok(()) => self.key = Some(value.to_owned()),
                Err(error) => self.errors.push(error),
            },
            (_, "header") => {
                if let Err((message, help)) = self.lines.header(value) {
                    self.error(&sent, message, help);
                }
                return;
            }
            (table, name) => self
                .lines
                .add(table, name, Kind::of(table, name), value, &sent),
        }
        if self.given.contains(&parameter.name) {
            let message = format!("`{}` is given twice", parameter.name);
            self.error(&sent, message, "keep one of them".to_owned());
        }
        self.given.push(parameter.name);
    }

    /// Sets a parameter that belongs to the one before it.
    fn belonging(
        &mut self,
        table: &str,
        name: &'static str,
        value: &str,
    ) -> Result<(), fault::Wrong> {
        let (what, example) = match (&mut self.open, table) {
            (Some(Open::Fault(text)), "fault" | "on") => {
                return text.set(name, Kind::of("fault", name), value);
            }
            (Some(Open::Part(part)), "on") => return part.set(name, value),
            (_, "version") => ("version", "version=70MiB"),
            (_, "on") => ("fault, answer or version", "fault=reset@12MiB"),
            _ => ("fault", "fault=reset@12MiB"),
        };
        Err((
            format!("`{name}` belongs to the {what} before it, but there is none"),
            format!("write it after a {what}: {example}&{name}={value}"),
        ))
    }

    /// Ends what was open, and opens another.
    fn begin(&mut self, open: Open) {
        self.end_open();
        self.open = Some(open);
    }

    fn end_open(&mut self) {
        match self.open.take() {
            Some(Open::Fault(text)) => self.lines.fault(text),
            Some(Open::Part(part)) => self.lines.part(part),
            None => {}
        }
    }

    fn finish(mut self) -> Result<Asked, QueryErrors> {
        self.end_open();
        // Parameters that were not understood would be missing from the file.
        if !self.errors.is_empty() && !self.given.contains(&"size") {
            self.lines.add("body", "size", Kind::Whole, "1", "");
        }
        let (text, origins) = self.lines.file(TITLE);
        match read_query(NAME, &text) {
            Ok(scenario) if self.errors.is_empty() => {
                let largest = scenario.largest_size();
                let work = coded_bytes(&scenario);
                if scenario.has_digest() && scenario.all_bytes() > LARGEST_CODED.0 {
                    let message = format!("the digest of {largest} takes too long here");
                    let help = format!(
                        "others wait while it is made: write at most size={LARGEST_CODED} in all \
                         versions together, or a scenario file"
                    );
                    self.error("digest", message, help);
                    return Err(QueryErrors(self.errors));
                }
                if work > LARGEST_CODED {
                    let message = format!("a coded body of {largest} is too large here");
                    let help = format!(
                        "others wait while it is gone over once: write at most size={LARGEST_CODED} \
                         in all versions and codings together, or a scenario file"
                    );
                    let said = scenario.body.encoding.iter().map(|coding| coding.word());
                    let said = said.collect::<Vec<_>>().join(",");
                    self.error(&format!("encoding={said}"), message, help);
                    return Err(QueryErrors(self.errors));
                }
                Ok(Asked {
                    scenario,
                    key: self.key,
                })
            }
            Ok(_) => Err(QueryErrors(self.errors)),
            Err(found) => {
                let of_line = |line: usize| origins.get(line - 1).map_or("", String::as_str);
                self.errors.extend(found.list().iter().map(|one| {
                    let help = one.help.as_deref().map(toml::as_in_a_url);
                    QueryError::new(of_line(one.line), &toml::as_in_a_url(&one.message), help)
                }));
                Err(QueryErrors(self.errors))
            }
        }
    }
}

/// Bytes that the coders of all versions read, each coding for itself.
fn coded_bytes(scenario: &Scenario) -> ByteSize {
    let codings = scenario.body.encoding.len() as u64;
    ByteSize(scenario.all_bytes().saturating_mul(codings))
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.parameter.is_empty() {
            write!(f, "{}: ", self.parameter)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for QueryErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.0.iter().take(MOST_ERRORS).enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{error}")?;
        }
        match self.0.len().saturating_sub(MOST_ERRORS) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more errors"),
        }
    }
}

impl std::error::Error for QueryErrors {}

/// As it is shown: nothing that acts on a terminal, and not endless.
fn shown(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => printable(&text[..end]).into_owned() + "...",
        None => printable(text).into_owned(),
    }
}

#[cfg(test)]
mod tests;
