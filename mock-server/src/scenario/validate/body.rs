//! `[body]`

use std::fmt;

use super::Check;
use crate::{
    body::MOST_VERSIONS,
    scenario::{Accept, Framing, Scenario, coded, room::fits},
    units::ByteSize,
};

/// A bound of lengths, as messages tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Longest {
    pub(super) bytes: u64,
    /// The key that says so, with a verb: `body.size is`.
    what: &'static str,
    /// Nobody has coded the body: there are no more bytes, and perhaps fewer.
    is_estimate: bool,
}

impl Longest {
    pub(super) const fn exactly(bytes: u64, what: &'static str) -> Self {
        Self {
            bytes,
            what,
            is_estimate: false,
        }
    }

    const fn about(bytes: u64, what: &'static str) -> Self {
        Self {
            bytes,
            what,
            is_estimate: true,
        }
    }

    fn max(self, other: Self) -> Self {
        match other.bytes > self.bytes {
            true => other,
            false => self,
        }
    }
}

impl fmt::Display for Longest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = ByteSize(self.bytes);
        match self.is_estimate {
            true => write!(f, "{} at most about {}", self.what, bytes.human()),
            false => write!(f, "{} {bytes}", self.what),
        }
    }
}

/// The most bytes that the body of the response can have, after content coding
/// and before transfer coding.
pub(super) fn longest_body(scenario: &Scenario) -> Longest {
    let body = &scenario.body;
    let largest = Longest::exactly(scenario.largest_size().0, "body.size is");
    let largest = match scenario.later_bodies().any(|later| later.size > body.size) {
        true => Longest::exactly(largest.bytes, "the largest version is"),
        false => largest,
    };
    if scenario.response.page.is_some() {
        return Longest::exactly(scenario.response.page_len(), "response.page is");
    }
    if !body.is_coded() {
        return largest;
    }
    // The coded object with the size of the largest version.
    let coded_body = scenario.largest_body();
    let cut = coded::longest_cut(&coded_body);
    let coded = match body.truncate_at {
        Some(at) if at.0.saturating_add(body.garbage.0) <= cut => {
            Longest::exactly(cut, "the cut body has at most")
        }
        _ => Longest::about(cut, "the compressed body has"),
    };
    // Who gets it plain gets more, where it compresses.
    match body.accept {
        Accept::Ignore => coded,
        Accept::Honour => coded.max(largest),
    }
}

/// The same of all responses, answers included.
pub(super) fn longest_of_all(scenario: &Scenario) -> Longest {
    let answers = scenario.answers.iter().map(|answer| &answer.response);
    let page = answers.map(|response| response.page_len()).max();
    let page = Longest::exactly(page.unwrap_or_default(), "the longest page is");
    longest_body(scenario).max(page)
}

impl Check<'_> {
    pub(super) fn body(&mut self) {
        let scenario = self.scenario;
        let body = &scenario.body;
        if body.chunk.0 == 0 {
            self.problem(
                "body.chunk",
                "a chunk of 0 bytes is the end of a chunked body",
                "write at least 1",
            );
        } else if self.given("body.chunk") && body.framing != Framing::Chunked {
            self.problem(
                "body.chunk",
                format!("there are no chunks with `framing = \"{}\"`", body.framing),
                "add `framing = \"chunked\"`, or leave `chunk` out",
            );
        }
        if !(1..=MOST_VERSIONS).contains(&body.version) {
            self.problem(
                "body.version",
                format!("{} is no version of the object", body.version),
                format!("write 1 to {MOST_VERSIONS}"),
            );
        }
        self.framing();
        self.coding();
        if let Some(declared) = body.declared_size {
            let length = match &scenario.response.page {
                Some(_) => scenario.response.page_len(),
                None => body.size.0,
            };
            if body.framing != Framing::ContentLength {
                self.problem(
                    "body.declared_size",
                    format!("`framing = \"{}\"` declares no size", body.framing),
                    "leave `framing` out, which means content-length, or leave this out",
                );
            } else if declared.0 == length && !body.is_coded() {
                self.problem(
                    "body.declared_size",
                    format!("{declared} is the true size"),
                    "leave it out, or write another",
                );
            }
        }
    }

    /// Offsets on the wire are 64 bits wide.
    fn framing(&mut self) {
        let body = &self.scenario.body;
        let longest = longest_of_all(self.scenario).bytes;
        if body.framing != Framing::Chunked || fits(longest, Some(body.chunk.0.max(1))) {
            return;
        }
        let least = ByteSize::kib(1);
        self.problem(
            if body.chunk < least {
                "body.chunk"
            } else {
                "body.size"
            },
            format!(
                "in chunks of {} the body is longer than 2^63 bytes, its size lines included",
                body.chunk
            ),
            format!("write a `chunk` of {least} or more, or a smaller `size`"),
        );
    }
}

/// RFC 9110, section 5.6.2.
pub(in crate::scenario) fn is_token(text: &str) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || special.contains(&byte))
}

/// RFC 9110, section 5.5: what would end the field is not in it.
pub(super) fn is_field_value(text: &str) -> bool {
    !text.contains(['\r', '\n', '\0'])
}
