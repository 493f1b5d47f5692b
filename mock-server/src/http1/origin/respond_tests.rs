//! Whole responses, byte by byte where they are small.

use bytes::Bytes;
use std::collections::BTreeSet;

use super::super::text_response;
use super::{super::rope, *};
use crate::fault::OffsetMap as _;
use crate::{
    body::Pattern,
    scenario::{Raw, RawAt},
    units::ByteSize,
};

pub(super) fn request(text: &str) -> Request {
    Request::parse(text.as_bytes()).unwrap().unwrap().0
}

pub(super) fn get() -> Request {
    request("GET / HTTP/1.1\r\n\r\n")
}

/// A page of ten known bytes is easier to read than the pattern.
fn letters(change: impl FnOnce(&mut Scenario)) -> Origin {
    let mut scenario = Scenario::default();
    scenario.response.page = Some("abcdefghij".into());
    change(&mut scenario);
    Origin::new(&scenario).unwrap()
}

pub(super) fn object(size: u64, change: impl FnOnce(&mut Scenario)) -> Origin {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(size);
    change(&mut scenario);
    Origin::new(&scenario).unwrap()
}

pub(super) fn bytes(response: &Response) -> Vec<u8> {
    let mut script = response.script.clone();
    let mut out = Vec::new();
    loop {
        let piece = script.next(1000);
        if piece.is_empty() {
            return out;
        }
        out.extend_from_slice(&piece);
    }
}

fn text(response: &Response) -> String {
    String::from_utf8(bytes(response)).unwrap()
}

/// Head and body of a response, split where the script says.
pub(super) fn split(response: &Response) -> (String, Vec<u8>) {
    let mut head = bytes(response);
    let body = head.split_off(response.script.head_len() as usize);
    (String::from_utf8(head).unwrap(), body)
}

/// Reads a response as a client would: httparse for the head, and its own chunked
/// decoder. Returns the status and the body; panics if the response is malformed.
pub(super) fn read(response: &[u8]) -> (u16, Vec<u8>) {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut fields);
    let at = head.parse(response).unwrap().unwrap();
    let field = |name: &str| {
        let field = head
            .headers
            .iter()
            .find(|f| f.name.eq_ignore_ascii_case(name))?;
        Some(std::str::from_utf8(field.value).unwrap())
    };
    let mut rest = &response[at..];
    let body = if field("transfer-encoding") == Some("chunked") {
        let mut body = Vec::new();
        loop {
            let line = rest.windows(2).position(|w| w == b"\r\n").unwrap();
            let size = std::str::from_utf8(&rest[..line]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            body.extend_from_slice(&rest[line + 2..line + 2 + size]);
            rest = &rest[line + 2 + size..];
            assert_eq!(rest[..2], *b"\r\n");
            rest = &rest[2..];
            if size == 0 {
                break;
            }
        }
        body
    } else if let Some(length) = field("content-length") {
        let length = length.parse().unwrap();
        let body = rest[..length].to_vec();
        rest = &rest[length..];
        body
    } else {
        assert_eq!(field("connection"), Some("close"));
        std::mem::take(&mut rest).to_vec()
    };
    assert!(rest.is_empty(), "nothing stands behind the body");
    (head.code.unwrap(), body)
}

#[test]
fn a_client_reads_the_object_back_in_every_framing() {
    for framing in Framing::ALL {
        for size in [0, 1, 999, 1000, 1001, 70_000, 2_500_000] {
            for version in ["1.0", "1.1"] {
                let origin = object(size, |s| {
                    s.body.framing = *framing;
                    s.body.chunk = ByteSize(1000);
                });
                let request = request(&format!("GET / HTTP/{version}\r\n\r\n"));
                let response = origin.respond(&request);
                let (status, body) = read(&bytes(&response));
                assert_eq!(status, 200);
                assert!(body == Pattern::PLAIN.slices(0..size).collect::<Vec<_>>().concat());
                assert_eq!(response.script.body_len(), size);
                assert_eq!(
                    response.close,
                    *framing == Framing::Close || version == "1.0"
                );
            }
        }
    }
}

