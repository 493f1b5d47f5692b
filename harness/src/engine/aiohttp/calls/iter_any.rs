//! `async for chunk in content.iter_any()`: the iterator's step is a
//! `readany()` and its end an empty one, so this is that loop.

use super::{Exchange, readany};
use crate::client::{Delivery, Failure};

pub(super) async fn run(exchange: &Exchange, delivery: &mut Delivery) -> Result<(), Failure> {
    readany::run(exchange, delivery).await
}
