//! The approximate memory of kept events, tests and connections, in bytes.

use std::{mem::size_of, sync::Arc};

use super::Key;
use crate::journal::{CloseReason, Event, Fact};

/// Two counters in front of what an `Arc` holds, and the number and pointer in
/// a test's list.
const SHARED: usize = 2 * size_of::<usize>() + size_of::<(u64, Arc<Event>)>();

/// A test without its name and events: its entries in two ordered maps, whose
/// nodes are half full at worst.
const TEST: usize = 512;

/// A connection without the name of its test: its entry in an ordered map, and
/// its first event while its test is unknown.
const CONNECTION: usize = 128;

/// An event with its texts. Clients choose most of them.
pub(super) fn event(event: &Event) -> usize {
    let texts = match &event.fact {
        Fact::Request {
            method,
            target,
            range,
            if_range,
            ..
        } => {
            let fields = [range, if_range].map(|field| field.as_ref().map_or(0, String::len));
            method.len() + target.len() + fields.iter().sum::<usize>()
        }
        Fact::BadRequest { reason } => reason.len(),
        Fact::Accepted { sockets, .. } => sockets.congestion.as_ref().map_or(0, String::len),
        Fact::Closed {
            reason: CloseReason::Unable(why) | CloseReason::Error(why),
            ..
        } => why.len(),
        _ => 0,
    };
    let utc = event.utc.as_ref().map_or(0, String::len);
    let key = event.key.as_ref().map_or(0, String::len);
    size_of::<Event>() + SHARED + texts + utc + key
}

/// A test without events.
pub(super) fn test(key: &Key) -> usize {
    TEST + name(key)
}

/// A connection that belongs to a test.
pub(super) fn connection(key: &Key) -> usize {
    CONNECTION + name(key)
}

fn name(key: &Key) -> usize {
    key.as_ref().map_or(0, |key| key.len())
}
