//! `[response]`, `[[answer]]` and `[[version]]`

use std::{collections::BTreeSet, time::Duration};

use super::{
    Check,
    body::{Longest, is_field_value, is_token, longest_body},
};
use crate::{
    body::MOST_VERSIONS,
    scenario::{Digest, Partial, RawAt, Response, Selector, Validators, Version},
    units::ByteSize,
};

/// The largest object whose digest is made: that takes about ten seconds.
const LARGEST_DIGESTED: ByteSize = ByteSize::mib(8192);

/// A page is held in memory.
const LARGEST_PAGE: ByteSize = ByteSize::mib(16);

impl Check<'_> {
    pub(super) fn response(&mut self) {
        let scenario = self.scenario;
        let longest = longest_body(scenario);
        self.one_response("response", &scenario.response, longest);
        for (index, answer) in scenario.answers.iter().enumerate() {
            let key = format!("answer[{index}]");
            self.selector(&format!("{key}.on"), &answer.on);
            let response = &answer.response;
            let longest = match &response.page {
                Some(_) => Longest::exactly(response.page_len(), "the page is"),
                None => longest,
            };
            self.one_response(&key, response, longest);
            let before = scenario.answers[..index].iter().map(|one| &one.on);
            self.reached(&key, &answer.on, before, "gets", |first| {
                format!("answer {}", first + 1)
            });
        }
        self.versions();
    }

    fn versions(&mut self) {
        let scenario = self.scenario;
        for (index, version) in scenario.versions.iter().enumerate() {
            let key = format!("version[{index}]");
            self.selector(&format!("{key}.on"), &version.on);
            let before = scenario.versions[..index].iter().map(|one| &one.on);
            self.reached(&key, &version.on, before, "finds", |first| {
                format!(
                    "version {}",
                    u64::from(scenario.body.version) + first as u64 + 1
                )
            });
            self.etag(&format!("{key}.etag"), version.etag.as_deref(), "");
            self.is_sent(&key, version);
            let modified = version.last_modified.as_ref();
            if modified.is_some_and(|text| !is_field_value(text)) {
                self.problem(
                    format!("{key}.last_modified"),
                    "a field value has no line breaks",
                    "",
                );
            }
            let mut answers = scenario.answers.iter();
            let in_its_place = answers
                .position(|answer| answer.response.page.is_some() && answer.on.covers(&version.on));
            if scenario.response.page.is_some() {
                self.problem(
                    key,
                    "there is no object: `response.page` is sent in its place",
                    "leave out the version, or `response.page`",
                );
            } else if let Some(answer) = in_its_place {
                self.problem(
                    format!("{key}.on"),
                    format!(
                        "no request finds this: answer {} sends a page to all of these",
                        answer + 1
                    ),
                    "write other requests here, or there",
                );
            }
        }
        let last = u64::from(scenario.body.version) + scenario.versions.len() as u64;
        if !scenario.versions.is_empty() && last > u64::from(MOST_VERSIONS) {
            self.problem(
                "version",
                format!("the last of these is version {last}"),
                format!("{MOST_VERSIONS} versions of an object are told apart: write fewer"),
            );
        }
    }

    /// Notes the validators of a version that no response has.
    fn is_sent(&mut self, key: &str, version: &Version) {
        let validators = self.scenario.response.validators;
        let unsent = [
            ("etag", version.etag.is_some() && !validators.has_etag()),
            (
                "last_modified",
                version.last_modified.is_some() && !validators.has_date(),
            ),
        ];
        for (name, _) in unsent.into_iter().filter(|(_, unsent)| *unsent) {
            self.problem(
                format!("{key}.{name}"),
                format!("no response has it: `response.validators` is `{validators}`"),
                format!("leave out `{name}`, or write other `validators`"),
            );
        }
    }

    /// Notes that no request `gets` what is at `key`, because one `before` it is for all
    /// of `on`.
    fn reached<'s>(
        &mut self,
        key: &str,
        on: &Selector,
        before: impl Iterator<Item = &'s Selector>,
        gets: &str,
        name: impl FnOnce(usize) -> String,
    ) {
        let before: Vec<&Selector> = before.collect();
        let why = match before.iter().position(|one| one.covers(on)) {
            Some(first) => format!("{} is for all of these", name(first)),
            None if Selector::cover_together(&before, on) => {
                "those before it are together for all of these".into()
            }
            None => return,
        };
        self.problem(
            format!("{key}.on"),
            format!("no request {gets} this: {why}"),
            "the first that is for a request counts: put the narrower one first",
        );
    }

    /// The response at `path`, whose body is no longer than `longest`.
    fn one_response(&mut self, path: &str, response: &Response, longest: Longest) {
        let key = |name: &str| format!("{path}.{name}");
        if !(200..=599).contains(&response.status) {
            self.problem(
                key("status"),
                format!("{} is not the status of a final response", response.status),
                "write 200 to 599",
            );
        }
        if matches!(response.status, 204 | 304) && longest.bytes > 0 {
            let help = match &response.page {
                Some(_) if self.given(&key("page_of")) => {
                    "leave `status` out, which is the page's own then, or leave out `page_of`"
                }
                Some(_) => "write another status, or `page = \"\"`",
                None => "write another status, or `size = 0` (raw bytes can still follow the head)",
            };
            self.problem(
                key("status"),
                format!("a response with status {} has no body", response.status),
                help,
            );
        }
        if response.redirect.is_some() && !(300..=399).contains(&response.status) {
            self.problem(
                key("redirect"),
                format!(
                    "a response with status {} redirects nobody",
                    response.status
                ),
                "write a status from 300 to 399, or leave `status` out, which means 302",
            );
        }
        self.page(path, response);
        self.retry_after(path, response);
        self.ranges(path, response);
        self.headers(path, response);
        // One that an answer takes over was looked at where it stands.
        let etag = response.etag.as_deref();
        if path == "response" || etag != self.scenario.response.etag.as_deref() {
            let instead = format!("; `{path}.headers` takes any other");
            self.etag(&key("etag"), etag, &instead);
        }
        for (name, text) in [
            ("redirect", &response.redirect),
            ("page_type", &response.page_type),
        ] {
            if text.as_ref().is_some_and(|text| !is_field_value(text)) {
                self.problem(key(name), "a field value has no line breaks", "");
            }
        }
        self.raw(path, response, longest);
    }

    fn page(&mut self, path: &str, response: &Response) {
        for (name, given) in [
            ("page_type", response.page_type.is_some()),
            ("page_size", response.page_size.is_some()),
        ] {
            let key = format!("{path}.{name}");
            if given && response.page.is_none() {
                self.problem(
                    key,
                    format!("`{name}` is of a page, and there is none"),
                    "add `page`",
                );
            }
        }
        let Some(size) = response.page_size else {
            return;
        };
        let key = format!("{path}.page_size");
        if size > LARGEST_PAGE {
            self.problem(
                key,
                format!("a page of {size} is too large: it is held in memory"),
                format!("write at most {LARGEST_PAGE}"),
            );
        } else if size.0 > 0 && response.page.as_ref().is_some_and(String::is_empty) {
            self.problem(key, "an empty page cannot be repeated", "write a `page`");
        }
    }

    fn retry_after(&mut self, path: &str, response: &Response) {
        let (seconds, date) = (response.retry_after, response.retry_after_date);
        if seconds.is_some() && date.is_some() {
            self.problem(
                format!("{path}.retry_after_date"),
                "the time is given in both forms",
                "keep one of `retry_after` and `retry_after_date`",
            );
        }
        for (name, time) in [("retry_after", seconds), ("retry_after_date", date)] {
            let whole = |time: &Duration| time.subsec_nanos() == 0;
            if time.is_some_and(|time| !whole(&time)) {
                self.problem(
                    format!("{path}.{name}"),
                    "`Retry-After` counts whole seconds",
                    "write 1s, 2m, ...",
                );
            }
        }
    }

    fn ranges(&mut self, path: &str, response: &Response) {
        let key = |name: &str| format!("{path}.{name}");
        if response.range != Partial::Honour && !response.ranges {
            self.problem(
                key("range"),
                format!("`{}` needs ranges, which are off", response.range),
                "leave out `ranges = false`, or `range`",
            );
        }
        let is_object = response.page.is_none() && response.status == 200;
        for (name, given) in [
            ("range", response.range != Partial::Honour),
            ("validators", response.validators != Validators::Both),
            ("digest", response.digest != Digest::None),
        ] {
            if given && !is_object && self.given(&key(name)) {
                self.problem(
                    key(name),
                    format!("`{name}` is of an object that is sent with status 200"),
                    format!("leave out `{name}`, or the page or status"),
                );
            }
        }
        if response.digest != Digest::None && self.scenario.largest_size() > LARGEST_DIGESTED {
            self.problem(
                key("digest"),
                format!("the digest of more than {LARGEST_DIGESTED} takes too long"),
                "lower the size, or leave it out",
            );
        }
        if response.etag.is_some() && !response.validators.has_etag() {
            self.problem(
                key("validators"),
                format!("`{}` has no ETag, but `etag` is set", response.validators),
                "leave out one of them",
            );
        }
    }

    fn raw(&mut self, path: &str, response: &Response, longest: Longest) {
        for (index, raw) in response.raw.iter().enumerate() {
            let key = |part| format!("{path}.raw[{index}]{part}");
            if raw.bytes.is_empty() && raw.replace.0 == 0 {
                self.problem(
                    key(""),
                    "this inserts nothing and replaces nothing",
                    "write `bytes`, or `replace` to take some out",
                );
            }
            match raw.at {
                RawAt::Body(at) if at.0 > longest.bytes => {
                    self.problem(key(".at"), format!("{at} is beyond the body"), longest)
                }
                RawAt::End if raw.replace.0 > 0 => self.problem(
                    key(".replace"),
                    "there is nothing to replace after the end",
                    "leave `replace` out, or name an offset with `at`",
                ),
                _ => {}
            }
        }
    }

    fn headers(&mut self, path: &str, response: &Response) {
        let mut seen = BTreeSet::new();
        for (name, value) in &response.headers {
            let key = format!("{path}.headers.{name}");
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
                    format!("the ETag is set here and in `{path}.etag`"),
                    "keep one",
                );
            }
        }
    }
}
