//! Decoding by the rules of releases, without a response around it.

use std::io::Write as _;

use flate2::{
    Compression, GzBuilder,
    write::{DeflateEncoder, ZlibEncoder},
};
use proptest::prelude::*;

use super::*;
use crate::engine::aiohttp::reader::Profile;

const ALL: usize = usize::MAX;

fn member(data: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new()
        .extra(b"extra".to_vec())
        .filename("name")
        .comment("comment")
        .write(Vec::new(), Compression::default());
    writer.write_all(data).unwrap();
    writer.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut writer = ZlibEncoder::new(Vec::new(), Compression::default());
    writer.write_all(data).unwrap();
    writer.finish().unwrap()
}

fn raw(data: &[u8]) -> Vec<u8> {
    let mut writer = DeflateEncoder::new(Vec::new(), Compression::default());
    writer.write_all(data).unwrap();
    writer.finish().unwrap()
}

fn decoding(coding: ContentCoding, profile: &str) -> Decoding {
    let rules = Profile::parse(profile).unwrap().0.rules;
    Decoding::new(coding, rules.inflate, rules.members)
}

/// The output of each call; calls without new bytes follow while more is due.
fn calls(
    decoding: &mut Decoding,
    pieces: &[&[u8]],
    step: usize,
) -> Result<Vec<usize>, CodingError> {
    let (mut sizes, mut all) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut bytes = Bytes::copy_from_slice(piece);
        loop {
            let output = decoding.feed(std::mem::take(&mut bytes), step, &|_| Ok(()))?;
            if !output.is_empty() {
                sizes.push(output.len());
            }
            all.extend_from_slice(&output);
            if !decoding.has_more() {
                break;
            }
        }
    }
    decoding.end().map(|()| sizes)
}

fn gzip_calls(profile: &str, pieces: &[&[u8]]) -> Result<Vec<usize>, CodingError> {
    calls(&mut decoding(ContentCoding::Gzip, profile), pieces, ALL)
}

fn varied(size: u32) -> Vec<u8> {
    (0..size)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

proptest! {
    #[test]
    fn any_split_gives_the_same_bytes(
        cuts in prop::collection::vec(any::<usize>(), 0..12),
        step in 1usize..5000,
        form in 0..3,
        profile in prop::sample::select(vec!["aiohttp-3.8.6", "aiohttp-3.13.5", "aiohttp-3.14.5"]),
    ) {
        let data = varied(3000);
        let (coding, wire) = match form {
            0 => (ContentCoding::Gzip, member(&data)),
            1 => (ContentCoding::Deflate, zlib(&data)),
            _ => (ContentCoding::Deflate, raw(&data)),
        };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % wire.len()).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        let mut decoding = decoding(coding, profile);
        let mut all = Vec::new();
        for pair in cuts.windows(2) {
            let mut bytes = Bytes::copy_from_slice(&wire[pair[0]..pair[1]]);
            loop {
                let output = decoding.feed(std::mem::take(&mut bytes), step, &|_| Ok(())).unwrap();
                all.extend_from_slice(&output);
                if !decoding.has_more() {
                    break;
                }
            }
        }
        prop_assert_eq!(decoding.end(), Ok(()));
        prop_assert_eq!(all, data);
    }

    #[test]
    fn no_input_panics(wire in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = gzip_calls("aiohttp-3.14.5", &[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], &wire]);
        let mut deflate = decoding(ContentCoding::Deflate, "aiohttp-3.14.5");
        let _ = calls(&mut deflate, &[&wire], 64);
    }
}

#[test]
fn only_the_first_member_counts_before_3_14_and_all_do_since() {
    let wire = [member(b"one"), member(b""), member(b"three")].concat();
    assert_eq!(gzip_calls("aiohttp-3.13.5", &[&wire]), Ok(vec![3]));
    assert_eq!(gzip_calls("aiohttp-3.14.0", &[&wire]), Ok(vec![8]));
    let (first, rest) = wire.split_at(member(b"one").len());
    assert_eq!(gzip_calls("aiohttp-3.13.5", &[first, rest]), Ok(vec![3]));
    assert_eq!(gzip_calls("aiohttp-3.14.5", &[first, rest]), Ok(vec![3, 5]));
}

