//! Each answer to a range, right and wrong.

use shortread_server::scenario::Framing;

use super::*;
use crate::client::Fields;

const TOTAL: u64 = 100;

fn held(bytes: u64) -> Held {
    Held {
        bytes,
        validators: Validators::of(&[("etag", "\"a\"")].into_iter().collect()),
        total: Some(TOTAL),
        decoded: false,
        media: Some("application/octet-stream".into()),
    }
}

fn head(status: u16, declared: Option<u64>, fields: &[(&str, &str)]) -> Head {
    Head {
        status,
        framing: match declared {
            Some(_) => Framing::ContentLength,
            None => Framing::Chunked,
        },
        declared,
        fields: fields.iter().copied().collect::<Fields>(),
    }
}

fn part(bytes: u64, range: &str) -> Head {
    head(
        206,
        Some(bytes),
        &[("etag", "\"a\""), ("content-range", range)],
    )
}

fn place(at: u64, skip: u64, most: Option<u64>) -> Fit {
    Fit::Take(Place { at, skip, most })
}

#[test]
fn a_range_is_asked_for_with_the_validator_of_what_is_there() {
    let resume = Resume::default();
    let ask = resume.ask(&held(30));
    assert_eq!((ask.from, ask.if_range.as_deref()), (30, Some("\"a\"")));
    assert_eq!(resume.ask(&held(0)), Ask::WHOLE);
    let decoded = Held {
        decoded: true,
        ..held(30)
    };
    assert_eq!(resume.ask(&decoded), Ask::WHOLE);
}

#[test]
fn without_a_strong_validator_it_begins_anew_unless_told_otherwise() {
    let weak = Held {
        validators: Validators::of(&[("etag", "W/\"a\"")].into_iter().collect()),
        ..held(30)
    };
    assert_eq!(Resume::default().ask(&weak), Ask::WHOLE);
    let weak_too = Resume {
        weak: true,
        ..Resume::default()
    };
    assert_eq!(weak_too.ask(&weak).if_range.as_deref(), Some("W/\"a\""));
    let whatever = Resume {
        without_validator: Without::Resume,
        ..Resume::default()
    };
    assert_eq!(
        whatever.ask(&weak),
        Ask {
            from: 30,
            until: None,
            if_range: None
        }
    );
}

/// At every offset of a small object, for each way in which a server may answer.
#[test]
fn at_every_offset_the_right_part_is_taken_and_no_lie_is() {
    let resume = Resume::default();
    for at in 1..TOTAL {
        let held = held(at);
        let rest = TOTAL - at;
        let range = |first: u64, last: u64, total: &str| format!("bytes {first}-{last}/{total}");
        let fit = |head: &Head| resume.fit(&held, head);
        // Right, and right with a total that is not told.
        let right = part(rest, &range(at, 99, "100"));
        assert_eq!(fit(&right), place(at, 0, Some(rest)));
        assert_eq!(
            fit(&part(rest, &range(at, 99, "*"))),
            place(at, 0, Some(rest))
        );
        // An earlier start overlaps.
        let earlier = at / 2;
        let overlapping = part(TOTAL - earlier, &range(earlier, 99, "100"));
        assert_eq!(
            fit(&overlapping),
            place(at, at - earlier, Some(TOTAL - earlier))
        );
        // Fewer bytes are a shorter part.
        let short = rest.div_ceil(2);
        let fewer = part(short, &range(at, at + short - 1, "100"));
        assert_eq!(fit(&fewer), place(at, 0, Some(short)));
        // A later start leaves a gap.
        if at < 98 {
            let later = part(rest - 1, &range(at + 1, 99, "100"));
            let gap = Unfit::Gap {
                first: at + 1,
                held: at,
            };
            assert_eq!(fit(&later), Fit::Anew(gap));
        }
        // Another total, another tag, no field, a broken one, more than it says.
        let other = Unfit::OtherTotal {
            now: 101,
            before: TOTAL,
        };
        assert_eq!(fit(&part(rest, &range(at, 99, "101"))), Fit::Anew(other));
        let right_range = range(at, 99, "100");
        let changed = head(
            206,
            Some(rest),
            &[("etag", "\"b\""), ("content-range", &right_range)],
        );
        assert_eq!(fit(&changed), Fit::Anew(Unfit::Changed));
        let weakened = head(
            206,
            Some(rest),
            &[("etag", "W/\"a\""), ("content-range", &right_range)],
        );
        assert_eq!(fit(&weakened), Fit::Anew(Unfit::Changed));
        let unvouched = head(206, Some(rest), &[("content-range", &right_range)]);
        assert_eq!(fit(&unvouched), Fit::Anew(Unfit::NoValidator));
        let bare = head(206, Some(rest), &[("etag", "\"a\"")]);
        assert_eq!(fit(&bare), Fit::Anew(Unfit::NoContentRange));
        let broken = part(rest, &right_range.replacen(' ', "=", 1));
        assert_eq!(fit(&broken), Fit::Anew(Unfit::NoContentRange));
        let more = part(rest + 1000, &right_range);
        let other = Unfit::OtherLength {
            length: rest + 1000,
            part: rest,
        };
        assert_eq!(fit(&more), Fit::Anew(other));
        let several = head(
            206,
            None,
            &[
                ("etag", "\"a\""),
                ("content-type", "multipart/byteranges; boundary=x"),
            ],
        );
        assert_eq!(fit(&several), Fit::Anew(Unfit::Multipart));
        // A coded part of an object that is not.
        let coded = head(
            206,
            Some(rest),
            &[
                ("etag", "\"a\""),
                ("content-range", &right_range),
                ("content-encoding", "gzip"),
            ],
        );
        assert_eq!(fit(&coded), Fit::Anew(Unfit::OtherCoding));
        // The range ignored, and a part that calls itself all.
        assert_eq!(
            fit(&head(200, Some(TOTAL), &[("etag", "\"a\"")])),
            place(0, 0, None)
        );
        // A page in place of the object: of another type, or that nothing vouches for.
        let page = [
            ("etag", "\"p\""),
            ("content-type", "text/html; charset=utf-8"),
        ];
        assert_eq!(fit(&head(200, Some(9), &page)), Fit::Anew(Unfit::OtherType));
        assert_eq!(fit(&head(200, Some(9), &[])), Fit::Anew(Unfit::NoValidator));
        let as_200 = head(
            200,
            Some(rest),
            &[("etag", "\"a\""), ("content-range", &right_range)],
        );
        assert_eq!(fit(&as_200), Fit::Anew(Unfit::PartAs200));
        // 416 of an object that has become shorter, with and without its size.
        let shorter = head(416, Some(0), &[("content-range", "bytes */1")]);
        let now = Unfit::OtherTotal {
            now: 1,
            before: TOTAL,
        };
        assert_eq!(fit(&shorter), Fit::Anew(now));
        assert_eq!(fit(&head(416, Some(0), &[])), Fit::Anew(Unfit::Changed));
        assert_eq!(fit(&head(503, Some(0), &[])), Fit::Other);
    }
}

