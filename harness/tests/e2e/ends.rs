//! The end of the program if it fails, is told to stop, or nobody listens.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

use crate::support::{Folder, signal, until};

/// It hangs before its body; a second connection would too.
const STALLS: &str = r#"
title = "a download that hangs"
cause = "a test"

[body]
size = "100KB"

[[fault]]
when = { body = "50KB" }
then = { stall = "forever" }

[client]
total = "off"
"#;

/// It is not what its file expects.
const SURPRISE: &str = r#"
title = "a download with another end than expected"
cause = "a test"

[body]
size = "10KB"

[[expect.trial]]
kind = "reset"
delivered = ["0B", "10KB"]
"#;

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let ended = Folder::new().run(&["serve", "healthy", "--listen", &addr]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.err.contains(&addr) && ended.err.contains("--listen"),
        "{ended:?}"
    );
}

#[test]
fn an_unwritable_folder_for_results_is_named_with_the_way_out() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("file"), "in the way").unwrap();
    // Even root makes no folder below a file.
    let ended = folder.run(&["run", "empty-reply", "--out", "file/results"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.err.contains("`file/results`") && ended.err.contains("--out"),
        "{ended:?}"
    );
    assert_eq!(ended.out, "");
}

#[test]
fn the_server_ends_on_a_signal_though_a_client_hangs() {
    for signals in [&["TERM"][..], &["INT", "INT"]] {
        let folder = Folder::new();
        let file = folder.scenario("stalls", STALLS);
        let server = folder.start(&["serve", &file]);
        let url = server.ready().url;
        let mut client = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        client
            .write_all(b"GET /s/stalls HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        // More than any head: it is in the body, and the rest will not come.
        client.read_exact(&mut [0; 50_000]).unwrap();
        for name in signals {
            signal(name, server.pid());
        }
        let ended = server.end();
        assert_eq!(ended.code, Some(0), "{signals:?}: {ended:?}");
        assert!(!ended.err.contains("panic"), "{ended:?}");
    }
}

#[test]
fn a_reader_that_leaves_early_changes_neither_exit_code_nor_calm() {
    let folder = Folder::new();
    let file = folder.scenario("surprise", SURPRISE);
    let bad = folder.scenario("bad", "tilte = 1");
    let run = ["run", &file, "--strategy", "readany", "--quiet"];
    for (args, code) in [
        (vec!["list"], 0),
        (vec!["explain", "healthy"], 0),
        (vec!["validate", &file], 0),
        (vec!["validate", &file, &bad], 2),
        (vec!["--help"], 0),
        (run.to_vec(), 0),
        // The result of a script must not depend on its readers.
        ([&run[..], &["--check"]].concat(), 10),
    ] {
        let ended = unheard(&folder, &args);
        assert_eq!(ended.0, Some(code), "{args:?}: {}", ended.1);
        assert!(!ended.1.contains("panic"), "{args:?}: {}", ended.1);
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure_of_the_tool() {
    let folder = Folder::new();
    let file = folder.scenario("surprise", SURPRISE);
    let run = ["run", &file, "--strategy", "readany", "--check"];
    for args in [&["list"][..], &run] {
        let err = folder.path().join("stderr");
        let mut child = folder
            .command(args)
            .stdin(Stdio::null())
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let status = until("the program ends", || child.try_wait().unwrap());
        let err = std::fs::read_to_string(err).unwrap();
        assert_eq!(status.code(), Some(1), "{args:?}: {err}");
        assert!(err.contains("error: cannot write the output"), "{err}");
    }
}

/// Runs `shortread` with a standard output whose reader has left already; exit
/// code and standard error.
fn unheard(folder: &Folder, args: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let err = folder.path().join("stderr");
    let mut command: Command = folder.command(args);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(File::create(&err).unwrap())
        .spawn()
        .unwrap();
    // The command holds the pipe as well.
    drop(command);
    let status = until("the program ends", || child.try_wait().unwrap());
    (status.code(), std::fs::read_to_string(err).unwrap())
}
