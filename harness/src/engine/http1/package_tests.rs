//! br and zstd by the rules of releases. What each call comes to is what `DeflateBuffer`
//! of that release came to with the same bytes: aiohttp 3.7.4 with brotlipy 0.7.0;
//! 3.8.6, 3.13.0 (zstandard 0.25.0), 3.13.2, 3.13.5, 3.14.3 and 3.14.5 (backports.zstd
//! 1.8.0) with Brotli 1.2.1.

use proptest::prelude::*;

use super::*;
use crate::engine::aiohttp::reader::Profile;

/// Three alphabets, 78 bytes.
const BR: &[u8] = b"\x1b\x4d\x00\xf8\x65\x71\x5c\xce\xe3\x8d\xf0\x2a\x52\x48\x03\x12\x8b\x1a\
    \xeb\x7c\x88\x29\x97\xda\xfa\x98\x6b\x9f\xfb\x3e\x00";
/// A million zeros.
const BR_ZEROS: &[u8] = b"\x5b\x3f\x42\x8f\x7f\x02\x20\x1e\x0b\x04\xf2\x73\x1e\x00";
/// Three alphabets, 78 bytes.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x20\x4e\x0d\x01\x00\xd0ABCDEFGHIJKLMNOPQRSTUVWXYZ\
    \x01\x00\xa6\xcf\x39\x06";
/// The same, by a coder that does not say how long it is.
const UNSIZED: &[u8] = b"\x28\xb5\x2f\xfd\x00\x00\x0d\x01\x00\xd0ABCDEFGHIJKLMNOPQRSTUVWXYZ\
    \x01\x00\xa6\xcf\x39\x06";
/// A million zeros.
const ZSTD_ZEROS: &[u8] = b"\x28\xb5\x2f\xfd\xa0\x40\x42\x0f\x00\x54\x00\x00\x10\x00\x00\x01\
    \x00\xfb\xff\x39\xc0\x02\x02\x00\x10\x00\x02\x00\x10\x00\x02\x00\x10\x00\x02\x00\x10\x00\
    \x02\x00\x10\x00\x02\x00\x10\x00\x03\x12\x0a\x00";
const SKIPPABLE: &[u8] = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc";
const EMPTY: &[u8] = b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00";
const JUNK: &[u8] = b"junk";

const LATE: [&str; 2] = ["aiohttp-3.14.3", "aiohttp-3.14.5"];
const MIDDLE: [&str; 3] = ["aiohttp-3.13.1", "aiohttp-3.13.2", "aiohttp-3.13.5"];

#[derive(Clone, Copy)]
enum Package {
    Br,
    Zstd,
}
use Package::{Br, Zstd};

fn decoding(package: Package, profile: &str) -> Decoding {
    let rules = Profile::parse(profile).unwrap().0.rules;
    let coding = match package {
        Br => ContentCoding::Br(rules.behind_br),
        Zstd => ContentCoding::Zstd(rules.zstd.unwrap()),
    };
    Decoding::new(coding, rules.inflate, rules.members)
}

/// The sizes of what the calls bring, until one fails, and whether one did.
fn calls(package: Package, profile: &str, pieces: &[&[u8]]) -> (Vec<usize>, bool) {
    let mut decoding = decoding(package, profile);
    let mut sizes = Vec::new();
    for piece in pieces {
        let mut bytes = Bytes::copy_from_slice(piece);
        loop {
            match decoding.feed(std::mem::take(&mut bytes), 1 << 18, &|_| Ok(())) {
                Ok(output) if output.is_empty() => {}
                Ok(output) => sizes.push(output.len()),
                Err(_) => return (sizes, true),
            }
            if !decoding.has_more() {
                break;
            }
        }
    }
    assert_eq!(
        decoding.end(),
        Ok(()),
        "nobody asks these whether they have ended"
    );
    (sizes, false)
}

fn whole(sizes: &[usize]) -> (Vec<usize>, bool) {
    (sizes.to_vec(), false)
}

fn fails(sizes: &[usize]) -> (Vec<usize>, bool) {
    (sizes.to_vec(), true)
}

#[test]
fn behind_brotli_nothing_may_come_but_with_brotlipy() {
    let with_junk = [BR, JUNK].concat();
    let twice = [BR, BR].concat();
    assert_eq!(calls(Br, "aiohttp-3.7.4", &[&with_junk]), whole(&[78]));
    assert_eq!(calls(Br, "aiohttp-3.7.4", &[BR, JUNK]), whole(&[78]));
    for profile in [
        "aiohttp-3.8.6",
        "aiohttp-3.13.0",
        "aiohttp-3.13.5",
        "aiohttp-3.14.5",
    ] {
        assert_eq!(calls(Br, profile, &[BR]), whole(&[78]), "{profile}");
        assert_eq!(calls(Br, profile, &[&BR[..9], &BR[9..]]), whole(&[78]));
        assert_eq!(calls(Br, profile, &[&with_junk]), fails(&[]), "{profile}");
        assert_eq!(calls(Br, profile, &[BR, JUNK]), fails(&[78]), "{profile}");
        assert_eq!(calls(Br, profile, &[&twice]), fails(&[]), "{profile}");
        assert_eq!(calls(Br, profile, &[b"<html>"]), fails(&[]), "{profile}");
    }
}

