//! A disk that becomes full.

use super::*;

#[test]
fn a_full_disk_is_told_and_comes_before_a_total_that_is_later() {
    let mut full = scenario("full", "t", "1GB", "2MB/s");
    full.client.total = Limit::After(Duration::from_secs(400));
    full.sink.capacity = Some("600MB".parse().unwrap());
    let says = sink::paragraphs(&full).join("\n");
    assert!(says.contains("full behind 600 MB:"), "{says}");
    // 600 MB need 300 s, and all of it 500 s.
    assert_eq!(deadline::paragraphs(&full), [""; 0]);
    full.client.total = Limit::After(Duration::from_secs(200));
    let says = deadline::paragraphs(&full).join("\n");
    assert!(says.contains("the total ends it at 400 MB"), "{says}");
    assert!(says.contains("disk is full before the last byte"), "{says}");
}
