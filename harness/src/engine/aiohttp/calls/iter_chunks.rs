//! `async for data, end_of_http_chunk in content.iter_chunks()`: the rest of an
//! HTTP chunk if its end is known, otherwise one piece as it was fed. The
//! iterator's step is a `readchunk()`, and `(b"", False)` its end.
//!
//! `(b"", True)` is an item too: an HTTP chunk whose bytes were all taken before
//! its end came. Such a call hands over nothing: it counts as a read call, but
//! not as a chunk or a write.

use super::Exchange;
use crate::client::{Delivery, Failure};

pub(super) async fn run(exchange: &Exchange, delivery: &mut Delivery) -> Result<(), Failure> {
    loop {
        let begun = delivery.begin_read();
        let chunk = exchange.readchunk().await;
        delivery.end_read(begun);
        let chunk = chunk?;
        if chunk.is_last() {
            return Ok(());
        }
        if !chunk.data.is_empty() {
            delivery.deliver(&chunk.data).await?;
        }
    }
}

#[cfg(test)]
#[path = "iter_chunks_tests.rs"]
mod tests;
