//! A download as a value, written as a URL.

use std::{fmt, fmt::Write as _, marker::PhantomData, time::Duration};

use super::{
    action::rate,
    fault::Fault,
    kind::{Chunked, FalseLength, MetBy, UntilClose, WithLength},
};
use crate::{
    http1::origin::MAX_TARGET,
    link::try_platform,
    scenario::{Framing, query::parse_query},
    units::{ByteSize, print_duration},
};

/// One download from the server: an object, the response that carries it, the link,
/// and what goes wrong. Everything has the default of scenario files.
///
/// `F` is how the body ends ([`kind`](super::kind)), which is chosen at most once and
/// before the faults that need it.
///
/// # Panics
/// Each call panics, at the line that makes it, where the server would refuse the
/// download as it is then: a value out of range, a setting given twice, a fault beyond
/// the end of the body.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "ask it for its `url()`"]
pub struct Download<F = WithLength> {
    server: String,
    parameters: Vec<(&'static str, String)>,
    /// Parameters were written by hand. They may need others that are still to come,
    /// so all are judged when the URL is asked for.
    by_hand: bool,
    framing: PhantomData<F>,
}

impl Download {
    #[track_caller]
    pub(super) fn new(server: &str, bytes: u64) -> Self {
        let download = Self {
            server: server.into(),
            parameters: Vec::new(),
            by_hand: false,
            framing: PhantomData,
        };
        download.set("size", ByteSize(bytes))
    }

    /// The body comes in chunks.
    #[track_caller]
    pub fn chunked(self) -> Download<Chunked> {
        self.set("framing", Framing::Chunked.word())
    }

    /// The body comes in chunks of this many bytes.
    #[track_caller]
    pub fn chunks_of(self, bytes: u64) -> Download<Chunked> {
        let chunked: Self = self.put("framing", Framing::Chunked.word());
        chunked.set("chunk", ByteSize(bytes))
    }

    /// The body ends with the connection.
    #[track_caller]
    pub fn close_delimited(self) -> Download<UntilClose> {
        self.set("framing", Framing::Close.word())
    }

    /// A `Content-Length` that is not true.
    #[track_caller]
    pub fn declared_size(self, bytes: u64) -> Download<FalseLength> {
        self.set("declared_size", ByteSize(bytes))
    }
}

impl<F> Download<F> {
    /// The body is coded with gzip.
    #[track_caller]
    pub fn gzip(self) -> Self {
        self.set("encoding", "gzip")
    }

    /// Bytes per second, at least one.
    #[track_caller]
    pub fn rate(self, bytes_per_second: u64) -> Self {
        self.set("rate", rate(bytes_per_second))
    }

    /// One way, each way.
    #[track_caller]
    pub fn latency(self, time: Duration) -> Self {
        self.set("latency", print_duration(time))
    }

    /// The wait before the first byte of the response.
    #[track_caller]
    pub fn head_delay(self, time: Duration) -> Self {
        self.set("head_delay", print_duration(time))
    }

    /// The status code, 200 to 599.
    #[track_caller]
    pub fn status(self, code: u16) -> Self {
        self.set("status", code)
    }

    /// One more header field.
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        // The first colon ends the name.
        assert!(!name.contains(':'), "`{name}` is not a field name");
        self.set("header", format!("{name}:{value}"))
    }

    /// Range requests are answered with the whole object.
    #[track_caller]
    pub fn no_ranges(self) -> Self {
        self.set("ranges", false)
    }

    /// The entity tag.
    #[track_caller]
    pub fn etag(self, tag: &str) -> Self {
        self.set("etag", tag)
    }

    /// One more thing that goes wrong.
    #[track_caller]
    pub fn fault<P, N>(mut self, fault: Fault<P, N>) -> Self
    where
        N: MetBy<F>,
    {
        self.parameters.extend(fault.parameters());
        self.checked()
    }

    /// The test that it belongs to, which has counters and a journal of its own: 1 to
    /// 128 bytes without control characters.
    #[track_caller]
    pub fn key(self, key: &str) -> Self {
        self.set("key", key)
    }

    /// Any other parameter of a URL, as the page at `/` of the server lists them. Since
    /// some need the next, [`url`](Self::url) is the call that panics where one is wrong.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.by_hand = true;
        self.put(name, value.into())
    }

    /// The URL to download.
    #[track_caller]
    pub fn url(&self) -> String {
        self.check();
        self.url_of("download")
    }

    /// The URL of the same object, whole and at once.
    #[track_caller]
    pub fn expected_url(&self) -> String {
        self.check();
        self.url_of("expected")
    }

    /// Adds a parameter, after which the body may end in another way.
    fn put<To>(self, name: &'static str, value: impl fmt::Display) -> Download<To> {
        let mut parameters = self.parameters;
        parameters.push((name, value.to_string()));
        Download {
            server: self.server,
            parameters,
            by_hand: self.by_hand,
            framing: PhantomData,
        }
    }

    #[track_caller]
    fn set<To>(self, name: &'static str, value: impl fmt::Display) -> Download<To> {
        self.put(name, value).checked()
    }

    #[track_caller]
    fn checked(self) -> Self {
        if !self.by_hand {
            self.check();
        }
        self
    }

    /// Panics with the server's reason if it would refuse this.
    #[track_caller]
    fn check(&self) {
        let target = self.target("expected");
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let reason = match parse_query(query) {
            Err(errors) => errors.to_string(),
            Ok(_) if target.len() > MAX_TARGET => {
                format!("its URL has {} bytes, more than {MAX_TARGET}", target.len())
            }
            Ok(asked) => match try_platform(&asked.scenario) {
                Err(lacking) => lacking.to_string(),
                Ok(()) => return,
            },
        };
        panic!("the server would refuse this download: {reason}");
    }

    fn url_of(&self, path: &str) -> String {
        self.server.clone() + &self.target(path)
    }

    /// Path and query.
    fn target(&self, path: &str) -> String {
        let mut target = format!("/{path}");
        for (number, (name, value)) in self.parameters.iter().enumerate() {
            target.push(if number == 0 { '?' } else { '&' });
            target.push_str(name);
            target.push('=');
            escape(value, &mut target);
        }
        target
    }
}

/// Percent-encodes what would end a value or be read as something else (the form
/// coding of the URL standard).
fn escape(value: &str, into: &mut String) {
    for byte in value.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~:@/,".contains(&byte);
        // Writing into memory does not fail.
        let _ = match plain {
            true => into.write_char(byte.into()),
            false => write!(into, "%{byte:02X}"),
        };
    }
}

#[cfg(test)]
#[path = "download_tests.rs"]
mod tests;
