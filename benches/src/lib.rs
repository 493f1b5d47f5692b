//! Helpers shared by the benches: a server on its own thread, and the sums of the
//! pacing bench.

mod server;
mod tally;

use bytes::Bytes;
use shortread_server::{
    body::Pattern,
    scenario::{Limit, Scenario},
    units::{ByteSize, Rate},
};

pub use server::{Server, ThreadCpu};
pub use tally::{Tally, WINDOW};

/// 1 MiB, in bytes.
pub const MIB: usize = 1 << 20;

/// The first `len` bytes of the pattern, copied into memory of their own: what
/// a client has once it has read them off a socket.
pub fn received(len: usize) -> Bytes {
    let mut bytes = Vec::with_capacity(len);
    for slice in Pattern::PLAIN.slices(0..len as u64) {
        bytes.extend_from_slice(&slice);
    }
    bytes.into()
}

/// A healthy download of `size` bytes over a link of `rate`, without a limit
/// on its time.
pub fn healthy(size: u64, rate: Rate) -> Scenario {
    let mut scenario = Scenario {
        name: "bench".into(),
        ..Scenario::default()
    };
    scenario.body.size = ByteSize(size);
    scenario.link.rate = rate;
    scenario.client.total = Limit::Never;
    scenario
}