#[test]
fn one_call_takes_1024_members_from_3_14_4_on() {
    let (most, over) = (member(b"ab").repeat(1024), member(b"ab").repeat(1025));
    assert_eq!(gzip_calls("aiohttp-3.14.5", &[&most]), Ok(vec![2048]));
    assert_eq!(
        gzip_calls("aiohttp-3.14.5", &[&over]),
        Err(CodingError::Members(1024))
    );
    assert_eq!(gzip_calls("aiohttp-3.14.3", &[&over]), Ok(vec![2050]));
    assert_eq!(
        gzip_calls("aiohttp-3.14.5", &[&most, &most]),
        Ok(vec![2048; 2])
    );
}

#[test]
fn what_follows_a_body_is_an_error_from_3_14_on() {
    for (coding, wire) in [
        (ContentCoding::Gzip, member(b"body")),
        (ContentCoding::Deflate, zlib(b"body")),
    ] {
        let with = |profile, pieces: &[&[u8]]| calls(&mut decoding(coding, profile), pieces, ALL);
        assert_eq!(with("aiohttp-3.13.5", &[&wire, b"junk"]), Ok(vec![4]));
        assert!(with("aiohttp-3.14.5", &[&wire, b"junk"]).is_err());
        assert!(with("aiohttp-3.14.5", &[&[&wire[..], b"junk"].concat()]).is_err());
    }
}

#[test]
fn a_bomb_comes_as_one_piece_or_is_refused_or_comes_in_steps() {
    // Small, since other tests of this process count its heap.
    const CAP: usize = 100_000;
    let rules = |profile| Profile::parse(profile).unwrap().0.rules;
    let (whole, over) = (member(&[0; CAP]), member(&[0; CAP + 1]));
    assert_eq!(gzip_calls("aiohttp-3.13.2", &[&over]), Ok(vec![CAP + 1]));
    let real = Inflate::Refused { above: 1 << 25 };
    assert_eq!(rules("aiohttp-3.13.3").inflate, real);
    let refused = || {
        let cap = Inflate::Refused { above: CAP };
        Decoding::new(ContentCoding::Gzip, cap, Members::First)
    };
    assert_eq!(calls(&mut refused(), &[&whole], ALL), Ok(vec![CAP]));
    assert_eq!(
        calls(&mut refused(), &[&over], ALL),
        Err(CodingError::TooLarge(CAP))
    );
    let mut newest = decoding(ContentCoding::Gzip, "aiohttp-3.14.5");
    let steps = calls(&mut newest, &[&over], 1000).unwrap();
    assert_eq!((steps.len(), steps[0], steps[100]), (101, 1000, 1));
}

#[test]
fn a_budget_ends_a_bomb_before_it_is_allocated() {
    use std::cell::Cell;
    let wire = member(&vec![0; 1 << 20]);
    let asked = Cell::new(0);
    let limit = |bytes: usize| match asked.get() + bytes {
        sum if sum > 100_000 => Err(OverBudget {
            needed: sum as u64,
            limit: 100_000,
        }),
        sum => {
            asked.set(sum);
            Ok(())
        }
    };
    let mut oldest = decoding(ContentCoding::Gzip, "aiohttp-3.8.6");
    let failed = oldest.feed(wire.into(), ALL, &limit);
    assert!(matches!(failed, Err(CodingError::Memory(_))));
    assert!(asked.get() <= 100_000);
}

#[test]
fn a_cut_gzip_body_passes_and_a_cut_deflate_body_does_not() {
    let data = varied(100_000);
    let wire = member(&data);
    assert!(gzip_calls("aiohttp-3.14.5", &[&wire[..wire.len() / 2]]).is_ok());
    for wire in [zlib(&data), raw(&data)] {
        let mut deflate = decoding(ContentCoding::Deflate, "aiohttp-3.8.6");
        let end = calls(&mut deflate, &[&wire[..wire.len() / 2]], ALL);
        assert_eq!(end, Err(CodingError::Cut));
        let mut empty = decoding(ContentCoding::Deflate, "aiohttp-3.8.6");
        assert_eq!(calls(&mut empty, &[], ALL), Ok(vec![]));
    }
}

#[test]
fn garbage_is_named_and_loses_the_whole_call() {
    let error = |wire: &[u8]| gzip_calls("aiohttp-3.8.6", &[wire]).unwrap_err();
    assert_eq!(error(b"<html>"), MemberError::Magic.into());
    assert_eq!(error(&[0x1f, 0x8b, 8, 0x80]), MemberError::Flags.into());
    let mut wire = member(b"payload");
    let end = wire.len();
    wire[end - 6] ^= 1;
    assert_eq!(error(&wire), MemberError::Trailer.into());
    let broken = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], [0xff; 20].as_slice()].concat();
    assert_eq!(error(&broken), MemberError::Deflate.into());
}
