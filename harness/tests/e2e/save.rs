//! `run --save`: files on a real disk, with `atomic` and without, and what is left of them
//! when the disk is full, the folder takes none, or the process is killed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use shortread::results::Record;
use shortread_server::scenario::Kind;

use crate::support::{Ended, Folder, Program, is_there, signal, until};

const HEAD: &str = "title = 'a download that is saved'\ncause = 'a test'\n";

/// The file of the trial with this recipe, or with none.
fn name(scenario: &str, recipe: &str) -> String {
    let recipe = match recipe {
        "" => String::new(),
        recipe => format!("__{recipe}"),
    };
    let profile = "aiohttp-3.14.5";
    format!("{scenario}__fixed-chunk-65536__{profile}{recipe}__tcp__1.bin")
}

/// A run that saves into the folder `saved`, in which both trials have a file already.
struct Saving {
    folder: Folder,
    scenario: String,
}

const OLD: &[u8] = b"what was there before";

impl Saving {
    fn new(rest: &str) -> Self {
        let folder = Folder::new();
        let scenario = folder.scenario("saved", &format!("{HEAD}{rest}"));
        let saving = Self { folder, scenario };
        fs::create_dir(saving.saved()).unwrap();
        saving
    }

    fn saved(&self) -> PathBuf {
        self.folder.path().join("saved")
    }

    fn args(&self) -> Vec<&str> {
        vec![
            "run",
            &self.scenario,
            "--remedy",
            "atomic",
            "--save",
            "saved",
            "--quiet",
        ]
    }

    fn file(&self, recipe: &str) -> PathBuf {
        self.saved().join(name("saved", recipe))
    }

    /// Puts something under the names of both trials.
    fn with_old(self) -> Self {
        for recipe in ["", "atomic"] {
            fs::write(self.file(recipe), OLD).unwrap();
        }
        self
    }

    fn record(&self, recipe: &str) -> Record {
        let recipe = Some(recipe).filter(|recipe| !recipe.is_empty());
        let mut records = self.folder.records().into_iter();
        let found = records.find(|record| record.recipe.as_deref() == recipe);
        found.unwrap_or_else(|| panic!("{recipe:?}"))
    }

    /// The temporary files.
    fn temporary(&self) -> Vec<PathBuf> {
        temporary(&self.saved())
    }
}

fn temporary(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "part"))
        .collect()
}

/// What an error says, from the outside to the inside.
fn said(record: &Record) -> String {
    let messages = record.outcome.error.iter().map(|link| &*link.message);
    messages.collect::<Vec<_>>().join(": ")
}

fn verified(saving: &Saving, recipe: &str) -> Ended {
    let file = saving.file(recipe);
    saving.folder.run(&[
        "verify",
        file.to_str().unwrap(),
        "--scenario",
        &saving.scenario,
        "--scaled",
    ])
}

#[test]
fn what_came_whole_has_its_name_and_is_the_object() {
    let saving = Saving::new("[body]\nsize = '3MB'\n[tcp]\nsize = 0.5\n").with_old();
    let ended = saving.folder.run(&saving.args());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for recipe in ["", "atomic"] {
        let verified = verified(&saving, recipe);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        assert_eq!(fs::metadata(saving.file(recipe)).unwrap().len(), 1_500_000);
    }
    assert!(saving.temporary().is_empty());
    assert!(ended.err.is_empty(), "{ended:?}");
}

#[test]
fn parts_that_are_joined_are_one_file_and_each_download_has_its_own() {
    let saving = Saving::new(
        "[body]\nsize = '1MB'\n[[fault]]\nwhen = { body = '400KB' }\nthen = 'fin'\n\
         [client]\nparallel = 2\n[tcp]\ntime = 0.01\n",
    );
    let mut args = saving.args();
    args.extend(["--remedy", "safe"]);
    let ended = saving.folder.run(&args);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let verified = verified(&saving, "safe");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let second = saving.saved().join(format!("{}.2", name("saved", "safe")));
    let both = [saving.file("safe"), second].map(|file| fs::read(file).unwrap());
    assert_eq!(both[0], both[1]);
    // Those of `atomic` alone were cut, and have another name.
    assert_eq!(saving.temporary().len(), 2);
    assert!(!saving.file("atomic").exists());
    assert!(saving.file("").exists());
}

