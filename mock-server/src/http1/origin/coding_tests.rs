use std::io::{ErrorKind, Read};

use flate2::read::{GzDecoder, MultiGzDecoder, ZlibDecoder};

use super::{
    super::coded_body::{
        tests::{CODINGS, body},
        whole as encode,
    },
    *,
};
use crate::{scenario::coded, units::ByteSize};

fn decoder<'a>(coding: Coding, from: impl Read + 'a) -> Box<dyn Read + 'a> {
    match coding {
        Coding::Identity => Box::new(from),
        Coding::Gzip => Box::new(MultiGzDecoder::new(from)),
        Coding::Deflate => Box::new(ZlibDecoder::new(from)),
        Coding::Br => Box::new(brotli::Decompressor::new(from, 4096)),
        Coding::Zstd => Box::new(zstd::Decoder::new(from).unwrap()),
    }
}

fn decoded(body: &Body, coded: &[u8]) -> Vec<u8> {
    let mut reader: Box<dyn Read> = Box::new(coded);
    for coding in body.encoding.iter().rev() {
        reader = decoder(*coding, reader);
    }
    let mut decoded = Vec::new();
    reader.read_to_end(&mut decoded).unwrap();
    decoded
}

fn object(body: &Body) -> Vec<u8> {
    let Object { size, pattern } = body.object();
    pattern.slices(0..size).collect::<Vec<_>>().concat()
}

#[test]
fn each_coding_and_each_pair_decodes_to_the_object_and_is_no_longer_than_was_said() {
    let pairs = CODINGS.iter().flat_map(|a| CODINGS.map(|b| vec![*a, b]));
    for codings in CODINGS.map(|one| vec![one]).into_iter().chain(pairs) {
        for (size, ratio) in [(0, 1), (1, 1), (100_000, 1), (300_000, 7), (2_500_000, 300)] {
            let body = Body {
                ratio,
                ..body(&codings, size)
            };
            let coded = encode(&body);
            let what = format!("{codings:?} {size} {ratio}");
            assert!(decoded(&body, &coded) == object(&body), "{what}");
            assert!(coded.len() as u64 <= coded::longest(&body), "{what}");
            assert_eq!(coded, encode(&body), "{what}");
        }
    }
}

#[test]
fn a_body_codes_to_about_the_ratio_that_it_states() {
    const SIZE: u64 = 4 << 20;
    for coding in CODINGS {
        let deflates = matches!(coding, Coding::Gzip | Coding::Deflate);
        // Deflate has no length above 258: it needs a bit or two for so many bytes.
        for (ratio, least) in [
            (1, 0.99),
            (2, 1.9),
            (10, 9.0),
            (100, if deflates { 65.0 } else { 90.0 }),
            (1000, if deflates { 200.0 } else { 700.0 }),
        ] {
            let body = Body {
                ratio,
                ..body(&[coding], SIZE)
            };
            let coded = encode(&body).len() as u64;
            let came = SIZE as f64 / coded as f64;
            println!("{coding} {ratio}: {came:.1}");
            assert!(
                came >= least && came <= f64::from(ratio) * 1.01,
                "{coding} {ratio}: {came}"
            );
            assert!(coded <= coded::longest(&body), "{coding} {ratio}");
        }
    }
}

#[test]
fn members_are_equal_parts_that_stand_one_behind_the_other() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        let body = Body {
            members: 3,
            ..body(&[coding], 100_001)
        };
        let coded = encode(&body);
        assert!(decoded(&body, &coded) == object(&body), "{coding}");
        let begins = |at: &usize| match coding {
            Coding::Gzip => coded[*at..].starts_with(b"\x1f\x8b\x08\0\0\0\0\0"),
            _ => coded[*at..].starts_with(b"\x28\xb5\x2f\xfd"),
        };
        assert_eq!((0..coded.len()).filter(begins).count(), 3, "{coding}");
        assert!(coded.len() as u64 <= coded::longest(&body));
    }
    let body = Body {
        members: 3,
        ..body(&[Coding::Gzip], 100_001)
    };
    let mut first = Vec::new();
    GzDecoder::new(&encode(&body)[..])
        .read_to_end(&mut first)
        .unwrap();
    assert!(first == object(&body)[..33_333]);
}

#[test]
fn garbage_stands_behind_the_coded_bytes() {
    let whole = encode(&body(&[Coding::Br], 5000));
    let with = encode(&Body {
        garbage: ByteSize(11),
        ..body(&[Coding::Br], 5000)
    });
    assert_eq!(with, [&whole[..], b"garbage!gar"].concat());
}

#[test]
fn gzip_carries_no_time() {
    let encoded = encode(&body(&[Coding::Gzip], 100_000));
    assert_eq!(encoded[..4], [0x1f, 0x8b, 8, 0]);
    assert_eq!(encoded[4..8], [0; 4]);
    assert_eq!(encoded[9], 255);
}

#[test]
fn a_limit_cuts_the_encoding_and_the_decoder_misses_the_end() {
    let cut_at = |size, limit| {
        encode(&Body {
            truncate_at: Some(ByteSize(limit)),
            ..body(&[Coding::Gzip], size)
        })
    };
    let whole = encode(&body(&[Coding::Gzip], 1_000_000));
    let cut = cut_at(1 << 62, 300_000);
    assert_eq!(cut, whole[..300_000]);
    let mut decoded = Vec::new();
    let error = GzDecoder::new(&cut[..])
        .read_to_end(&mut decoded)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert!(decoded == object(&body(&[], 1_000_000))[..decoded.len()]);
    assert_eq!(cut_at(1_000_000, u64::MAX - 1), whole);
    assert!(cut_at(1_000_000, 0).is_empty());
}

