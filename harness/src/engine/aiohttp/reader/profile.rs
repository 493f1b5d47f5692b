//! The profile of a trial: the release that it imitates, and its rules.

use std::fmt;

use super::{ProfileError, Release, Rules};

/// An exact release, and the rules its reader follows. It is printed as it is
/// written: `aiohttp-3.14.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The release that was asked for.
    pub release: Release,
    /// The rules of its reader.
    pub rules: Rules,
}

impl Profile {
    /// Reads `aiohttp-3.14.5`, or `aiohttp-3.12` for its last patch. A release
    /// newer than the newest known one gets the newest rules and a warning.
    ///
    /// # Errors
    /// As [`Release::parse`].
    pub fn parse(text: &str) -> Result<(Self, Option<Warning>), ProfileError> {
        let release = Release::parse(text)?;
        let warning = (release > Release::NEWEST).then_some(Warning { given: release });
        Ok((Self::of(release), warning))
    }

    /// The newest known release.
    pub fn newest() -> Self {
        Self::of(Release::NEWEST)
    }

    /// The first and last release that share this profile's rules:
    /// `3.14.2-3.14.3`, or `3.14.0` where one stands alone.
    pub fn rule_set(&self) -> &'static str {
        Rules::row(self.release).1
    }

    /// The release with its rules: `aiohttp-3.12.15, rules of 3.12.14-3.12.15`.
    pub fn described(&self) -> String {
        format!("{self}, rules of {}", self.rule_set())
    }

    fn of(release: Release) -> Self {
        let rules = Rules::of(release);
        Self { release, rules }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aiohttp-{}", self.release)
    }
}

/// The release is newer than this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// The release as written.
    pub given: Release,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "aiohttp-{} is newer than the newest known release: it follows the rules of aiohttp-{}",
            self.given,
            Release::NEWEST
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_printed_with_its_full_release() {
        let (profile, warning) = Profile::parse("aiohttp-3.12").unwrap();
        assert_eq!(profile.to_string(), "aiohttp-3.12.15");
        assert_eq!(warning, None);
        assert_eq!(Profile::newest().to_string(), "aiohttp-3.14.5");
    }

    #[test]
    fn a_profile_is_described_with_the_releases_that_share_its_rules() {
        let (profile, _) = Profile::parse("aiohttp-3.12").unwrap();
        assert_eq!(
            profile.described(),
            "aiohttp-3.12.15, rules of 3.12.14-3.12.15"
        );
    }

    #[test]
    fn a_newer_release_follows_the_newest_rules_with_a_warning() {
        for text in [
            "aiohttp-3.14.6",
            "aiohttp-3.15.0",
            "aiohttp-3.15",
            "aiohttp-4.0.0",
        ] {
            let (profile, warning) = Profile::parse(text).unwrap();
            assert_eq!(profile.rules, Profile::newest().rules);
            assert_eq!(profile.rule_set(), Profile::newest().rule_set());
            let warning = warning.unwrap().to_string();
            assert!(warning.starts_with(&profile.to_string()), "{warning}");
            assert!(warning.ends_with("aiohttp-3.14.5"), "{warning}");
        }
    }

    #[test]
    fn the_rule_set_names_the_releases_that_share_the_rules() {
        let set = |text| Profile::parse(text).unwrap().0.rule_set();
        assert_eq!(set("aiohttp-3.7.0"), "3.7.0-3.7.4");
        assert_eq!(set("aiohttp-3.11.10"), "3.10.9-3.11.10");
        assert_eq!(set("aiohttp-3.11.11"), "3.11.11-3.11.18");
        assert_eq!(set("aiohttp-3.14.0"), "3.14.0");
        assert_eq!(set("aiohttp-3.14"), "3.14.4-3.14.5");
    }
}
