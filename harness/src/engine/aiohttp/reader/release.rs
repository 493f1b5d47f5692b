//! A release number of aiohttp, and the list of all releases.

use std::fmt;

use thiserror::Error;

/// The last patch of each minor release from 3.7 on (package index, as of
/// 3.14.5). Every number up to it is accepted: the few that the index does not
/// offer were withdrawn or skipped, and their neighbours' rules fit them.
const LAST_PATCHES: &[Release] = &[
    Release::new(3, 7, 4),
    Release::new(3, 8, 6),
    Release::new(3, 9, 5),
    Release::new(3, 10, 11),
    Release::new(3, 11, 18),
    Release::new(3, 12, 15),
    Release::new(3, 13, 5),
    Release::new(3, 14, 5),
];

/// A release of aiohttp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// The 3 of 3.14.5.
    pub major: u16,
    /// The 14 of 3.14.5.
    pub minor: u16,
    /// The 5 of 3.14.5.
    pub patch: u16,
}

impl Release {
    /// The oldest release whose reader is here.
    pub const OLDEST: Self = Self::new(3, 7, 0);
    /// The newest release whose reader is here.
    pub const NEWEST: Self = Self::new(3, 14, 5);

    /// A release by its three numbers, whether it exists or not.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads `aiohttp-3.14.5`, or `aiohttp-3.12` for the last patch of that
    /// minor. A post-release such as `3.7.4.post0` is its release: only packaging
    /// differs. A release newer than [`Release::NEWEST`] is taken as written
    /// (without a patch: 0).
    ///
    /// # Errors
    /// The text has another form, is older than 3.7.0, or names a patch that a
    /// minor older than the newest never had.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let malformed = || ProfileError::Malformed { given: text.into() };
        let version = text.strip_prefix("aiohttp-").ok_or_else(malformed)?;
        let mut numbers = version.split('.');
        let major = numbers.next().and_then(number).ok_or_else(malformed)?;
        let minor = numbers.next().and_then(number).ok_or_else(malformed)?;
        let patch = match numbers.next() {
            Some(text) => Some(number(text).ok_or_else(malformed)?),
            None => None,
        };
        let post = match numbers.next() {
            Some(text) => text.strip_prefix("post").and_then(number).is_some(),
            None => true,
        };
        if !post || numbers.next().is_some() {
            return Err(malformed());
        }
        Self::known(major, minor, patch)
    }

    /// The last patch of this minor, where one is known.
    pub fn last_of_minor(major: u16, minor: u16) -> Option<Self> {
        let same = |release: &&Self| release.major == major && release.minor == minor;
        LAST_PATCHES.iter().find(same).copied()
    }

    fn known(major: u16, minor: u16, patch: Option<u16>) -> Result<Self, ProfileError> {
        let last = Self::last_of_minor(major, minor);
        let release = match (patch, last) {
            (None, Some(last)) => last,
            (patch, _) => Self::new(major, minor, patch.unwrap_or(0)),
        };
        if release < Self::OLDEST {
            return Err(ProfileError::TooOld { given: release });
        }
        match last {
            Some(last) if release > last && last < Self::NEWEST => Err(ProfileError::NoSuchPatch {
                given: release,
                last,
            }),
            _ => Ok(release),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The reasons why a text names no release that can be imitated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// Not of the form `aiohttp-MAJOR.MINOR[.PATCH]`.
    #[error(
        "unknown profile `{given}`: write aiohttp-{}, or aiohttp-3.12 for its last patch",
        Release::NEWEST
    )]
    Malformed {
        /// The text as written.
        given: String,
    },
    /// Before 3.7.0.
    #[error(
        "aiohttp-{given} is too old: the oldest profile is aiohttp-{}",
        Release::OLDEST
    )]
    TooOld {
        /// The release as written.
        given: Release,
    },
    /// The minor is known and has no such patch.
    #[error("aiohttp-{given} does not exist: the last patch of its minor is aiohttp-{last}")]
    NoSuchPatch {
        /// The release as written.
        given: Release,
        /// The last patch of that minor.
        last: Release,
    },
}

/// Plain decimal digits: no sign, no leading zero.
fn number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    if digits && plain {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minor_alone_is_its_last_patch() {
        let last = |text| Release::parse(text).unwrap().to_string();
        assert_eq!(last("aiohttp-3.7"), "3.7.4");
        assert_eq!(last("aiohttp-3.12"), "3.12.15");
        assert_eq!(last("aiohttp-3.14"), Release::NEWEST.to_string());
    }

    #[test]
    fn every_patch_up_to_the_last_is_accepted_and_the_next_is_not() {
        for last in LAST_PATCHES {
            for patch in 0..=last.patch {
                let release = Release::new(last.major, last.minor, patch);
                assert_eq!(Release::parse(&format!("aiohttp-{release}")), Ok(release));
            }
            let next = Release::new(last.major, last.minor, last.patch + 1);
            let parsed = Release::parse(&format!("aiohttp-{next}"));
            if *last == Release::NEWEST {
                assert_eq!(parsed, Ok(next));
            } else {
                let error = parsed.unwrap_err().to_string();
                assert!(error.ends_with(&format!("is aiohttp-{last}")), "{error}");
            }
        }
    }

    #[test]
    fn releases_before_3_7_are_refused() {
        for text in [
            "aiohttp-3.6.3",
            "aiohttp-3.6",
            "aiohttp-2.3.10",
            "aiohttp-0.2",
        ] {
            let error = Release::parse(text).unwrap_err();
            assert!(
                matches!(error, ProfileError::TooOld { .. }),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn a_post_release_is_its_release() {
        let post = Release::parse("aiohttp-3.7.4.post0");
        assert_eq!(post, Ok(Release::new(3, 7, 4)));
    }

    #[test]
    fn other_texts_are_malformed() {
        for text in [
            "",
            "aiohttp",
            "aiohttp-",
            "aiohttp-3",
            "aiohttp-3.",
            "aiohttp-3.x",
            "httpx-0.27",
            "3.14.5",
            "aiohttp-3.14.5.1",
            "aiohttp-3.14.5.post0.1",
            "aiohttp-3.+9",
            "aiohttp-3.014",
            "aiohttp-3.14.-1",
            "aiohttp-3.99999999",
            "aiohttp-3.14.5 ",
            "aiohttp-3.14.5.post",
        ] {
            let error = Release::parse(text).unwrap_err();
            let given = text.to_string();
            assert_eq!(error, ProfileError::Malformed { given });
        }
    }
}
