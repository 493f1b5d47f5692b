//! `await response.read()`: blocks are collected and then joined, so a body
//! takes twice its size for a moment. An error on the way loses all of them:
//! the application gets nothing.

use bytes::Bytes;

use crate::{
    client::{Failure, delivery::Delivery, source::Exchange},
    reader::join,
};

pub(super) async fn run(exchange: &Exchange, delivery: &mut Delivery) -> Result<(), Failure> {
    let begun = delivery.begin_read();
    let body = collect(exchange).await;
    delivery.end_read(begun);
    let body = body?;
    if body.is_empty() {
        return Ok(());
    }
    delivery.deliver(&body).await
}

async fn collect(exchange: &Exchange) -> Result<Bytes, Failure> {
    exchange.begin_read_all();
    let (mut blocks, mut size) = (Vec::new(), 0);
    loop {
        let block = exchange.readany().await?;
        if block.is_empty() {
            break;
        }
        size += block.len();
        blocks.push(block);
    }
    if blocks.len() > 1 {
        exchange.afford(size)?;
    }
    Ok(join(&blocks))
}
