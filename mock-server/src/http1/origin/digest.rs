//! Digests of the object as it is sent (RFC 9530).

use std::io;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256, Sha512};

use super::layout::Payload;
use crate::scenario::Digest;

/// The digests of one body, as far as responses have them.
#[derive(Debug, Clone, Default)]
pub(super) struct Digests {
    sha256: Option<[u8; 32]>,
    sha512: Option<[u8; 64]>,
}

impl Digests {
    /// Goes over `body` once, if some digest is `wanted`.
    ///
    /// # Errors
    /// The file that it is has changed, or cannot be read.
    pub(super) fn of(body: &Payload, wanted: &[Digest]) -> io::Result<Self> {
        let with = |one: &[Digest]| wanted.iter().any(|digest| one.contains(digest));
        let mut sha256 = with(&[Digest::Sha256, Digest::Wrong]).then(Sha256::new);
        let mut sha512 = with(&[Digest::Sha512]).then(Sha512::new);
        if sha256.is_some() || sha512.is_some() {
            body.for_each(&mut |bytes| {
                if let Some(running) = &mut sha256 {
                    running.update(bytes);
                }
                if let Some(running) = &mut sha512 {
                    running.update(bytes);
                }
            })?;
        }
        Ok(Self {
            sha256: sha256.map(|running| running.finalize().into()),
            sha512: sha512.map(|running| running.finalize().into()),
        })
    }

    /// The value of `Repr-Digest`: a dictionary of byte sequences (RFC 9651).
    pub(super) fn field(&self, digest: Digest) -> Option<String> {
        let (key, value) = match digest {
            Digest::None => return None,
            Digest::Sha256 => ("sha-256", BASE64_STANDARD.encode(self.sha256?)),
            Digest::Sha512 => ("sha-512", BASE64_STANDARD.encode(self.sha512?)),
            Digest::Wrong => {
                let mut other = self.sha256?;
                other[0] ^= 1;
                ("sha-256", BASE64_STANDARD.encode(other))
            }
        };
        Some(format!("{key}=:{value}:"))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn digests_are_those_of_the_bytes_and_a_wrong_one_of_others() {
        let body = Payload::Bytes(Bytes::from_static(b"abc"));
        let all = [Digest::Sha256, Digest::Sha512];
        let digests = Digests::of(&body, &all).unwrap();
        // FIPS 180-4, of "abc": ba7816bf...20015ad, and ddaf35a1...a54ca49f.
        assert_eq!(
            digests.field(Digest::Sha256).unwrap(),
            "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"
        );
        assert_eq!(
            digests.field(Digest::Sha512).unwrap(),
            "sha-512=:3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==:"
        );
        let wrong = digests.field(Digest::Wrong);
        assert!(wrong.is_some() && wrong != digests.field(Digest::Sha256));
        assert_eq!(digests.field(Digest::None), None);
        assert_eq!(Digests::of(&body, &[]).unwrap().field(Digest::Sha256), None);
    }
}
