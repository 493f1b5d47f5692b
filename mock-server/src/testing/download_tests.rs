use proptest::prelude::*;

use super::*;
use crate::{
    scenario::{
        ChunkPart,
        query::{Asked, LARGEST_CODED, LONGEST_KEY, MOST_PARAMETERS},
    },
    testing::panics::said,
    units::Rate,
};

fn asked<F>(download: &Download<F>) -> Asked {
    let url = download.url();
    let (path, query) = url.split_once('?').unwrap();
    assert_eq!(path, "http://server/download");
    parse_query(query).unwrap()
}

fn download() -> Download {
    Download::new("http://server", 1_000_000)
}

#[test]
fn each_setting_is_the_one_of_a_scenario_file() {
    let all = download()
        .chunks_of(5000)
        .rate(2_000_000)
        .latency(Duration::from_millis(40))
        .head_delay(Duration::from_secs(2))
        .status(203)
        .header("X-Name", "a value & more=1")
        .no_ranges()
        .etag("v2")
        .key("a test/1");
    let asked = asked(&all);
    let scenario = asked.scenario;
    assert_eq!(asked.key.as_deref(), Some("a test/1"));
    assert_eq!(scenario.body.size, ByteSize(1_000_000));
    assert_eq!(scenario.body.framing, Framing::Chunked);
    assert_eq!(scenario.body.chunk, ByteSize(5000));
    assert_eq!(scenario.link.rate, Rate::per_second(2_000_000).unwrap());
    assert_eq!(scenario.link.latency, Duration::from_millis(40));
    assert_eq!(scenario.response.head_delay, Duration::from_secs(2));
    assert_eq!(scenario.response.status, 203);
    let field = ("X-Name".to_owned(), "a value & more=1".to_owned());
    assert_eq!(scenario.response.headers, [field]);
    assert!(!scenario.response.ranges);
    assert_eq!(scenario.response.etag.as_deref(), Some("v2"));
}

#[test]
fn a_body_ends_as_its_type_says() {
    let framing = |asked: Asked| asked.scenario.body.framing;
    assert_eq!(framing(asked(&download())), Framing::ContentLength);
    assert_eq!(framing(asked(&download().chunked())), Framing::Chunked);
    let close = download().close_delimited().fault(Fault::end().at(7));
    assert_eq!(framing(asked(&close)), Framing::Close);
    assert!(asked(&download().gzip()).scenario.body.is_coded());
    let false_length = download().declared_size(2_000_000);
    let declared = asked(&false_length).scenario.body.declared_size;
    assert_eq!(declared, Some(ByteSize(2_000_000)));
}

#[test]
fn the_object_has_the_same_parameters() {
    let url = download().chunked().key("k").expected_url();
    assert_eq!(url, "http://server/expected?size=1MB&framing=chunked&key=k");
}

#[test]
fn what_is_given_twice_panics_at_the_second() {
    let rate = download().rate(9);
    assert!(said!(rate.rate(9)).contains("`rate` is given twice"));
    let tag = download().etag("a");
    assert!(said!(tag.etag("b")).contains("`etag` is given twice"));
    let key = download().key("a");
    assert!(said!(key.key("b")).contains("`key` is given twice"));
    let field = download().header("X", "1");
    assert!(said!(field.header("x", "2")).contains("given twice"));
}

#[test]
fn a_value_out_of_range_panics_where_it_is_given() {
    assert!(said!(download().rate(0)).contains("no rate"));
    assert!(said!(download().rate(u64::MAX)).contains("no rate"));
    assert!(said!(download().key("")).contains("`key` has no value"));
    let key = "k".repeat(LONGEST_KEY + 1);
    assert!(said!(download().key(&key)).contains("not a valid key"));
    assert!(said!(download().key("a\nb")).contains("not a valid key"));
    assert!(said!(download().chunks_of(0)).contains("a chunk of 0 bytes"));
    assert!(said!(download().status(99)).contains("200 to 599"));
    assert!(said!(download().latency(Duration::MAX)).contains("latency"));
    assert!(said!(download().header("a:b", "c")).contains("`a:b` is not a field name"));
    assert!(said!(download().header("a b", "c")).contains("not a field name"));
    assert!(said!(download().etag("a\r\nb")).contains("no line breaks"));
    assert!(said!(download().declared_size(1_000_000)).contains("the true size"));
    let long = "v".repeat(MAX_TARGET);
    assert!(said!(download().header("X", &long)).contains("more than 8192"));
    assert!(said!(Download::new("", u64::MAX)).contains("size"));
    let large = Download::new("", LARGEST_CODED.0 + 1);
    assert!(said!(large.gzip()).contains("too large"));
}

#[test]
fn a_fault_that_could_never_be_panics_where_it_is_added() {
    let beyond = Fault::fin().at(1_000_001);
    assert!(said!(download().fault(beyond)).contains("beyond the body"));
    let chunk = Fault::fin().at_chunk(3, ChunkPart::Data);
    let two = download().chunks_of(500_000);
    assert!(said!(two.fault(chunk)).contains("it has at most 2 chunks"));
    let slow = download().rate(1000);
    assert!(said!(slow.fault(Fault::throttle(1001).at(0))).contains("faster than the link"));
    let settle = Fault::fin().at(0).settle(Duration::from_secs(2));
    assert!(said!(download().fault(settle)).contains("at most 1s"));
    let mut many = download();
    for _ in 1..MOST_PARAMETERS {
        many = many.fault(Fault::reset().on_request(1));
    }
    assert!(said!(many.fault(Fault::reset().on_request(1))).contains("parameters"));
}

#[test]
fn what_is_written_by_hand_is_judged_as_a_whole() {
    let cut = download().with("truncate_at", "1KB").gzip();
    assert_eq!(asked(&cut).scenario.body.truncate_at, Some(ByteSize(1000)));
    let misspelt = download().with("framming", "close").no_ranges();
    assert!(said!(misspelt.url()).contains("did you mean `framing`?"));
    assert!(said!(misspelt.expected_url()).contains("did you mean `framing`?"));
}

proptest! {
    #[test]
    fn any_text_arrives_as_it_was_given(key in "[^\\p{Cc}]{1,30}", value in "[ -~]{1,20}") {
        let asked = asked(&download().header("X-Name", value.trim()).key(&key));
        prop_assert_eq!(asked.key, Some(key));
    }
}