/// Codings, size, ratio, members, the cut, garbage; and what each body was when it was
/// still made in memory (2026-11-28, over HTTP): its length and CRC-32.
type Known = (
    &'static [Coding],
    u64,
    u32,
    u32,
    Option<u64>,
    u64,
    usize,
    u32,
);

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    (&[Coding::Gzip], 1, 1, 1, None, 0, 21, 0x0cfd9b73),
    (&[Coding::Gzip], 100_000, 1, 1, None, 5, 100_124, 0xb8f5695f),
    (&[Coding::Gzip], 2_500_000, 1, 1, None, 0, 2_502_356, 0x60063d4f),
    (&[Coding::Gzip], 2_500_000, 40, 1, Some(20_000), 9, 20_009, 0x79a47ab3),
    (&[Coding::Gzip], 3_000_000, 1000, 1, None, 0, 12_245, 0x880fefa0),
    (&[Coding::Gzip], 1_200_000, 3, 7, None, 0, 414_307, 0xa324309f),
    (&[Coding::Gzip], 1_200_000, 1, 5, Some(700_001), 0, 700_001, 0xdf0701cd),
    (&[Coding::Gzip], 8_000_000, 1, 1, None, 0, 8_007_466, 0x951b4999),
    (&[Coding::Deflate], 1, 1, 1, None, 0, 9, 0x179228bf),
    (&[Coding::Deflate], 100_000, 1, 1, None, 5, 100_112, 0xb5a5903d),
    (&[Coding::Deflate], 2_500_000, 1, 1, None, 0, 2_502_344, 0xb6f4d4e5),
    (&[Coding::Deflate], 2_500_000, 40, 1, Some(20_000), 9, 20_009, 0xd9d59165),
    (&[Coding::Deflate], 3_000_000, 1000, 1, None, 0, 12_233, 0x7e23518e),
    (&[Coding::Deflate], 8_000_000, 1, 1, None, 0, 8_007_454, 0x127d611a),
    (&[Coding::Br], 1, 1, 1, None, 0, 5, 0xbfb616fc),
    (&[Coding::Br], 100_000, 1, 1, None, 5, 100_010, 0xe32b1386),
    (&[Coding::Br], 2_500_000, 1, 1, None, 0, 2_500_011, 0xaed195a2),
    (&[Coding::Br], 2_500_000, 40, 1, Some(20_000), 9, 20_009, 0xb9f84b29),
    (&[Coding::Br], 3_000_000, 1000, 1, None, 0, 3_347, 0x2227594a),
    (&[Coding::Br], 8_000_000, 1, 1, None, 0, 8_000_026, 0x2b5e0d3f),
    (&[Coding::Zstd], 1, 1, 1, None, 0, 14, 0x7484c7aa),
    (&[Coding::Zstd], 100_000, 1, 1, None, 5, 100_018, 0x81be7635),
    (&[Coding::Zstd], 2_500_000, 1, 1, None, 0, 2_500_070, 0xdb65dc78),
    (&[Coding::Zstd], 2_500_000, 40, 1, Some(20_000), 9, 20_009, 0x63651f0d),
    (&[Coding::Zstd], 3_000_000, 1000, 1, None, 0, 3_771, 0xc59a7b2f),
    (&[Coding::Zstd], 1_200_000, 3, 7, None, 0, 409_380, 0xe375c36a),
    (&[Coding::Zstd], 1_200_000, 1, 5, Some(700_001), 0, 700_001, 0xbfa7ebd7),
    (&[Coding::Zstd], 8_000_000, 1, 1, None, 0, 8_000_196, 0x7b0576fa),
    (&[Coding::Gzip, Coding::Deflate], 3_000_000, 20, 1, None, 0, 158_862, 0x6aaae3b7),
    (&[Coding::Gzip, Coding::Br], 3_000_000, 20, 1, None, 0, 159_442, 0xe78039bf),
    (&[Coding::Br, Coding::Gzip], 3_000_000, 20, 1, None, 0, 154_421, 0x6383932b),
    (&[Coding::Zstd, Coding::Br], 3_000_000, 20, 1, None, 0, 151_432, 0x09e791c9),
    (&[Coding::Deflate, Coding::Zstd], 3_000_000, 20, 1, None, 0, 167_515, 0xfa8302dc),
    (&[Coding::Br, Coding::Br], 3_000_000, 20, 1, None, 0, 154_383, 0xc36f6a55),
];

#[test]
fn bodies_are_the_same_bytes_that_they_always_were() {
    for &(codings, size, ratio, members, cut, garbage, len, crc) in KNOWN {
        let coded = encode(&Body {
            ratio,
            members,
            truncate_at: cut.map(ByteSize),
            garbage: ByteSize(garbage),
            ..body(codings, size)
        });
        let mut is = flate2::Crc::new();
        is.update(&coded);
        let what = format!("{codings:?} {size} {ratio} {members} {cut:?} {garbage}");
        assert_eq!((coded.len(), is.sum()), (len, crc), "{what}");
    }
}