#[test]
fn the_head_of_an_object_tells_its_length_and_its_validators() {
    let (head, body) = split(&object(3, |_| {}).respond(&get()));
    assert_eq!(
        head,
        "HTTP/1.1 200 OK\r\n\
         Content-Type: application/octet-stream\r\n\
         Content-Length: 3\r\n\
         Accept-Ranges: bytes\r\n\
         ETag: \"3\"\r\n\
         Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
    );
    assert_eq!(body, Pattern::PLAIN.slice(0, 3));
}

#[test]
fn a_chunked_body_has_chunks_of_one_size_and_a_shorter_last_one() {
    let origin = letters(|s| {
        s.body.framing = Framing::Chunked;
        s.body.chunk = ByteSize(4);
    });
    assert_eq!(
        text(&origin.respond(&get())),
        "HTTP/1.1 200 OK\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Transfer-Encoding: chunked\r\n\r\n\
         4\r\nabcd\r\n4\r\nefgh\r\n2\r\nij\r\n0\r\n\r\n"
    );
}

#[test]
fn a_body_without_length_ends_with_its_connection() {
    let close = letters(|s| s.body.framing = Framing::Close);
    let chunked = letters(|s| s.body.framing = Framing::Chunked);
    let old = request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    for response in [close.respond(&get()), chunked.respond(&old)] {
        assert!(response.close);
        assert_eq!(
            text(&response),
            "HTTP/1.1 200 OK\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Connection: close\r\n\r\n\
             abcdefghij"
        );
    }
}

