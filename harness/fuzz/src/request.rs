//! The client's bytes: request heads in a row, and the answers.

use shortread_server::{
    fault::OffsetMap as _,
    http1::origin::{Origin, Request, Response, text_response},
    scenario::{catalogue, parse, query::parse_query},
};

use crate::{Heard, Syntax, Target, no_words};

pub(crate) const TARGET: Target = Target {
    name: "request",
    run,
    seeds,
    // One more than a head may have.
    longest: (64 << 10) + 1,
    choices: 0,
    syntax: Some(Syntax::Http),
    words: no_words,
    fresh: None,
};

/// Scenarios that answer: ranges, a page, gzip, raw bytes.
const ANSWERING: [&str; 5] = [
    "healthy",
    "reset-mid-body",
    "login-page",
    "gzip-cut",
    "malformed-chunk",
];

/// So much of each answer is looked at.
const LOOKED_AT: usize = 4 << 10;

fn run(mut input: &[u8]) -> Heard {
    let mut heard = Heard::Refused;
    while !input.is_empty() {
        match Request::parse(input) {
            Ok(Some((request, consumed))) => {
                assert!((1..=input.len()).contains(&consumed), "{consumed}");
                answer(&request);
                heard = Heard::Taken;
                let body = usize::try_from(request.body_len).unwrap_or(usize::MAX);
                input = &input[consumed..];
                input = &input[body.min(input.len())..];
            }
            Ok(None) => break,
            Err(bad) => {
                let text = bad.to_string();
                look_at(text_response(bad.status(), "text/plain", text));
                break;
            }
        }
    }
    heard
}

fn answer(request: &Request) {
    let _ = (request.accepts_html(), request.is_head());
    if let Some((_, query)) = request.target.split_once('?') {
        let _ = parse_query(query).map_err(|errors| errors.to_string());
    }
    thread_local! {
        static ORIGINS: Vec<Origin> = origins();
    }
    ORIGINS.with(|origins| {
        for origin in origins {
            let response = origin.respond(request);
            match request.is_head() {
                true => look_at(response.without_body()),
                false => look_at(response),
            }
        }
    });
}

/// Its start, and that the map between body and wire agrees with itself.
fn look_at(mut response: Response) {
    let script = &mut response.script;
    assert!(script.body_len() <= script.wire_len());
    for body in [0, 1, script.body_len() / 2, script.body_len()] {
        let there = script
            .wire_of_body(body)
            .map(|wire| script.body_at_wire(wire));
        assert!(there.is_none_or(|there| there >= body), "{body}: {there:?}");
    }
    let mut seen = 0;
    while seen < LOOKED_AT {
        let bytes = script.next(LOOKED_AT - seen);
        if bytes.is_empty() {
            assert_eq!(script.remaining(), 0, "it ends before its end");
            break;
        }
        seen += bytes.len();
    }
    assert_eq!(script.sent(), seen as u64);
}

fn origins() -> Vec<Origin> {
    let named = |name: &&str| {
        let (_, text) = catalogue().iter().find(|(known, _)| known == name)?;
        // At the size at which it is played over TCP: a body is encoded once.
        let scenario = parse(name, name, text).ok()?.scaled().ok()?;
        Origin::new(&scenario).ok()
    };
    ANSWERING.iter().filter_map(named).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    const HEADS: &[&str] = &[
        "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html;q=0.9, */*\r\n\r\n",
        "GET /s/healthy?key=test-7 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "HEAD /s/healthy HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /o HTTP/1.1\r\nHost: a\r\nRange: bytes=0-99\r\nIf-Range: \"v1\"\r\n\r\n",
        "GET /o HTTP/1.1\r\nHost: a\r\nRange: bytes=-500\r\n\r\n",
        "GET /o HTTP/1.1\r\nHost: a\r\nRange: bytes=9223372036854775807-\r\n\r\n",
        "GET /o HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,4-5\r\nConnection: close\r\n\r\n",
        "GET /download?size=64KiB&fault=reset@12KiB HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://127.0.0.1:8080/expected/s/healthy HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nPOST /o HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n",
        "PUT /o HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
        "PUT /o HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00",
        "GET / HTTP/1.1\nHost: x\n\n",
    ];
    let mut seeds: Vec<Vec<u8>> = HEADS.iter().map(|head| head.as_bytes().to_vec()).collect();
    // Pipelined.
    seeds.push(HEADS[..6].concat().into_bytes());
    seeds
}
