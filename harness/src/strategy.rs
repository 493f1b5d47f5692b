//! The way in which the client reads the body: the call, and its size.

use serde::{Deserialize, Serialize};
use shortread_server::scenario::StrategyName;

/// The size of `iter_chunked` in most examples, and the default.
const DEFAULT_CHUNK: usize = 64 << 10;

/// A way to read, with its chunk size if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Strategy {
    /// The name.
    pub name: StrategyName,
    /// Most bytes of an item, only for `fixed-chunk`; 64 KiB by default.
    pub chunk_size: Option<usize>,
}

impl Strategy {
    /// The call as users type it: `content.iter_chunked(65536)`.
    pub fn call(&self) -> String {
        match self.name {
            StrategyName::ReadAll => "await response.read()".into(),
            StrategyName::Readany => "await content.readany()".into(),
            StrategyName::FixedChunk => format!("content.iter_chunked({})", self.chunk_bytes()),
            StrategyName::IterAny => "content.iter_any()".into(),
            StrategyName::IterChunks => "content.iter_chunks()".into(),
            StrategyName::Frames => "body.frame().await".into(),
        }
    }

    /// Most bytes of an item; `None` if the strategy has no such size.
    pub fn item_size(&self) -> Option<usize> {
        (self.name == StrategyName::FixedChunk).then(|| self.chunk_bytes())
    }

    /// Most bytes of an item, if the strategy has a size.
    pub(crate) fn chunk_bytes(&self) -> usize {
        self.chunk_size.unwrap_or(DEFAULT_CHUNK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_is_printed_as_the_call_that_people_type() {
        let call = |name, chunk_size| Strategy { name, chunk_size }.call();
        assert_eq!(call(StrategyName::ReadAll, None), "await response.read()");
        assert_eq!(
            call(StrategyName::FixedChunk, None),
            "content.iter_chunked(65536)"
        );
        assert_eq!(
            call(StrategyName::FixedChunk, Some(8192)),
            "content.iter_chunked(8192)"
        );
        assert_eq!(
            call(StrategyName::IterChunks, None),
            "content.iter_chunks()"
        );
    }
}