#[test]
fn what_begins_anew_drops_what_came_before() {
    let saving = Saving::new(
        "[body]\nsize = '1MB'\n[[fault]]\non = { request = 1 }\nwhen = { body = '400KB' }\n\
         then = 'fin'\n[tcp]\ntime = 0.01\n",
    );
    let mut args = saving.args();
    args.extend(["--remedy", "retry+atomic"]);
    let ended = saving.folder.run(&args);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let record = saving.record("retry+atomic");
    assert_eq!(record.received_bytes, 1_400_000);
    let verified = verified(&saving, "retry_atomic");
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn what_rests_on_nothing_keeps_its_other_name_and_the_error_names_it() {
    let saving = Saving::new(
        "[body]\nsize = '1MB'\nframing = 'close'\n[[fault]]\nwhen = { body = '400KB' }\n\
         then = 'fin'\n",
    )
    .with_old();
    let ended = saving.folder.run(&saving.args());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let record = saving.record("atomic");
    assert_eq!(record.outcome.kind, Kind::Rejected);
    let temporary = saving.temporary();
    assert_eq!(temporary.len(), 1);
    let other = temporary[0].file_name().unwrap().to_str().unwrap();
    assert!(said(&record).contains(&format!("saved/{other}")));
    assert!(ended.err.contains(other), "{ended:?}");
    assert_eq!(fs::metadata(&temporary[0]).unwrap().len(), 400_000);
    assert_eq!(fs::read(saving.file("atomic")).unwrap(), OLD);
    // Without it, the half file has the name of the whole one.
    assert_eq!(fs::metadata(saving.file("")).unwrap().len(), 400_000);
}

#[test]
fn a_process_that_is_killed_while_it_writes_leaves_no_half_file_under_the_name() {
    let waits = "[body]\nsize = '1MB'\n[[fault]]\nwhen = { body = '400KB' }\n\
                 then = { stall = 'forever' }\n[client]\ntotal = 'off'\ngive_up = '1000s'\n";
    let saving = Saving::new(waits).with_old();
    let program = saving.folder.start(&saving.args());
    let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let trials = until("both trials have written their part", || {
        let temporary = saving.temporary();
        let atomic = temporary.first().map_or(0, |path| length(path));
        let both = [atomic, length(&saving.file(""))] == [400_000; 2];
        let trials = saving.folder.processes("trial");
        (both && trials.len() == 2).then_some(trials)
    });
    for trial in trials {
        signal("KILL", trial);
    }
    let ended = program.end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("signal: 9"), "{ended:?}");
    assert_eq!(fs::read(saving.file("atomic")).unwrap(), OLD);
    assert_eq!(length(&saving.temporary()[0]), 400_000);
    assert_eq!(length(&saving.file("")), 400_000, "without it, half a file");
    saving.folder.wait_until_deserted();
}

#[test]
fn whenever_it_is_killed_the_name_has_what_was_there_or_the_whole_file() {
    const SIZE: u64 = 4_000_000;
    let saving = Saving::new("[body]\nsize = '4MB'\n[link]\nrate = '20MB/s'\n").with_old();
    for eighth in 0..8 {
        let program = saving.folder.start(&saving.args());
        let old = saving.temporary();
        let mut ended = false;
        until("so much is written, or all", || {
            let new = |path: &PathBuf| !old.contains(path);
            let length = |path: PathBuf| fs::metadata(path).map_or(0, |file| file.len());
            let all = saving.temporary().into_iter();
            let most = all.filter(new).map(length).max();
            ended = fs::read(saving.file("atomic")).is_ok_and(|bytes| bytes != OLD);
            (ended || most.is_some_and(|most| most >= eighth * SIZE / 8)).then_some(())
        });
        for trial in saving.folder.processes("trial") {
            // It may be gone already.
            let _ = Command::new("kill")
                .args(["-KILL", &trial.to_string()])
                .stderr(Stdio::null())
                .status();
        }
        program.end();
        let bytes = fs::read(saving.file("atomic")).unwrap();
        let is_old = bytes == OLD;
        assert!(
            is_old || bytes.len() as u64 == SIZE,
            "{eighth}: {}",
            bytes.len()
        );
        if !is_old {
            let verified = verified(&saving, "atomic");
            assert_eq!(verified.code, Some(0), "{verified:?}");
        }
        fs::write(saving.file("atomic"), OLD).unwrap();
    }
}

/// Runs `line` of a shell in front of `shortread` with `args`.
fn behind(folder: &Folder, line: &str, args: &[&str]) -> Ended {
    let program = env!("CARGO_BIN_EXE_shortread");
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{line} exec \"$0\" \"$@\""), program])
        .args(args)
        .current_dir(folder.path())
        .env("NO_COLOR", "1");
    Program::start(folder.path(), command).end()
}

