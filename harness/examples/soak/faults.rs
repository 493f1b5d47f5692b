//! Random downloads: the requested object, and the faults to happen to it.

use rand::{Rng, RngExt as _};
use rand_pcg::Pcg64Mcg;

/// So many tests name themselves; more than the server keeps counters for.
const KEYS: u32 = 6_000;

/// The path and the query of a download with faults.
pub(crate) fn target(rng: &mut Pcg64Mcg) -> String {
    let size = 1u64 << rng.random_range(8..22);
    let mut parts = vec![format!("size={size}")];
    match rng.random_range(0..8) {
        0 => parts.push("framing=chunked&chunk=4KiB".into()),
        1 => parts.push("framing=close".into()),
        // The server keeps encoded bodies by query: few and small ones.
        2 => parts = vec!["size=8KiB&encoding=gzip".into()],
        _ => {}
    }
    if rng.random_ratio(1, 3) {
        parts.push(format!("rate={}KB/s", rng.random_range(10..5_000)));
    }
    if rng.random_ratio(1, 6) {
        parts.push(format!("latency={}ms", rng.random_range(1..60)));
    }
    if rng.random_ratio(1, 6) {
        parts.push("server_send=16KiB".into());
    }
    for _ in 0..rng.random_range(0..3) {
        parts.push(fault(rng));
    }
    if rng.random_ratio(2, 3) {
        parts.push(format!("key=soak-{}", rng.random_range(0..KEYS)));
    }
    format!("/download?{}", parts.join("&"))
}

/// The query of a download that is over at once, as large in the server's memory
/// as those that are not; none is the same for two numbers.
pub(crate) fn none(number: u32) -> String {
    let size = match number % 8 {
        0 => "size=8KiB&encoding=gzip",
        _ => "size=1&rate=1MB/s",
    };
    format!("{size}&fault=stall:forever@elapsed:1h&fault=reset@elapsed:2h&key=full-{number}")
}

fn fault(rng: &mut Pcg64Mcg) -> String {
    let action = match rng.random_range(0..9) {
        0 => "fin".to_owned(),
        1 => "reset".to_owned(),
        2 => "blackhole".to_owned(),
        3 => "forget".to_owned(),
        4 => "end".to_owned(),
        5 => "stall:forever".to_owned(),
        6 => format!("stall:{}ms", rng.random_range(1..2_000)),
        7 => format!("throttle:{}B/s", rng.random_range(1..5_000)),
        _ => "throttle:1MB/s".to_owned(),
    };
    let trigger = match rng.random_range(0..7) {
        0 => format!("elapsed:{}ms", rng.random_range(0..1_000)),
        1 => format!("idle:{}ms", rng.random_range(100..1_000)),
        2 => format!("blocked:{}ms", rng.random_range(100..1_000)),
        3 => "request:1".to_owned(),
        4 => "connection:1".to_owned(),
        // Every size has so many.
        _ => format!("body:{}B", rng.random_range(1..200)),
    };
    let settle = match rng.random_ratio(1, 3) {
        true => "&settle=0",
        false => "",
    };
    format!("fault={action}@{trigger}{settle}")
}

/// Bytes that are no request.
pub(crate) fn noise(rng: &mut Pcg64Mcg) -> Vec<u8> {
    let mut bytes = vec![0; rng.random_range(1..2_000)];
    rng.fill_bytes(&mut bytes);
    bytes
}
