//! A download as a value, written as a URL.

use std::{fmt::Write as _, time::Duration};

use super::fault::{Fault, rate};
use crate::{
    scenario::Framing,
    units::{ByteSize, print_duration},
};

/// One download from the server: an object, the response that carries it, the link,
/// and what goes wrong. Everything has the default of scenario files.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "ask it for its `url()`"]
pub struct Download {
    server: String,
    parameters: Vec<(&'static str, String)>,
    key: Option<String>,
}

impl Download {
    pub(super) fn new(server: &str, bytes: u64) -> Self {
        let download = Self {
            server: server.into(),
            parameters: Vec::new(),
            key: None,
        };
        download.with("size", ByteSize(bytes).to_string())
    }

    /// The body comes in chunks.
    pub fn chunked(self) -> Self {
        self.with("framing", Framing::Chunked.word())
    }

    /// The body ends with the connection.
    pub fn close_delimited(self) -> Self {
        self.with("framing", Framing::Close.word())
    }

    /// Bytes in each chunk of the chunked coding.
    pub fn chunk(self, bytes: u64) -> Self {
        self.with("chunk", ByteSize(bytes).to_string())
    }

    /// The body is coded with gzip.
    pub fn gzip(self) -> Self {
        self.with("encoding", "gzip")
    }

    /// A `Content-Length` that is not true.
    pub fn declared_size(self, bytes: u64) -> Self {
        self.with("declared_size", ByteSize(bytes).to_string())
    }

    /// Bytes per second, at least one.
    pub fn rate(self, bytes_per_second: u64) -> Self {
        self.with("rate", rate(bytes_per_second).to_string())
    }

    /// One way, each way.
    pub fn latency(self, time: Duration) -> Self {
        self.with("latency", print_duration(time))
    }

    /// The wait before the first byte of the response.
    pub fn head_delay(self, time: Duration) -> Self {
        self.with("head_delay", print_duration(time))
    }

    /// The status code.
    pub fn status(self, code: u16) -> Self {
        self.with("status", code.to_string())
    }

    /// One more header field.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with("header", format!("{name}:{value}"))
    }

    /// Range requests are answered with the whole object.
    pub fn no_ranges(self) -> Self {
        self.with("ranges", "false")
    }

    /// The entity tag.
    pub fn etag(self, tag: &str) -> Self {
        self.with("etag", tag)
    }

    /// One more thing that goes wrong.
    pub fn fault<May>(mut self, fault: Fault<May>) -> Self {
        self.parameters.extend(fault.parameters());
        self
    }

    /// Any other parameter of a URL, as the page at `/` of the server lists them.
    /// The server answers an invalid one with status 400 and the reason.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// The test that it belongs to, which has counters and a journal of its own.
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The URL to download.
    pub fn url(&self) -> String {
        self.url_of("download")
    }

    /// The URL of the same object, whole and at once.
    pub fn expected_url(&self) -> String {
        self.url_of("expected")
    }

    fn url_of(&self, path: &str) -> String {
        let mut url = format!("{}/{path}", self.server);
        let key = self.key.iter().map(|key| ("key", key));
        let all = self.parameters.iter().map(|(name, value)| (*name, value));
        for (number, (name, value)) in all.chain(key).enumerate() {
            url.push(if number == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            escape(value, &mut url);
        }
        url
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
