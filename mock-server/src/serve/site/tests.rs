use super::*;
use crate::{
    fault::OffsetMap as _,
    scenario::{Coding, Fault, Link, Scenario},
    units::{ByteSize, Rate},
};

mod known;

fn site(names: &[&str]) -> Rc<Site> {
    let scenarios = names.iter().map(|name| {
        let mut scenario = Scenario {
            name: (*name).into(),
            title: "a <b>bold</b> & \"quoted\" title".into(),
            ..Scenario::default()
        };
        scenario.body.size = ByteSize(1000);
        scenario.body.declared_size = Some(ByteSize(2000));
        scenario.response.etag = Some("v7".into());
        let at = crate::scenario::Trigger::Body(ByteSize(10));
        scenario.faults = vec![Fault::new(at, crate::scenario::Action::Fin)];
        Named::new(scenario, 1).unwrap()
    });
    Rc::new(Site::new(
        scenarios.collect(),
        ([127, 0, 0, 1], 80).into(),
        1,
    ))
}

fn request(target: &str, fields: &str) -> Request {
    let head = format!("GET {target} HTTP/1.1\r\n{fields}\r\n");
    Request::parse(head.as_bytes()).unwrap().unwrap().0
}

fn get(site: &Rc<Site>, target: &str) -> Routed {
    site.route(&request(target, ""))
}

fn played(site: &Rc<Site>, target: &str) -> Rc<Played> {
    match get(site, target) {
        Routed::Play(played) => played,
        Routed::Say(said) => panic!("{target}: {}", bytes(*said)),
        Routed::Later(_) => panic!("{target} has to be waited for"),
    }
}

/// The answer to a request, waiting for it if needed.
async fn whole(site: &Rc<Site>, target: &str) -> Routed {
    let mut routed = get(site, target);
    while let Routed::Later(later) = routed {
        routed = later.await;
    }
    routed
}

fn said(site: &Rc<Site>, target: &str, fields: &str) -> (u16, String) {
    match site.route(&request(target, fields)) {
        Routed::Say(said) => (said.status, bytes(*said)),
        Routed::Play(_) | Routed::Later(_) => panic!("{target} is played"),
    }
}

