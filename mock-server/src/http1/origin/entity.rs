//! The object as it is sent: its bytes after content coding, and its validators.

use std::{io, time::Duration};

use bytes::Bytes;

use super::{coded_body::Coded, digest::Digests, layout::Payload};
use crate::{
    body::OpenFile,
    clock::Date,
    scenario::{Accept, Body, Digest, Version},
};

/// By so much each version is younger than the one before.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One version of the object.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    /// As it is sent to most.
    own: Form,
    /// For a client that does not accept its codings, where that counts.
    plain: Option<Form>,
    /// None of a file that was changed before 1970.
    pub(super) last_modified: Option<Bytes>,
    pub(super) content_type: &'static str,
}

/// The bytes of an object in its codings, or without.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) body: Payload,
    pub(super) etag: Bytes,
    pub(super) digests: Digests,
    /// It has its codings.
    pub(super) is_coded: bool,
}

/// The parts of a scenario for which a body is gone over once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    /// The offsets of the object that faults name.
    pub(super) objects: &'a [u64],
    /// The digests that responses have.
    pub(super) digests: &'a [Digest],
}

impl Entity {
    /// The object of `body`, which is what `version` makes of it. It may be a `file`.
    ///
    /// # Errors
    /// The file has changed while it was gone over, or cannot be read.
    pub(super) fn new(
        body: &Body,
        version: &Version,
        file: Option<&OpenFile>,
        named: Named<'_>,
    ) -> io::Result<Self> {
        let honours = body.is_coded() && body.accept == Accept::Honour;
        let plain = honours.then(|| {
            let plain = Body {
                encoding: Vec::new(),
                truncate_at: None,
                ..body.clone()
            };
            Form::new(
                &plain,
                version,
                file,
                Named {
                    objects: &[],
                    ..named
                },
            )
        });
        let days = DAY.saturating_mul(body.version.saturating_sub(1));
        let own_date = match &body.file {
            Some(file) => file.dated.map(Date::at),
            None => Some(Date::OBJECTS + days),
        };
        let stated = version.last_modified.clone();
        let last_modified = stated.or_else(|| own_date.map(Date::to_http_past));
        let file_type = body.file.as_ref().map(|file| file.content_type());
        Ok(Self {
            own: Form::new(body, version, file, named)?,
            plain: plain.transpose()?,
            last_modified: last_modified.map(Bytes::from),
            content_type: file_type.unwrap_or("application/octet-stream"),
        })
    }

    /// The form for a client that `accepts` the codings, or does not.
    pub(super) fn form(&self, accepts: bool) -> &Form {
        match &self.plain {
            Some(plain) if !accepts => plain,
            _ => &self.own,
        }
    }

    /// Bytes of it that are held in memory.
    pub(super) fn held_bytes(&self) -> u64 {
        self.own.body.held_bytes()
    }
}

impl Form {
    fn new(
        body: &Body,
        version: &Version,
        file: Option<&OpenFile>,
        named: Named<'_>,
    ) -> io::Result<Self> {
        let limit = body.truncate_at.map_or(u64::MAX, |size| size.0);
        let sent = 0..body.size.0.min(limit);
        let payload = match file {
            _ if body.is_coded() => {
                let coded = Coded::known(body, file, named.objects)?;
                let len = coded.len();
                Payload::Coded(coded, 0..len)
            }
            Some(file) => Payload::File(file.clone(), sent),
            None => Payload::Pattern(body.pattern(), sent),
        };
        let etag = version
            .etag
            .as_deref()
            .map_or_else(|| default_etag(body), quoted);
        Ok(Self {
            digests: Digests::of(&payload, named.digests)?,
            body: payload,
            etag: etag.into(),
            is_coded: body.is_coded(),
        })
    }
}

/// An `ETag` that differs where the bytes do.
fn default_etag(body: &Body) -> String {
    let mut tag = match &body.file {
        Some(file) => file.tag(),
        None => body.size.0.to_string(),
    };
    if body.version > 1 {
        tag += &format!("-v{}", body.version);
    }
    if body.ratio > 1 {
        tag += &format!("-ratio-{}", body.ratio);
    }
    for coding in &body.encoding {
        tag += &format!("-{coding}");
    }
    format!("\"{tag}\"")
}

/// An entity tag as sent (RFC 9110, section 8.8.3).
pub(super) fn quoted(etag: &str) -> String {
    if etag.starts_with('"') || etag.starts_with("W/\"") {
        etag.to_owned()
    } else {
        format!("\"{etag}\"")
    }
}