#[test]
fn a_cut_body_passes_in_every_release() {
    for profile in ["aiohttp-3.8.6", "aiohttp-3.13.5", "aiohttp-3.14.5"] {
        let (sizes, failed) = calls(Br, profile, &[&BR[..BR.len() - 3]]);
        assert!(!failed && sizes.iter().sum::<usize>() < 78, "{profile}");
    }
    for profile in MIDDLE.into_iter().chain(LATE) {
        let cut = &ZSTD[..ZSTD.len() - 3];
        assert_eq!(calls(Zstd, profile, &[cut]), whole(&[]), "{profile}");
    }
}

#[test]
fn br_comes_in_the_blocks_of_its_package_and_zstd_in_steps() {
    assert_eq!(
        calls(Br, "aiohttp-3.13.2", &[BR_ZEROS]),
        whole(&[1_000_000])
    );
    let zeros = calls(Zstd, "aiohttp-3.13.2", &[ZSTD_ZEROS]);
    assert_eq!(zeros, whole(&[1_000_000]));
    for profile in LATE {
        let blocks = calls(Br, profile, &[BR_ZEROS]);
        assert_eq!(blocks, whole(&[491_456, 491_456, 17_088]), "{profile}");
        let steps = calls(Zstd, profile, &[ZSTD_ZEROS]);
        assert_eq!(steps, whole(&[262_144, 262_144, 262_144, 213_568]));
    }
}

/// `Decompressor.process` of Brotli 1.2.1, of 300 MB of zeros.
#[test]
fn a_limit_of_br_is_kept_to_the_next_block() {
    for (limit, brings) in [
        (1, 32_752),
        (32_753, 98_272),
        (98_273, 229_328),
        (491_457, 1_015_728),
        (1 << 20, 2_064_288),
        (2 << 20, 4_161_424),
        (6 << 20, 8_355_712),
        (20 << 20, 33_521_504),
        (40 << 20, 50_298_704),
        (200 << 20, 218_070_704),
        (usize::MAX, usize::MAX),
    ] {
        assert_eq!(super::Br::room(limit), brings, "{limit}");
    }
}

/// As in `Decompressor.process`: 9206 bytes of one such stream bring 32,752 bytes, and
/// no bytes more of it another 7.
#[test]
fn what_does_not_fit_into_the_block_in_which_br_is_cut_waits_for_another_call() {
    use std::io::Write as _;
    let data: Vec<u8> = (0..60_000_u32).map(|n| ((n * n) >> 11) as u8).collect();
    let mut wire = Vec::new();
    let mut coder = brotli::CompressorWriter::new(&mut wire, 4096, 5, 19);
    coder.write_all(&data).unwrap();
    drop(coder);
    let first = |cut: usize| {
        let mut decoding = decoding(Br, "aiohttp-3.13.2");
        let mut feed = |bytes| decoding.feed(bytes, 0, &|_| Ok(())).unwrap().len();
        let brought = feed(Bytes::copy_from_slice(&wire[..cut]));
        (brought, feed(Bytes::new()))
    };
    let cuts: Vec<usize> = (1..wire.len()).collect();
    let full = cuts.partition_point(|cut| first(*cut).0 < 32_752);
    let waits = |cut: &usize| first(*cut).0 == 32_752 && first(*cut).1 > 0;
    assert!(
        cuts[full..].iter().take(8).any(waits),
        "{:?}",
        first(cuts[full])
    );
}

#[test]
fn in_3_13_0_each_piece_is_a_whole_frame_of_known_length() {
    let zstd = |pieces: &[&[u8]]| calls(Zstd, "aiohttp-3.13.0", pieces);
    assert_eq!(zstd(&[ZSTD_ZEROS]), whole(&[1_000_000]));
    assert_eq!(zstd(&[ZSTD, ZSTD]), whole(&[78, 78]));
    assert_eq!(zstd(&[&[ZSTD, ZSTD].concat()]), whole(&[78]));
    assert_eq!(zstd(&[&[ZSTD, JUNK].concat()]), whole(&[78]));
    assert_eq!(zstd(&[ZSTD, JUNK]), fails(&[78]));
    assert_eq!(zstd(&[&ZSTD[..20], &ZSTD[20..]]), fails(&[]));
    assert_eq!(zstd(&[&ZSTD[..ZSTD.len() - 3]]), fails(&[]));
    assert_eq!(zstd(&[UNSIZED]), fails(&[]));
    assert_eq!(zstd(&[&[SKIPPABLE, ZSTD].concat()]), fails(&[]));
    assert_eq!(zstd(&[&[EMPTY, ZSTD].concat()]), whole(&[]));
}

