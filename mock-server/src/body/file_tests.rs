use std::time::Duration;

use super::*;

fn written(bytes: &[u8]) -> (tempfile::TempDir, ObjectFile) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.TXT"), bytes).unwrap();
    let file = ObjectFile::named("data.TXT").look(folder.path()).unwrap();
    (folder, file)
}

/// The file with the time of its last change at so many seconds from 1970.
fn of_time(seconds: i64, now: Date) -> ObjectFile {
    let (folder, file) = written(b"abc");
    set_time(&file.path, seconds * 1000);
    let named = ObjectFile::named("data.TXT");
    named.look_at(folder.path(), now).unwrap()
}

/// In milliseconds from 1970.
fn set_time(path: &Path, time: i64) {
    let away = Duration::from_millis(time.unsigned_abs());
    let time = match time < 0 {
        true => UNIX_EPOCH - away,
        false => UNIX_EPOCH + away,
    };
    let open = File::options().write(true).open(path).unwrap();
    open.set_modified(time).unwrap();
}

#[test]
fn a_relative_path_is_one_from_the_scenario_on() {
    let (folder, file) = written(b"abc");
    assert_eq!(file.path, folder.path().join("data.TXT"));
    assert_eq!(file.size, 3);
    assert_eq!(file.content_type(), "text/plain; charset=utf-8");
    let absolute = ObjectFile::named(file.path.to_str().unwrap());
    assert_eq!(absolute.look(Path::new("/elsewhere")).unwrap(), file);
    for wrong in ["other", "."] {
        assert!(ObjectFile::named(wrong).look(folder.path()).is_err());
    }
}

#[test]
fn its_bytes_come_in_slices_and_end_where_it_ends() {
    let bytes: Vec<u8> = (0..LONGEST_SLICE + 10).map(|n| n as u8).collect();
    let (_folder, file) = written(&bytes);
    let open = file.open().unwrap();
    let bytes_at = |offset, max| open.bytes_at(offset, max).unwrap();
    assert_eq!(bytes_at(0, u64::MAX), bytes[..LONGEST_SLICE]);
    assert_eq!(
        bytes_at(LONGEST_SLICE as u64, u64::MAX),
        bytes[LONGEST_SLICE..]
    );
    assert_eq!(bytes_at(7, 3), bytes[7..10]);
    for beyond in [bytes.len() as u64, u64::MAX] {
        assert!(bytes_at(beyond, 1).is_empty());
    }
}

#[test]
fn another_file_is_not_taken_for_it_and_has_another_tag() {
    let (_folder, file) = written(b"abc");
    file.check().unwrap();
    std::fs::write(&file.path, b"abcd").unwrap();
    for error in [file.open().unwrap_err(), file.check().unwrap_err()] {
        let error = error.to_string();
        assert!(error.contains("has changed: it had 3 bytes"), "{error}");
    }
    let later = ObjectFile::named(file.path.to_str().unwrap());
    let later = later.look(Path::new("/")).unwrap();
    assert_ne!(later.tag(), file.tag());
    // As long as before, and written a nanosecond later.
    let mut moved = file.clone();
    moved.modified.nanos ^= 1;
    assert_ne!(moved.tag(), file.tag());
    std::fs::remove_file(&file.path).unwrap();
    assert_eq!(file.check().unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn once_it_has_changed_none_of_its_bytes_are_read() {
    type Change = fn(&Path);
    let changes: [Change; 3] = [
        |path| {
            let open = File::options().write(true).open(path);
            open.unwrap().set_len(2).unwrap();
        },
        |path| {
            use std::io::Write as _;
            let open = File::options().append(true).open(path);
            open.unwrap().write_all(b"d").unwrap();
        },
        |path| set_time(path, 0),
    ];
    for change in changes {
        let (_folder, file) = written(b"abc");
        let open = file.open().unwrap();
        assert_eq!(open.bytes_at(0, 2).unwrap(), b"ab"[..]);
        change(&file.path);
        assert!(open.bytes_at(0, 2).is_err());
    }
    // One that takes its place is another one: what was opened is still there.
    let (folder, file) = written(b"abc");
    let open = file.open().unwrap();
    let other = folder.path().join("other");
    std::fs::write(&other, b"wxyz").unwrap();
    std::fs::rename(&other, &file.path).unwrap();
    assert_eq!(open.bytes_at(1, 9).unwrap(), b"bc"[..]);
    assert!(file.check().is_err());
}

#[test]
fn its_date_is_neither_before_1970_nor_later_than_now() {
    let now = Date::START;
    for (modified, dated) in [
        (0, Some(0)),
        (1, Some(1)),
        (-1, None),
        (-86_400 * 365, None),
        (now.seconds() as i64, Some(now.seconds())),
        (now.seconds() as i64 + 3600, Some(now.seconds())),
    ] {
        let file = of_time(modified, now);
        assert_eq!(file.modified.seconds, modified);
        assert_eq!(file.dated, dated, "{modified}");
    }
    assert_ne!(of_time(-1, now).tag(), of_time(1, now).tag());
}

#[test]
fn a_part_of_a_second_before_1970_is_told_from_one_behind_it() {
    let (_folder, file) = written(b"abc");
    set_time(&file.path, -250);
    let facts = std::fs::metadata(&file.path).unwrap();
    let time = FileTime::of(&facts).unwrap();
    assert_eq!((time.seconds, time.nanos), (-1, 750_000_000));
}

#[cfg(target_os = "linux")]
#[test]
fn what_has_no_length_before_it_is_read_is_refused() {
    for made in [
        "/proc/self/status",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    ] {
        if !Path::new(made).exists() {
            continue;
        }
        let error = ObjectFile::named(made).look(Path::new("/")).unwrap_err();
        assert!(
            error.to_string().contains("its length is unknown"),
            "{error}"
        );
    }
    let (_folder, empty) = written(b"");
    assert_eq!(empty.size, 0);
}
