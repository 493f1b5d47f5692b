//! The origin of a scenario: which response a request gets.

use std::sync::Arc;

use super::{
    Request, Response,
    compose::{Body, Compose},
    entity::{Entity, Named},
    head,
    say::Say,
};
use crate::{
    clock::Date,
    scenario::{
        Coding, Digest, Framing, RequestFacts, Response as Settings, Scenario, Selector, Trigger,
        Version, coded, room::fits,
    },
};

/// Up to this many bytes are encoded within about a millisecond.
const AT_ONCE: u64 = 128 << 10;

/// The server of one scenario: it decides what to send. Cheap to clone, since what it
/// holds is shared.
#[derive(Debug, Clone)]
pub struct Origin {
    body: Body,
    /// The settings where no answer is for the request.
    plain: Say,
    /// The first that is for a request counts.
    answers: Arc<[(Selector, Say)]>,
    /// The number of the version that `object` is.
    first_version: u32,
    /// The object where no version is for the request.
    object: Entity,
    /// The first that is for a request counts.
    versions: Arc<[(Selector, Entity)]>,
}

/// A response, and how it was chosen.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The response.
    pub response: Response,
    /// The index of the answer that is for the request.
    pub answer: Option<usize>,
    /// The version of the object, from 1.
    pub version: u32,
    /// A `[[version]]` is for the request.
    pub is_version: bool,
}

/// A scenario asks for a response that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not three digits.
    #[error("`response.status` {0} is not a status code; use 100 to 999")]
    Status(u16),
    /// The text would not be one header field.
    #[error(
        "header field `{0}` has a name or a value that cannot be sent as one line; \
         use `[[response.raw]]` to send what is not HTTP"
    )]
    Field(String),
    /// An empty chunk ends a body.
    #[error("`body.chunk` is 0, which would end the body at once; use at least 1B")]
    EmptyChunk,
    /// This build has no such coder.
    #[error("this build has no {0}; build it with the feature `codings`")]
    NoCoding(Coding),
    /// The file that the object is cannot be read, or is another one now. Its path is not
    /// for everybody.
    #[error("the object's file cannot be served: {0}")]
    File(String),
    /// With its size lines, the response needs more than 2^63 bytes.
    #[error(
        "the body, its chunk sizes included, is longer than 2^63 bytes; \
         make `body.size` smaller or `body.chunk` larger"
    )]
    TooLong,
}

impl Origin {
    /// Checks, without preparing anything, that the responses of `scenario` can be
    /// sent.
    ///
    /// # Errors
    /// [`OriginError`], as [`Origin::new`].
    pub fn check(scenario: &Scenario) -> Result<(), OriginError> {
        let body = &scenario.body;
        let answers = scenario.answers.iter().map(|answer| &answer.response);
        for response in answers.chain([&scenario.response]) {
            check_head(response)?;
        }
        if body.framing == Framing::Chunked && body.chunk.0 == 0 {
            return Err(OriginError::EmptyChunk);
        }
        let response = &scenario.response;
        let coded = body.is_coded() && response.page.is_none();
        let largest = scenario.largest_size();
        let longest = match &response.page {
            Some(_) => response.page_len(),
            None => body.truncate_at.unwrap_or(largest).0.min(largest.0),
        };
        if let Some(coding) = body.missing_coding().filter(|_| coded) {
            return Err(OriginError::NoCoding(coding));
        }
        let longest = match coded {
            true => coded::longest_cut(&scenario.largest_body()),
            false => longest,
        };
        let chunk = (body.framing == Framing::Chunked).then_some(body.chunk.0);
        if !fits(longest, chunk) {
            return Err(OriginError::TooLong);
        }
        Ok(())
    }

    /// Prepares the responses of `scenario`. A coded body is gone over here, once for each
    /// version, in bounded memory. A page is sent as it is.
    ///
    /// # Errors
    /// [`OriginError`] if the scenario asks for a response that cannot be sent.
    pub fn new(scenario: &Scenario) -> Result<Self, OriginError> {
        Self::check(scenario)?;
        let answers = scenario.answers.iter();
        let versions = scenario.versions.iter().zip(scenario.later_bodies());
        let file = scenario.body.open_file().map_err(OriginError::from)?;
        let file = file.as_ref();
        let objects = object_offsets(scenario);
        let digests = digests(scenario);
        let named = Named {
            objects: &objects,
            digests: &digests,
        };
        Ok(Self {
            body: Body::from(&scenario.body),
            plain: Say::from(&scenario.response),
            answers: answers
                .map(|answer| (answer.on.clone(), Say::from(&answer.response)))
                .collect(),
            first_version: scenario.body.version,
            object: Entity::new(&scenario.body, &Version::default(), file, named)?,
            versions: versions
                .map(|(version, body)| {
                    let entity = Entity::new(&body, version, file, named)?;
                    Ok((version.on.clone(), entity))
                })
                .collect::<Result<_, OriginError>>()?,
        })
    }

