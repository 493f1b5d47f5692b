//! Scripts against responses written byte by byte.

use proptest::prelude::*;

use super::*;
use crate::{body::Pattern, scenario::ChunkPart, units::ByteSize};

/// The bytes of a response; true marks a body byte.
type Reference = Vec<(u8, bool)>;

/// The response without raw bytes, written byte by byte.
fn plain(head: &[u8], body: &[u8], chunk: Option<u64>) -> Reference {
    let other = |bytes: &[u8]| bytes.iter().map(|b| (*b, false)).collect::<Vec<_>>();
    let payload = |bytes: &[u8]| bytes.iter().map(|b| (*b, true)).collect::<Vec<_>>();
    let mut out = other(head);
    match chunk {
        None => out.extend(payload(body)),
        Some(size) => {
            for data in body.chunks(size as usize) {
                out.extend(other(format!("{:x}\r\n", data.len()).as_bytes()));
                out.extend(payload(data));
                out.extend(other(b"\r\n"));
            }
            out.extend(other(b"0\r\n\r\n"));
        }
    }
    out
}

/// `plain` with raw bytes inserted: marks the bytes to insert before each offset,
/// then copies.
fn with_raw(plain: Reference, head: usize, raw: &[Raw]) -> Reference {
    let mut before: Vec<Vec<&Raw>> = vec![Vec::new(); plain.len() + 1];
    let mut classes = [Vec::new(), Vec::new(), Vec::new()];
    for raw in raw {
        classes[match raw.at {
            RawAt::Head(_) => 0,
            RawAt::Body(_) => 1,
            RawAt::End => 2,
        }]
        .push(raw);
    }
    for raw in classes.into_iter().flatten() {
        let at = match raw.at {
            RawAt::Head(at) => (at as usize).min(head),
            RawAt::Body(ByteSize(0)) => head,
            RawAt::Body(at) => {
                let mut body = plain.iter().enumerate().filter(|(_, (_, body))| *body);
                match body.nth(at.0 as usize - 1) {
                    Some((last, _)) => last + 1,
                    None => continue,
                }
            }
            RawAt::End => plain.len(),
        };
        before[at].push(raw);
    }
    let mut out = Vec::new();
    let mut skip = 0u64;
    for (at, raws) in before.iter().enumerate() {
        for raw in raws {
            out.extend(raw.bytes.iter().map(|b| (*b, false)));
            // A replacement within another one begins at the end of that.
            skip += raw.replace.0;
        }
        match plain.get(at) {
            Some(byte) if skip == 0 => out.push(*byte),
            _ => skip = skip.saturating_sub(1),
        }
    }
    out
}

fn raws() -> impl Strategy<Value = Vec<Raw>> {
    let at = prop_oneof![
        (0u64..25).prop_map(RawAt::Head),
        (0u64..120).prop_map(|at| RawAt::Body(ByteSize(at))),
        Just(RawAt::End),
    ];
    let raw =
        (at, "[a-z]{0,6}", prop_oneof![Just(0u64), 0u64..40]).prop_map(|(at, bytes, replace)| {
            Raw {
                at,
                bytes: bytes.into(),
                replace: ByteSize(replace),
            }
        });
    prop::collection::vec(raw, 0..4)
}

fn payloads() -> impl Strategy<Value = Payload> {
    prop_oneof![
        (0..=1u64 << 62, 0u64..120)
            .prop_map(|(at, len)| Payload::Pattern(Pattern::PLAIN, at..at + len)),
        "[A-Z]{0,110}".prop_map(|page| Payload::Bytes(page.into())),
    ]
}

fn bytes_of(payload: &Payload) -> Bytes {
    match payload {
        Payload::Pattern(pattern, range) => pattern.slice(range.start, payload.len() as usize),
        Payload::File(file, range) => file.bytes_at(range.start, payload.len()).unwrap(),
        Payload::Coded(..) => panic!("not drawn"),
        Payload::Bytes(bytes) => bytes.clone(),
    }
}

