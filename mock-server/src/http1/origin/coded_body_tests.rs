use super::*;
use crate::{body::ObjectFile, scenario::Coding, units::ByteSize};

pub(in super::super) const CODINGS: [Coding; 4] =
    [Coding::Gzip, Coding::Deflate, Coding::Br, Coding::Zstd];

pub(in super::super) fn body(codings: &[Coding], size: u64) -> Body {
    Body {
        size: ByteSize(size),
        encoding: codings.to_vec(),
        ..Body::default()
    }
}

/// `coded` without what is kept of it, as if it were long.
fn long(mut coded: Coded) -> Arc<Coded> {
    coded.kept = None;
    Arc::new(coded)
}

/// What a fresh decoder has of the first `len` bytes, for each coding: it is told nothing
/// of what comes behind them.
fn decoded(codings: &[Coding], coded: &[u8]) -> u64 {
    use std::io::Read as _;
    let mut bytes = coded.to_vec();
    for coding in codings.iter().rev() {
        let mut out = Vec::new();
        // A cut coding ends with an error, behind all that there is.
        let _ = match coding {
            Coding::Gzip => flate2::bufread::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut out),
            Coding::Deflate => flate2::bufread::ZlibDecoder::new(&bytes[..]).read_to_end(&mut out),
            Coding::Br => brotli::Decompressor::new(&bytes[..], 4096).read_to_end(&mut out),
            Coding::Zstd => zstd::Decoder::new(&bytes[..])
                .unwrap()
                .read_to_end(&mut out),
            Coding::Identity => Ok(0),
        };
        bytes = out;
    }
    bytes.len() as u64
}

#[test]
fn a_long_body_is_read_from_any_place_as_the_whole_has_it() {
    for (codings, members) in [
        (&[Coding::Gzip][..], 1),
        (&[Coding::Gzip], 4),
        (&[Coding::Zstd], 3),
        (&[Coding::Gzip, Coding::Br], 1),
    ] {
        let body = Body {
            members,
            ratio: 700,
            garbage: ByteSize(13),
            ..body(codings, 120_000)
        };
        let all = whole(&body);
        let coded = long(Coded::new(&body, None, &[]).unwrap());
        assert_eq!(coded.len(), all.len() as u64);
        let mut jumping = Reader::new(Arc::clone(&coded));
        for start in 0..all.len() {
            let mut fresh = Reader::new(Arc::clone(&coded));
            for end in [start + 1, start + 30, all.len()] {
                let wanted = &all[start..end.min(all.len())];
                for reader in [&mut fresh, &mut jumping] {
                    let mut came = Vec::new();
                    while came.len() < wanted.len() {
                        let at = (start + came.len()) as u64;
                        let left = (wanted.len() - came.len()) as u64;
                        came.extend_from_slice(&reader.bytes_at(at, left));
                    }
                    assert!(came == wanted, "{codings:?} {start}..{end}");
                }
            }
        }
    }
}

#[test]
fn an_offset_of_the_object_is_the_least_prefix_from_which_it_can_be_decoded() {
    let pairs = [
        vec![Coding::Gzip, Coding::Br],
        vec![Coding::Zstd, Coding::Gzip],
    ];
    for codings in CODINGS.map(|one| vec![one]).into_iter().chain(pairs) {
        let members = match codings[..] {
            [Coding::Gzip | Coding::Zstd] => 3,
            _ => 1,
        };
        let body = Body {
            ratio: 300,
            members,
            ..body(&codings, 400_000)
        };
        let wanted = [1, 63, 64, 5000, 131_072, 133_333, 133_334, 399_999, 400_000];
        let all = whole(&body);
        let coded = Coded::new(&body, None, &wanted).unwrap();
        let came = |len: u64| decoded(&codings, &all[..len as usize]);
        for at in wanted {
            let least = coded.of_object(at).unwrap();
            let what = format!("{codings:?} {at} at {least}");
            assert!(came(least) >= at && came(least - 1) < at, "{what}");
        }
        assert_eq!(coded.of_object(2), None, "nobody asked for it");
    }
}