#[test]
fn a_file_that_grows_too_large_is_an_error_that_names_it_and_what_was_there_stays() {
    let saving = Saving::new("[body]\nsize = '16MiB'\n").with_old();
    // 4 MiB in blocks of 512 B (POSIX, ulimit); some shells have 1 KiB.
    let ended = behind(&saving.folder, "ulimit -f 8192;", &saving.args());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for recipe in ["", "atomic"] {
        let record = saving.record(recipe);
        assert_eq!(record.outcome.kind, Kind::ToolError, "{record:#?}");
        let told = |message: &str| ended.err.contains(message) && said(&record).contains(message);
        let file = name("saved", recipe);
        assert!(told(&format!("cannot write to `saved/{file}")), "{ended:?}");
        let errno = record.outcome.error.iter().find_map(|link| link.errno);
        assert_eq!(errno, Some(EFBIG));
    }
    assert!(
        ended.out.contains("Exit code 1: a file was not saved"),
        "{ended:?}"
    );
    assert_eq!(fs::read(saving.file("atomic")).unwrap(), OLD);
    let other = &saving.temporary()[0];
    assert!(
        ended
            .err
            .contains(other.file_name().unwrap().to_str().unwrap())
    );
}

/// As Linux has it (errno(3)).
const EFBIG: i32 = 27;

#[test]
fn a_disk_that_becomes_full_leaves_what_was_there() {
    if !is_there("unshare") {
        return;
    }
    let mounts = Command::new("unshare").args(["-rm", "true"]).status();
    if !mounts.is_ok_and(|status| status.success()) {
        println!("skipped: this kernel lets no user mount anything");
        return;
    }
    let saving = Saving::new("[body]\nsize = '16MiB'\n");
    // The mount is gone with the last process of its namespace, so that the file is looked
    // at from inside.
    let file = name("saved", "atomic");
    let script = "mount -t tmpfs -o size=4m tmpfs saved && printf old > \"saved/$1\" && shift && \
                  \"$@\"; code=$?; cp -r saved seen; exit $code";
    let mut command = Command::new("unshare");
    command
        .args(["-rm", "sh", "-c", script, "sh", &file])
        .arg(env!("CARGO_BIN_EXE_shortread"))
        .args(saving.args())
        .current_dir(saving.folder.path())
        .env("NO_COLOR", "1");
    let ended = Program::start(saving.folder.path(), command).end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("No space left on device"), "{ended:?}");
    let seen = saving.folder.path().join("seen");
    assert_eq!(fs::read(seen.join(&file)).unwrap(), b"old");
    assert_eq!(temporary(&seen).len(), 1);
}

#[test]
fn a_folder_that_takes_no_files_is_refused_before_anything_runs() {
    let saving = Saving::new("[body]\nsize = '1MB'\n");
    fs::write(saving.folder.path().join("file"), "").unwrap();
    for (folder, says) in [
        ("no/such/folder", "there is no such folder"),
        ("file", "it is no folder"),
        ("file/below", "Not a directory"),
        // No file can be made there, not even by root.
        ("/proc", "cannot save files in `/proc`"),
    ] {
        let ended = saving
            .folder
            .run(&["run", &saving.scenario, "--save", folder]);
        assert_eq!(ended.code, Some(2), "{folder}: {ended:?}");
        assert!(ended.err.contains(folder), "{ended:?}");
        assert!(ended.err.contains(says), "{ended:?}");
        assert!(ended.err.contains("help: "), "{ended:?}");
    }
    for world in ["virtual", "both"] {
        let line = ["run", &saving.scenario, "--save", "saved", "--world", world];
        let ended = saving.folder.run(&line);
        assert_eq!(ended.code, Some(2), "{world}: {ended:?}");
    }
    assert!(!saving.folder.path().join("results").exists());
    assert_eq!(fs::read_dir(saving.saved()).unwrap().count(), 0);
}

#[test]
fn parts_side_by_side_are_one_file_and_half_of_them_none() {
    let saving = Saving::new("[body]\nsize = '17MB'\n");
    let recipe = "segments_atomic";
    fs::write(saving.file(recipe), OLD).unwrap();
    let mut line = saving.args();
    line[3] = "segments+atomic";
    let ended = saving.folder.run(&line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(saving.record("segments+atomic").remedy.unwrap().parts, 3);
    let verified = verified(&saving, recipe);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(saving.temporary().is_empty());

    let gone = "[[answer]]\non = { request = '2..' }\nstatus = 404\npage = 'gone'\n";
    let saving = Saving::new(&format!("[body]\nsize = '17MB'\n{gone}"));
    fs::write(saving.file(recipe), OLD).unwrap();
    let mut line = saving.args();
    line[3] = "segments+atomic";
    let ended = saving.folder.run(&line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.starts_with("temporary: "), "{ended:?}");
    assert_eq!(fs::read(saving.file(recipe)).unwrap(), OLD);
    let [kept] = &saving.temporary()[..] else {
        panic!("{:?}", saving.temporary())
    };
    let record = saving.record("segments+atomic");
    let name = kept.file_name().unwrap().to_string_lossy();
    assert!(said(&record).contains(&*name), "{record:#?}");
    // The first part.
    assert_eq!(fs::metadata(kept).unwrap().len(), 8 << 20);
}
