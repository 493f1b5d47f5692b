//! Resuming: which range the next attempt asks for, and where the body of its answer
//! goes. Ranges are of the representation as it is coded, so that a coded one is never
//! resumed.
//!
//! It decides, and does no I/O.

use serde::{Deserialize, Serialize};

use super::{
    content_range::ContentRange,
    validator::{Compared, Validators},
};
use crate::client::{Ask, Head, Place};

/// How an attempt goes on where the one before has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resume {
    /// Asks with `If-Range`, so that a changed object comes whole.
    pub if_range: bool,
    /// Takes a weak validator for a strong one.
    pub weak: bool,
    /// What it does without a validator.
    pub without_validator: Without,
    /// What it does with a 200 in answer to a range.
    pub on_200: On200,
    /// Compares the start and the total of `Content-Range`.
    pub content_range: bool,
    /// Compares the validators of the parts, and the kind of a whole response with that
    /// of the first.
    pub validators: bool,
    /// What it does with an answer that fails such a check.
    pub on_unfit: OnUnfit,
}

/// The step behind an answer that must not become part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnfit {
    /// The next attempt begins anew.
    Restart,
    /// The download ends with an error.
    Fail,
}

/// The next attempt where no validator stands for the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Without {
    /// Begins anew.
    Restart,
    /// Asks for the rest all the same.
    Resume,
}

/// The treatment of a 200 in answer to a range: the server ignored it, or has another
/// object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On200 {
    /// Writes it from the start.
    Restart,
    /// Drops the bytes that are there already, where the validator is the same.
    Skip,
    /// Writes it behind what is there: a fault of clients, not a choice.
    Append,
    /// Ends with an error.
    Fail,
}

impl Default for Resume {
    /// All that RFC 9110 asks for.
    fn default() -> Self {
        Self {
            if_range: true,
            weak: false,
            without_validator: Without::Restart,
            on_200: On200::Restart,
            content_range: true,
            validators: true,
            on_unfit: OnUnfit::Restart,
        }
    }
}

/// The part of the object that a client has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// Bytes from the start.
    pub bytes: u64,
    /// The validators that came with them.
    pub validators: Validators,
    /// Bytes of the whole, as far as a response has said.
    pub total: Option<u64>,
    /// They were decoded from a content coding.
    pub decoded: bool,
    /// Their media type, in lower case and without parameters.
    pub media: Option<String>,
}

/// An answer that must not become part of what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A 206 without a readable `Content-Range`.
    #[error("206 without a valid Content-Range")]
    NoContentRange,
    /// Several parts where one was asked for.
    #[error("206 with several parts for one range")]
    Multipart,
    /// The part begins behind what is held.
    #[error("the part begins at {first}, behind the {held} bytes that are there")]
    Gap {
        /// Offset of its first byte.
        first: u64,
        /// Bytes held.
        held: u64,
    },
    /// The total is not that of the responses before.
    #[error("the object has {now} bytes where it had {before}")]
    OtherTotal {
        /// As this response says.
        now: u64,
        /// As an earlier one said.
        before: u64,
    },
    /// The validator is not that of the responses before.
    #[error("the object has changed since the first part")]
    Changed,
    /// There is no validator where the first part had a strong one.
    #[error("the response has no validator, and the first part had one")]
    NoValidator,
    /// The media type is not that of the first part.
    #[error("the response has another media type than the first part")]
    OtherType,
    /// A body without end, or with more bytes than its `Content-Range` says.
    #[error("the part has {more} bytes more than its Content-Range says")]
    Surplus {
        /// Bytes behind its end.
        more: u64,
    },
    /// `Content-Length` and `Content-Range` differ.
    #[error("Content-Length is {length} for a part of {part} bytes")]
    OtherLength {
        /// `Content-Length`.
        length: u64,
        /// By `Content-Range`.
        part: u64,
    },
    /// The part is coded, and what is held is not, or the other way round.
    #[error("the part has another content coding")]
    OtherCoding,
    /// The object is coded, so that a part of it is one of the coded bytes.
    #[error("the object has a content coding, and a part of it cannot be decoded")]
    Coded,
    /// Nothing of the object comes as a part: it is empty, or the server refuses ranges.
    #[error("the server has no part of it, not even the first")]
    NoPart,
    /// A part that says nothing of the whole, of which other parts are to be asked for.
    #[error("the part does not tell the length of the whole")]
    NoTotal,
    /// More than was asked for.
    #[error("the part goes to byte {last}, and what was asked for ends before {end}")]
    Beyond {
        /// Offset of its last byte.
        last: u64,
        /// Offset of the byte behind what was asked for.
        end: u64,
    },
    /// All of it is there already.
    #[error("the part ends at byte {last}, before what was asked for")]
    Nothing {
        /// Offset of its last byte.
        last: u64,
    },
    /// A whole response that calls itself a part.
    #[error("200 with a Content-Range")]
    PartAs200,
    /// The server did not honour the range, and that was to be an error.
    #[error("200 where a part was asked for")]
    NotPartial,
}

/// What to do with an answer to a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Its body goes there.
    Take(Place),
    /// Everything is there already.
    Complete,
    /// It is not of use; the next attempt begins anew.
    Anew(Unfit),
    /// It is not of use, and no further attempt is made.
    Fail(Unfit),
    /// It is no answer to a range at all, such as a 503.
    Other,
}

impl Resume {
    /// The request for what is missing.
    pub fn ask(&self, held: &Held) -> Ask {
        if held.bytes == 0 || held.decoded {
            return Ask::WHOLE;
        }
        let validator = match self.weak {
            true => held.validators.any(),
            false => held.validators.strong(),
        };
        let if_range = validator.filter(|_| self.if_range).map(str::to_owned);
        match (validator, self.without_validator) {
            (None, Without::Restart) => Ask::WHOLE,
            _ => Ask {
                from: held.bytes,
                until: None,
                if_range,
            },
        }
    }

