//! Clients of one's own: tiny scripts that say and save what they like, and
//! curl. Their processes are gone when their trial is.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use shortread::{
    command::Stopped,
    results::{ClientFacts, Record, read_run},
    verify::Place,
};
use shortread_server::{clock::Clock, scenario::Kind};

use crate::support::{Ended, Folder, is_there, signal, until};

/// The whole object is to be had.
const WHOLE: &str = r#"
title = "a small download"
cause = "a test"

[body]
size = "10KB"

[expect.any]
success = "required"
"#;

/// It is cut, and every client can know it.
const CUT: &str = r#"
title = "a cut download"
cause = "a test"

[body]
size = "100KB"

[[fault]]
when = { body = "40KB" }
then = "fin"

[expect.any]
success = "forbidden"
prefix = "40KB"
"#;

/// A script that is a client: `$1` is the URL, `$2` the file.
fn client(folder: &Folder, name: &str, script: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    format!("{} {{url}} {{out}}", path.display())
}

/// One run of `scripts`, each in all `scenarios`.
struct Run {
    folder: Folder,
    ended: Ended,
}

impl Run {
    fn of(scenarios: &[(&str, &str)], scripts: &[(&str, &str)], more: &[&str]) -> Self {
        let folder = Folder::new();
        let files: Vec<String> = scenarios
            .iter()
            .map(|(name, text)| folder.scenario(name, text))
            .collect();
        let commands: Vec<String> = scripts
            .iter()
            .map(|(name, script)| client(&folder, name, script))
            .collect();
        let mut args = vec!["run", "--quiet"];
        args.extend(files.iter().map(String::as_str));
        for command in &commands {
            args.extend(["--client", command]);
        }
        args.extend(more);
        let ended = folder.run(&args);
        folder.wait_until_deserted();
        Self { folder, ended }
    }

    /// The record of a client, of the one scenario.
    fn record(&self, client: &str) -> Record {
        let records = self.folder.records();
        let named = |record: &&Record| facts(record).name == client;
        records.iter().find(named).expect(client).clone()
    }
}

fn facts(record: &Record) -> &ClientFacts {
    record.client.as_ref().expect("the record of a client")
}

fn accepted(record: &Record) -> Option<bool> {
    record.any.as_ref().map(|any| any.accepted)
}

/// The folders of trials in the folder of the run.
fn left_of_trials(folder: &Folder) -> Vec<String> {
    fs::read_dir(folder.latest())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("__client__"))
        .collect()
}

