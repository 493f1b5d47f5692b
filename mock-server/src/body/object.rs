//! The object that a download should bring.

use super::Pattern;

/// The bytes that a client should end up with: so many of a pattern. A size alone
/// is an object of the plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// Its bytes.
    pub size: u64,
    /// What they are.
    pub pattern: Pattern,
}

impl From<u64> for Object {
    fn from(size: u64) -> Self {
        Self {
            size,
            pattern: Pattern::PLAIN,
        }
    }
}
