//! The bytes of the recorded streams: byte i is the low byte of i.

use std::{collections::VecDeque, sync::LazyLock};

use bytes::Bytes;
use serde_json::{Value, json};

static COUNTER: LazyLock<Bytes> = LazyLock::new(|| (0..8 << 20).map(|i: u32| i as u8).collect());

/// Longer lists of chunk ends are written in short.
const MOST_SPLITS: usize = 64;

/// `len` bytes of the stream from `offset` on.
pub(crate) fn counter(offset: u64, len: usize) -> Bytes {
    let start = offset as usize & 0xFF;
    if start + len <= COUNTER.len() {
        COUNTER.slice(start..start + len)
    } else {
        (offset..offset + len as u64).map(|i| i as u8).collect()
    }
}

/// The result of a read that ended at `cursor`, in the recorded form. The bytes
/// are checked.
pub(crate) fn told(cursor: u64, data: &Bytes, end_of_chunk: Option<bool>) -> Value {
    let offset = cursor - data.len() as u64;
    assert!(
        *data == counter(offset, data.len()),
        "{} bytes at {offset}",
        data.len()
    );
    match end_of_chunk {
        None => json!(["data", offset, data.len()]),
        Some(end) => json!(["chunk", offset, data.len(), end]),
    }
}

/// The chunk ends still ahead, in the recorded form.
pub(crate) fn splits(splits: Option<&VecDeque<u64>>) -> Value {
    match splits {
        Some(ends) if ends.len() > MOST_SPLITS => json!({
            "count": ends.len(),
            "first": ends.front(),
            "last": ends.back(),
            "sum": ends.iter().sum::<u64>(),
        }),
        ends => json!(ends),
    }
}

pub(crate) fn size(value: &Value) -> usize {
    let size = value.as_u64().expect("a size");
    usize::try_from(size).expect("a size that fits")
}
