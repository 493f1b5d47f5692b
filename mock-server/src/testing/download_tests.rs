use proptest::prelude::*;

use super::*;
use crate::{scenario::query::parse_query, units::Rate};

fn asked(download: &Download) -> crate::scenario::query::Asked {
    let url = download.url();
    let (path, query) = url.split_once('?').unwrap();
    assert_eq!(path, "http://server/download");
    parse_query(query).unwrap_or_else(|errors| panic!("{url}: {errors}"))
}

fn download() -> Download {
    Download::new("http://server", 1_000_000)
}

#[test]
fn each_setting_is_the_one_of_a_scenario_file() {
    let all = download()
        .chunked()
        .chunk(5000)
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

    let close = Download::new("http://server", 10).close_delimited();
    assert_eq!(self::asked(&close).scenario.body.framing, Framing::Close);
    let coded = download().gzip();
    assert!(self::asked(&coded).scenario.body.is_coded());
    let false_length = download().declared_size(2_000_000);
    let declared = self::asked(&false_length).scenario.body.declared_size;
    assert_eq!(declared, Some(ByteSize(2_000_000)));
}

#[test]
fn the_object_has_the_same_parameters() {
    let url = download().chunked().key("k").expected_url();
    assert_eq!(url, "http://server/expected?size=1MB&framing=chunked&key=k");
}

proptest! {
    #[test]
    fn any_text_arrives_as_it_was_given(key in "[^\\p{Cc}]{1,30}", value in "[ -~]{1,20}") {
        let asked = asked(&download().header("X-Name", value.trim()).key(&key));
        prop_assert_eq!(asked.key, Some(key));
    }
}
