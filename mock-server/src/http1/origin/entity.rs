//! The object as it is sent: its bytes after content coding, and its validators.

use std::time::Duration;

use bytes::Bytes;

use super::{gzip, layout::Payload};
use crate::{
    body::Object,
    clock::Date,
    scenario::{Scenario, Version},
};

/// By so much each version is younger than the one before.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One version of the object.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    /// Its bytes after content coding.
    pub(super) body: Payload,
    pub(super) etag: Bytes,
    pub(super) last_modified: Bytes,
}

impl Entity {
    /// The object of `scenario` as `[body]` has it.
    pub(super) fn first(scenario: &Scenario) -> Self {
        Self::new(scenario, scenario.body.version, &Version::default())
    }

    /// Version `number` of it, from 1.
    pub(super) fn new(scenario: &Scenario, number: u32, version: &Version) -> Self {
        let body = &scenario.body;
        let size = version.size.unwrap_or(body.size).0;
        let limit = body.truncate_at.map_or(u64::MAX, |size| size.0);
        let pattern = body.pattern().of_version(number);
        let payload = match body.gzip {
            true => Payload::Bytes(gzip::encode(Object { size, pattern }, limit)),
            false => Payload::Pattern(pattern, 0..size.min(limit)),
        };
        let etag = version.etag.as_deref().map_or_else(
            || {
                let of_version = match number {
                    1 => String::new(),
                    number => format!("-v{number}"),
                };
                let coding = if body.gzip { "-gzip" } else { "" };
                format!("\"{size}{of_version}{coding}\"")
            },
            quoted,
        );
        let last_modified = version.last_modified.clone().unwrap_or_else(|| {
            let days = DAY.saturating_mul(number.saturating_sub(1));
            (Date::START + days).to_http()
        });
        Self {
            body: payload,
            etag: etag.into(),
            last_modified: last_modified.into(),
        }
    }

    /// Bytes of it that are held in memory.
    pub(super) fn held_bytes(&self) -> u64 {
        match &self.body {
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::Pattern(..) => 0,
        }
    }
}

/// An entity tag as sent (RFC 9110, section 8.8.3).
pub(super) fn quoted(etag: &str) -> String {
    if etag.starts_with('"') || etag.starts_with("W/\"") {
        etag.to_owned()
    } else {
        format!("\"{etag}\"")
    }
}
