//! Answers, versions of the object, and ranges that go wrong.

use std::time::Duration;

use bytes::Bytes;

use super::{
    tests::{object, request, split},
    *,
};
use crate::{
    body::Pattern,
    scenario::{Answer, Attempt, Digest, Partial, Validators, Version},
    units::ByteSize,
};

/// The first line of the response to request `n`, its fields by name, and its body.
fn nth(origin: &Origin, n: u32, head: &str) -> (String, Vec<(String, String)>, Bytes) {
    let request = request(head);
    let facts = RequestFacts {
        request: n,
        attempt: match request.range {
            Some(_) => Attempt::Resumption,
            None => Attempt::First,
        },
        ..RequestFacts::FIRST
    };
    let (head, body) = split(&origin.choose(&request, &facts, Date::START).response);
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let fields = lines.filter_map(|line| line.split_once(": "));
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    (first, fields.collect(), body.into())
}

fn on(request: &str) -> Selector {
    Selector {
        request: Some(request.parse().unwrap()),
        ..Selector::default()
    }
}

fn answer(request: &str, set: impl FnOnce(&mut Settings)) -> Answer {
    let mut response = Settings::default();
    set(&mut response);
    Answer {
        on: on(request),
        response,
    }
}

const GET: &str = "GET /a/b?c HTTP/1.1\r\n\r\n";
const RANGE: &str = "GET / HTTP/1.1\r\nRange: bytes=400-\r\n\r\n";

#[test]
fn the_first_answer_that_is_for_a_request_is_given_and_else_the_object() {
    let origin = object(1000, |s| {
        s.response.etag = Some("v".into());
        s.answers = vec![
            answer("1", |r| {
                (r.status, r.page) = (503, Some("busy".into()));
                r.page_type = Some("text/plain".into());
                r.page_size = Some(ByteSize(10));
                r.retry_after = Some(Duration::from_secs(120));
            }),
            answer("..2", |r| {
                (r.status, r.page) = (302, Some(String::new()));
                r.redirect = Some("self".into());
                r.retry_after_date = Some(Duration::from_millis(1500));
            }),
        ];
    });
    let field = |fields: &[(String, String)], name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let (line, fields, body) = nth(&origin, 1, GET);
    assert_eq!(line, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(
        field(&fields, "Content-Type").as_deref(),
        Some("text/plain")
    );
    assert_eq!(field(&fields, "Retry-After").as_deref(), Some("120"));
    assert_eq!(body, "busybusybu");
    let (line, fields, body) = nth(&origin, 2, GET);
    assert_eq!(line, "HTTP/1.1 302 Found");
    assert_eq!(field(&fields, "Location").as_deref(), Some("/a/b?c"));
    assert_eq!(field(&fields, "Content-Length").as_deref(), Some("0"));
    // Rounded up: a date that is too early would bring the client too early.
    let date = "Fri, 01 Jan 2027 00:00:02 GMT";
    assert_eq!(field(&fields, "Retry-After").as_deref(), Some(date));
    assert!(body.is_empty());
    let (line, fields, body) = nth(&origin, 3, GET);
    assert_eq!(line, "HTTP/1.1 200 OK");
    assert_eq!(field(&fields, "Retry-After"), None);
    assert_eq!(body, Pattern::PLAIN.slice(0, 1000));
}

#[test]
fn a_lie_about_the_length_is_the_objects_and_not_of_an_answer() {
    let origin = object(1000, |s| {
        s.body.declared_size = Some(ByteSize(2000));
        s.answers = vec![answer("1", |r| {
            (r.status, r.page) = (503, Some("busy".into()))
        })];
    });
    let length = |n| {
        let (_, fields, _) = nth(&origin, n, GET);
        fields
            .into_iter()
            .find(|(name, _)| name == "Content-Length")
            .unwrap()
            .1
    };
    assert_eq!([length(1), length(2)], ["4", "2000"]);
}

#[test]
fn each_version_has_bytes_and_validators_of_its_own() {
    let origin = object(1000, |s| {
        s.versions = vec![
            Version {
                on: on("2"),
                size: Some(ByteSize(1200)),
                ..Version::default()
            },
            Version {
                on: on("3"),
                etag: Some("1000".into()),
                ..Version::default()
            },
        ];
    });
    let read = |n| {
        let (_, fields, body) = nth(&origin, n, RANGE);
        let value = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name);
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        (
            value("ETag"),
            value("Last-Modified"),
            value("Content-Range"),
            body,
        )
    };
    let day = |day| format!("{day} Jan 2026 00:00:00 GMT");
    let version = |n| Pattern::PLAIN.of_version(n);
    for (n, is) in [
        (
            1,
            (
                "\"1000\"",
                "Thu, 01",
                "bytes 400-999/1000",
                version(1).slice(400, 600),
            ),
        ),
        (
            2,
            (
                "\"1200-v2\"",
                "Fri, 02",
                "bytes 400-1199/1200",
                version(2).slice(400, 800),
            ),
        ),
        // The same validator although the bytes differ.
        (
            3,
            (
                "\"1000\"",
                "Sat, 03",
                "bytes 400-999/1000",
                version(3).slice(400, 600),
            ),
        ),
    ] {
        let (etag, date, range, body) = is;
        assert_eq!(read(n), (etag.into(), day(date), range.into(), body), "{n}");
    }
}

