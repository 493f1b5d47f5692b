//! Responses whose bodies have a content coding.

use std::io::Read as _;

use super::{
    tests::{bytes, get, object, read, request, split},
    *,
};
use crate::{
    body::Pattern,
    scenario::{Accept, Body, Coding},
    units::ByteSize,
};

#[test]
fn a_gzip_body_is_one_representation_whose_cut_keeps_its_framing_whole() {
    let whole = object(100_000, |s| s.body.encoding = vec![Coding::Gzip]);
    let response = whole.respond(&get());
    let (head, encoded) = split(&response);
    assert!(head.contains("Content-Encoding: gzip\r\n"));
    assert!(head.contains("ETag: \"100000-gzip\"\r\n"));
    assert!(head.contains(&format!("Content-Length: {}\r\n", encoded.len())));
    let mut decoded = Vec::new();
    flate2::read::GzDecoder::new(&encoded[..])
        .read_to_end(&mut decoded)
        .unwrap();
    assert_eq!(decoded, Pattern::PLAIN.slice(0, 100_000));

    let part = whole.respond(&request("GET / HTTP/1.1\r\nRange: bytes=100-199\r\n\r\n"));
    assert_eq!(split(&part).1, encoded[100..200]);

    let cut = object(100_000, |s| {
        s.body.encoding = vec![Coding::Gzip];
        s.body.truncate_at = Some(ByteSize(50_000));
        s.body.framing = Framing::Chunked;
    });
    let (status, body) = read(&bytes(&cut.respond(&get())));
    assert_eq!((status, &body[..]), (200, &encoded[..50_000]));
}

#[cfg(feature = "codings")]
#[test]
fn the_head_names_the_codings_in_their_order_or_what_it_was_told_to() {
    let both = vec![Coding::Gzip, Coding::Br];
    let coded = |change: &dyn Fn(&mut Body)| {
        object(1000, |s| {
            s.body.encoding.clone_from(&both);
            change(&mut s.body);
        })
    };
    let said = |origin: &Origin| {
        let head = split(&origin.respond(&get())).0;
        let line = head
            .lines()
            .find(|line| line.starts_with("Content-Encoding"));
        line.map(str::to_owned)
    };
    assert_eq!(said(&coded(&|_| {})).unwrap(), "Content-Encoding: gzip, br");
    let other = coded(&|body| body.declared_encoding = Some(vec![Coding::Zstd]));
    assert_eq!(said(&other).unwrap(), "Content-Encoding: zstd");
    let none = coded(&|body| body.declared_encoding = Some(Vec::new()));
    assert_eq!(said(&none), None);
    assert_eq!(
        split(&none.respond(&get())).1,
        split(&other.respond(&get())).1
    );
    let plain = object(1000, |s| {
        s.body.declared_encoding = Some(vec![Coding::Gzip])
    });
    assert_eq!(said(&plain).unwrap(), "Content-Encoding: gzip");
    assert_eq!(
        split(&plain.respond(&get())).1,
        Pattern::PLAIN.slice(0, 1000)
    );
}

#[cfg(feature = "codings")]
#[test]
fn who_does_not_accept_the_coding_gets_the_object_where_that_counts() {
    let coded = |accept| {
        object(1000, |s| {
            s.body.encoding = vec![Coding::Zstd];
            s.body.accept = accept;
            s.body.truncate_at = Some(ByteSize(10));
        })
    };
    let asked = |origin: &Origin, field: &str| {
        split(&origin.respond(&request(&format!("GET / HTTP/1.1\r\n{field}\r\n\r\n"))))
    };
    let honours = coded(Accept::Honour);
    let (head, body) = asked(&honours, "Accept-Encoding: gzip");
    assert!(head.contains("Vary: Accept-Encoding\r\n") && head.contains("ETag: \"1000\"\r\n"));
    assert!(!head.contains("Content-Encoding"), "{head}");
    assert_eq!(body, Pattern::PLAIN.slice(0, 1000));
    let (head, body) = asked(&honours, "Accept-Encoding: gzip, zstd");
    assert!(
        head.contains("Content-Encoding: zstd\r\nVary: Accept-Encoding\r\n"),
        "{head}"
    );
    assert!(head.contains("ETag: \"1000-zstd\"\r\n") && body.len() == 10);
    // What is known has the same fields about caching (RFC 9110, section 15.4.5).
    let (head, body) = asked(&honours, "Accept-Encoding: gzip\r\nIf-None-Match: \"1000\"");
    assert!(head.starts_with("HTTP/1.1 304 ") && head.contains("Vary: Accept-Encoding\r\n"));
    assert!(
        body.is_empty() && !head.contains("Content-Encoding"),
        "{head}"
    );
    let (head, body) = asked(&coded(Accept::Ignore), "Accept-Encoding: gzip");
    assert!(head.contains("Content-Encoding: zstd\r\n") && !head.contains("Vary"));
    assert_eq!(body.len(), 10);
}
