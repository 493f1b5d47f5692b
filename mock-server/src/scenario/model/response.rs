//! `[response]`, `[[answer]]` and `[[version]]`: what a request gets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    scenario::{Digest, Partial, Selector, Validators},
    units::ByteSize,
};

/// `[response]`: everything about the response but its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields to add; one that the server writes itself is replaced.
    pub headers: Vec<(String, String)>,
    /// From the request to the first byte of the head.
    pub head_delay: Duration,
    /// Between any two bytes of the head; zero sends it whole.
    pub head_pause: Duration,
    /// Sent as the body instead of the object: an error page.
    pub page: Option<String>,
    /// Its `Content-Type`; `None` is HTML.
    #[serde(default)]
    pub page_type: Option<String>,
    /// The page is repeated, or cut, to so many bytes.
    #[serde(default)]
    pub page_size: Option<ByteSize>,
    /// The `Retry-After` field in whole seconds.
    #[serde(default)]
    pub retry_after: Option<Duration>,
    /// The same as a date, so long after the response.
    #[serde(default)]
    pub retry_after_date: Option<Duration>,
    /// The `Location` field; [`Response::TO_ITSELF`] is the target of the request.
    #[serde(default)]
    pub redirect: Option<String>,
    /// Answer single ranges (RFC 9110, section 14).
    pub ranges: bool,
    /// The way in which they are answered.
    #[serde(default)]
    pub range: Partial,
    /// The validators that the response has.
    #[serde(default)]
    pub validators: Validators,
    /// The digest of the object.
    #[serde(default)]
    pub digest: Digest,
    /// The `ETag` field; `None` derives one from the size.
    pub etag: Option<String>,
    /// Bytes put into the response where nobody expects them.
    pub raw: Vec<Raw>,
}

impl Response {
    /// Redirects a request to where it came from.
    pub const TO_ITSELF: &'static str = "self";

    /// About as many bytes its own header fields take in memory.
    pub fn header_bytes(&self) -> usize {
        let fields = self.headers.iter();
        fields
            .map(|(name, value)| PER_ENTRY + name.len() + value.len())
            .sum()
    }

    /// About as many bytes what is put in takes in memory.
    pub fn raw_bytes(&self) -> usize {
        let raw = self.raw.iter();
        raw.map(|raw| PER_ENTRY + raw.bytes.len()).sum()
    }

    /// Bytes of the page that is sent; 0 without one.
    pub fn page_len(&self) -> u64 {
        let written = self.page.as_ref().map_or(0, |page| page.len() as u64);
        self.page_size.map_or(written, |size| size.0)
    }
}

/// About as many bytes a short text of a list takes beside its own.
const PER_ENTRY: usize = 64;

/// `[[answer]]`: what some requests get in place of what `[response]` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The requests that get it.
    pub on: Selector,
    /// `[response]`, with what the answer says otherwise.
    pub response: Response,
}

/// `[[version]]`: the object as some requests find it. Its bytes are others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The requests that find it.
    pub on: Selector,
    /// Bytes of the object; `None` for as many as before.
    pub size: Option<ByteSize>,
    /// The `ETag` field; `None` derives one from size and version.
    pub etag: Option<String>,
    /// The `Last-Modified` field; `None` is a day later for each version.
    pub last_modified: Option<String>,
}

/// `[[response.raw]]`: bytes inserted into the response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    /// The place.
    pub at: RawAt,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The number of bytes of the response that it replaces at that place.
    pub replace: ByteSize,
}

/// A place in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RawAt {
    /// Bytes from the start of the head.
    Head(u64),
    /// Right after this many bytes of the body.
    Body(ByteSize),
    /// Behind the last byte of the response.
    End,
}
