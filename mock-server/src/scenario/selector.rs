//! The requests that a fault, an answer or a version of the object is for.
//!
//! One vocabulary, in files (`on = { request = "2.." }`) and in URLs
//! (`on=request:2..`).

mod ordinals;
mod path;
mod span;

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{
    ordinals::{Ordinals, OrdinalsError},
    path::{PathPattern, PathPatternError},
    span::{Span, SpanError},
};
use super::{Attempt, Protocol};

/// The requests for which all that is set here holds. The default is every request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selector {
    /// The request's number among those that play the scenario.
    pub request: Option<Ordinals>,
    /// The number of its connection among those that play the scenario.
    pub connection: Option<Ordinals>,
    /// The request's number on its connection.
    pub position: Option<Ordinals>,
    /// A first attempt, or a resumption.
    pub attempt: Option<Attempt>,
    /// The time since the first request that played the scenario.
    pub time: Option<Span>,
    /// The method, in capitals as it is sent.
    pub method: Option<String>,
    /// The HTTP version of the request.
    pub protocol: Option<Protocol>,
    /// The path of its target.
    pub path: Option<PathPattern>,
}

/// The facts of a request that selectors ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFacts<'a> {
    /// Its number among those that play the scenario, from 1.
    pub request: u32,
    /// The number of its connection among those that play the scenario, from 1.
    pub connection: u32,
    /// Its number on its connection, from 1.
    pub position: u32,
    /// It has a `Range` field, so that it goes on where another one ended.
    pub attempt: Attempt,
    /// The time since the first request that played the scenario.
    pub time: Duration,
    /// Its method.
    pub method: &'a str,
    /// Its HTTP version.
    pub protocol: Protocol,
    /// The path of its target after percent decoding, without the query.
    pub path: &'a str,
}

impl RequestFacts<'static> {
    /// The only request of a client that downloads once: GET, HTTP/1.1, a connection of
    /// its own, of the root.
    pub const FIRST: Self = Self::of_download(1);

    /// The request of download number `number`, of several at a time.
    pub(super) const fn of_download(number: u32) -> Self {
        Self {
            request: number,
            connection: number,
            position: 1,
            attempt: Attempt::First,
            time: Duration::ZERO,
            method: "GET",
            protocol: Protocol::Http11,
            path: "/",
        }
    }
}

impl Selector {
    /// True if nothing is set.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// True if the request is one of those.
    pub fn selects(&self, facts: &RequestFacts<'_>) -> bool {
        let Self {
            request,
            connection,
            position,
            attempt,
            time,
            method,
            protocol,
            path,
        } = self;
        let has = |ordinals: &Option<Ordinals>, number| {
            ordinals.is_none_or(|ordinals| ordinals.contains(number))
        };
        has(request, facts.request)
            && has(connection, facts.connection)
            && has(position, facts.position)
            && attempt.is_none_or(|attempt| attempt == facts.attempt)
            && time.is_none_or(|span| span.contains(facts.time))
            && method.as_ref().is_none_or(|method| method == facts.method)
            && protocol.is_none_or(|protocol| protocol == facts.protocol)
            && path.as_ref().is_none_or(|path| path.contains(facts.path))
    }

    /// True if it selects whatever `other` selects. Not all such pairs are found: only
    /// those where each setting covers the other's, or is not set here.
    pub(super) fn covers(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            one.is_none() || one == other
        }
        let within = |one: Option<Ordinals>, other: Option<Ordinals>| match (one, other) {
            (Some(one), Some(other)) => one.covers(other),
            (one, _) => one.is_none() || one.is_some_and(Ordinals::is_all),
        };
        within(self.request, other.request)
            && within(self.connection, other.connection)
            && within(self.position, other.position)
            && same(&self.attempt, &other.attempt)
            && self.covers_time(other)
            && same(&self.method, &other.method)
            && same(&self.protocol, &other.protocol)
            && match (&self.path, &other.path) {
                (Some(path), Some(other)) => path.covers(other),
                (path, _) => path.is_none(),
            }
    }

    fn covers_time(&self, other: &Self) -> bool {
        let everything = Span {
            from: Duration::ZERO,
            to: None,
        };
        // The first request is the beginning of time.
        let start = Span {
            from: Duration::ZERO,
            to: Some(Duration::from_nanos(1)),
        };
        let span = match (other.time, other.request) {
            (None, Some(request)) if request == Ordinals::only(1) => start,
            (span, _) => span.unwrap_or(everything),
        };
        self.time.is_none_or(|time| time.covers(span))
    }

    /// True if `all` together select whatever `other` selects, as far as that is found:
    /// ranges of requests that follow each other, and first attempts beside resumptions.
    pub(super) fn cover_together(all: &[&Self], other: &Self) -> bool {
        let requests = |other: &Self| {
            let of_any_request = all.iter().filter(|one| {
                let one = Self {
                    request: None,
                    ..(**one).clone()
                };
                one.covers(other)
            });
            let ranges: Vec<Ordinals> = of_any_request
                .map(|one| one.request.unwrap_or(Ordinals::ALL))
                .collect();
            let asked = other.request.unwrap_or(Ordinals::ALL);
            asked.are_among(&ranges)
        };
        let of = |attempt| Self {
            attempt: Some(attempt),
            ..other.clone()
        };
        match other.attempt {
            Some(_) => requests(other),
            None => requests(other) || Attempt::ALL.iter().all(|attempt| requests(&of(*attempt))),
        }
    }

    /// The number of requests among the first of `downloads` clients, which ask once
    /// each, that it selects.
    pub(super) fn among(&self, downloads: u32) -> u32 {
        if self.is_all() {
            return downloads;
        }
        let selected = (1..=downloads).filter(|n| self.selects(&RequestFacts::of_download(*n)));
        u32::try_from(selected.count()).unwrap_or(u32::MAX)
    }
}

/// For people: `request 2 and later, GET`.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(ordinals) = self.request {
            parts.push(ordinals.of("request"));
        }
        if let Some(ordinals) = self.connection {
            parts.push(format!("on {}", ordinals.of("connection")));
        }
        if let Some(ordinals) = self.position {
            parts.push(format!("{} of its connection", ordinals.of("request")));
        }
        match self.attempt {
            Some(Attempt::First) => parts.push("without Range".into()),
            Some(Attempt::Resumption) => parts.push("with Range".into()),
            None => {}
        }
        if let Some(span) = self.time {
            parts.push(span.in_words());
        }
        parts.extend(self.method.clone());
        parts.extend(self.protocol.map(|protocol| protocol.to_string()));
        parts.extend(self.path.as_ref().map(|path| format!("at {path}")));
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests;
