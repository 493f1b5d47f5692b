//! All of a response but the object: what `[response]` and each `[[answer]]` say.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{entity, head::Fields, layout::Payload, script::Insertion};
use crate::{
    clock::Date,
    scenario::{Digest, Partial, RawAt, Response as Settings, Validators},
};

/// The type of a page that does not say its own.
const PAGE_TYPE: &str = "text/html; charset=utf-8";

/// The settings of responses, prepared once for all of them.
#[derive(Debug, Clone)]
pub(super) struct Say {
    pub(super) status: u16,
    pub(super) headers: Fields,
    pub(super) head_delay: Duration,
    pub(super) head_pause: Duration,
    pub(super) raw: Arc<[Insertion]>,
    /// Sent in place of the object.
    pub(super) page: Option<Payload>,
    /// The type of the page.
    pub(super) content_type: Bytes,
    pub(super) ranges: bool,
    pub(super) range: Partial,
    pub(super) validators: Validators,
    pub(super) digest: Digest,
    /// The entity tag, if it is not the object's own.
    pub(super) etag: Option<Bytes>,
    redirect: Option<String>,
    retry_after: Option<RetryAfter>,
}

/// The two forms of the field (RFC 9110, section 10.2.3).
#[derive(Debug, Clone, Copy)]
enum RetryAfter {
    Seconds(u64),
    Date(Duration),
}

impl From<&Settings> for Say {
    fn from(settings: &Settings) -> Self {
        let seconds = settings
            .retry_after
            .map(|time| RetryAfter::Seconds(time.as_secs()));
        let date = settings.retry_after_date.map(RetryAfter::Date);
        let page_type = settings.page_type.as_deref().unwrap_or(PAGE_TYPE);
        Self {
            status: settings.status,
            headers: Fields::new(&settings.headers),
            head_delay: settings.head_delay,
            head_pause: settings.head_pause,
            raw: settings.raw.iter().map(Insertion::from).collect(),
            page: page(settings).map(Payload::Bytes),
            content_type: Bytes::copy_from_slice(page_type.as_bytes()),
            ranges: settings.ranges,
            range: settings.range,
            validators: settings.validators,
            digest: settings.digest,
            etag: settings
                .etag
                .as_deref()
                .map(|etag| entity::quoted(etag).into()),
            redirect: settings.redirect.clone(),
            retry_after: seconds.or(date),
        }
    }
}

impl Say {
    /// True if it sends the object, so that ranges and validators apply to it.
    pub(super) fn sends_object(&self) -> bool {
        self.page.is_none() && self.status == 200
    }

    /// The insertions of the head alone.
    pub(super) fn raw_of_head(&self) -> impl Iterator<Item = &Insertion> {
        self.raw
            .iter()
            .filter(|raw| matches!(raw.at, RawAt::Head(_)))
    }

    /// The `Location` field, for a request of `target`.
    pub(super) fn location(&self, target: &str) -> Option<String> {
        self.redirect.as_deref().map(|to| match to {
            Settings::TO_ITSELF => target.to_owned(),
            to => to.to_owned(),
        })
    }

    /// The `Retry-After` field of a response at this date.
    pub(super) fn retry_after(&self, date: Date) -> Option<String> {
        self.retry_after.map(|after| match after {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            // Rounded up: a client that waits until then has waited long enough.
            RetryAfter::Date(time) => (date + time).to_http(),
        })
    }

    /// Bytes of its page.
    pub(super) fn held_bytes(&self) -> u64 {
        self.page.as_ref().map_or(0, Payload::held_bytes)
    }
}

/// The page, repeated or cut to its size.
fn page(settings: &Settings) -> Option<Bytes> {
    let page = settings.page.as_ref()?;
    let Some(size) = settings.page_size else {
        return Some(page.clone().into());
    };
    Some(repeated(
        page.as_bytes(),
        usize::try_from(size.0).unwrap_or(usize::MAX),
    ))
}

/// `text` again and again, cut to `size` bytes. An empty one stays empty.
fn repeated(text: &[u8], size: usize) -> Bytes {
    let mut all = text[..size.min(text.len())].to_vec();
    // Doubling copies at the speed of memory.
    while !all.is_empty() && all.len() < size {
        all.extend_from_within(..(size - all.len()).min(all.len()));
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_repeated_or_cut_to_its_size() {
        for (text, size, is) in [
            ("abc", 10, "abcabcabca"),
            ("abc", 12, "abcabcabcabc"),
            ("abc", 2, "ab"),
            ("abc", 0, ""),
            ("", 5, ""),
        ] {
            assert_eq!(repeated(text.as_bytes(), size), is, "{text} {size}");
        }
    }
}
