//! Digests of the file: `Repr-Digest` and `Content-Digest` (RFC 9530), `Content-MD5`
//! (RFC 1864, which stores still send), or one that the user has from elsewhere.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sfv::{Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use crate::client::Fields;

/// The algorithms of RFC 9530 that stand for the bytes (its section 5), and the older one,
/// which shows what happens by chance and not what somebody has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// MD5.
    Md5,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Md5, Self::Sha256, Self::Sha512];

    /// Its key in the field; that of MD5 is in no field that is read.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// What the bytes of a file must come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Its output.
    pub value: Vec<u8>,
}

impl Expected {
    /// The strongest digest of the whole object in a response: `Repr-Digest`, and where
    /// the response has all of it `Content-Digest` and `Content-MD5` too.
    pub fn of(fields: &Fields, is_whole: bool) -> Option<Self> {
        let whole = fields.get("content-digest").filter(|_| is_whole);
        let named = [fields.get("repr-digest"), whole];
        let all = named.into_iter().flatten().flat_map(Self::all);
        let md5 = fields.get("content-md5").filter(|_| is_whole);
        all.chain(md5.and_then(Self::md5))
            .max_by_key(|expected| expected.algorithm)
    }

    /// The field `Content-MD5`: the bytes in base64.
    fn md5(field: &str) -> Option<Self> {
        let algorithm = Algorithm::Md5;
        let value = BASE64_STANDARD.decode(field).ok()?;
        (value.len() == algorithm.size()).then_some(Self { algorithm, value })
    }

    /// The field is a dictionary of byte sequences; one that breaks the grammar says
    /// nothing (RFC 9530, section 2; RFC 9651, sections 3.2 and 4.2).
    fn all(field: &str) -> Vec<Self> {
        let Ok(dictionary) = Parser::new(field).parse::<Dictionary>() else {
            return Vec::new();
        };
        let digests = dictionary.into_iter().filter_map(|(key, member)| {
            let modern = [Algorithm::Sha256, Algorithm::Sha512];
            let algorithm = modern.into_iter().find(|one| one.key() == key.as_str())?;
            let ListEntry::Item(item) = member else {
                return None;
            };
            let value = item.bare_item.as_byte_sequence()?.to_vec();
            (value.len() == algorithm.size()).then_some(Self { algorithm, value })
        });
        digests.collect()
    }

    /// `sha-256:HEX`, `sha-512:HEX` or `md5:HEX`, as a user writes it down.
    ///
    /// # Errors
    /// Another algorithm, or another number of digits.
    pub fn parse(text: &str) -> Result<Self, NotADigest> {
        let error = || NotADigest(text.to_owned());
        let (key, hex) = text.split_once(':').ok_or_else(error)?;
        let algorithm = Algorithm::ALL.into_iter().find(|one| one.key() == key);
        let algorithm = algorithm.ok_or_else(error)?;
        let digits: Option<Vec<u8>> = hex
            .chars()
            .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
            .collect();
        let digits = digits.filter(|digits| digits.len() == 2 * algorithm.size());
        let value = digits.ok_or_else(error)?;
        let value = value.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        Ok(Self { algorithm, value })
    }
}

/// This text names no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no digest; write `sha-256:` and 64 hexadecimal digits, `sha-512:` and 128, or `md5:` and 32"
)]
pub struct NotADigest(String);

/// The digests of the bytes so far.
#[derive(Clone, Default)]
pub(super) struct Running {
    md5: Md5,
    sha256: Sha256,
    sha512: Sha512,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

impl Running {
    /// Adds the bytes to the digest that `expected` names.
    pub(super) fn update(&mut self, expected: Algorithm, bytes: &[u8]) {
        match expected {
            Algorithm::Md5 => self.md5.update(bytes),
            Algorithm::Sha256 => self.sha256.update(bytes),
            Algorithm::Sha512 => self.sha512.update(bytes),
        }
    }