#[test]
fn a_416_behind_the_last_byte_says_that_all_is_there() {
    let resume = Resume::default();
    let whole = held(TOTAL);
    let with_size = head(416, Some(0), &[("content-range", "bytes */100")]);
    assert_eq!(resume.fit(&whole, &with_size), Fit::Complete);
    assert_eq!(resume.fit(&whole, &head(416, Some(0), &[])), Fit::Complete);
    let of_another = head(
        416,
        Some(0),
        &[("content-range", "bytes */100"), ("etag", "\"b\"")],
    );
    assert_eq!(resume.fit(&whole, &of_another), Fit::Anew(Unfit::Changed));
    // Where no length is known, the 416 is believed if it is of the same object.
    let unknown = Held {
        total: None,
        ..held(TOTAL)
    };
    let of_this = head(
        416,
        Some(0),
        &[("content-range", "bytes */100"), ("etag", "\"a\"")],
    );
    assert_eq!(resume.fit(&unknown, &of_this), Fit::Complete);
    assert_eq!(resume.fit(&unknown, &with_size), Fit::Anew(Unfit::Changed));
    assert_eq!(
        resume.fit(&unknown, &head(416, Some(0), &[])),
        Fit::Anew(Unfit::Changed)
    );
}

#[test]
fn a_200_is_taken_as_the_settings_say() {
    let whole = head(200, Some(TOTAL), &[("etag", "\"a\"")]);
    let changed = head(200, Some(TOTAL), &[("etag", "\"b\"")]);
    let with = |on_200| Resume {
        on_200,
        ..Resume::default()
    };
    assert_eq!(
        with(On200::Skip).fit(&held(30), &whole),
        place(30, 30, None)
    );
    assert_eq!(
        with(On200::Skip).fit(&held(30), &changed),
        place(0, 0, None)
    );
    assert_eq!(
        with(On200::Append).fit(&held(30), &whole),
        place(30, 0, None)
    );
    let strict = Resume {
        on_unfit: OnUnfit::Fail,
        ..Resume::default()
    };
    let part = part(70, "bytes 30-99/101");
    let other = Unfit::OtherTotal {
        now: 101,
        before: TOTAL,
    };
    assert_eq!(strict.fit(&held(30), &part), Fit::Fail(other));
    let fails = with(On200::Fail).fit(&held(30), &whole);
    assert_eq!(fails, Fit::Fail(Unfit::NotPartial));
}
