//! Paths of requests: `/simple/demo/` alone, or with `/simple/*` all that begin so.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The end of a pattern that means every path which begins with what stands before it.
const ALL_BEHIND: char = '*';

/// A path, or all that begin with one. Paths are compared as they read after percent
/// decoding, without the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern {
    /// The path, or its beginning.
    start: String,
    is_prefix: bool,
}

/// A text is no such pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathPatternError {
    /// It does not begin at the root.
    #[error("`{0}` is not a path: it begins with /, such as \"/simple/demo/\"")]
    Relative(String),
    /// A query is no part of a path, and neither is a fragment.
    #[error("`{0}` has more than a path: write it without a query, all queries are meant")]
    Query(String),
    /// A star means something at the end alone.
    #[error(
        "`{0}` has a `*` before its end: one at the end, as in \"/simple/*\", means all behind"
    )]
    Star(String),
    /// It cannot be in a path.
    #[error("a path has no control characters")]
    Control,
}

impl PathPattern {
    /// True if `path` is that path, or one of those.
    pub fn contains(&self, path: &str) -> bool {
        match self.is_prefix {
            true => path.starts_with(&self.start),
            false => path == self.start,
        }
    }

    /// True if it contains whatever `other` contains.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match other.is_prefix {
            true => self.is_prefix && other.start.starts_with(&self.start),
            false => self.contains(&other.start),
        }
    }

    /// True if it contains a path that is `root`, or stands below it.
    pub(in crate::scenario) fn meets_below(&self, root: &str) -> bool {
        let below = format!("{root}/");
        self.contains(root)
            || self.start.starts_with(&below)
            || (self.is_prefix && below.starts_with(&self.start))
    }

    /// One of its paths.
    pub fn one(&self) -> &str {
        &self.start
    }
}

impl FromStr for PathPattern {
    type Err = PathPatternError;

    fn from_str(text: &str) -> Result<Self, PathPatternError> {
        let (start, is_prefix) = match text.strip_suffix(ALL_BEHIND) {
            Some(start) => (start, true),
            None => (text, false),
        };
        let shown = || text.chars().take(200).collect();
        if text.chars().any(char::is_control) {
            return Err(PathPatternError::Control);
        }
        if !start.starts_with('/') {
            return Err(PathPatternError::Relative(shown()));
        }
        if start.contains(['?', '#']) {
            return Err(PathPatternError::Query(shown()));
        }
        if start.contains(ALL_BEHIND) {
            return Err(PathPatternError::Star(shown()));
        }
        Ok(Self {
            start: start.to_owned(),
            is_prefix,
        })
    }
}

impl TryFrom<String> for PathPattern {
    type Error = PathPatternError;

    fn try_from(text: String) -> Result<Self, PathPatternError> {
        text.parse()
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.to_string()
    }
}

/// As it is written: `/simple/*`.
impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start)?;
        match self.is_prefix {
            true => write!(f, "{ALL_BEHIND}"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_is_itself_and_a_star_is_all_behind() {
        for (text, path, is) in [
            ("/simple/demo/", "/simple/demo/", true),
            ("/simple/demo/", "/simple/demo", false),
            ("/simple/demo/", "/simple/demo/x", false),
            ("/simple/*", "/simple/", true),
            ("/simple/*", "/simple/demo/", true),
            ("/simple/*", "/simple", false),
            ("/demo-*", "/demo-1.0.whl", true),
            ("/*", "/", true),
        ] {
            assert_eq!(pattern(text).contains(path), is, "{text} {path}");
        }
    }

    #[test]
    fn a_pattern_covers_what_it_contains() {
        for (one, other, is) in [
            ("/a", "/a", true),
            ("/a*", "/a", true),
            ("/a", "/a*", false),
            ("/*", "/a/*", true),
            ("/a/*", "/*", false),
            ("/a/*", "/b", false),
        ] {
            assert_eq!(pattern(one).covers(&pattern(other)), is, "{one} {other}");
        }
    }

    #[test]
    fn what_meets_a_root_is_it_or_below_it() {
        for (text, is) in [
            ("/s/x", true),
            ("/s/x/file.bin", true),
            ("/s/x/*", true),
            ("/s/*", true),
            ("/s/xy", false),
            ("/s/xy/*", false),
            ("/s", false),
        ] {
            assert_eq!(pattern(text).meets_below("/s/x"), is, "{text}");
        }
    }

    #[test]
    fn what_is_no_path_says_what_is() {
        let says = |text: &str| text.parse::<PathPattern>().unwrap_err().to_string();
        assert!(says("simple/").contains("begins with /"));
        assert!(says("*").contains("begins with /"));
        assert!(says("").contains("begins with /"));
        assert!(says("/a?b=1").contains("without a query"));
        assert!(says("/a*b").contains("one at the end"));
        assert!(says("/a**").contains("one at the end"));
        assert!(says("/a\nb").contains("control"));
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        for text in ["/a", "/a/*", "/"] {
            let json = serde_json::to_string(&pattern(text)).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(
                serde_json::from_str::<PathPattern>(&json).unwrap(),
                pattern(text)
            );
        }
    }
}
