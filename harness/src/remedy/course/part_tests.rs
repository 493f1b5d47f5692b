//! Parts of an object, from servers that answer rightly, wrongly, and not at all.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use shortread_server::{clock::Instant, scenario::Framing};

use super::*;
use crate::{
    client::{Attempted, Course as _, Next, Verdict, download::nothing_yet},
    remedy::Named,
};

/// Bytes of the object.
const TOTAL: u64 = 100;

fn recipe() -> Recipe {
    Recipe::of(&[Named::Resume])
}

fn head(status: u16, declared: u64, range: Option<String>, etag: &str) -> Head {
    let range = range.unwrap_or_default();
    Head {
        status,
        framing: Framing::ContentLength,
        declared: Some(declared),
        fields: [("etag", etag), ("content-range", range.as_str())]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    }
}

/// A 206 with the bytes from `first` to `last` of `total`.
fn bytes(first: u64, last: u64, total: &str, etag: &str) -> Head {
    let range = format!("bytes {first}-{last}/{total}");
    head(206, last + 1 - first, Some(range), etag)
}

fn first(until: u64) -> Careful {
    let mut course = Careful::of_part(&recipe(), 1, 0..until, &Held::default());
    course.begin(Instant(0));
    course
}

fn end(course: &mut Careful, held: u64, surplus: u64, verdict: Verdict) -> Next {
    let mut download = nothing_yet(Instant(0));
    download.verdict = verdict;
    course.ended(&Attempted {
        download: &download,
        head: None,
        held,
        surplus,
        now: Instant(0),
    })
}

fn cut() -> Verdict {
    Verdict::Failure(Failure::of(FailureCause::ClosedEarly, "cut"))
}

fn why(failure: &Failure) -> String {
    format!("{failure:?}")
}

#[test]
fn the_first_part_tells_the_others_the_total_and_the_validator() {
    let mut course = Careful::of_part(&recipe(), 1, 0..40, &Held::default());
    let ask = course.begin(Instant(0));
    assert_eq!(ask.fields(), [("Range", "bytes=0-39".to_owned())]);
    let place = course.head(&bytes(0, 39, "100", "\"a\"")).unwrap();
    assert_eq!((place.at, place.skip, place.most), (0, 0, Some(40)));
    let next = end(&mut course, 40, 0, Verdict::Success);
    assert_eq!(next, Next::Stop(Verdict::Success));
    let account = course.account().unwrap();
    assert_eq!((account.attempts, account.resumed), (1, 0));
    assert_eq!(account.rests_on, Some(Basis::Validator));
    assert_eq!(course.object().total, Some(TOTAL));
    let mut other = Careful::of_part(&recipe(), 1, 40..80, course.object());
    let fields = [
        ("Range", "bytes=40-79".to_owned()),
        ("If-Range", "\"a\"".to_owned()),
    ];
    assert_eq!(other.begin(Instant(0)).fields(), fields);
}

#[test]
fn an_object_shorter_than_the_part_ends_it() {
    let mut course = first(400);
    course.head(&bytes(0, 99, "100", "\"a\"")).unwrap();
    let next = end(&mut course, 100, 0, Verdict::Success);
    assert_eq!(next, Next::Stop(Verdict::Success));
}

#[test]
fn a_part_that_is_cut_goes_on_inside_itself() {
    let mut course = first(40);
    course.head(&bytes(0, 39, "100", "\"a\"")).unwrap();
    let Next::Again { ask, .. } = end(&mut course, 15, 0, cut()) else {
        panic!("no other attempt");
    };
    let range = ("Range", "bytes=15-39".to_owned());
    assert_eq!(ask.fields()[0], range);
    let place = course.head(&bytes(15, 39, "100", "\"a\"")).unwrap();
    assert_eq!((place.at, place.skip, place.most), (15, 0, Some(25)));
    let next = end(&mut course, 40, 0, Verdict::Success);
    assert_eq!(next, Next::Stop(Verdict::Success));
    assert_eq!(course.account().unwrap().resumed, 1);
}

#[test]
fn a_shorter_part_is_no_failure_and_the_rest_is_asked_for_at_once() {
    let mut course = first(40);
    course.head(&bytes(0, 9, "100", "\"a\"")).unwrap();
    let Next::Again { ask, after } = end(&mut course, 10, 0, Verdict::Success) else {
        panic!("no other attempt");
    };
    assert_eq!((ask.from, ask.until), (10, Some(40)));
    assert!(after.is_zero());
}

#[test]
fn a_server_without_ranges_and_every_other_lie_end_the_part_for_good() {
    for (answer, said) in [
        (head(200, TOTAL, None, "\"a\""), "200 where a part"),
        (bytes(0, 39, "*", "\"a\""), "length of the whole"),
        (bytes(0, 99, "100", "\"a\""), "goes to byte 99"),
        (bytes(5, 39, "100", "\"a\""), "begins at 5"),
        (head(206, 40, None, "\"a\""), "valid Content-Range"),
        (
            head(206, 9, Some("bytes 0-39/100".into()), "\"a\""),
            "Content-Length is 9",
        ),
    ] {
        let mut course = first(40);
        let failure = course.head(&answer).unwrap_err();
        assert!(why(&failure).contains(said), "{said}: {failure:?}");
        let next = end(&mut course, 0, 0, Verdict::Failure(failure));
        assert!(matches!(next, Next::Stop(Verdict::Failure(_))), "{said}");
    }
}

