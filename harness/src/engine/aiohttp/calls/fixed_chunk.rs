//! `async for chunk in content.iter_chunked(n)`: reads of at most `n` bytes.
//! Items are shorter whenever the buffer runs dry, not only at the end.

use super::Exchange;
use crate::client::{Delivery, Failure};

pub(super) async fn run(
    exchange: &Exchange,
    delivery: &mut Delivery,
    n: usize,
) -> Result<(), Failure> {
    exchange.begin_iter_chunked(n);
    loop {
        let begun = delivery.begin_read();
        let chunk = exchange.read(n).await;
        delivery.end_read(begun);
        let chunk = chunk?;
        // Empty at the end; and, for a size of 0, at once.
        if chunk.is_empty() {
            return Ok(());
        }
        delivery.deliver(&chunk).await?;
    }
}
