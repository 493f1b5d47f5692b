//! The calls that read a body, one file each: what the application types, call
//! by call.

mod fixed_chunk;
mod iter_any;
mod iter_chunks;
mod read_all;
mod readany;

use mock_server::scenario::StrategyName;

use super::source::Exchange;
use crate::{
    client::{Delivery, Failure},
    strategy::Strategy,
};

/// Reads the whole body off `exchange` as `strategy` does.
pub(super) async fn read_body(
    strategy: &Strategy,
    exchange: &Exchange,
    delivery: &mut Delivery,
) -> Result<(), Failure> {
    match strategy.name {
        StrategyName::ReadAll => read_all::run(exchange, delivery).await,
        StrategyName::FixedChunk => {
            fixed_chunk::run(exchange, delivery, strategy.chunk_bytes()).await
        }
        StrategyName::IterAny => iter_any::run(exchange, delivery).await,
        StrategyName::IterChunks => iter_chunks::run(exchange, delivery).await,
        // `frames` has an engine of its own.
        StrategyName::Readany | StrategyName::Frames => readany::run(exchange, delivery).await,
    }
}