/// Reads a script to its end in pieces whose limits go round `maxes`.
fn insertions(raw: &[Raw]) -> Vec<Insertion> {
    raw.iter().map(Insertion::from).collect()
}

fn drain(script: &mut Script, maxes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    for max in maxes.iter().cycle() {
        let piece = script.next(*max);
        assert!(piece.len() <= *max);
        if piece.is_empty() {
            break;
        }
        out.extend_from_slice(&piece);
        assert_eq!(script.sent(), out.len() as u64);
    }
    assert_eq!(script.remaining(), 0);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_script_is_the_response_written_the_plain_way(
        head in "[A-Z]{0,20}",
        payload in payloads(),
        chunk in prop_oneof![Just(None), (1u64..20).prop_map(Some), Just(Some(1 << 60))],
        raw in raws(),
        maxes in prop::collection::vec(1usize..90, 1..6),
    ) {
        let reference = with_raw(
            plain(head.as_bytes(), &bytes_of(&payload), chunk), head.len(), &raw,
        );
        let layout = Layout::new(Bytes::from(head.clone()), payload, chunk);
        let mut script = Script::new(layout, &insertions(&raw));

        prop_assert_eq!(script.wire_len(), reference.len() as u64);
        let bodies = reference.iter().filter(|(_, body)| *body).count() as u64;
        prop_assert_eq!(script.body_len(), bodies);
        let mut count = 0;
        prop_assert_eq!(script.body_at_wire(0), 0);
        for (at, (_, body)) in reference.iter().enumerate() {
            count += u64::from(*body);
            let wire = at as u64 + 1;
            prop_assert_eq!(script.body_at_wire(wire), count);
            if *body {
                prop_assert_eq!(script.wire_of_body(count), Some(wire));
            }
        }
        prop_assert_eq!(script.body_at_wire(u64::MAX), bodies);
        prop_assert_eq!(script.wire_of_body(bodies + 1), None);
        prop_assert_eq!(script.wire_of_body(0), Some(script.head_len()));

        let expected: Vec<u8> = reference.into_iter().map(|(byte, _)| byte).collect();
        prop_assert_eq!(drain(&mut script, &maxes), expected);
        prop_assert_eq!(script.body_sent(), bodies);
        prop_assert!(script.next(1).is_empty());
    }
}

fn script(chunk: Option<u64>, raw: &[(RawAt, &str, u64)]) -> (u64, String) {
    let raw: Vec<_> = raw
        .iter()
        .map(|(at, bytes, replace)| Raw {
            at: *at,
            bytes: (*bytes).into(),
            replace: ByteSize(*replace),
        })
        .collect();
    let layout = Layout::new(
        Bytes::from("head|"),
        Payload::Bytes("abcdefgh".into()),
        chunk,
    );
    let mut script = Script::new(layout, &insertions(&raw));
    let bytes = drain(&mut script, &[3]);
    (script.head_len(), String::from_utf8(bytes).unwrap())
}

#[test]
fn raw_bytes_stand_where_the_scenario_puts_them() {
    let body = |at| RawAt::Body(ByteSize(at));
    assert_eq!(script(None, &[]), (5, "head|abcdefgh".into()));
    assert_eq!(
        script(
            None,
            &[
                (RawAt::Head(0), "100 ", 0),
                (body(0), "<", 0),
                (RawAt::End, ">", 0)
            ]
        ),
        (9, "100 head|<abcdefgh>".into())
    );
    assert_eq!(
        script(None, &[(RawAt::Head(1), "EAD", 3)]),
        (5, "hEAD|abcdefgh".into())
    );
    assert_eq!(
        script(None, &[(RawAt::Head(99), "!", 0)]),
        (6, "head|!abcdefgh".into())
    );
    assert_eq!(
        script(None, &[(body(2), "CD", 2)]),
        (5, "head|abCDefgh".into())
    );
    assert_eq!(
        script(None, &[(body(9), "never", 0)]),
        (5, "head|abcdefgh".into())
    );
    assert_eq!(
        script(Some(5), &[(body(5), "\r\nzz\r\n", 5)]),
        (5, "head|5\r\nabcde\r\nzz\r\nfgh\r\n0\r\n\r\n".into())
    );
    assert_eq!(
        script(Some(5), &[(body(8), "", 99)]),
        (5, "head|5\r\nabcde\r\n3\r\nfgh".into())
    );
}

