//! `[body]` and `[response]`

use std::collections::BTreeSet;

use super::Check;
use crate::{
    scenario::{Accept, Framing, RawAt, Scenario, coded, room::fits},
    units::ByteSize,
};

/// The most bytes that the body of the response can have, after content coding
/// and before transfer coding, and the key that says so.
pub(super) fn longest_body(scenario: &Scenario) -> (u64, &'static str) {
    let body = &scenario.body;
    if let Some(page) = &scenario.response.page {
        (page.len() as u64, "response.page")
    } else if body.is_coded() && body.truncate_at.is_some() {
        (coded::longest_cut(body), "body.truncate_at")
    } else if body.is_coded() {
        // Who gets it plain gets more, where it compresses.
        let plain = match body.accept {
            Accept::Ignore => 0,
            Accept::Honour => body.size.0,
        };
        (coded::longest(body).max(plain), "body.size, compressed,")
    } else {
        (body.size.0, "body.size")
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
        self.framing();
        self.coding();
        if let Some(declared) = body.declared_size {
            let length = match &scenario.response.page {
                Some(page) => page.len() as u64,
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
        let (longest, _) = longest_body(self.scenario);
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

    pub(super) fn response(&mut self) {
        let scenario = self.scenario;
        let response = &scenario.response;
        if !(200..=599).contains(&response.status) {
            self.problem(
                "response.status",
                format!("{} is not the status of a final response", response.status),
                "write 200 to 599",
            );
        }
        if matches!(response.status, 204 | 304) && longest_body(scenario).0 > 0 {
            self.problem(
                "response.status",
                format!("a response with status {} has no body", response.status),
                "write another status, or `size = 0` (raw bytes can still follow the head)",
            );
        }
        self.headers();
        if response
            .etag
            .as_ref()
            .is_some_and(|etag| !is_field_value(etag))
        {
            self.problem("response.etag", "a field value has no line breaks", "");
        }
        for (index, raw) in response.raw.iter().enumerate() {
            let key = |part| format!("response.raw[{index}]{part}");
            if raw.bytes.is_empty() && raw.replace.0 == 0 {
                self.problem(
                    key(""),
                    "this inserts nothing and replaces nothing",
                    "write `bytes`, or `replace` to take some out",
                );
            }
            let (longest, what) = longest_body(scenario);
            match raw.at {
                RawAt::Body(at) if at.0 > longest => self.problem(
                    key(".at"),
                    format!("{at} is beyond the body"),
                    format!("{what} is {}", ByteSize(longest)),
                ),
                RawAt::End if raw.replace.0 > 0 => self.problem(
                    key(".replace"),
                    "there is nothing to replace after the end",
                    "leave `replace` out, or name an offset with `at`",
                ),
                _ => {}
            }
        }
    }

    fn headers(&mut self) {
        let response = &self.scenario.response;
        let mut seen = BTreeSet::new();
        for (name, value) in &response.headers {
            let key = format!("response.headers.{name}");
            if !is_token(name) {
                self.problem(
                    &key,
                    format!("`{name}` is not a field name"),
                    "letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110, section 5.1)",
                );
            }
            if !is_field_value(value) {
                self.problem(
                    &key,
                    format!("the value of `{name}` has a line break or a NUL"),
                    "to break the head on purpose use [[response.raw]]",
                );
            }
            if !seen.insert(name.to_ascii_lowercase()) {
                self.problem(
                    &key,
                    format!("`{name}` is given twice"),
                    "case does not count in field names",
                );
            }
            if name.eq_ignore_ascii_case("etag") && response.etag.is_some() {
                self.problem(
                    &key,
                    "the ETag is set here and in `response.etag`",
                    "keep one",
                );
            }
        }
    }
}

/// RFC 9110, section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || special.contains(&byte))
}

/// RFC 9110, section 5.5: what would end the field is not in it.
fn is_field_value(text: &str) -> bool {
    !text.contains(['\r', '\n', '\0'])
}