    /// True if they come to `expected`.
    pub(super) fn matches(&self, expected: &Expected) -> bool {
        match expected.algorithm {
            Algorithm::Md5 => self.md5.clone().finalize()[..] == expected.value[..],
            Algorithm::Sha256 => self.sha256.clone().finalize()[..] == expected.value[..],
            Algorithm::Sha512 => self.sha512.clone().finalize()[..] == expected.value[..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `abc` (FIPS 180-4, appendix B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn abc() -> Expected {
        Expected::parse(&format!("sha-256:{ABC}")).unwrap()
    }

    #[test]
    fn a_field_and_hexadecimal_digits_name_the_same_digest() {
        let field = format!("sha-256=:{}:", BASE64_STANDARD.encode(&abc().value));
        let read =
            |fields: &[(&str, &str)], whole| Expected::of(&fields.iter().copied().collect(), whole);
        assert_eq!(read(&[("repr-digest", &field)], false), Some(abc()));
        // A digest of the content is one of the object in a whole response alone.
        assert_eq!(read(&[("content-digest", &field)], true), Some(abc()));
        assert_eq!(read(&[("content-digest", &field)], false), None);
        for nothing in [
            "md5=:AAAA:",
            "sha-256=AAAA",
            "sha-256=:AAAA:",
            "sha-256=:!:",
            "",
        ] {
            assert_eq!(read(&[("repr-digest", nothing)], true), None, "{nothing}");
        }
        // Parameters are allowed, the last of two counts, and one fault spoils the field.
        for right in [
            format!("{field};a=\"x, y\";b"),
            format!("unknown=1, {field}"),
            format!("sha-256=:AAAA:, {field}"),
        ] {
            assert_eq!(
                read(&[("repr-digest", &right)], true),
                Some(abc()),
                "{right}"
            );
        }
        for broken in [format!("{field},"), format!("Unknown=1, {field}")] {
            assert_eq!(read(&[("repr-digest", &broken)], true), None, "{broken}");
        }
        let both = format!("{field}, sha-512=:{}:", BASE64_STANDARD.encode([7; 64]));
        let strongest = read(&[("repr-digest", &both)], true).unwrap();
        assert_eq!(strongest.algorithm, Algorithm::Sha512);
    }

    /// RFC 1321, appendix A.5: of `abc`.
    #[test]
    fn the_older_field_counts_in_a_whole_response_where_there_is_no_better() {
        let of_abc = Expected::parse("md5:900150983cd24fb0d6963f7d28e17f72").unwrap();
        let field = BASE64_STANDARD.encode(&of_abc.value);
        let read =
            |fields: &[(&str, &str)], whole| Expected::of(&fields.iter().copied().collect(), whole);
        assert_eq!(read(&[("content-md5", &field)], true), Some(of_abc.clone()));
        assert_eq!(read(&[("content-md5", &field)], false), None);
        assert_eq!(read(&[("content-md5", "AAAA")], true), None);
        let better = format!("sha-256=:{}:", BASE64_STANDARD.encode(&abc().value));
        let both = [("content-md5", field.as_str()), ("repr-digest", &better)];
        assert_eq!(read(&both, true), Some(abc()));
        let mut running = Running::default();
        running.update(Algorithm::Md5, b"abc");
        assert!(running.matches(&of_abc));
    }

    #[test]
    fn the_bytes_match_their_digest_alone() {
        let mut running = Running::default();
        running.update(Algorithm::Sha256, b"ab");
        assert!(!running.matches(&abc()));
        running.update(Algorithm::Sha256, b"c");
        assert!(running.matches(&abc()));
    }

    #[test]
    fn what_names_no_digest_is_refused() {
        for text in ["", "sha-256:", "sha-256:zz", "md5:00", "sha-1:00", ABC] {
            assert!(Expected::parse(text).is_err(), "{text}");
        }
    }
}
