//! What the link and the path have room for.

use super::problems;

#[test]
fn a_body_whose_chunks_pass_2_to_the_63_is_refused_at_its_key() {
    let of = |size: &str, chunk: &str| {
        problems(&format!(
            "body.size = '{size}'\nbody.framing = 'chunked'\nbody.chunk = '{chunk}'"
        ))
    };
    let largest = "9223372036854775807B";
    for (chunk, key) in [("1B", "chunk"), ("1000B", "chunk"), ("64KiB", "size")] {
        let found = of(largest, chunk);
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(found[0].contains("longer than 2^63 bytes"), "{found:?}");
    }
    assert!(of("1000000000000000000B", "1KiB").is_empty());
}

#[test]
fn what_would_be_on_its_way_at_once_must_fit_on_the_path() {
    let of = |text: &str| problems(&format!("body.size = '1TB'\n{text}"));
    let found = of("link = { rate = '1GB/s', latency = '1h' }");
    assert!(found[0].contains("TCP's largest window"), "{found:?}");
    let small = "link = { rate = '100MB/s', latency = '1s', segment = '1B' }";
    let found = of(small);
    assert!(found[0].contains("in pieces of 1B"), "{found:?}");
    let chunks = "body.framing = 'chunked'\nbody.chunk = '1B'\nlink.latency = '1s'";
    assert!(
        of(chunks)[0].contains("in pieces of 1B"),
        "{:?}",
        of(chunks)
    );
    // A window that is stated is a limit that somebody knows of.
    let limited = "link = { rate = '1GB/s', latency = '1h' }\nsockets.client_receive = '1MiB'";
    assert!(of(limited).is_empty(), "{:?}", of(limited));
    // Of a small body no more is on its way than there is.
    assert!(problems(&format!("body.size = '10KB'\n{small}")).is_empty());
}