#[test]
fn from_3_13_1_to_3_13_5_the_first_frame_counts_and_a_later_piece_fails() {
    for profile in MIDDLE {
        let zstd = |pieces: &[&[u8]]| calls(Zstd, profile, pieces);
        assert_eq!(zstd(&[UNSIZED]), whole(&[78]));
        assert_eq!(zstd(&[&ZSTD[..20], &ZSTD[20..]]), whole(&[78]));
        assert_eq!(zstd(&[&[ZSTD, ZSTD].concat()]), whole(&[78]));
        assert_eq!(zstd(&[&[ZSTD, JUNK].concat()]), whole(&[78]));
        assert_eq!(zstd(&[ZSTD, ZSTD]), fails(&[78]));
        assert_eq!(zstd(&[&[SKIPPABLE, ZSTD].concat()]), whole(&[]));
        assert_eq!(zstd(&[&[EMPTY, ZSTD].concat()]), whole(&[]));
    }
}

#[test]
fn from_3_14_on_frames_follow_each_other_and_junk_is_none() {
    for profile in LATE {
        let zstd = |pieces: &[&[u8]]| calls(Zstd, profile, pieces);
        assert_eq!(zstd(&[ZSTD, ZSTD]), whole(&[78, 78]));
        assert_eq!(zstd(&[&[ZSTD, ZSTD].concat()]), whole(&[156]));
        assert_eq!(zstd(&[&[SKIPPABLE, ZSTD].concat()]), whole(&[78]));
        assert_eq!(zstd(&[&[ZSTD, JUNK].concat()]), fails(&[]));
        assert_eq!(zstd(&[ZSTD, JUNK]), fails(&[78]));
        assert_eq!(zstd(&[ZSTD, b"\0"]), fails(&[78]));
        // It may be the beginning of a frame, and nobody asks at the end.
        assert_eq!(zstd(&[ZSTD, b"("]), whole(&[78]));
    }
}

#[test]
fn many_frames_come_in_small_steps_before_3_14_4_and_are_counted_since() {
    let (most, over) = (ZSTD.repeat(1024), ZSTD.repeat(1025));
    let mut steps = [6396; 13];
    steps[12] = 3120;
    assert_eq!(calls(Zstd, "aiohttp-3.14.3", &[&most]), whole(&steps));
    steps[12] = 3198;
    assert_eq!(calls(Zstd, "aiohttp-3.14.3", &[&over]), whole(&steps));
    assert_eq!(calls(Zstd, "aiohttp-3.14.5", &[&most]), whole(&[79_872]));
    assert_eq!(calls(Zstd, "aiohttp-3.14.5", &[&over]), fails(&[]));
}

#[test]
fn a_bomb_is_refused_by_its_size() {
    for (coding, wire) in [
        (ContentCoding::Br(BehindBr::Refused), BR_ZEROS),
        (ContentCoding::Zstd(ZstdPieces::Stream), ZSTD_ZEROS),
    ] {
        let feed = |above| {
            let inflate = Inflate::Refused { above };
            let mut decoding = Decoding::new(coding, inflate, Members::First);
            let wire = Bytes::from_static(wire);
            decoding
                .feed(wire, 0, &|_| Ok(()))
                .map(|output| output.len())
        };
        assert_eq!(feed(1_000_000), Ok(1_000_000));
        assert_eq!(feed(999_999), Err(CodingError::TooLarge(999_999)));
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_bytes(
        cuts in prop::collection::vec(any::<usize>(), 0..8),
        step in 5000usize..300_000,
        br in any::<bool>(),
        profile in prop::sample::select(vec!["aiohttp-3.13.5", "aiohttp-3.14.3", "aiohttp-3.14.5"]),
    ) {
        let (package, wire) = if br { (Br, BR_ZEROS) } else { (Zstd, ZSTD_ZEROS) };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % wire.len()).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        let mut decoding = decoding(package, profile);
        let mut length = 0;
        for pair in cuts.windows(2).filter(|pair| pair[0] < pair[1]) {
            let mut bytes = Bytes::copy_from_slice(&wire[pair[0]..pair[1]]);
            loop {
                let output = decoding.feed(std::mem::take(&mut bytes), step, &|_| Ok(())).unwrap();
                prop_assert!(output.iter().all(|byte| *byte == 0));
                length += output.len();
                if !decoding.has_more() {
                    break;
                }
            }
        }
        prop_assert_eq!(length, 1_000_000);
    }

    #[test]
    fn no_input_panics(wire in prop::collection::vec(any::<u8>(), 1..200), begun in any::<bool>()) {
        for (package, start) in [(Br, &BR[..7]), (Zstd, &ZSTD[..9])] {
            for profile in ["aiohttp-3.13.0", "aiohttp-3.13.5", "aiohttp-3.14.5"] {
                let head: &[u8] = if begun { start } else { &[] };
                let _ = calls(package, profile, &[&[head, &wire].concat()]);
            }
        }
    }
}