#[test]
fn what_a_cut_body_does_not_bring_has_no_place() {
    let cut = Body {
        truncate_at: Some(ByteSize(50_000)),
        garbage: ByteSize(100_000),
        ..body(&[Coding::Gzip], 100_000)
    };
    let coded = Coded::new(&cut, None, &[40_000, 60_000]).unwrap();
    assert!(coded.of_object(40_000).is_some_and(|at| at <= 50_000));
    assert_eq!(coded.of_object(60_000), None);
    assert_eq!(coded.of_object(0), Some(0));
    assert_eq!(coded.place(Landmark::Trailer), None);
    assert_eq!(coded.place(Landmark::Member(1)), None);
}

#[test]
fn members_and_the_trailer_are_where_the_coding_has_them() {
    let three = Body {
        members: 3,
        garbage: ByteSize(9),
        ..body(&[Coding::Gzip], 90_000)
    };
    let all = whole(&three);
    let coded = Coded::new(&three, None, &[]).unwrap();
    let end = |number| coded.place(Landmark::Member(number)).unwrap() as usize;
    for number in [1, 2] {
        assert!(all[end(number)..].starts_with(b"\x1f\x8b\x08"), "{number}");
    }
    assert_eq!(&all[end(3)..], b"garbage!g");
    assert_eq!(coded.place(Landmark::Member(4)), None);
    let trailer = coded.place(Landmark::Trailer).unwrap() as usize;
    assert_eq!(trailer, end(3) - 8);
    // ISIZE, the length of the last member.
    assert_eq!(all[trailer + 4..][..4], 30_000u32.to_le_bytes());
    for (coding, len) in [
        (Coding::Deflate, Some(4)),
        (Coding::Zstd, Some(4)),
        (Coding::Br, None),
    ] {
        let coded = Coded::new(&body(&[coding], 1000), None, &[]).unwrap();
        let trailer = coded.place(Landmark::Trailer);
        assert_eq!(trailer.map(|at| coded.len() - at), len, "{coding}");
    }
    // A cut inside the trailer leaves its place.
    let cut = Body {
        truncate_at: Some(ByteSize(coded.coding_len - 3)),
        ..three
    };
    let cut = Coded::new(&cut, None, &[]).unwrap();
    assert_eq!(cut.place(Landmark::Trailer), Some(trailer as u64));
    assert_eq!(cut.place(Landmark::Member(3)), None);
}

#[test]
fn a_length_that_is_known_without_coding_is_that_of_the_coding() {
    for coding in CODINGS {
        let cut = Body {
            truncate_at: Some(ByteSize(9_000_000)),
            ..body(&[coding], 10_000_000)
        };
        assert_eq!(coded::sure_len(&cut), Some(9_000_000));
        let mut pass = Pass::new(Arc::new(cut.clone()), None, &[]);
        while let Some(bytes) = pass.coder.step().unwrap() {
            pass.at += bytes.len() as u64;
        }
        assert!(pass.at > 9_900_000, "{coding} {}", pass.at);
        assert_eq!(whole(&cut).len(), 9_000_000, "{coding}");
    }
}

#[test]
fn of_a_real_file_no_length_is_known_without_coding_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zeros"), vec![0; 10_000_000]).unwrap();
    let file = ObjectFile::named("zeros").look(folder.path()).unwrap();
    let zeros = Body {
        truncate_at: Some(ByteSize(9_000_000)),
        file: Some(file.clone()),
        ..body(&[Coding::Gzip], 10_000_000)
    };
    assert_eq!(coded::sure_len(&zeros), None);
    let coded = Coded::new(&zeros, Some(&file.open().unwrap()), &[]).unwrap();
    assert!(coded.len() < 100_000, "{}", coded.len());
    assert_eq!(decoded(&zeros.encoding, coded.kept().unwrap()), 10_000_000);
}