    /// Judges an answer to a request from `held.bytes` on.
    pub fn fit(&self, held: &Held, head: &Head) -> Fit {
        let fit = match head.status {
            206 => self.partial(held, head).map_or_else(Fit::Anew, Fit::Take),
            200 | 203 => self.whole(held, head),
            416 => self.unsatisfied(held, head),
            _ => Fit::Other,
        };
        match (fit, self.on_unfit) {
            (Fit::Anew(unfit), OnUnfit::Fail) => Fit::Fail(unfit),
            (fit, _) => fit,
        }
    }

    fn partial(&self, held: &Held, head: &Head) -> Result<Place, Unfit> {
        let coded = head.fields.is_coded();
        if coded != held.decoded {
            return Err(Unfit::OtherCoding);
        }
        let append = Place::behind(held.bytes);
        if self.validators {
            self.same_object(held, head)?;
        }
        if !self.content_range {
            return Ok(append);
        }
        if media_of(head).as_deref() == Some("multipart/byteranges") {
            return Err(Unfit::Multipart);
        }
        let field = head.fields.get("content-range");
        let Some(ContentRange::Part { first, last, total }) = field.and_then(ContentRange::parse)
        else {
            return Err(Unfit::NoContentRange);
        };
        if let (Some(now), Some(before)) = (total, held.total)
            && now != before
        {
            return Err(Unfit::OtherTotal { now, before });
        }
        if first > held.bytes {
            let held = held.bytes;
            return Err(Unfit::Gap { first, held });
        }
        // What has been read is no longer than `u64::MAX` bytes.
        let part = last - first + 1;
        if let Some(length) = head.declared
            && length != part
        {
            return Err(Unfit::OtherLength { length, part });
        }
        Ok(Place {
            at: held.bytes,
            skip: held.bytes - first,
            most: Some(part),
        })
    }

    /// Parts are joined under a validator that both have (section 15.3.7.3). One that was
    /// strong, and is weak or missing now, no longer vouches for the bytes.
    fn same_object(&self, held: &Held, head: &Head) -> Result<(), Unfit> {
        let strong = held.validators.strong().is_some();
        match held.validators.compare(&Validators::of(&head.fields)) {
            Compared::Changed => Err(Unfit::Changed),
            Compared::PerhapsSame if strong && !self.weak => Err(Unfit::Changed),
            Compared::Unknown if strong => Err(Unfit::NoValidator),
            Compared::Same | Compared::PerhapsSame | Compared::Unknown => Ok(()),
        }
    }

    /// A whole response that may be in place of what is held, or the reason why it is
    /// none: it is of another kind, such as the page of a portal or of a login.
    pub fn same_kind(&self, held: &Held, head: &Head) -> Result<(), Unfit> {
        if !self.validators {
            return Ok(());
        }
        let media = media_of(head);
        if let (Some(before), Some(now)) = (&held.media, &media)
            && before != now
        {
            return Err(Unfit::OtherType);
        }
        let now = Validators::of(&head.fields);
        match held.validators.strong().is_some() && now.any().is_none() {
            true => Err(Unfit::NoValidator),
            false => Ok(()),
        }
    }

    fn whole(&self, held: &Held, head: &Head) -> Fit {
        let anew = Fit::Take(Place::START);
        let append = Place::behind(held.bytes);
        let compared = held.validators.compare(&Validators::of(&head.fields));
        // A field that means nothing in a 200 (section 14.4) gives away what it is.
        let part = head.fields.get("content-range").is_some();
        match self.on_200 {
            On200::Append => Fit::Take(append),
            On200::Fail => Fit::Fail(Unfit::NotPartial),
            _ if part && self.content_range => Fit::Anew(Unfit::PartAs200),
            On200::Restart | On200::Skip => match self.same_kind(held, head) {
                Err(unfit) => Fit::Anew(unfit),
                Ok(()) if self.on_200 == On200::Skip && compared == Compared::Same => {
                    Fit::Take(Place {
                        skip: held.bytes,
                        ..append
                    })
                }
                Ok(()) => anew,
            },
        }
    }

    /// A 416: the object is no longer than what is held, or it is another one. Where no
    /// response has told a length before, this one is believed if its validator vouches
    /// for it.
    fn unsatisfied(&self, held: &Held, head: &Head) -> Fit {
        let field = head.fields.get("content-range");
        let now = match field.and_then(ContentRange::parse) {
            Some(ContentRange::Unsatisfied { total }) => Some(total),
            _ => None,
        };
        let compared = held.validators.compare(&Validators::of(&head.fields));
        if self.validators && compared == Compared::Changed {
            return Fit::Anew(Unfit::Changed);
        }
        let complete = match (held.total, now) {
            (Some(total), _) => total == held.bytes && now.is_none_or(|now| now == total),
            (None, Some(now)) => {
                now == held.bytes && (!self.validators || compared == Compared::Same)
            }
            (None, None) => false,
        };
        match (now, held.total) {
            _ if complete => Fit::Complete,
            (Some(now), Some(before)) if now != before => {
                Fit::Anew(Unfit::OtherTotal { now, before })
            }
            _ => Fit::Anew(Unfit::Changed),
        }
    }
}

/// The media type of a response, without its parameters.
pub(super) fn media_of(head: &Head) -> Option<String> {
    let field = head.fields.get("content-type")?;
    let media = field.split(';').next().unwrap_or_default().trim();
    Some(media.to_ascii_lowercase()).filter(|media| !media.is_empty())
}

#[cfg(test)]
#[path = "resume_tests.rs"]
mod tests;
