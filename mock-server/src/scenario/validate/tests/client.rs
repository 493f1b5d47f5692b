//! What the client's end and the path say, against what comes.

use super::problems;

#[test]
fn a_disk_that_never_fills_is_refused() {
    for text in [
        "sink.capacity = '10MB'",
        "sink.capacity = '20MB'\nclient.parallel = 2",
        "sink.capacity = '5kB'\nresponse.page = 'x'\nbody.size = 0",
        "sink.capacity = '11MB'\nbody.encoding = 'gzip'\nbody.size = '10MB'",
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].contains("this never fills"), "{text}: {found:#?}");
        // Nobody has coded that body.
        let about = found[0].contains("bring at most about");
        assert_eq!(about, text.contains("gzip"), "{text}: {found:#?}");
    }
}

#[test]
fn a_keepalive_behind_the_total_is_refused_where_both_are_written() {
    let keepalive = "client.keepalive = '60s'\n";
    assert_eq!(
        problems(&format!("{keepalive}client.total = '30s'")),
        ["1: no probe is ever sent: `client.total` comes first, after 30s"]
    );
    for total in ["client.total = '60s'", "client.total = 'off'", ""] {
        assert_eq!(problems(&format!("{keepalive}{total}")), [""; 0], "{total}");
    }
    assert_eq!(problems("client.keepalive = '400s'"), [""; 0]);
}

#[test]
fn requests_are_counted_over_all_downloads() {
    for (text, says) in [
        (
            "client.requests = 0",
            "1: a download of 0 requests asks for nothing",
        ),
        (
            "client.requests = 1001",
            "1: 1001 requests in all are out of range",
        ),
        (
            "client = { parallel = 500, requests = 3 }",
            "1: 1500 requests in all are out of range",
        ),
    ] {
        assert_eq!(problems(text), [says], "{text}");
    }
    let none: [&str; 0] = [];
    let several = "client = { parallel = 2, requests = 3 }\nsink.capacity = '59MB'\n\
                   [[expect.trial]]\nkind = 'disk-full'\ndelivered = ['59MB', '60MB']";
    assert_eq!(problems(several), none);
}

#[test]
fn a_disk_that_may_fill_is_accepted() {
    for text in [
        "sink.capacity = 0",
        "sink.capacity = '9999999B'",
        "sink.capacity = '10MB'\nclient.parallel = 2",
        "sink.capacity = '10MB'\nversion = [{ on.request = 2, size = '11MB' }]",
        // What a client makes of raw bytes nobody knows.
        "sink.capacity = '10MB'\nresponse.raw = [{ at.body = '1MB', bytes = 'x' }]",
    ] {
        let none: [&str; 0] = [];
        assert_eq!(problems(text), none, "{text}");
    }
}

#[test]
fn a_path_that_drops_nothing_or_all_is_refused() {
    for (text, says) in [
        ("link.drops_above = 0", "1: a path on which no byte"),
        (
            "link.drops_above = '1400B'\nlink.segment = '1400B'",
            "1: nothing gets lost: a segment here has 1400B",
        ),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].starts_with(says), "{text}: {found:#?}");
    }
    let none: [&str; 0] = [];
    assert_eq!(problems("link.drops_above = '1400B'"), none);
}
