//! `on`, `answer` and `version`.

use super::*;
use crate::scenario::Response;

#[test]
fn a_fault_has_the_requests_that_it_is_for_behind_it() {
    let scenario = read("size=100&fault=fin@30&on=first&fault=reset@head&on=2..,method:HEAD");
    let [fin, reset] = &scenario.faults[..] else {
        panic!("{:?}", scenario.faults);
    };
    assert_eq!(fin.on.attempt, Some(crate::scenario::Attempt::First));
    assert_eq!(reset.on.to_string(), "request 2 and later, HEAD");
    assert!(wrong("size=9&on=first").contains("belongs to the fault, answer or version before it"));
    assert!(wrong("size=9&fault=fin@3&on=frist").contains("on=frist: `frist` is not a selector"));
    assert!(wrong("size=9&fault=fin@3&on=0").contains("on=0: `0` is not a selector"));
    assert!(wrong("size=9&fault=fin@3&on=method:get").contains("write GET"));
    assert!(wrong("size=9&fault=fin@3&on=1&on=2").contains("given twice for one fault"));
    assert!(wrong("size=9&fault=fin@connection:1&on=1").contains("on=1: no request has come"));
    assert!(wrong("size=9&fault=fin@3&on=1,time:5s..").contains("no request is meant"));
    assert!(wrong("size=9&fault=fin@request:3&on=..2").contains("none of those in `on`"));
}

#[test]
fn an_answer_has_its_requests_and_its_response_behind_it() {
    let scenario = read(
        "size=100&answer=503&on=1..2&retry_after=2s&page=busy&page_type=text/plain&header=X-A:1\
         &answer=302&redirect=self&on=3&etag=x&fault=fin@50&on=4",
    );
    let [busy, found] = &scenario.answers[..] else {
        panic!("{:?}", scenario.answers);
    };
    assert_eq!(busy.on.to_string(), "requests 1 to 2");
    let response = &busy.response;
    assert_eq!(
        (response.status, response.page.as_deref()),
        (503, Some("busy"))
    );
    assert_eq!(response.headers, [("X-A".to_owned(), "1".to_owned())]);
    assert_eq!(response.retry_after, Some(Duration::from_secs(2)));
    assert_eq!(found.response.redirect.as_deref(), Some("self"));
    // An answer that tells of no object has none.
    assert_eq!(found.response.page.as_deref(), Some(""));
    assert_eq!(scenario.response, Response::default());
    assert_eq!(scenario.faults[0].on.to_string(), "request 4");
    assert!(wrong("size=9&answer=99").contains("answer=99: 99 is not the status"));
    assert!(wrong("size=9&answer=5xx").contains("answer=5xx: "));
    assert!(wrong("size=9&answer=503&page=a&page=b").contains("given twice for one answer"));
    assert!(wrong("size=9&answer=503&answer=404&on=2").contains("no request gets this"));
    assert!(wrong("size=9&answer=200&redirect=/x").contains("redirects nobody"));
}

#[test]
fn a_version_has_its_requests_and_its_validators_behind_it() {
    let scenario = read("size=100&version=120&on=2..4&etag=v2&version=same&on=every-5");
    let [longer, other] = &scenario.versions[..] else {
        panic!("{:?}", scenario.versions);
    };
    assert_eq!(
        (longer.size, longer.etag.as_deref()),
        (Some(ByteSize(120)), Some("v2"))
    );
    assert_eq!((other.size, &other.etag), (None, &None));
    assert_eq!(scenario.response.etag, None);
    assert!(wrong("size=9&last_modified=x").contains("belongs to the version before it"));
    assert!(wrong("size=9&version=12x&on=2").contains("version=12x: "));
    assert!(wrong("size=9&version=9&version=10&on=2").contains("no request finds this"));
}

#[test]
fn the_versions_and_codings_of_a_body_in_a_url_are_counted_together() {
    let says = wrong("size=56MiB&encoding=gzip&version=201MiB&on=2");
    assert!(
        says.contains("a coded body of 201MiB is too large here"),
        "{says}"
    );
    read("size=56MiB&encoding=gzip&version=200MiB&on=2");
    wrong("size=129MiB&encoding=gzip,deflate");
    read("size=128MiB&encoding=gzip,deflate");
}

#[test]
fn a_page_of_a_store_stands_for_a_status_and_a_path_is_one_of_the_servers() {
    let scenario = read(
        "size=100&answer=s3-slow-down&on=1..2&answer=404&page_of=azure-expired\
         &on=path:/download/b/*&fault=fin@9&on=path:/download/a",
    );
    let [busy, expired] = &scenario.answers[..] else {
        panic!("{:?}", scenario.answers);
    };
    assert_eq!((busy.response.status, expired.response.status), (503, 404));
    assert!(busy.response.page.as_ref().unwrap().contains("SlowDown"));
    assert_eq!(expired.on.to_string(), "at /download/b/*");
    assert_eq!(scenario.faults[0].on.to_string(), "at /download/a");
    assert_eq!(read("page_of=s3-expired").response.status, 403);
    assert!(wrong("size=9&fault=fin@3&on=path:/a").contains("this can never match"));
    assert!(wrong("size=9&fault=fin@3&on=path:a").contains("begins with /"));
    assert!(wrong("size=9&answer=s3-slowdown&on=1").contains("answer=s3-slowdown: "));
    // Of a file called so there is no other rule, and it has another place.
    for path in ["/s/download", "/s/download/x", "/", "/downloads"] {
        let says = wrong(&format!("size=9&fault=fin@3&on=path:{path}"));
        assert!(says.contains("is not at"), "{says}");
        assert!(says.contains("at /download and what is below"), "{says}");
    }
    for path in ["/download", "/download/a", "/down*", "/*"] {
        read(&format!("size=9&fault=fin@3&on=path:{path}"));
    }
    let file = "title = 't'\ncause = 'c'\nbody.size = 9\n\
                answer = [{ on.path = '/download/x', status = 404 }]\n";
    let says = parse("download", "it.toml", file).unwrap_err().to_string();
    assert!(
        says.contains("it is at /s/download and what is below"),
        "{says}"
    );
}
