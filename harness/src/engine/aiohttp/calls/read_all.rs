//! `await response.read()`: collects blocks and then joins them, so a body takes
//! twice its size for a moment. An error loses all of them: the application gets
//! nothing.

use bytes::Bytes;

use super::{super::reader::join, Exchange};
use crate::{
    client::{Delivery, Failure},
    measure::heap::Charge,
};

pub(super) async fn run(exchange: &Exchange, delivery: &mut Delivery) -> Result<(), Failure> {
    if delivery.clock().is_simulated() {
        return model(exchange, delivery).await;
    }
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

/// The same without keeping the bytes: each block is verified as it comes and
/// its length charged, so that the trial's account is that of the real call
/// and the process stays small, whatever the body's size.
async fn model(exchange: &Exchange, delivery: &mut Delivery) -> Result<(), Failure> {
    let begun = delivery.begin_read();
    let mut blocks = Charge::new(0);
    let read = collect_charges(exchange, delivery, &mut blocks).await;
    delivery.end_read(begun);
    let (size, several) = read?;
    if size == 0 {
        return Ok(());
    }
    // One block is handed over as it is; several are joined, and while they
    // are, the body is there twice.
    let joined = several.then(|| Charge::new(size));
    if joined.is_some() {
        drop(blocks);
    }
    delivery.deliver_verified().await
}

/// The body's size, and whether it came in several blocks.
async fn collect_charges(
    exchange: &Exchange,
    delivery: &mut Delivery,
    blocks: &mut Charge,
) -> Result<(u64, bool), Failure> {
    exchange.begin_read_all();
    let (mut size, mut count) = (0, 0_u64);
    loop {
        let block = exchange.readany().await?;
        if block.is_empty() {
            break;
        }
        size += block.len() as u64;
        count += 1;
        delivery.verify(&block);
        blocks.grow(block.len() as u64);
    }
    if count > 1 {
        exchange.afford(usize::try_from(size).unwrap_or(usize::MAX))?;
    }
    Ok((size, count > 1))
}
