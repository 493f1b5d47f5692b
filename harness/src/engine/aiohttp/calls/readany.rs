//! `await content.readany()` in a loop: all bytes that have arrived, as one item.

use super::Exchange;
use crate::client::{Delivery, Failure};

pub(super) async fn run(exchange: &Exchange, delivery: &mut Delivery) -> Result<(), Failure> {
    loop {
        let begun = delivery.begin_read();
        let chunk = exchange.readany().await;
        delivery.end_read(begun);
        let chunk = chunk?;
        if chunk.is_empty() {
            return Ok(());
        }
        delivery.deliver(&chunk).await?;
    }
}