#[test]
fn if_range_holds_for_the_version_that_the_request_finds() {
    let origin = object(1000, |s| {
        s.versions = vec![Version {
            on: on("2.."),
            ..Version::default()
        }];
    });
    let resumed = |n, etag: &str| {
        let head = format!("GET / HTTP/1.1\r\nRange: bytes=400-\r\nIf-Range: {etag}\r\n\r\n");
        nth(&origin, n, &head).0
    };
    assert_eq!(resumed(1, "\"1000\""), "HTTP/1.1 206 Partial Content");
    assert_eq!(resumed(2, "\"1000\""), "HTTP/1.1 200 OK");
    assert_eq!(resumed(2, "\"1000-v2\""), "HTTP/1.1 206 Partial Content");
    let careless = object(1000, |s| {
        s.response.range = Partial::AnyIfRange;
        s.versions = vec![Version {
            on: on("2.."),
            ..Version::default()
        }];
    });
    let head = "GET / HTTP/1.1\r\nRange: bytes=400-\r\nIf-Range: \"1000\"\r\n\r\n";
    let (line, _, body) = nth(&careless, 2, head);
    assert_eq!(line, "HTTP/1.1 206 Partial Content");
    assert_eq!(body, Pattern::PLAIN.of_version(2).slice(400, 600));
}

#[test]
fn a_response_has_the_validators_that_are_asked_for() {
    for (validators, etag, date) in [
        (Validators::Both, true, true),
        (Validators::Etag, true, false),
        (Validators::LastModified, false, true),
        (Validators::None, false, false),
    ] {
        let origin = object(10, |s| s.response.validators = validators);
        let head = nth(&origin, 1, GET).1;
        let has = |name: &str| head.iter().any(|(known, _)| known == name);
        assert_eq!(
            (has("ETag"), has("Last-Modified")),
            (etag, date),
            "{validators}"
        );
    }
}

#[test]
fn a_range_that_goes_wrong_is_whole_in_its_framing() {
    for how in Partial::ALL {
        for framing in Framing::ALL {
            let origin = object(1000, |s| {
                (s.response.range, s.body.framing) = (*how, *framing);
            });
            let (line, fields, body) = nth(&origin, 1, RANGE);
            let what = format!("{how} {framing}: {line} {fields:?}");
            let length = fields.iter().find(|(name, _)| name == "Content-Length");
            if let Some((_, length)) = length {
                assert_eq!(length.parse(), Ok(body.len()), "{what}");
            }
            let ranged = fields.iter().any(|(name, _)| name == "Content-Range");
            let status: u16 = line[9..12].parse().unwrap();
            let (is, says) = match how {
                Partial::Ignore => (200, false),
                Partial::As200 => (200, true),
                Partial::Unsatisfiable => (416, true),
                Partial::NoContentRange | Partial::Multipart => (206, false),
                _ => (206, true),
            };
            assert_eq!((status, ranged), (is, says), "{what}");
            if *how == Partial::Multipart {
                let text = String::from_utf8_lossy(&body);
                assert!(text.starts_with("--shortread-boundary\r\n"), "{what}");
                assert!(
                    text.contains("Content-Range: bytes 400-999/1000\r\n\r\n"),
                    "{what}"
                );
                assert!(text.ends_with("\r\n--shortread-boundary--\r\n"), "{what}");
                let object = Pattern::PLAIN.slice(400, 600);
                assert!(body.windows(600).any(|part| part == object), "{what}");
            }
        }
    }
}

