//! The calls that read a body, as the application types them, one file each.

mod fixed_chunk;
mod iter_any;
mod iter_chunks;
mod read_all;
mod readany;

use super::source::Exchange;
use crate::client::{Delivery, Failure};

/// A call of aiohttp that reads a body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Read {
    All,
    Any,
    FixedChunk { bytes: usize },
    IterAny,
    IterChunks,
}

impl Read {
    /// Reads the whole body off `exchange`.
    pub(super) async fn body(
        self,
        exchange: &Exchange,
        delivery: &mut Delivery,
    ) -> Result<(), Failure> {
        match self {
            Self::All => read_all::run(exchange, delivery).await,
            Self::Any => readany::run(exchange, delivery).await,
            Self::FixedChunk { bytes } => fixed_chunk::run(exchange, delivery, bytes).await,
            Self::IterAny => iter_any::run(exchange, delivery).await,
            Self::IterChunks => iter_chunks::run(exchange, delivery).await,
        }
    }
}