fn bytes(mut response: crate::http1::origin::Response) -> String {
    let mut all = Vec::new();
    while let bytes @ [_, ..] = &response.script.next(1 << 20)[..] {
        all.extend_from_slice(bytes);
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn a_coded_body_of_a_name_is_made_when_it_is_first_asked_for() {
    let site = site(&["plain"]);
    let mut coded = Scenario {
        name: "coded".into(),
        ..Scenario::default()
    };
    coded.body.size = ByteSize(1000);
    coded.body.encoding = vec![Coding::Gzip];
    site.put(Named::new(coded, 1).unwrap());
    let named = site.scenario("coded").unwrap();
    assert!(matches!(get(&site, "/s/plain"), Routed::Play(_)));
    assert!(named.at_once().unwrap().is_none());
    assert_eq!(named.counts(), (0, 0));
    // Two that ask at once get the same.
    let [first, second] = [get(&site, "/s/coded"), get(&site, "/s/coded?key=a")];
    let (Routed::Later(first), Routed::Later(second)) = (first, second) else {
        panic!("a coded body takes time");
    };
    let (first, second) = tokio::join!(first, second);
    let (Routed::Play(first), Routed::Play(second)) = (first, second) else {
        panic!("a coded body can be made");
    };
    assert!(Rc::ptr_eq(&first.origin, &second.origin));
    assert!(!Rc::ptr_eq(&first, &second));
    assert!(matches!(get(&site, "/s/coded"), Routed::Play(_)));
}

#[test]
fn a_name_whose_response_cannot_be_sent_is_refused_at_the_start() {
    let mut scenario = Scenario::default();
    scenario.body.encoding = vec![Coding::Gzip];
    scenario.body.size = ByteSize(u64::MAX >> 1);
    let error = Named::new(scenario, 1).unwrap_err().to_string();
    assert!(error.contains("longer than 2^63 bytes"), "{error}");
}

#[test]
fn parts_behind_a_path_name_the_file_and_change_nothing() {
    let scenario = |name, whole| Some(SitePath::Scenario { name, whole });
    for (path, place) in [
        ("/", Some(SitePath::List)),
        ("/download", Some(SitePath::Download)),
        ("/download/model.bin", Some(SitePath::Download)),
        ("/download/a/b/c.whl", Some(SitePath::Download)),
        ("/expected/model.bin", Some(SitePath::Expected)),
        ("/expected/s", Some(SitePath::Expected)),
        ("/s/one", scenario("one", false)),
        ("/s/one/", scenario("one", false)),
        ("/s/one/files/one.tar.gz", scenario("one", false)),
        ("/expected/s/one/one.zip", scenario("one", true)),
        ("/s", None),
        ("/downloads", None),
        ("//", None),
        ("s/one", None),
    ] {
        assert_eq!(SitePath::of(path), place, "{path}");
    }
    let site = site(&["one"]);
    for (target, number) in [
        ("/s/one/a.zip?key=a", 1),
        ("/s/one/b.zip?key=a", 2),
        ("/s/one?key=a", 3),
        ("/download/a.zip?size=1", 1),
        ("/download?size=1", 2),
        ("/download/b.zip?size=1", 3),
    ] {
        assert_eq!(played(&site, target).next_request(), number, "{target}");
    }
}

#[test]
fn each_key_counts_for_itself_and_no_key_for_all() {
    let site = site(&["one", "two"]);
    for (target, number) in [
        ("/s/one", 1),
        ("/s/one", 2),
        ("/s/one?key=a", 1),
        ("/s/two?key=a", 1),
        ("/s/one?key=b", 1),
        ("/s/one?key=a", 2),
        ("/s/one?key=%61", 3),
        ("/s/one", 3),
        ("/download?size=1", 1),
        ("/download?size=1&key=a", 1),
        ("/download?key=a&size=1", 2),
        ("/download?size=2&key=a", 1),
        ("/download?size=1", 2),
        ("http://localhost:80/s/one", 4),
    ] {
        assert_eq!(played(&site, target).next_request(), number, "{target}");
    }
}

#[test]
fn the_key_of_a_request_is_known_whatever_becomes_of_it() {
    let site = site(&["one"]);
    for (target, key) in [
        ("/s/one?key=a", Some("a")),
        ("/download?key=a+b&size=wrong", Some("a b")),
        ("/nothing?key=c", Some("c")),
        ("/s/one", None),
        ("/s/one?key=", None),
        ("/s/one?key=%zz", None),
    ] {
        assert_eq!(site.key(&request(target, "")).as_deref(), key, "{target}");
    }
}

#[test]
fn the_expected_object_is_whole_and_has_the_same_validators() {
    let site = site(&["one"]);
    let broken = played(&site, "/s/one");
    let whole = played(&site, "/expected/s/one");
    assert!(!broken.scenario.faults.is_empty() && whole.scenario.faults.is_empty());
    let asked = request("/", "");
    let response = whole.origin.respond(&asked);
    assert_eq!(response.script.body_len(), 1000);
    let head = |played: &Played| {
        let mut head = bytes_of_head(&played.origin.respond(&asked));
        head.retain(|line| !line.starts_with("Content-Length"));
        head
    };
    assert_eq!(head(&whole), head(&broken));
    assert!(head(&whole).contains(&"ETag: \"v7\"".to_owned()));

    let made = "size=3000&etag=x&framing=close&rate=1B/s&declared_size";
    let (status, text) = said(&site, &format!("/expected?{made}"), "");
    assert_eq!(status, 400, "{text}");
    let whole = played(
        &site,
        "/expected?size=3000&etag=x&framing=close&rate=1B/s&fault=fin@7",
    );
    assert_eq!(whole.origin.respond(&asked).script.body_len(), 3000);
    let unpaced = Link {
        rate: Rate::FASTEST,
        ..Link::default()
    };
    assert_eq!(whole.scenario.link, unpaced);
}

fn bytes_of_head(response: &crate::http1::origin::Response) -> Vec<String> {
    let mut script = response.script.clone();
    let mut head = Vec::new();
    while (head.len() as u64) < script.head_len() {
        let left = script.head_len() as usize - head.len();
        head.extend_from_slice(&script.next(left));
    }
    let head = String::from_utf8(head).unwrap();
    head.lines().map(str::to_owned).collect()
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let site = site(&["reset-mid-body"]);
    for (target, status, says) in [
        ("/s/reset-midbody", 404, "did you mean /s/reset-mid-body ?"),
        (
            "/s/reset-midbody/x.zip",
            404,
            "did you mean /s/reset-mid-body ?",
        ),
        ("/reset-mid-body", 404, "did you mean /s/reset-mid-body ?"),
        ("/donwload?size=1", 404, "did you mean /download ?"),
        (
            "/zzz",
            404,
            "nothing is served at /zzz; GET / lists all paths",
        ),
        ("/%zz", 400, "%25"),
        ("*", 404, "nothing is served"),
        ("/download", 400, "`size` is missing"),
        (
            "/download?size=1&fault=rest@1",
            400,
            "did you mean `reset`?",
        ),
        ("/s/reset-mid-body?size=1", 400, "only takes `key`"),
        ("/s/reset-mid-body?key=a&key=b", 400, "`key` is given twice"),
        ("/s/reset-mid-body?key=%0a", 400, "not a valid key"),
    ] {
        let (got, text) = said(&site, target, "");
        assert!(
            got == status && text.contains(says),
            "{target}: {got} {text}"
        );
    }
}

#[test]
fn the_list_is_text_unless_a_browser_asks() {
    let site = site(&["one"]);
    for (fields, html) in [
        ("", false),
        ("Accept: */*\r\n", false),
        (
            "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n",
            true,
        ),
        ("Accept: text/html;q=0, */*\r\n", false),
    ] {
        let (status, text) = said(&site, "/", fields);
        assert_eq!(status, 200);
        assert_eq!(text.contains("<!doctype html>"), html, "{fields}");
        assert!(text.contains("http://127.0.0.1:80/s/one") == html, "{text}");
    }
}

#[test]
fn what_a_file_or_a_client_says_cannot_become_markup() {
    let site = site(&["one"]);
    let fields = "Accept: text/html\r\nHost: <script>\r\n";
    let (_, text) = said(&site, "/", fields);
    assert!(
        !text.contains("<b>bold") && !text.contains("<script"),
        "{text}"
    );
    assert!(
        text.contains("a &#60;b&#62;bold&#60;/b&#62; &#38; &#34;quoted&#34; title"),
        "{text}"
    );
    let (_, text) = said(&site, "/", "Accept: text/html\r\nHost: example:81\r\n");
    assert!(text.contains("http://example:81/s/one"), "{text}");
}

#[test]
fn every_example_can_be_asked_for() {
    let site = site(&[]);
    for (query, _) in index::EXAMPLES {
        played(&site, &format!("/download?{query}"));
        played(&site, &format!("/expected?{query}"));
    }
}

#[tokio::test]
async fn bodies_are_encoded_up_to_a_limit_and_again_when_others_ended() {
    let mut site = Rc::into_inner(site(&[])).unwrap();
    site.room = HeldLimit::of(10 << 20);
    let site = Rc::new(site);
    let target = |number: u64| format!("/expected?encoding=gzip&size={}B", (3 << 20) + number);
    let mut sent = Vec::new();
    for number in 0..3 {
        match whole(&site, &target(number)).await {
            Routed::Play(played) => sent.push(played),
            _ => panic!("{number}"),
        }
    }
    let Routed::Say(refused) = whole(&site, &target(3)).await else {
        panic!("there is no room for a fourth");
    };
    assert_eq!(refused.status, 507);
    let says = bytes(*refused);
    assert!(
        says.contains("of the 10 MiB") || says.contains("10.49 MB"),
        "{says}"
    );
    sent.clear();
    assert!(matches!(whole(&site, &target(3)).await, Routed::Play(_)));
    assert!(site.figures().held_bytes <= 10 << 20);
}

#[tokio::test]
async fn large_pages_are_filled_off_the_thread_that_serves() {
    let site = site(&[]);
    for (size, waits) in [("1KiB", false), ("1MiB", true)] {
        let target = format!("/download?size=1&answer=503&page=x&page_size={size}");
        let routed = get(&site, &target);
        assert_eq!(matches!(routed, Routed::Later(_)), waits, "{size}");
        assert!(matches!(whole(&site, &target).await, Routed::Play(_)));
    }
}

#[tokio::test]
async fn a_body_that_takes_long_is_encoded_once_for_all_who_ask_for_it_at_once() {
    let site = site(&[]);
    let target = "/download?encoding=gzip&size=3MiB&key=a";
    let (one, two) = tokio::join!(whole(&site, target), whole(&site, target));
    let (Routed::Play(one), Routed::Play(two)) = (one, two) else {
        panic!("both are played");
    };
    assert!(Rc::ptr_eq(&one, &two));
    assert!(Rc::ptr_eq(&one, &played(&site, target)), "and kept");
}

#[test]
fn what_is_repeated_in_an_answer_cannot_act_on_a_terminal() {
    let site = site(&["one"]);
    let (_, text) = said(&site, "/%1b%5b2J", "");
    assert!(text.contains("nothing is served at /\\u{1b}[2J;"), "{text}");
    for target in [
        "/%1b%5b2J",
        "/s/%1b%5b2J",
        "/s/one?%1b=1",
        "/s/one?a\u{202e}b=1",
        "/download?size=%1b%5b2J",
        "/download?%e2%80%ae=1",
        "/download?fault=%1b%5b2J@1",
    ] {
        let (status, text) = said(&site, target, "");
        assert!([400, 404].contains(&status), "{target}: {status}");
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let raw = body.contains(|c: char| c != '\n' && crate::text::unprintable(c));
        assert!(!raw, "{body:?}");
    }
}

#[test]
fn what_is_expected_comes_without_any_pace() {
    let site = site(&["one"]);
    for target in ["/expected/s/one", "/expected?size=1MB&rate=1B/s"] {
        let link = &played(&site, target).scenario.link;
        assert_eq!(link.rate, Rate::FASTEST, "{target}");
        assert!(link.latency.is_zero());
    }
}

#[cfg(shortread_linux)]
#[test]
fn a_setting_that_the_kernel_refuses_is_a_bad_request_that_says_what_it_offers() {
    let site = site(&["one"]);
    let (status, text) = said(&site, "/download?size=1&congestion=cubik", "");
    assert_eq!(status, 400);
    assert!(text.contains("`sockets.congestion`"), "{text}");
    assert!(text.contains("reno"), "{text}");
    let mut scenario = Scenario::default();
    scenario.sockets.congestion = Some("cubik".into());
    assert!(Named::new(scenario, 1).is_err());
}

#[test]
fn who_asks_for_the_list_shares_one_page_until_it_changes() {
    let site = site(&["one"]);
    let body = || {
        let Routed::Say(mut page) = get(&site, "/") else {
            panic!("the list is no scenario");
        };
        let head = page.script.head_len();
        while page.script.sent() < head {
            page.script.next(usize::try_from(head).unwrap());
        }
        page.script.next(1 << 20)
    };
    let (first, second) = (body(), body());
    assert!(!first.is_empty());
    assert_eq!(first.as_ptr(), second.as_ptr(), "the same bytes of memory");
    for name in ["a", "b", "c", "d", "e", "f"] {
        let host = format!("Host: {name}\r\n");
        let (_, text) = said(&site, "/", &host);
        assert!(text.contains(&format!("http://{name}/download")), "{text}");
    }
    assert!(site.remove("one"));
    assert_ne!(body(), first);
}

#[test]
fn an_alias_is_any_path_and_takes_what_a_client_signs_it_with() {
    let site = site(&["one"]);
    let mut scenario = Scenario {
        name: "s3".into(),
        alias: vec!["/bucket/a key".into()],
        ..Scenario::default()
    };
    scenario.body.size = crate::units::ByteSize(77);
    site.put(Named::new(scenario, 1).unwrap());
    let signed = "/bucket/a%20key?X-Amz-Signature=abc&key=t1&versionId=%zz";
    for target in ["/bucket/a%20key", signed] {
        let found = played(&site, target);
        assert_eq!(found.scenario.name, "s3", "{target}");
    }
    assert_eq!(site.key(&request(signed, "")).as_deref(), Some("t1"));
    // A key counts for itself there too.
    assert_eq!(played(&site, signed).next_request(), 1);
    assert_eq!(played(&site, "/bucket/a%20key").next_request(), 1);
    assert_eq!(said(&site, "/bucket/a%20key/more", "").0, 404);
    site.remove("s3");
    assert_eq!(said(&site, "/bucket/a%20key", "").0, 404);
}

#[test]
fn an_alias_below_download_comes_before_what_a_query_describes() {
    let site = site(&[]);
    let mut scenario = Scenario {
        name: "gcs".into(),
        alias: vec!["/download/storage/v1/b/bucket/o/key".into()],
        ..Scenario::default()
    };
    scenario.body.size = ByteSize(77);
    site.put(Named::new(scenario, 1).unwrap());
    let found = played(&site, "/download/storage/v1/b/bucket/o/key?alt=media");
    assert_eq!(found.scenario.name, "gcs");
    let found = played(&site, "/download/storage/v1/b/bucket/o/other?size=9");
    assert_eq!(found.scenario.name, "download");
}

#[test]
fn a_case_of_a_suite_is_at_its_path_and_its_first_object_behind_expected() {
    let site = site(&["one"]);
    let list = |fields| said(&site, "/", fields).1;
    assert!(!list("").contains("Cases for clients"), "{}", list(""));
    let case = crate::scenario::load("etag-changed").unwrap();
    site.put(Named::new(case, 1).unwrap());

    let case = played(&site, "/resume/etag-changed?key=t1");
    assert_eq!(case.scenario.versions.len(), 1);
    let first = played(&site, "/expected/resume/etag-changed");
    assert_eq!(first.scenario.versions.len(), 0);
    assert_eq!(first.scenario.body, case.scenario.body);
    assert_eq!(said(&site, "/expected/resume/other", "").0, 400);
    let (_, text) = said(&site, "/resume/etag-chnaged", "");
    assert!(
        text.contains("did you mean /resume/etag-changed ?"),
        "{text}"
    );

    // Both lists have it, and not among the scenarios.
    for fields in ["", "Accept: text/html\r\n"] {
        let text = list(fields);
        assert!(text.contains("/resume/etag-changed"), "{text}");
        assert!(!text.contains("/s/etag-changed"), "{text}");
    }
}
