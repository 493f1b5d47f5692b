//! Targets on a real disk.

use super::*;

fn target(folder: &tempfile::TempDir, atomic: bool) -> Target {
    Target {
        path: folder.path().join("file.bin"),
        atomic,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn what_has_the_name_stays_until_the_file_is_whole_and_its_permissions_too() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder, true);
    fs::write(&target.path, "old").unwrap();
    #[cfg(unix)]
    fs::set_permissions(
        &target.path,
        std::os::unix::fs::PermissionsExt::from_mode(0o640),
    )
    .unwrap();
    let mut file = TargetFile::new(target.clone());
    assert_eq!(
        names(folder.path()),
        ["file.bin"],
        "nothing before it begins"
    );
    file.begin().unwrap();
    let other = file.temporary().unwrap().to_owned();
    assert_eq!(other.parent(), Some(folder.path()));
    file.write_at(0, b"new and too long").unwrap();
    file.cut(4).unwrap();
    file.write_at(4, b"file").unwrap();
    file.write_at(2, b"W").unwrap();
    assert_eq!(fs::read(&target.path).unwrap(), b"old");
    file.finish().unwrap();
    assert_eq!(fs::read(&target.path).unwrap(), b"neW file");
    assert_eq!(names(folder.path()), ["file.bin"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&target.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}

#[test]
fn one_that_is_dropped_keeps_its_other_name_and_the_next_has_one_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder, true);
    for bytes in ["one", "two"] {
        let mut file = TargetFile::new(target.clone());
        file.write_at(0, bytes.as_bytes()).unwrap();
        let other = file.temporary().unwrap().to_owned();
        drop(file);
        assert_eq!(fs::read_to_string(other).unwrap(), bytes);
    }
    assert_eq!(names(folder.path()).len(), 2);
    assert!(!target.path.exists());
}

#[test]
fn without_atomic_the_file_has_its_name_from_the_first_byte_on() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder, false);
    fs::write(&target.path, "old").unwrap();
    let mut file = TargetFile::new(target.clone());
    file.cut(0).unwrap();
    assert_eq!(fs::read(&target.path).unwrap(), b"old");
    file.begin().unwrap();
    assert_eq!((file.temporary(), file.is_open()), (None, true));
    file.write_at(0, b"ne").unwrap();
    assert_eq!(fs::read(&target.path).unwrap(), b"ne");
    file.finish().unwrap();
    assert_eq!(names(folder.path()), ["file.bin"]);
}

/// What an error says, and its number at the bottom.
fn said(error: &io::Error) -> (String, Option<i32>) {
    let bottom = std::error::Error::source(error);
    let bottom = bottom.and_then(|error| error.downcast_ref::<io::Error>());
    (error.to_string(), bottom.and_then(io::Error::raw_os_error))
}

#[test]
fn a_folder_that_takes_no_file_is_named_and_so_is_what_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for atomic in [true, false] {
        let path = file.join("below");
        let below = Target { path, atomic };
        let (says, _) = said(&TargetFile::new(below.clone()).begin().unwrap_err());
        assert!(says.contains(&*below.path.to_string_lossy()), "{says}");
        let path = folder.path().to_owned();
        let error = TargetFile::new(Target { path, atomic }).begin();
        let (says, _) = said(&error.unwrap_err());
        assert!(says.contains(&*folder.path().to_string_lossy()), "{says}");
    }
    assert_eq!(names(folder.path()), ["file"]);
    assert!(Target::probe(&file).is_err());
    Target::probe(folder.path()).unwrap();
    assert_eq!(names(folder.path()), ["file"]);
}

#[cfg(shortread_linux)]
#[test]
fn a_full_disk_is_an_error_that_names_the_file_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder, true);
    fs::write(&target.path, "old").unwrap();
    let mut file = TargetFile::new(target.clone());
    file.begin().unwrap();
    let path = file.temporary().unwrap().to_owned();
    // Whatever is written there, the disk is full (full(4)).
    let full = File::options().write(true).open("/dev/full").unwrap();
    file.open = Some((full, path.clone()));
    let (says, errno) = said(&file.write_at(0, b"new").unwrap_err());
    assert_eq!(errno, Some(libc::ENOSPC));
    assert!(says.contains(&format!("cannot write to `{}`", path.display())));
    assert!(says.ends_with(&format!("`{}` is as it was", target.path.display())));
    assert_eq!(fs::read(&target.path).unwrap(), b"old");
}

#[test]
fn a_file_that_cannot_get_its_name_keeps_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let target = target(&folder, true);
    let mut file = TargetFile::new(target.clone());
    file.write_at(0, b"new").unwrap();
    let other = file.temporary().unwrap().to_owned();
    // Somebody else has taken the name, with something that no file replaces.
    fs::create_dir(&target.path).unwrap();
    let unnamed = file.finish().unwrap_err();
    assert!(!unnamed.renamed);
    let (says, _) = said(&unnamed.error);
    assert!(
        says.contains(&format!("cannot rename `{}`", other.display())),
        "{says}"
    );
    assert_eq!(fs::read(other).unwrap(), b"new");
}