    /// True if [`Origin::new`] takes a millisecond or more: a body is to be encoded or its
    /// digest to be made, or pages to be filled.
    pub fn is_slow(scenario: &Scenario) -> bool {
        Self::most_held_bytes(scenario) > AT_ONCE
            || (scenario.is_gone_over() && scenario.largest_size().0 > AT_ONCE)
    }

    /// An upper bound for [`Origin::held_bytes`] of `scenario`.
    pub fn most_held_bytes(scenario: &Scenario) -> u64 {
        let body = &scenario.body;
        let answers = scenario.answers.iter().map(|answer| &answer.response);
        let pages: u64 = answers
            .chain([&scenario.response])
            .map(Settings::page_len)
            .sum();
        if !body.is_coded() {
            return pages;
        }
        let bodies = scenario.later_bodies().chain([body.clone()]);
        let encoded = bodies
            .map(|body| coded::most_kept(&body))
            .fold(0, u64::saturating_add);
        pages.saturating_add(encoded)
    }

    /// Bytes held in memory: pages, and encoded bodies.
    pub fn held_bytes(&self) -> u64 {
        let pages = self.answers.iter().map(|(_, say)| say.held_bytes());
        let objects = self.versions.iter().map(|(_, entity)| entity.held_bytes());
        let own = [self.plain.held_bytes(), self.object.held_bytes()];
        pages.chain(objects).chain(own).fold(0, u64::saturating_add)
    }

    /// The answer to `request` as the first of all. The target does not matter, since
    /// there is one object.
    pub fn respond(&self, request: &Request) -> Response {
        self.choose(request, &RequestFacts::FIRST, Date::START)
            .response
    }

    /// The answer to `request`, which is the one that `facts` tell of, at this date.
    /// Methods other than HEAD are answered like GET, but ranges only apply to GET
    /// (RFC 9110, section 14.2).
    pub fn choose(&self, request: &Request, facts: &RequestFacts<'_>, date: Date) -> Chosen {
        let answer = position(&self.answers, facts);
        let version = position(&self.versions, facts);
        let compose = Compose {
            request,
            body: &self.body,
            is_answer: answer.is_some(),
            say: answer.map_or(&self.plain, |index| &self.answers[index].1),
            entity: version.map_or(&self.object, |index| &self.versions[index].1),
            date,
        };
        Chosen {
            response: compose.response(),
            answer,
            is_version: version.is_some(),
            version: self.first_version + version.map_or(0, |index| index as u32 + 1),
        }
    }
}

impl From<std::io::Error> for OriginError {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.to_string())
    }
}

/// The digests that some response has.
fn digests(scenario: &Scenario) -> Vec<Digest> {
    let answers = scenario.answers.iter().map(|answer| &answer.response);
    let all = answers.chain([&scenario.response]);
    let some = all.map(|response| response.digest);
    some.filter(|digest| *digest != Digest::None).collect()
}

/// The offsets of the object that faults name, the least first.
fn object_offsets(scenario: &Scenario) -> Vec<u64> {
    let named = scenario.faults.iter().filter_map(|fault| match fault.when {
        Trigger::Object(at) => Some(at.0).filter(|at| *at > 0),
        _ => None,
    });
    let mut offsets: Vec<u64> = named.collect();
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

fn check_head(response: &Settings) -> Result<(), OriginError> {
    if !(100..=999).contains(&response.status) {
        return Err(OriginError::Status(response.status));
    }
    let field =
        |name: &str, value: &Option<String>| (name.to_owned(), value.clone().unwrap_or_default());
    let ours = [
        field("ETag", &response.etag),
        field("Location", &response.redirect),
        field("Content-Type", &response.page_type),
    ];
    let wrong = |(name, value): &&(String, String)| !head::is_name(name) || !head::is_value(value);
    match response.headers.iter().chain(&ours).find(wrong) {
        Some((name, _)) => Err(OriginError::Field(name.clone())),
        None => Ok(()),
    }
}

/// The first that is for the request.
fn position<T>(all: &[(Selector, T)], facts: &RequestFacts<'_>) -> Option<usize> {
    all.iter().position(|(on, _)| on.selects(facts))
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod choose_tests;
#[cfg(test)]
#[path = "coded_tests.rs"]
mod coded_tests;
#[cfg(test)]
#[path = "respond_tests.rs"]
mod tests;
