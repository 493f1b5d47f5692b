use std::{
    io::{Read, Seek as _},
    os::unix::fs::FileExt as _,
};

use crate::body::{PERIOD, Pattern};

use super::*;

/// Longer than the pattern's period, and not a multiple of anything.
const SIZE: u64 = 2_345_678;

fn object() -> Vec<u8> {
    Pattern::PLAIN.slices(0..SIZE).collect::<Vec<_>>().concat()
}

/// Gives at most `piece` bytes a read.
struct Pieces<'a> {
    bytes: &'a [u8],
    piece: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let piece = self.piece.min(into.len());
        self.bytes.read(&mut into[..piece])
    }
}

/// The finding, which must be the same for all sizes of reads.
fn found(bytes: &[u8]) -> Finding {
    let whole = verify(&mut &*bytes, SIZE).unwrap();
    for piece in [7, 4096, 65_537] {
        let pieces = verify(&mut Pieces { bytes, piece }, SIZE).unwrap();
        assert_eq!(pieces, whole, "in pieces of {piece}");
    }
    whole
}

fn told(bytes: &[u8]) -> String {
    found(bytes).to_string()
}

#[test]
fn the_object_is_complete() {
    let finding = found(&object());
    assert!(finding.is_whole());
    insta::assert_snapshot!(finding, @"complete: all 2345678 bytes (2.35 MB) are right");
}

#[test]
fn an_empty_object_is_complete_when_nothing_came_and_longer_otherwise() {
    assert!(verify(&mut io::empty(), 0).unwrap().is_whole());
    let some = verify(&mut &[0u8; 20][..], 0).unwrap();
    assert_eq!(some.verdict, FileVerdict::Longer);
    assert!(!some.second_copy);
}

#[test]
fn a_cut_file_is_short_at_its_length() {
    insta::assert_snapshot!(told(&object()[..1_000_000]), @"short at 1000000: every byte is right, 1345678 bytes (1.35 MB) of 2345678 bytes (2.35 MB) are missing");
    insta::assert_snapshot!(told(&[]), @"short at 0: every byte is right, 2345678 bytes (2.35 MB) of 2345678 bytes (2.35 MB) are missing");
    assert_eq!(
        found(&object()[..SIZE as usize - 1]).verdict,
        FileVerdict::Short
    );
}