#[test]
fn the_connection_is_named_where_the_client_would_not_assume_it() {
    let connection = |head: &str| {
        let response = letters(|_| {}).respond(&request(head));
        let head = split(&response).0;
        let line = head.lines().find(|line| line.starts_with("Connection"));
        (line.map(str::to_owned), response.close)
    };
    assert_eq!(connection("GET / HTTP/1.1\r\n\r\n"), (None, false));
    assert_eq!(
        connection("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
        (Some("Connection: close".into()), true)
    );
    assert_eq!(
        connection("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
        (Some("Connection: keep-alive".into()), false)
    );
    assert_eq!(
        connection("GET / HTTP/1.0\r\n\r\n"),
        (Some("Connection: close".into()), true)
    );
}

#[test]
fn head_gets_the_head_of_get_and_no_more() {
    for framing in Framing::ALL {
        let origin = object(5000, |s| {
            s.body.framing = *framing;
            s.response.raw = vec![
                Raw {
                    at: RawAt::Body(ByteSize(0)),
                    bytes: "x".into(),
                    replace: ByteSize(0),
                },
                Raw {
                    at: RawAt::End,
                    bytes: "x".into(),
                    replace: ByteSize(0),
                },
            ];
        });
        let head = origin.respond(&request("HEAD / HTTP/1.1\r\nRange: bytes=0-1\r\n\r\n"));
        assert_eq!(text(&head), split(&origin.respond(&get())).0);
        assert_eq!(head.script.body_len(), 0);
    }
}

#[test]
fn a_range_is_answered_with_that_part() {
    let origin = object(1000, |_| {});
    let response = origin.respond(&request("GET / HTTP/1.1\r\nRange: bytes=990-\r\n\r\n"));
    let (head, body) = split(&response);
    assert_eq!(response.status, 206);
    assert_eq!(
        head,
        "HTTP/1.1 206 Partial Content\r\n\
         Content-Type: application/octet-stream\r\n\
         Content-Length: 10\r\n\
         Content-Range: bytes 990-999/1000\r\n\
         Accept-Ranges: bytes\r\n\
         ETag: \"1000\"\r\n\
         Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
    );
    assert_eq!(body, Pattern::PLAIN.slice(990, 10));
}

#[test]
fn a_range_beyond_the_end_is_refused_with_the_length() {
    let origin = object(1000, |s| s.body.framing = Framing::Chunked);
    let response = origin.respond(&request("GET / HTTP/1.1\r\nRange: bytes=1000-\r\n\r\n"));
    assert_eq!(
        text(&response),
        "HTTP/1.1 416 Range Not Satisfiable\r\n\
         Content-Length: 0\r\n\
         Content-Range: bytes */1000\r\n\
         Accept-Ranges: bytes\r\n\
         ETag: \"1000\"\r\n\
         Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
    );
    assert!(!response.close);
}

#[test]
fn a_range_is_ignored_where_it_does_not_apply() {
    let status = |origin: &Origin, fields: &str| {
        let head = format!("GET / HTTP/1.1\r\nRange: bytes=1-2\r\n{fields}\r\n");
        origin.respond(&request(&head)).status
    };
    let plain = object(1000, |_| {});
    assert_eq!(status(&plain, ""), 206);
    assert_eq!(status(&plain, "If-Range: \"1000\"\r\n"), 206);
    assert_eq!(
        status(&plain, "If-Range: Thu, 01 Jan 2026 00:00:00 GMT\r\n"),
        206
    );
    assert_eq!(status(&plain, "If-Range: \"999\"\r\n"), 200);
    assert_eq!(status(&plain, "Range: bytes=4-5\r\n"), 200, "two ranges");
    let weak = object(1000, |s| s.response.etag = Some("W/\"v\"".into()));
    assert_eq!(status(&weak, "If-Range: W/\"v\"\r\n"), 200);
    let named = object(1000, |s| s.response.etag = Some("v1".into()));
    assert_eq!(status(&named, "If-Range: \"v1\"\r\n"), 206);
    assert_eq!(
        status(&object(1000, |s| s.response.ranges = false), ""),
        200
    );
    assert_eq!(status(&object(1000, |s| s.response.status = 503), ""), 503);
    assert_eq!(status(&letters(|_| {}), ""), 200, "a page has no ranges");
    let post = request("POST / HTTP/1.1\r\nRange: bytes=1-2\r\n\r\n");
    assert_eq!(plain.respond(&post).status, 200);
}

#[test]
fn a_declared_size_is_announced_and_the_truth_is_sent() {
    for (declared, closes) in [(20, true), (10, false), (5, false)] {
        let origin = letters(|s| s.body.declared_size = Some(ByteSize(declared)));
        let response = origin.respond(&get());
        assert_eq!(
            text(&response),
            format!(
                "HTTP/1.1 200 OK\r\n\
                 Content-Type: text/html; charset=utf-8\r\n\
                 Content-Length: {declared}\r\n\r\n\
                 abcdefghij"
            )
        );
        assert_eq!(response.close, closes, "{declared}");
    }
}

#[test]
fn a_scenarios_fields_are_in_force_not_only_in_the_text() {
    let origin = object(1000, |s| {
        s.response.headers = vec![
            ("Connection".into(), "close".into()),
            ("etag".into(), "\"other\"".into()),
        ];
    });
    let response = origin.respond(&get());
    assert!(response.close);
    let (head, _) = split(&response);
    assert!(
        head.contains("\r\netag: \"other\"\r\n") && !head.contains("\"1000\""),
        "{head}"
    );
    let ranged = "GET / HTTP/1.1\r\nRange: bytes=1-2\r\nIf-Range: \"other\"\r\n\r\n";
    assert_eq!(origin.respond(&request(ranged)).status, 206);
}

#[test]
fn an_interim_response_can_stand_before_the_head() {
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    let origin = letters(|s| {
        s.response.raw = vec![Raw {
            at: RawAt::Head(0),
            bytes: interim.into(),
            replace: ByteSize(0),
        }];
    });
    let (head, body) = split(&origin.respond(&get()));
    assert!(head.starts_with(interim) && head.ends_with("Content-Length: 10\r\n\r\n"));
    assert_eq!(body, b"abcdefghij");
}

#[test]
fn a_status_without_content_has_no_body_and_announces_none() {
    let origin = letters(|s| {
        s.response.status = 204;
        s.body.framing = Framing::Close;
    });
    assert_eq!(
        text(&origin.respond(&get())),
        "HTTP/1.1 204 No Content\r\n\r\n"
    );
}

#[test]
fn a_response_that_raw_bytes_make_shorter_than_announced_ends_its_connection() {
    let closes = |bytes: &str, replace| {
        let at = RawAt::Body(ByteSize(2));
        let replace = ByteSize(replace);
        let bytes = bytes.to_owned();
        letters(|s| {
            s.response.raw = vec![Raw {
                at,
                bytes: bytes.into(),
                replace,
            }]
        })
        .respond(&get())
        .close
    };
    assert!(!closes("CD", 2));
    assert!(!closes("CDE", 2));
    assert!(closes("C", 2));
}

#[test]
fn a_scenario_may_say_206_itself() {
    let response = object(0, |s| s.response.status = 206).respond(&get());
    assert_eq!(
        text(&response),
        "HTTP/1.1 206 Partial Content\r\n\
         Content-Type: application/octet-stream\r\n\
         Content-Length: 0\r\n\r\n"
    );
}

#[test]
fn what_cannot_be_sent_is_refused_with_a_remedy() {
    let refuse = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = Scenario::default();
        change(&mut scenario);
        Origin::new(&scenario).unwrap_err()
    };
    assert_eq!(refuse(&|s| s.response.status = 20), OriginError::Status(20));
    assert_eq!(
        refuse(&|s| s.response.headers = vec![("X".into(), "a\r\nb".into())]),
        OriginError::Field("X".into())
    );
    assert_eq!(
        refuse(&|s| s.response.etag = Some("\n".into())),
        OriginError::Field("ETag".into())
    );
    let chunked = |s: &mut Scenario, size, chunk| {
        s.body.framing = Framing::Chunked;
        (s.body.size, s.body.chunk) = (ByteSize(size), ByteSize(chunk));
    };
    assert_eq!(refuse(&|s| chunked(s, 5, 0)), OriginError::EmptyChunk);
    assert_eq!(
        refuse(&|s| chunked(s, i64::MAX as u64, 1)),
        OriginError::TooLong
    );
}

#[test]
fn the_largest_objects_have_a_map_in_every_framing() {
    for framing in Framing::ALL {
        let size = if *framing == Framing::Chunked {
            1 << 62
        } else {
            i64::MAX as u64
        };
        let script = object(size, |s| s.body.framing = *framing)
            .respond(&get())
            .script;
        assert_eq!(script.body_len(), size);
        let end = script.wire_of_body(size).unwrap();
        assert_eq!(script.body_at_wire(end), size);
        assert_eq!(script.body_at_wire(end - 1), size - 1);
        let tail = if *framing == Framing::Chunked {
            "\r\n0\r\n\r\n".len() as u64
        } else {
            0
        };
        assert_eq!(script.wire_len(), end + tail);
    }
}

#[test]
fn a_text_response_is_whole_and_ends_its_connection() {
    let response = text_response(404, "text/plain", "no such path\n");
    assert!(response.close);
    assert_eq!(
        text(&response),
        "HTTP/1.1 404 Not Found\r\n\
         Content-Type: text/plain\r\n\
         Content-Length: 13\r\n\
         Connection: close\r\n\r\n\
         no such path\n"
    );
}

/// The pieces of a whole response.
fn pieces(response: &Response) -> Vec<Bytes> {
    let mut script = response.script.clone();
    std::iter::from_fn(|| Some(script.next(usize::MAX)).filter(|piece| !piece.is_empty())).collect()
}

#[test]
fn what_is_long_in_a_scenario_is_kept_once_however_many_responses_carry_it() {
    let long = |name: &str| (name.to_owned(), "x".repeat(100_000));
    let raw = |at| Raw {
        at,
        bytes: b"y".repeat(100_000),
        replace: ByteSize(0),
    };
    let mut headers = vec![long("Set-Cookie"), long("ETag"), long("Connection")];
    headers.extend((0..10_000).map(|n| (format!("X-{n}"), "short".to_owned())));
    let origin = object(1000, |s| {
        s.response.headers = headers;
        s.response.raw = vec![raw(RawAt::Head(5)), raw(RawAt::End)];
    });
    let etag = object(1000, |s| s.response.etag = Some("x".repeat(100_000)));
    for (origin, len) in [(origin, 500_000), (etag, 100_000)] {
        for head in [
            "GET / HTTP/1.1\r\n\r\n",
            "HEAD / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nRange: bytes=1-2\r\n\r\n",
            "GET / HTTP/1.1\r\nRange: bytes=1000-\r\n\r\n",
        ] {
            let responses = [(); 50].map(|()| origin.respond(&request(head)));
            assert!(head.contains("1000-") || responses[0].script.head_len() > len);
            let mut seen = BTreeSet::new();
            let all = responses.iter().flat_map(pieces);
            // The start of each piece in memory: a second piece with the same start is
            // shared.
            let kept = all.filter(|piece| seen.insert(piece.as_ptr()));
            let kept: usize = kept.map(|piece| piece.len()).sum();
            // The first carries all of it, each further one its own few lines.
            let most = 1_000_000 + 49 * 4 * rope::LONGEST_COPIED;
            assert!(kept <= most, "{head:?}: {kept} bytes");
        }
    }
}
