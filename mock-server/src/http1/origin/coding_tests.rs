use std::io::{ErrorKind, Read};

use flate2::read::{GzDecoder, MultiGzDecoder, ZlibDecoder};

use super::*;
use crate::units::ByteSize;

const CODINGS: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Br, Coding::Zstd];

fn body(codings: &[Coding], size: u64) -> Body {
    Body {
        size: ByteSize(size),
        encoding: codings.to_vec(),
        ..Body::default()
    }
}

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
            let coded = encode(&body, None);
            let what = format!("{codings:?} {size} {ratio}");
            assert!(decoded(&body, &coded) == object(&body), "{what}");
            assert!(coded.len() as u64 <= coded::longest(&body), "{what}");
            assert_eq!(coded, encode(&body, None), "{what}");
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
            let coded = encode(&body, None).len() as u64;
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
        let coded = encode(&body, None);
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
    GzDecoder::new(&encode(&body, None)[..])
        .read_to_end(&mut first)
        .unwrap();
    assert!(first == object(&body)[..33_333]);
}

#[test]
fn garbage_stands_behind_the_coded_bytes() {
    let whole = encode(&body(&[Coding::Br], 5000), None);
    let with = encode(
        &Body {
            garbage: ByteSize(11),
            ..body(&[Coding::Br], 5000)
        },
        None,
    );
    assert_eq!(with, [&whole[..], b"garbage!gar"].concat());
}

#[test]
fn gzip_carries_no_time() {
    let encoded = encode(&body(&[Coding::Gzip], 100_000), None);
    assert_eq!(encoded[..4], [0x1f, 0x8b, 8, 0]);
    assert_eq!(encoded[4..8], [0; 4]);
    assert_eq!(encoded[9], 255);
}

#[test]
fn a_limit_cuts_the_encoding_and_the_decoder_misses_the_end() {
    let cut_at = |size, limit| {
        encode(
            &Body {
                truncate_at: Some(ByteSize(limit)),
                ..body(&[Coding::Gzip], size)
            },
            None,
        )
    };
    let whole = encode(&body(&[Coding::Gzip], 1_000_000), None);
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