/// A file that compresses to a half, coded in three members where the coding has some.
fn halves(folder: &std::path::Path, coding: Coding) -> (Body, OpenFile) {
    let bytes: Vec<u8> = crate::body::Pattern::PLAIN
        .slices(0..2_000_000)
        .flat_map(|slice| slice.iter().map(|byte| byte & 0x0f).collect::<Vec<_>>())
        .collect();
    let path = folder.join("halves");
    std::fs::write(&path, bytes).unwrap();
    let file = ObjectFile::named("halves").look(folder).unwrap();
    let members = match coding {
        Coding::Gzip | Coding::Zstd => 3,
        _ => 1,
    };
    let open = file.open().unwrap();
    let body = Body {
        members,
        garbage: ByteSize(100),
        file: Some(file),
        ..body(&[coding], 2_000_000)
    };
    (body, open)
}

/// All that comes from `at` on.
fn rest(reader: &mut Reader, at: u64) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let bytes = reader.bytes_at(at + all.len() as u64, u64::MAX);
        if bytes.is_empty() {
            return all;
        }
        all.extend_from_slice(&bytes);
    }
}

#[test]
fn a_file_that_changes_while_its_coding_is_sent_has_no_end_and_nothing_behind() {
    type Change = fn(&std::fs::File);
    let changes: [Change; 3] = [
        |file| file.set_len(900_000).unwrap(),
        |file| file.set_len(3_000_000).unwrap(),
        |file| file.set_modified(std::time::UNIX_EPOCH).unwrap(),
    ];
    for (coding, change) in CODINGS
        .into_iter()
        .flat_map(|coding| changes.map(|change| (coding, change)))
    {
        let folder = tempfile::tempdir().unwrap();
        let (body, open) = halves(folder.path(), coding);
        let coded = long(Coded::new(&body, Some(&open), &[]).unwrap());
        let whole = rest(&mut Reader::new(Arc::clone(&coded)), 0);
        assert_eq!(whole.len() as u64, coded.len(), "{coding}");
        let mut reader = Reader::new(Arc::clone(&coded));
        let mut came = reader.bytes_at(0, 1000).to_vec();
        let path = folder.path().join("halves");
        change(&std::fs::File::options().write(true).open(path).unwrap());
        came.extend(rest(&mut reader, came.len() as u64));
        assert!(
            came.len() < whole.len() / 2 && whole.starts_with(&came),
            "{coding}"
        );
        assert!(!came.ends_with(b"garbage!"), "{coding}");
        // A range that begins in the middle has nothing at all.
        assert!(rest(&mut Reader::new(Arc::clone(&coded)), coded.len() / 2).is_empty());
        // And the file is not gone over again as if it were the one that it was.
        let again = Coded::new(&body, Some(&open), &[]);
        assert!(again.is_err(), "{coding}");
    }
}

#[test]
fn a_member_that_ends_elsewhere_than_before_does_not_end() {
    let folder = tempfile::tempdir().unwrap();
    let (body, open) = halves(folder.path(), Coding::Gzip);
    let coded = Coded::new(&body, Some(&open), &[]).unwrap();
    let ends = coded.member_ends.clone();
    let path = folder.path().join("halves");
    // Other bytes, but neither size nor time say so.
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    use std::io::Write as _;
    (&file).write_all(&[0; 500_000]).unwrap();
    file.set_modified(time).unwrap();
    let came = rest(&mut Reader::new(long(coded)), 0);
    assert!((came.len() as u64) < ends[0], "{} of {ends:?}", came.len());
}

#[test]
fn a_short_body_is_kept_and_a_long_one_is_not() {
    let kept = |size| {
        Coded::new(&body(&[Coding::Zstd], size), None, &[])
            .unwrap()
            .kept()
            .is_some()
    };
    assert!(kept(coded::MOST_KEPT.0 - 10_000));
    assert!(!kept(coded::MOST_KEPT.0));
}

#[test]
fn a_long_body_is_gone_over_once_and_another_one_by_itself() {
    let long = |version| Body {
        version,
        ..body(&[Coding::Zstd], 5_000_001)
    };
    let first = Coded::known(&long(1), None, &[7]).unwrap();
    assert!(Arc::ptr_eq(
        &first,
        &Coded::known(&long(1), None, &[7]).unwrap()
    ));
    assert!(!Arc::ptr_eq(
        &first,
        &Coded::known(&long(2), None, &[7]).unwrap()
    ));
    let others = Coded::known(&long(1), None, &[8]).unwrap();
    assert!(others.of_object(8).is_some() && others.of_object(7).is_none());
}
