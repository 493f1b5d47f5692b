//! Inputs that users name: paths of any bytes, pipes, devices and folders.
//! Nothing panics and nothing waits.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use shortread_server::scenario::Kind;

use crate::support::Folder;

const QUICK: &str = "title = 'a small download'\ncause = 'a test'\nbody.size = '10KB'\n";

fn run(folder: &Folder, args: &[&str], paths: &[&Path]) -> Output {
    let mut command = folder.command(args);
    command.args(paths).output().unwrap()
}

/// A name that is no UTF-8.
fn odd(folder: &Folder, end: &str) -> PathBuf {
    let name = [b"od\xffd", end.as_bytes()].concat();
    folder.path().join(OsStr::from_bytes(&name))
}

#[test]
fn a_path_that_is_no_utf8_is_as_good_as_any() {
    let folder = Folder::new();
    let file = folder.scenario("quick", QUICK);
    let out = odd(&folder, "");
    let args = [
        "run",
        "--quiet",
        file.as_str(),
        "--strategy",
        "readany",
        "--out",
    ];
    let ended = run(&folder, &args, &[&out]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let latest = out.join("latest");
    assert!(latest.join("report.html").is_file());
    let told = run(&folder, &["report"], &[&latest]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let compared = run(&folder, &["compare"], &[&latest, &latest]);
    assert_eq!(compared.status.code(), Some(0), "{compared:?}");

    let scenario = odd(&folder, ".toml");
    fs::copy(&file, &scenario).unwrap();
    let valid = run(&folder, &["validate"], &[&scenario]);
    assert_eq!(valid.status.code(), Some(0), "{valid:?}");
    let whole = run(&folder, &["verify", "--size", "1"], &[&scenario]);
    assert_eq!(whole.status.code(), Some(10), "{whole:?}");
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = Folder::new();
    let file = folder.scenario("quick", QUICK);
    let pipe = folder.path().join("pipe.toml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let client = "sh -c true {url} {out}";
    for odd in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
        for args in [
            &["validate"][..],
            &["explain"],
            &["run", "--quiet"],
            &["serve"],
            &["verify", "--size", "1"],
            &[
                "run",
                "--quiet",
                file.as_str(),
                "--client",
                client,
                "--known",
            ],
        ] {
            let ended = run(&folder, args, &[odd]);
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(
                matches!(ended.status.code(), Some(1 | 2)),
                "{args:?} {odd:?}: {said}"
            );
            assert!(
                said.contains("pipe or a device") || said.contains("a folder"),
                "{said}"
            );
        }
    }
}

#[test]
fn json_for_people_turns_no_writing_either() {
    let folder = Folder::new();
    let file = folder.scenario("turned", &QUICK.replace("small", "\u{202e}llams"));
    let explained = run(&folder, &["explain", "--json", file.as_str()], &[]);
    let got = [
        "--got",
        "1MB",
        "--after",
        "3s",
        "--error",
        "\u{202e}tuoemiT",
    ];
    let diagnosed = run(&folder, &[&["diagnose", "--json"], &got[..]].concat(), &[]);
    for ended in [explained, diagnosed] {
        let said = String::from_utf8(ended.stdout).unwrap();
        assert!(
            said.starts_with('{') && !said.contains('\u{202e}'),
            "{said}"
        );
    }
}

/// A soft limit is raised. Under a hard one the trial has no verdict: it is not the
/// download that failed.
#[cfg(target_os = "linux")]
#[test]
fn where_files_cannot_be_opened_the_tool_failed_and_not_the_download() {
    let text = "title = 'many'\ncause = 'a test'\nbody.size = '1KB'\nclient.parallel = 200\n";
    for (limit, kind) in [("-Sn 150", Kind::Complete), ("-n 150", Kind::ToolError)] {
        let folder = Folder::new();
        let file = folder.scenario("many", text);
        let plain = folder.command(&[]);
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("ulimit {limit}; exec \"$0\" \"$@\""))
            .arg(plain.get_program())
            .args(["run", "--quiet", "--world", "tcp", "--strategy", "readany"])
            .arg(&file)
            .current_dir(folder.path());
        let ended = command.output().unwrap();
        let records = folder.records();
        assert_eq!(records.len(), 1, "{ended:?}");
        assert_eq!(records[0].outcome.kind, kind, "{:?}", records[0]);
    }
}
