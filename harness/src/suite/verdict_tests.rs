use std::fs;

use shortread_server::{clock::Instant, scenario::load};

use super::*;
use crate::{
    suite::named,
    verify::{Place, examine},
};

/// Bytes of the object.
const SIZE: u64 = 2560 << 10;

fn case(name: &str) -> &'static Case {
    let mut cases = named("resume").unwrap().1.iter();
    cases.find(|case| case.name == name).unwrap()
}

fn event(fact: Fact) -> Event {
    Event {
        at_ns: Instant(1),
        utc: None,
        connection: 1,
        key: None,
        fact,
    }
}

fn asked(range: Option<&str>, if_range: Option<&str>) -> Event {
    event(Fact::Request {
        number: 1,
        method: "GET".into(),
        target: "/".into(),
        range: range.map(Into::into),
        if_range: if_range.map(Into::into),
    })
}

fn sent(body_bytes: u64) -> Event {
    event(Fact::ResponseEnd {
        body_bytes,
        wire_bytes: body_bytes + 100,
        closes: false,
    })
}

/// The first part of a case, and all of the object that it is of.
fn bytes(name: &str) -> (FirstPart, Vec<u8>) {
    let scenario = load(name).unwrap();
    let part = FirstPart::of(case(name), &scenario).unwrap();
    let size = scenario.body.size.0;
    let whole = scenario.body.pattern().slices(0..size).collect::<Vec<_>>();
    (part, whole.concat())
}

/// The facts about a client that said `said` and left `file`, if any.
fn judged(name: &str, said: Said, file: Option<&[u8]>, events: &[Event]) -> ResumeFacts {
    let scenario = load(name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    if let Some(file) = file {
        fs::write(&path, file).unwrap();
    }
    let part = FirstPart::of(case(name), &scenario).unwrap();
    let replaced = !scenario.versions.is_empty();
    let saved = examine(&path, &object_at_the_end(&scenario), true).unwrap();
    assert_eq!(saved.place == Place::Nowhere, file.is_none());
    let seen = Seen {
        said,
        left: Left::of(&path, &part, &saved.finding, replaced).unwrap(),
        saved: &saved,
        events,
    };
    judge("resume", case(name), &part, &seen)
}

const RANGE: Option<&str> = Some("bytes=1048576-");

#[test]
fn a_whole_file_is_resumed_unless_the_last_response_brought_all_of_it() {
    let (_, whole) = bytes("honoured");
    let rest = [asked(RANGE, None), sent(1 << 20)];
    let facts = judged("honoured", Said::Success, Some(&whole), &rest);
    assert_eq!((facts.verdict, facts.ranges), (Verdict::Whole, 1));
    let again = [asked(None, None), sent(SIZE)];
    let facts = judged("honoured", Said::Success, Some(&whole), &again);
    assert_eq!(facts.verdict, Verdict::WholeWithoutResuming);
    assert_eq!((facts.ranges, facts.breach), (0, None));
    // One that it let go does not count.
    let both = [&again[..], &rest].concat();
    let facts = judged("honoured", Said::Success, Some(&whole), &both);
    assert_eq!((facts.verdict, facts.ranges), (Verdict::Whole, 1));
}

#[test]
fn what_a_client_leaves_is_told_apart() {
    let (part, whole) = bytes("honoured");
    let doubled = [&whole[..], b"more"].concat();
    let page = [&part.bytes[..], b"<html>"].concat();
    let other = vec![7; 2560 << 10];
    for (file, left) in [
        (Some(&whole[..]), Left::Whole),
        (Some(&whole[..1 << 20]), Left::Kept),
        (Some(&whole[..(1 << 20) + 9]), Left::More),
        (Some(&whole[..9]), Left::Lost),
        (None, Left::Lost),
        (Some(&doubled), Left::Spoilt),
        (Some(&page), Left::Spoilt),
        (Some(&other), Left::Spoilt),
    ] {
        let facts = judged("honoured", Said::Failure, file, &[]);
        assert_eq!((facts.verdict, facts.left), (Verdict::Error, left));
    }
}

#[test]
fn whatever_follows_a_part_of_a_replaced_object_is_wrong() {
    let (_, before) = bytes("etag-changed");
    let said = |file: &[u8]| judged("etag-changed", Said::Success, Some(file), &[]);
    // All of the object as it was: it is no longer that.
    assert_eq!(said(&before).verdict, Verdict::WrongFile);
    assert_eq!(said(&before).left, Left::Spoilt);
    assert_eq!(said(&before[..1 << 20]).left, Left::Kept);
    let now = object_at_the_end(&load("etag-changed").unwrap());
    let spliced = {
        let rest = now.body.pattern().slices(1 << 20..SIZE);
        [&before[..1 << 20], &rest.collect::<Vec<_>>().concat()].concat()
    };
    let found = crate::verify::verify(&mut &*spliced, now.body.object()).unwrap();
    let judgement = said(&spliced).judgement(Kind::Corrupt, &found).unwrap();
    let why = judgement.why.unwrap();
    assert!(
        why.contains("is of version 1 of the object up to byte 1048576, and that was replaced"),
        "{why}"
    );
    let size = now.body.size.0;
    let now = now.body.pattern().slices(0..size).collect::<Vec<_>>();
    assert_eq!(said(&now.concat()).verdict, Verdict::Whole);
}

#[test]
fn only_a_wrong_file_and_a_broken_must_are_wrong() {
    let (part, whole) = bytes("honoured");
    let judgement = |said, file: &[u8], events: &[Event]| {
        let facts = judged("honoured", said, Some(file), events);
        let found = crate::verify::verify(&mut &*file, SIZE).unwrap();
        facts.judgement(Kind::Complete, &found)
    };
    let right = judgement(Said::Success, &whole, &[]).unwrap();
    assert!(right.accepted && right.why.is_none());
    assert!(judgement(Said::Failure, b"<html>", &[]).unwrap().accepted);
    assert_eq!(judgement(Said::Nothing, &whole, &[]), None);

    let alone = judgement(Said::Success, &part.bytes, &[]).unwrap();
    let why = alone.why.unwrap();
    assert!(
        why.contains("is the first part and nothing else: "),
        "{why}"
    );
    assert!(why.ends_with("(RFC 9110, section 15.3.7)"), "{why}");
    let twice = [&part.bytes[..], &whole].concat();
    let why = judgement(Said::Success, &twice, &[]).unwrap().why.unwrap();
    assert!(
        why.contains("is not the object from byte 1048576 on"),
        "{why}"
    );

    let weak = [asked(RANGE, Some("W/\"1\"")), sent(SIZE)];
    let broken = judgement(Said::Success, &whole, &weak).unwrap();
    assert!(!broken.accepted);
    assert!(broken.why.unwrap().contains("section 13.1.5"));
}

#[test]
fn what_must_not_be_put_together_is_wrong_even_where_it_fits() {
    let name = "invalid-content-range";
    let (_, whole) = bytes(name);
    let said = |said, events: &[Event]| judged(name, said, Some(&whole), events).breach;
    let rest = [asked(RANGE, None), sent(1 << 20)];
    assert!(said(Said::Success, &rest).unwrap().contains("section 14.4"));
    let again = [
        asked(RANGE, None),
        sent(1 << 20),
        asked(None, None),
        sent(SIZE),
    ];
    assert_eq!(said(Said::Success, &again), None);
    assert_eq!(said(Said::Failure, &rest), None);
}