#[test]
fn what_a_client_says_and_what_it_saved_are_told_apart() {
    let run = Run::of(
        &[("whole", WHOLE)],
        &[
            ("short", r#"printf 'l' > "$2""#),
            ("nothing", "exit 0"),
            ("garbage", r#"echo '<html>no</html>' > "$2""#),
            ("fails", "echo 'cannot connect' >&2; exit 7"),
            ("crashes", "kill -SEGV $$"),
        ],
        &["--check"],
    );
    assert_eq!(run.ended.code, Some(10), "{:?}", run.ended);
    let wrong = Some(false);
    for (name, kind, exit_status, signal, judged) in [
        ("short", Kind::SilentTruncation, Some(0), None, wrong),
        ("nothing", Kind::SilentTruncation, Some(0), None, wrong),
        ("garbage", Kind::WrongObject, Some(0), None, wrong),
        // A failure without a request is a failure of another kind.
        ("fails", Kind::Truncated, Some(7), None, None),
        ("crashes", Kind::Truncated, None, Some(11), None),
    ] {
        let record = run.record(name);
        assert_eq!(record.outcome.kind, kind, "{record:?}");
        let facts = facts(&record);
        assert_eq!((facts.exit_status, facts.signal), (exit_status, signal));
        assert_eq!(accepted(&record), judged, "{name}");
        assert_eq!(record.as_expected, Some(false));
        assert_eq!(record.strategy, None);
    }
    assert_eq!(run.record("short").delivered_bytes, 1);
    assert_eq!(facts(&run.record("nothing")).saved, Some(Place::Nowhere));
    let failed = run.record("fails");
    assert_eq!(
        failed.outcome.error[0].message.as_str(),
        "exit status 7: cannot connect"
    );
    assert_eq!(
        failed.difference.unwrap(),
        "it asked the server for nothing: exit status 7: cannot connect"
    );
    // Nothing stays behind but what a run writes.
    assert_eq!(left_of_trials(&run.folder), [""; 0]);
}

#[test]
fn a_client_that_hangs_is_stopped_and_one_that_ignores_that_is_killed() {
    let run = Run::of(
        &[("whole", WHOLE)],
        &[
            ("obeys", "exec sleep 1000"),
            // Nor do its children obey.
            ("ignores", "trap '' TERM; sleep 1000; sleep 1000"),
            // An orderly end on SIGTERM is no success.
            (
                "orderly",
                "trap 'exit 0' TERM; while :; do sleep 0.05; done",
            ),
        ],
        &["--limit", "300ms"],
    );
    assert_eq!(run.ended.code, Some(0), "{:?}", run.ended);
    for (name, stopped) in [
        ("obeys", Stopped::Term),
        ("ignores", Stopped::Kill),
        ("orderly", Stopped::Term),
    ] {
        let record = run.record(name);
        assert_eq!(record.outcome.kind, Kind::Stalled, "{record:?}");
        assert_eq!(facts(&record).stopped, Some(stopped), "{name}");
        assert!(record.elapsed_ns >= 300_000_000, "{name}");
    }
}

#[test]
fn what_a_client_leaves_behind_ends_with_it() {
    let run = Run::of(
        &[("whole", WHOLE)],
        &[
            ("forks", "sleep 1000 & exit 0"),
            // Out of its group and its session, and deaf to everything.
            (
                "daemon",
                "setsid sh -c 'trap \"\" TERM HUP; sleep 1000; sleep 1000' & exit 0",
            ),
        ],
        &[],
    );
    // `Run::of` has waited until no process of this test is left.
    assert_eq!(run.folder.records().len(), 2);
    assert_eq!(run.record("forks").outcome.kind, Kind::SilentTruncation);
}

#[test]
fn however_much_a_client_says_its_last_lines_are_kept() {
    let run = Run::of(
        &[("whole", WHOLE)],
        &[(
            "talks",
            "i=0; while [ $i -lt 20000 ]; do echo \"line $i of many\" >&2; i=$((i+1)); done; exit 3",
        )],
        &[],
    );
    let record = run.record("talks");
    let facts = facts(&record);
    assert_eq!(facts.exit_status, Some(3));
    assert_eq!(facts.stderr_tail.len(), 10);
    assert_eq!(facts.stderr_tail[9], "line 19999 of many");
    assert!(facts.stderr_bytes > 300_000, "{}", facts.stderr_bytes);
}

#[test]
fn a_run_that_is_interrupted_ends_its_clients_and_keeps_what_has_ended() {
    for interrupt in ["INT", "TERM", "KILL"] {
        let folder = Folder::new();
        let file = folder.scenario("whole", WHOLE);
        let quick = client(&folder, "quick", "exit 1");
        let hangs = client(&folder, "hangs", "trap '' TERM INT; sleep 1000; sleep 1000");
        let program = folder.start(&["run", &file, "--client", &quick, "--client", &hangs]);
        until("one record, and a client that hangs", || {
            let hangs = folder.all_processes().into_iter().any(|pid| {
                fs::read(format!("/proc/{pid}/cmdline"))
                    .is_ok_and(|line| line == b"sleep\x001000\0")
            });
            (folder.records().len() == 1 && hangs).then_some(())
        });
        signal(interrupt, program.pid());
        let ended = program.end();
        folder.wait_until_deserted();
        assert_eq!(folder.records().len(), 1, "{interrupt}");
        if interrupt == "KILL" {
            assert_eq!(ended.code, None);
            continue;
        }
        assert_eq!(ended.code, Some(130), "{interrupt}: {ended:?}");
        assert!(
            ended.out.contains("interrupted; 1 of 2 trials"),
            "{ended:?}"
        );
        assert!(read_run(&folder.latest()).unwrap().interrupted);
        assert_eq!(left_of_trials(&folder), [""; 0], "{interrupt}");
    }
}

#[test]
fn curl_notices_a_cut_and_the_scoreboard_says_so() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    let files = [folder.scenario("whole", WHOLE), folder.scenario("cut", CUT)];
    let liar = client(&folder, "liar", r#"curl -qsS -o "$2" "$1" || exit 0"#);
    let args = |known: &[&'static str]| {
        let mut args = vec!["run", "-q", "--check", "--repeat", "2"];
        args.extend(files.iter().map(String::as_str));
        args.extend(["--client", "curl -qfsS -o {out} {url}", "--client", &liar]);
        args.extend(["--client", "stdout=curl -qfsS {url}"]);
        args.extend(known);
        args.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |known: &[&'static str]| {
        let args = args(known);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        folder.run(&args)
    };
    let ended = run(&[]);
    assert_eq!(ended.code, Some(10), "{ended:?}");
    let table: Vec<&str> = ended.out.lines().take(3).collect();
    assert_eq!(
        table,
        [
            "scenario  curl     liar      stdout",
            "whole     ✓ whole  ✓ whole   ✓ whole",
            "cut       ✓ error  ✗ short!  ✓ error",
        ]
    );
    let records = folder.records();
    let curl = records
        .iter()
        .find(|record| record.id == "cut/client/curl/tcp/2");
    let curl = curl.expect("the second repetition");
    assert_eq!(facts(curl).exit_status, Some(18));
    assert!(facts(curl).stderr_tail[0].starts_with("curl: (18)"));
    assert_eq!(curl.delivered_bytes, 40_000);
    assert_eq!(
        (curl.server.acked_bytes, curl.outcome.cause),
        (Some(40_000), Some(0))
    );
    assert!(curl.vm_hwm_bytes.unwrap() > 1 << 20 && curl.cpu_ns.is_some());
    let report = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    assert!(
        report.contains("| cut | ✓ error | ✗ short! | ✓ error |"),
        "{report}"
    );

    // A listed failure is expected, but a listed one that passes is not.
    let entry = |client: &str, scenario: &str| {
        format!(
            "[[known]]\nclient = \"{client}\"\nscenario = \"{scenario}\"\n\
             outcome = \"silent-truncation\"\nwhy = \"it ignores curl\"\n\n"
        )
    };
    let list = folder.path().join("known.toml");
    fs::write(&list, entry("liar", "cut")).unwrap();
    let ended = run(&["--known", "known.toml"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    fs::write(&list, entry("liar", "cut") + &entry("liar", "whole")).unwrap();
    let ended = run(&["--known", "known.toml"]);
    assert_eq!(ended.code, Some(10), "{ended:?}");
    assert!(
        ended.out.contains("it passes, but known.toml:7 lists it"),
        "{ended:?}"
    );
}

#[test]
fn nothing_of_a_client_that_kills_its_keeper_survives() {
    let folder = Folder::new();
    let file = folder.scenario("whole", WHOLE);
    let pids = folder.path().join("pids");
    // One in its group and one that left it: both outlive their parent.
    let script = format!(
        "sleep 1000 & echo $! >> {0}\n\
         setsid sh -c 'echo $$ >> {0}; exec sleep 1000' &\n\
         echo $$ >> {0}\n\
         while [ $(wc -l < {0}) -lt 3 ]; do :; done\n\
         kill -KILL $PPID\nexec sleep 1000",
        pids.display()
    );
    let command = client(&folder, "killer", &script);
    let ended = folder.run(&["run", "--quiet", &file, "--client", &command]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let record = &folder.records()[0];
    assert_eq!(record.outcome.kind, Kind::ToolError, "{record:?}");
    let text = fs::read_to_string(pids).unwrap();
    let left: Vec<u32> = text.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(left.len(), 3);
    for pid in left {
        until(&format!("the end of {pid}"), || {
            (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
        });
    }
    assert_eq!(left_of_trials(&folder), [""; 0]);
}

#[test]
fn a_client_that_stops_its_keeper_does_not_hold_up_an_interrupted_run() {
    let folder = Folder::new();
    let file = folder.scenario("whole", WHOLE);
    let stopped = folder.path().join("stopped");
    let script = format!(
        "kill -STOP $PPID\necho $$ > {0}.new\nmv {0}.new {0}\nexec sleep 1000",
        stopped.display()
    );
    let command = client(&folder, "stopper", &script);
    let program = folder.start(&["run", "--quiet", &file, "--client", &command]);
    until("a keeper that was stopped", || {
        stopped.exists().then_some(())
    });
    let clock = Clock::real();
    let interrupted = clock.now();
    signal("INT", program.pid());
    assert_eq!(program.end().code, Some(130));
    // A keeper that stays stopped is given up after a minute.
    assert!(clock.now().since(interrupted) < Duration::from_secs(40));
    folder.wait_until_deserted();
}

#[test]
fn a_run_that_is_killed_leaves_no_file_of_its_clients() {
    let folder = Folder::new();
    let file = folder.scenario("whole", WHOLE);
    let command = client(&folder, "waits", r#"echo half > "$2"; exec sleep 1000"#);
    let program = folder.start(&["run", "--quiet", &file, "--client", &command]);
    until("a file of the client", || {
        let trials = fs::read_dir(folder.latest()).ok()?;
        let mut files = trials.filter_map(|entry| Some(entry.ok()?.path().join("download")));
        files.find(|file| file.exists())
    });
    signal("KILL", program.pid());
    program.end();
    until("an empty place", || {
        left_of_trials(&folder).is_empty().then_some(())
    });
    folder.wait_until_deserted();
}
