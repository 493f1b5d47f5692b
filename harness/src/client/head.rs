//! A response head as the application sees it.

use shortread_server::{clock::Date, scenario::Framing};

use super::report::Download;

/// The fields that a client around a library may act on; the others are not kept.
const KEPT: [&str; 12] = [
    "accept-ranges",
    "content-digest",
    "content-encoding",
    "content-md5",
    "content-range",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "location",
    "repr-digest",
    "retry-after",
];

/// The parts of a response head that a download needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The way in which the body ends.
    pub framing: Framing,
    /// `Content-Length`, where it counts; 0 for a status without a body.
    pub declared: Option<u64>,
    /// The fields that a client may act on.
    pub fields: Fields,
}

impl Head {
    /// Fills in the facts of a download that its head tells.
    pub(crate) fn tell(&self, download: &mut Download) {
        download.status = Some(self.status);
        download.framing = Some(self.framing);
        download.declared_bytes = self.declared;
    }
}

/// Header fields by name, in lower case: those of [`Head::fields`]. A field that comes
/// more than once is joined by commas (RFC 9110, section 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// Keeps the field, if it is one that counts and text.
    pub fn keep(&mut self, name: &[u8], value: &[u8]) {
        let known = |known: &&&str| known.as_bytes().eq_ignore_ascii_case(name);
        let (Some(name), Ok(value)) = (KEPT.iter().find(known), std::str::from_utf8(value)) else {
            return;
        };
        let value = value.trim_ascii();
        match self.0.iter_mut().find(|(kept, _)| kept == name) {
            Some((_, earlier)) => *earlier = format!("{earlier}, {value}"),
            None => self.0.push((name, value.to_owned())),
        }
    }

    /// The date at which the response was received, where it has none of its own.
    pub(super) fn date_at_receipt(&mut self, date: Date) {
        if self.get("date").is_none() {
            self.0.push(("date", date.to_http_past()));
        }
    }

    /// True where the body has a content coding.
    pub fn is_coded(&self) -> bool {
        let coding = self.get("content-encoding").unwrap_or_default().trim();
        !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")
    }

    /// The field of this name, which is in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(kept, _)| *kept == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Fields {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(fields: T) -> Self {
        let mut kept = Self::default();
        for (name, value) in fields {
            kept.keep(name.as_bytes(), value.as_bytes());
        }
        kept
    }
}

/// Digits only: what Rust's own parser accepts beyond them (`+5`), HTTP does not.
pub(crate) fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_count_are_kept_by_name_and_joined() {
        let fields: Fields = [
            ("ETag", "\"a\""),
            ("X-Other", "b"),
            ("Content-Encoding", "gzip"),
            ("content-encoding", " br "),
        ]
        .into_iter()
        .collect();
        assert_eq!(fields.get("etag"), Some("\"a\""));
        assert_eq!(fields.get("content-encoding"), Some("gzip, br"));
        assert_eq!(fields.get("x-other"), None);
        let mut fields = fields;
        fields.keep(b"date", b"\xff");
        assert_eq!(fields.get("date"), None);
    }
}