#[test]
fn the_scenario_of_one_etag_for_two_objects_keeps_it_where_sizes_are_scaled() {
    let file = crate::scenario::load("cut-then-same-etag").unwrap();
    for scenario in [file.scaled().unwrap(), file] {
        let origin = Origin::new(&scenario).unwrap();
        let etag = |head: &str| {
            let fields = nth(&origin, 1, head).1;
            let found = fields.into_iter().find(|(name, _)| name == "ETag");
            found.unwrap().1
        };
        let first = etag(GET);
        let resumed = format!("GET / HTTP/1.1\r\nRange: bytes=400-\r\nIf-Range: {first}\r\n\r\n");
        assert_eq!(etag(&resumed), first);
        assert_eq!(nth(&origin, 1, &resumed).0, "HTTP/1.1 206 Partial Content");
    }
}

#[test]
fn paths_of_one_server_have_their_own_answers() {
    let origin = object(1000, |s| {
        let mut index = answer("1..", |r| r.page = Some("index".into()));
        index.on.path = Some("/simple/*".parse().unwrap());
        s.answers = vec![index];
    });
    let at = |path| {
        let request = request("GET / HTTP/1.1\r\n\r\n");
        let facts = RequestFacts {
            path,
            ..RequestFacts::FIRST
        };
        split(&origin.choose(&request, &facts, Date::START).response).1
    };
    assert_eq!(at("/simple/demo/"), b"index");
    assert_eq!(at("/packages/demo.whl"), Pattern::PLAIN.slice(0, 1000));
}

#[test]
fn who_has_the_object_gets_304_and_who_needs_another_412() {
    let origin = object(1000, |s| {
        s.answers = vec![answer("2", |r| {
            r.page = Some("page".into());
            r.headers = vec![("ETag".into(), "\"p\"".into())];
        })];
        s.answers.push(answer("3", |r| {
            (r.status, r.page) = (503, Some("busy".into()))
        }));
    });
    let line = |n, method: &str, field: &str| {
        let head = format!("{method} / HTTP/1.1\r\nRange: bytes=4-\r\n{field}\r\n\r\n");
        let (line, fields, body) = nth(&origin, n, &head);
        let length = fields.iter().find(|(name, _)| name == "Content-Length");
        let length = length.map_or(String::new(), |(_, value)| value.clone());
        (line, length, body.len())
    };
    let not_modified = ("HTTP/1.1 304 Not Modified".to_owned(), String::new(), 0);
    let failed = (
        "HTTP/1.1 412 Precondition Failed".to_owned(),
        "0".to_owned(),
        0,
    );
    for method in ["GET", "HEAD"] {
        let same = line(1, method, "If-None-Match: \"1000\"");
        assert_eq!(same, not_modified, "{method}");
        let other = line(1, method, "If-Match: \"999\"");
        assert_eq!(other, failed, "{method}");
    }
    // The condition comes before the range, which then applies.
    let part = (
        "HTTP/1.1 206 Partial Content".to_owned(),
        "996".to_owned(),
        996,
    );
    assert_eq!(line(1, "GET", "If-Match: \"1000\""), part);
    assert_eq!(line(1, "GET", "If-None-Match: \"999\""), part);
    let old = "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT";
    assert_eq!(line(1, "GET", old), not_modified);
    // A page has its own tag, or none, and a failure has no conditions.
    assert_eq!(line(2, "GET", "If-None-Match: \"p\""), not_modified);
    assert!(line(2, "GET", "If-None-Match: \"1000\"").0.contains("200"));
    assert!(line(3, "GET", "If-None-Match: *").0.contains("503"));
    assert!(line(1, "POST", "If-None-Match: *").0.contains("200"));
}

#[test]
fn the_digest_is_that_of_the_version_in_whole_and_partial_responses() {
    let origin = object(1000, |s| {
        s.response.digest = Digest::Sha256;
        s.answers = vec![answer("4", |r| r.digest = Digest::Wrong)];
        s.versions = vec![Version {
            on: on("3"),
            ..Version::default()
        }];
    });
    let digest = |n, head| {
        let (_, fields, _) = nth(&origin, n, head);
        let mut fields = fields.into_iter();
        fields.find_map(|(name, value)| (name == "Repr-Digest").then_some(value))
    };
    let first = digest(1, GET).unwrap();
    assert!(first.starts_with("sha-256=:"), "{first}");
    assert_eq!(digest(2, RANGE).as_ref(), Some(&first));
    assert_eq!(digest(1, "HEAD / HTTP/1.1\r\n\r\n").as_ref(), Some(&first));
    let other = digest(3, GET);
    assert!(other.is_some() && other.as_ref() != Some(&first));
    let wrong = digest(4, GET);
    assert!(wrong.is_some() && wrong.as_ref() != Some(&first));
    let without = object(1000, |_| {});
    assert!(
        !nth(&without, 1, GET)
            .1
            .iter()
            .any(|(name, _)| name == "Repr-Digest")
    );
}