#[test]
fn a_part_of_another_object_ends_it_for_good() {
    let mut one = first(40);
    one.head(&bytes(0, 39, "100", "\"a\"")).unwrap();
    for (answer, said) in [
        (bytes(40, 79, "100", "\"b\""), "has changed"),
        (bytes(40, 79, "100", ""), "no validator"),
        (bytes(40, 79, "90", "\"a\""), "90 bytes where it had 100"),
        (bytes(20, 39, "100", "\"a\""), "ends at byte 39"),
        (
            head(416, 0, Some("bytes */30".into()), "\"a\""),
            "30 bytes where it had 100",
        ),
    ] {
        let mut course = Careful::of_part(&recipe(), 1, 40..80, one.object());
        course.begin(Instant(0));
        let failure = course.head(&answer).unwrap_err();
        assert!(why(&failure).contains(said), "{said}: {failure:?}");
        let next = end(&mut course, 40, 0, Verdict::Failure(failure));
        assert!(matches!(next, Next::Stop(Verdict::Failure(_))), "{said}");
    }
}

#[test]
fn more_bytes_than_the_part_has_end_it_and_are_not_asked_for_again() {
    let mut course = first(40);
    course.head(&bytes(0, 39, "100", "\"a\"")).unwrap();
    let next = end(&mut course, 40, 3, Verdict::Success);
    assert!(matches!(next, Next::Stop(Verdict::Failure(_))), "{next:?}");
}

/// The head of an answer to `ask`, drawn at random.
fn answer(chance: &mut Pcg32, ask: &Ask) -> Head {
    let until = ask.until.expect("a part has an end").min(TOTAL);
    let (first, last) = (ask.from, until - 1);
    match chance.random_range(0..12) {
        0 => head(200, TOTAL, None, "\"a\""),
        1 => head(503, 0, None, ""),
        2 => bytes(first, last, "100", "\"b\""),
        3 => bytes(first, last, "101", "\"a\""),
        4 => bytes(first / 2, last, "100", "\"a\""),
        5 => bytes(first, TOTAL - 1, "100", "\"a\""),
        6 => bytes(first, chance.random_range(first..=last), "100", "\"a\""),
        _ => bytes(first, last, "100", "\"a\""),
    }
}

/// Whatever a server answers, a part that is said to be whole was filled byte by byte from
/// the object of the first answer, and no request leaves the part.
#[test]
fn a_part_is_filled_from_one_object_or_fails() {
    let object = |version: u8, offset: u64| (version, offset);
    let (mut whole, mut failed) = (0, 0);
    for seed in 0..2000 {
        let mut chance = Pcg32::seed_from_u64(seed);
        let start = chance.random_range(0..TOTAL);
        let part = start..chance.random_range(start + 1..=TOTAL);
        let mut known = first(1);
        known.head(&bytes(0, 0, "100", "\"a\"")).unwrap();
        let mut course = Careful::of_part(&recipe(), seed, part.clone(), known.object());
        let mut ask = course.begin(Instant(0));
        let mut file = Vec::new();
        let verdict = loop {
            assert!(
                part.contains(&ask.from) && ask.until == Some(part.end),
                "{seed}"
            );
            let response = answer(&mut chance, &ask);
            let version = u8::from(response.fields.get("etag") == Some("\"b\""));
            let from = match response
                .fields
                .get("content-range")
                .map(ContentRange::parse)
            {
                Some(Some(ContentRange::Part { first, .. })) => first,
                _ => 0,
            };
            let ended = match course.head(&response) {
                Err(failure) => Verdict::Failure(failure),
                Ok(place) => {
                    let length = response.declared.unwrap();
                    let sent = match chance.random_bool(0.3) {
                        true => chance.random_range(0..=length),
                        false => length,
                    };
                    assert_eq!(place.at, part.start + file.len() as u64, "{seed}");
                    let taken = sent.min(place.most.unwrap());
                    file.extend((from + place.skip..from + taken).map(|at| object(version, at)));
                    match sent == length {
                        true => Verdict::Success,
                        false => cut(),
                    }
                }
            };
            match end(&mut course, part.start + file.len() as u64, 0, ended) {
                Next::Again { ask: next, .. } => ask = next,
                Next::Stop(verdict) => break verdict,
            }
        };
        match verdict {
            Verdict::Success => {
                whole += 1;
                let right: Vec<_> = part.map(|offset| object(0, offset)).collect();
                assert_eq!(file, right, "{seed}");
            }
            _ => failed += 1,
        }
    }
    assert!(
        whole > 200 && failed > 200,
        "{whole} whole, {failed} failed"
    );
}