#[test]
fn a_lost_block_is_told_by_its_bytes_and_by_the_length() {
    let whole = object();
    let lost = [&whole[..500_000], &whole[565_536..]].concat();
    insta::assert_snapshot!(told(&lost), @r"
    bad at 500000: bytes from offset 565536 start there: a block of 65536 bytes (65.54 kB) is lost
    the file has 2280142 bytes (2.28 MB), the object 2345678 bytes (2.35 MB)
    ");
    // This is more than half a period, so only the length tells how much.
    let much = 1_300_000;
    let lost = [&whole[..500_000], &whole[500_000 + much..]].concat();
    assert_eq!(found(&lost).arrived_offset, Some(500_000 + much as u64));
    assert!(found(&lost).arrived_exact);
}

#[test]
fn a_repeated_block_is_told_and_a_second_start_is_said_to_be_one() {
    let whole = object();
    let repeated = [&whole[..500_000], &whole[434_464..]].concat();
    insta::assert_snapshot!(told(&repeated), @r"
    bad at 500000: bytes from offset 434464 start there: a block of 65536 bytes (65.54 kB) is repeated
    the file has 2411214 bytes (2.41 MB), the object 2345678 bytes (2.35 MB)
    ");
    // A resume that was answered with 200, and appended anyway.
    let resumed = [&whole[..2_000_000], &whole].concat();
    insta::assert_snapshot!(told(&resumed), @r"
    bad at 2000000: bytes from offset 0 start there: the object begins again
    the file has 4345678 bytes (4.35 MB), the object 2345678 bytes (2.35 MB)
    ");
}

#[test]
fn a_moved_block_in_a_file_of_full_length_is_known_up_to_the_period() {
    let mut bytes = object();
    bytes.copy_within(300_000..400_000, 600_000);
    let finding = found(&bytes);
    assert_eq!(finding.arrived_offset, Some(300_000));
    assert!(!finding.arrived_exact);
    let text = finding.to_string();
    assert!(
        text.contains(&format!("give or take multiples of {PERIOD}")),
        "{text}"
    );
}

#[test]
fn preallocated_files_are_as_long_as_what_is_true() {
    let mut bytes = object();
    bytes[1_000_000..].fill(0);
    insta::assert_snapshot!(told(&bytes), @r"
    bad at 1000000: right up to there, then only zeros: the file was preallocated, or is sparse
    the file has 2345678 bytes (2.35 MB), the object 2345678 bytes (2.35 MB)
    ");
    assert_eq!(found(&bytes).true_prefix_bytes, 1_000_000);
    let nothing = found(&vec![0; SIZE as usize]);
    assert_eq!(
        (nothing.verdict, nothing.stands),
        (FileVerdict::Bad, Some(Stands::Zeros))
    );
    assert!(nothing.zeros_to_the_end);
}

#[test]
fn a_hole_in_the_middle_is_measured() {
    let mut bytes = object();
    bytes[1_000_000..1_100_000].fill(0);
    insta::assert_snapshot!(told(&bytes), @r"
    bad at 1000000: a hole of 100000 bytes (100 kB) in zeros: the file was preallocated, or is sparse
    the file has 2345678 bytes (2.35 MB), the object 2345678 bytes (2.35 MB)
    ");
}

#[test]
fn a_sparse_file_is_found_out_as_one_that_is_read() {
    for (right, length, data) in [
        (1_000_000, SIZE, None),
        (0, SIZE, None),
        (1_000_000, SIZE, Some(2_000_000)),
        (1_000_000, 100 * SIZE, None),
        // The whole object, then a hole.
        (SIZE, 3 * SIZE, None),
        (SIZE, 3 * SIZE, Some(2 * SIZE)),
    ] {
        let file = tempfile::tempfile().unwrap();
        let object = object();
        file.write_all_at(&object[..right as usize], 0).unwrap();
        file.set_len(length).unwrap();
        if let Some(at) = data {
            file.write_all_at(&object[..300_000], at).unwrap();
        }
        let skipped = verify_file(&file, SIZE).unwrap();
        (&file).rewind().unwrap();
        let read = verify(&mut &file, SIZE).unwrap();
        assert_eq!(skipped, read, "{right} of {length}");
        assert_eq!(skipped.true_prefix_bytes, right);
        assert_eq!(skipped.zeros_to_the_end, data.is_none());
    }
}

#[test]
fn a_sparse_file_of_terabytes_is_not_read() {
    let file = tempfile::tempfile().unwrap();
    // Reading the hole would take minutes.
    file.set_len(4 << 40).unwrap();
    let finding = verify_file(&file, SIZE).unwrap();
    assert_eq!(finding.length_bytes, 4 << 40);
    assert_eq!(finding.zero_bytes, 4 << 40);
}

#[test]
fn a_flipped_byte_is_shown() {
    let mut bytes = object();
    bytes[77] ^= 1;
    let finding = found(&bytes);
    assert_eq!(
        (finding.verdict, finding.stands),
        (FileVerdict::Bad, Some(Stands::Other))
    );
    assert_eq!(finding.first_bad_offset, Some(77));
    assert_eq!(finding.hex.unwrap().len(), 16 * 3 - 1);
}

#[test]
fn another_object_is_named() {
    let page = b"<!DOCTYPE html><title>Sign in</title>\n";
    insta::assert_snapshot!(told(page), @r"
    wrong object: a page of HTML starts there (3c 21 44 4f 43 54 59 50 45 20 68 74 6d 6c 3e 3c)
    the file has 38 bytes, the object 2345678 bytes (2.35 MB)
    ");
    let with = |start: &[u8]| {
        let finding = found(&[start, &[7; 900]].concat());
        (finding.verdict, finding.stands.unwrap())
    };
    assert_eq!(
        with(b"HTTP/1.1 200 OK\r\n"),
        (FileVerdict::WrongObject, Stands::HttpHead)
    );
    assert_eq!(
        with(&[0x1f, 0x8b, 8, 0]),
        (FileVerdict::WrongObject, Stands::Gzip)
    );
    assert_eq!(with(b"\x89PNG"), (FileVerdict::WrongObject, Stands::Other));
}

#[test]
fn a_wrong_object_that_begins_with_a_right_byte_is_wrong_all_the_same() {
    // The object's first byte is 0x6c, `l`.
    let finding = found(b"l <html><body>Bad gateway</body></html>");
    assert_eq!(finding.first_bad_offset, Some(1));
    assert_eq!(
        (finding.verdict, finding.stands),
        (FileVerdict::WrongObject, Some(Stands::Html))
    );
}

#[test]
fn an_error_page_behind_right_bytes_is_named() {
    let appended = [&object()[..1_000_000], b"<html><h1>502 Bad Gateway</h1>"].concat();
    let finding = found(&appended);
    assert_eq!(
        (finding.verdict, finding.stands),
        (FileVerdict::Bad, Some(Stands::Html))
    );
    assert_eq!(finding.true_prefix_bytes, 1_000_000);
}

#[test]
fn what_is_too_long_says_by_what() {
    let whole = object();
    insta::assert_snapshot!(told(&[&whole[..], &whole].concat()), @"longer than it should be: the whole object of 2345678 bytes (2.35 MB), then 2345678 bytes (2.35 MB) more: a second copy");
    insta::assert_snapshot!(told(&[&whole[..], &whole[..9000]].concat()), @"longer than it should be: the whole object of 2345678 bytes (2.35 MB), then 9000 bytes more: the beginning of a second copy");
    insta::assert_snapshot!(told(&[&whole[..], &[0; 9000]].concat()), @"longer than it should be: the whole object of 2345678 bytes (2.35 MB), then 9000 bytes more: only zeros, the file was preallocated for more");
    insta::assert_snapshot!(told(&[&whole[..], b"\r\n"].concat()), @"longer than it should be: the whole object of 2345678 bytes (2.35 MB), then 2 bytes more (0d 0a)");
}

#[test]
fn an_input_that_fails_is_not_a_short_file() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    assert!(verify(&mut Fails, 1).is_err());
}

/// The first `at` bytes of version 1, then version 2 up to `size`.
fn spliced(at: u64, size: u64) -> Vec<u8> {
    let second = Pattern::PLAIN.of_version(2);
    let parts = Pattern::PLAIN.slices(0..at).chain(second.slices(at..size));
    parts.collect::<Vec<_>>().concat()
}

#[test]
fn a_file_of_two_versions_is_told_apart_to_the_byte() {
    for (at, size) in [
        (1, 5000),
        (500_000, 1_200_000),
        (2 * PERIOD + 77, 3 * PERIOD),
    ] {
        let finding = verify(&mut &spliced(at, size)[..], size).unwrap();
        // Two versions may have a byte in common where one begins.
        let bad = finding.first_bad_offset.unwrap();
        assert!((at..at + 4).contains(&bad), "{bad} for {at}");
        assert_eq!(
            (finding.stands, finding.version),
            (Some(Stands::Version), Some(2))
        );
        assert_eq!(finding.version_end, Some(size));
        assert!(!finding.is_whole());
    }
    let finding = verify(&mut &spliced(500_000, 1_200_000)[..], 1_200_000).unwrap();
    assert_eq!(
        finding.to_string(),
        "spliced at 500000: the object up to there, its version 2 from 500000 to the end: it \
         changed between two requests\nthe file has 1200000 bytes (1.2 MB), the object 1200000 bytes (1.2 MB)"
    );
}

#[test]
fn a_splice_that_ends_is_followed_to_its_end() {
    let mut bytes = spliced(1000, 9000);
    bytes.truncate(5000);
    bytes.extend_from_slice(&Pattern::PLAIN.slice(5000, 4000));
    let finding = verify(&mut &bytes[..], 9000).unwrap();
    assert_eq!(finding.version, Some(2));
    let end = finding.version_end.unwrap();
    assert!((5000..5004).contains(&end), "{end}");
    assert!(
        finding.to_string().contains(&format!("up to {end}")),
        "{finding}"
    );
}

#[test]
fn a_whole_file_of_another_version_is_another_object() {
    let finding = verify(&mut &spliced(0, 9000)[..], 9000).unwrap();
    assert_eq!(
        (finding.verdict, finding.version),
        (FileVerdict::WrongObject, Some(2))
    );
    assert!(
        finding
            .to_string()
            .contains("it is version 2 of the object, to the end")
    );
    // Whoever asks for that version has it whole.
    let second = crate::body::Object {
        size: 9000,
        pattern: Pattern::PLAIN.of_version(2),
    };
    assert!(
        verify(&mut &spliced(0, 9000)[..], second)
            .unwrap()
            .is_whole()
    );
    let first = verify(&mut &spliced(9000, 9000)[..], second).unwrap();
    assert_eq!(first.version, Some(1));
}

#[test]
fn a_lost_block_of_a_common_size_is_no_version() {
    let object = Pattern::PLAIN
        .slices(0..3 * PERIOD)
        .collect::<Vec<_>>()
        .concat();
    for lost in (1..=64)
        .map(|n| n * 4096)
        .chain([1448, 10_000, 100_000, 1_000_000])
    {
        let mut bytes = object[..70_000].to_vec();
        bytes.extend_from_slice(&object[70_000 + lost..]);
        let finding = verify(&mut &bytes[..], object.len() as u64).unwrap();
        assert_eq!(finding.stands, Some(Stands::Object), "{lost}");
        // As long as the object, since more follows: the length tells nothing.
        bytes.resize(object.len(), 0);
        let finding = verify(&mut &bytes[..], object.len() as u64).unwrap();
        assert_eq!(finding.stands, Some(Stands::Object), "{lost}");
    }
}