#[test]
fn replaced_body_bytes_are_not_counted() {
    let raw = [Raw {
        at: RawAt::Body(ByteSize(100)),
        bytes: "xx".into(),
        replace: ByteSize(10),
    }];
    let layout = Layout::new(
        Bytes::from("head"),
        Payload::Pattern(Pattern::PLAIN, 0..1000),
        None,
    );
    let script = Script::new(layout, &insertions(&raw));
    assert_eq!(script.body_len(), 990);
    assert_eq!(script.wire_of_body(100), Some(104));
    assert_eq!(
        script.body_at_wire(106),
        100,
        "raw bytes are not body bytes"
    );
    assert_eq!(script.wire_of_body(101), Some(107));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_body_that_ends_early_is_a_whole_response_with_fewer_chunks(
        head in "[A-Z]{0,20}",
        payload in payloads(),
        chunk in prop_oneof![Just(None), (1u64..20).prop_map(Some)],
        sent in 0usize..400,
    ) {
        let body = bytes_of(&payload);
        let layout = Layout::new(Bytes::from(head.clone()), payload, chunk);
        let mut script = Script::new(layout, []);
        let mut got = Vec::new();
        while got.len() < sent {
            match script.next(sent - got.len()) {
                piece if piece.is_empty() => break,
                piece => got.extend_from_slice(&piece),
            }
        }
        let before = got.len();
        script.end_body();
        got.extend(drain_from(&mut script));
        prop_assert_eq!(got.len() as u64, script.wire_len());

        let boundaries: Vec<usize> = match chunk {
            Some(size) => (0..body.len()).step_by(size as usize).chain([body.len()]).collect(),
            None => (0..=body.len()).collect(),
        };
        let whole = |end: usize| -> Vec<u8> {
            let bytes = plain(head.as_bytes(), &body[..end], chunk);
            bytes.into_iter().map(|(byte, _)| byte).collect()
        };
        // The first boundary that takes back nothing already sent.
        let full = whole(body.len());
        let first = boundaries.iter().find(|end| whole(**end).starts_with(&full[..before]));
        prop_assert_eq!(&got, &whole(*first.unwrap()));
        prop_assert_eq!(script.body_len(), *first.unwrap() as u64);
        prop_assert_eq!(script.body_at_wire(u64::MAX), *first.unwrap() as u64);
    }

    #[test]
    fn ending_early_among_raw_bytes_takes_nothing_back(
        payload in payloads(),
        chunk in prop_oneof![Just(None), (1u64..20).prop_map(Some)],
        raw in raws(),
        sent in 0usize..400,
    ) {
        let layout = Layout::new(Bytes::from("HEAD"), payload, chunk);
        let mut whole = Script::new(layout, &insertions(&raw));
        let mut early = whole.clone();
        let (mut before, mut reference) = (Vec::new(), Vec::new());
        while before.len() < sent {
            let max = sent - before.len();
            let piece = early.next(max);
            if piece.is_empty() {
                break;
            }
            reference.extend_from_slice(&whole.next(max));
            before.extend_from_slice(&piece);
        }
        prop_assert_eq!(&before, &reference);
        early.end_body();
        let rest = drain_from(&mut early);
        prop_assert_eq!(early.sent(), (before.len() + rest.len()) as u64);
        prop_assert_eq!(early.remaining(), 0);
        prop_assert!(early.body_len() <= whole.body_len());
        prop_assert_eq!(early.body_sent(), early.body_len());
    }
}

