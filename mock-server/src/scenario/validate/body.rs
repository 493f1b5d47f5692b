//! `[body]`

use super::Check;
use crate::{
    body::MOST_VERSIONS,
    scenario::{Accept, Framing, Scenario, coded, room::fits},
    units::ByteSize,
};

/// The most bytes that the body of the response can have, after content coding
/// and before transfer coding, and the key that says so.
pub(super) fn longest_body(scenario: &Scenario) -> (u64, &'static str) {
    let body = &scenario.body;
    let largest = scenario.largest_size();
    // The coded object with the size of the largest version.
    let coded_body = scenario.largest_body();
    if scenario.response.page.is_some() {
        (scenario.response.page_len(), "response.page")
    } else if body.is_coded() && body.truncate_at.is_some() {
        (coded::longest_cut(&coded_body), "body.truncate_at")
    } else if body.is_coded() {
        // Who gets it plain gets more, where it compresses.
        let plain = match body.accept {
            Accept::Ignore => 0,
            Accept::Honour => largest.0,
        };
        (
            coded::longest(&coded_body).max(plain),
            "body.size, compressed,",
        )
    } else {
        (largest.0, "body.size")
    }
}

/// The same of all responses, answers included.
pub(super) fn longest_of_all(scenario: &Scenario) -> (u64, &'static str) {
    let answers = scenario.answers.iter().map(|answer| &answer.response);
    let page = answers.map(|response| response.page_len()).max();
    let (longest, what) = longest_body(scenario);
    match page.filter(|page| *page > longest) {
        Some(page) => (page, "the longest page"),
        None => (longest, what),
    }
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
        let (longest, _) = longest_of_all(self.scenario);
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
