//! The object that a download should bring.

use super::{OpenFile, Pattern};

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

/// That which bytes are compared with: an object, or a real file.
#[derive(Debug, Clone)]
pub enum Reference {
    /// So many bytes of a pattern.
    Pattern(Object),
    /// The bytes of a file.
    File(OpenFile),
}

impl Reference {
    /// Its bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Pattern(object) => object.size,
            Self::File(file) => file.size(),
        }
    }
}

impl From<u64> for Reference {
    fn from(size: u64) -> Self {
        Self::Pattern(size.into())
    }
}

impl From<Object> for Reference {
    fn from(object: Object) -> Self {
        Self::Pattern(object)
    }
}

impl From<OpenFile> for Reference {
    fn from(file: OpenFile) -> Self {
        Self::File(file)
    }
}
