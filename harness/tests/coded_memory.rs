//! The memory of a coded body that is coded while it is sent, counted at the allocator.

use shortread::measure::heap::{self, Counting};
use shortread_server::{
    http1::origin::{Origin, Request},
    scenario::{Coding, Fault, Scenario, Trigger},
    units::ByteSize,
};

#[global_allocator]
static HEAP: Counting = Counting;

/// The most bytes at a time while the body is gone over once and sent once, and the bytes
/// that were sent.
fn sent(codings: &[Coding], size: u64, ratio: u32) -> (u64, u64) {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(size);
    scenario.body.encoding = codings.to_vec();
    scenario.body.ratio = ratio;
    // The offset is looked for by decoding.
    let behind = Trigger::Object(ByteSize(size));
    scenario.faults = vec![Fault::new(behind, shortread_server::scenario::Action::Fin)];
    let (request, _) = Request::parse(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap()
        .unwrap();
    let before = heap::live().unwrap();
    heap::reset_peak();
    let mut script = Origin::new(&scenario).unwrap().respond(&request).script;
    let mut bytes = 0;
    loop {
        let piece = script.next(64 << 10);
        if piece.is_empty() {
            break;
        }
        bytes += piece.len() as u64;
    }
    (heap::peak().unwrap() - before, bytes)
}

/// One test: what others allocate meanwhile would be counted too.
#[test]
fn a_coded_body_of_a_gib_takes_no_more_memory_than_one_of_a_hundredth() {
    for codings in [
        &[Coding::Zstd][..],
        &[Coding::Gzip],
        &[Coding::Zstd, Coding::Gzip],
    ] {
        // Neither is kept; the template is made once.
        let _ = sent(codings, 5 << 20, 1);
        let (small, _) = sent(codings, 10 << 20, 1);
        let (large, bytes) = sent(codings, 1 << 30, 40);
        println!("{codings:?}: {small} and {large} bytes for {bytes}");
        assert!(bytes > 20 << 20, "{codings:?}: {bytes}");
        assert!(large < small + (1 << 20), "{codings:?}: {small} {large}");
        assert!(large < 16 << 20, "{codings:?}: {large}");
    }
}