fn drain_from(script: &mut Script) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let piece = script.next(7);
        if piece.is_empty() {
            return out;
        }
        out.extend_from_slice(&piece);
    }
}

#[test]
fn pieces_are_as_long_as_the_pattern_allows_and_chunks_cost_no_memory() {
    let body = 1u64 << 62;
    let layout = Layout::new(
        Bytes::from("head"),
        Payload::Pattern(Pattern::PLAIN, 0..body),
        None,
    );
    let mut long = Script::new(layout, []);
    assert_eq!(long.next(usize::MAX).len(), 4);
    assert_eq!(long.next(usize::MAX).len() as u64, crate::body::PERIOD);

    let layout = Layout::new(
        Bytes::from("head"),
        Payload::Pattern(Pattern::PLAIN, 0..body),
        Some(1000),
    );
    let script = Script::new(layout, []);
    assert_eq!(script.pieces.len(), 2);
    // `3e8` and two CRLF a chunk; the last one has 904 bytes, as many digits.
    assert_eq!(script.wire_len(), 4 + body + body.div_ceil(1000) * 7 + 5);
}

/// A chunked response as it is sent, and its script.
fn chunked(body: usize, size: u64) -> (Vec<u8>, Script) {
    let payload = Payload::Pattern(Pattern::PLAIN, 0..body as u64);
    let layout = Layout::new(Bytes::from_static(b"HEAD"), payload, Some(size));
    let script = Script::new(layout, []);
    (drain_from(&mut script.clone()), script)
}

proptest! {
    #[test]
    fn each_place_of_the_chunked_coding_is_where_it_says(body in 1usize..300, size in 1u64..40) {
        let (wire, script) = chunked(body, size);
        let count = (body as u64).div_ceil(size);
        let at = |place: Landmark| script.wire_of_place(place).map(|at| at as usize);
        let mut start = "HEAD".len();
        for number in 1..=count {
            let data = size.min(body as u64 - (number - 1) * size) as usize;
            let line = format!("{data:x}\r\n").len();
            let part = |part| at(Landmark::Chunk(number, part));
            prop_assert_eq!(part(ChunkPart::Size), Some(start + 1));
            prop_assert_eq!(part(ChunkPart::Data), Some(start + line + data));
            prop_assert_eq!(part(ChunkPart::End), Some(start + line + data + 2));
            start += line + data + 2;
        }
        prop_assert_eq!(at(Landmark::LastChunk), Some(start));
        prop_assert_eq!(&wire[start..], b"0\r\n\r\n");
        prop_assert_eq!(at(Landmark::Head), Some("HEAD".len()));
        let half = script.wire_of_body(body as u64 / 2).map(|at| at as usize);
        prop_assert_eq!(at(Landmark::Share(0.5)), half);
        prop_assert_eq!(at(Landmark::Chunk(count + 1, ChunkPart::Size)), None);
        prop_assert_eq!(at(Landmark::Chunk(u64::MAX, ChunkPart::End)), None);
    }
}

#[test]
fn a_place_moves_with_raw_bytes_before_it_and_is_gone_where_they_stand_for_it() {
    let raw = |at, replace| Raw {
        at: RawAt::Body(ByteSize(at)),
        bytes: "xyz".into(),
        replace: ByteSize(replace),
    };
    let of = |raw: Raw| {
        let layout = Layout::new(
            Bytes::new(),
            Payload::Pattern(Pattern::PLAIN, 0..20),
            Some(10),
        );
        let script = Script::new(layout, &insertions(&[raw]));
        script.wire_of_place(Landmark::Chunk(1, ChunkPart::End))
    };
    // `a` CR LF, ten bytes, CR LF.
    assert_eq!(of(raw(15, 0)), Some(15));
    assert_eq!(of(raw(5, 0)), Some(18));
    assert_eq!(of(raw(5, 20)), None);
}
