//! `shortread report`: kept runs, told again.

use std::fs;

use crate::support::Folder;

/// A folder with two runs, the second one of `fin-chunked`.
fn two_runs() -> Folder {
    let folder = Folder::new();
    for scenario in ["healthy", "fin-chunked"] {
        let ended = folder.run(&["run", scenario, "--strategy", "readany", "--quiet"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    folder
}

#[test]
fn latest_and_previous_are_told_as_they_were() {
    let folder = two_runs();
    let markdown = folder.run(&["report", "--format", "markdown"]);
    assert_eq!(markdown.code, Some(0), "{markdown:?}");
    let written = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    assert_eq!(markdown.out, written);
    let previous = folder.run(&["report", "previous"]);
    assert!(previous.out.contains("healthy"), "{previous:?}");
    // Damaged files and those of an older program are made again.
    for name in [
        "report.md",
        "junit.xml",
        "trials.csv",
        "chunk_sizes.csv",
        "remedies.csv",
    ] {
        fs::remove_file(folder.latest().join(name)).unwrap();
    }
    let ended = folder.run(&["report", "latest", "--write"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let again = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    assert_eq!(again, written);
    let junit = fs::read_to_string(folder.latest().join("junit.xml")).unwrap();
    assert!(
        junit.contains("<testsuite name=\"fin-chunked\" tests=\"1\""),
        "{junit}"
    );
}

/// The old release first, two ways to read, in jobs that end in any order.
#[test]
fn a_kept_run_is_told_as_it_was_by_the_run_that_made_it() {
    let folder = Folder::new();
    let run = folder.run(&[
        "run",
        "chunk-size-and-buffer",
        "fin-chunked",
        "--profile=aiohttp-3.8",
        "--profile=aiohttp-3.14",
        "--strategy=iter-any",
        "--strategy=read-all",
        "--quiet",
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let names = ["report.md", "report.html", "trials.csv", "junit.xml"];
    let files = || names.map(|name| fs::read_to_string(folder.latest().join(name)).unwrap());
    let written = files();
    assert_eq!(folder.run(&["report", "--write"]).code, Some(0));
    for (name, (new, old)) in names.iter().zip(files().iter().zip(&written)) {
        assert!(new == old, "{name}");
    }
    let told = folder.run(&["report"]);
    let table = |text: &str| text.lines().take(6).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(table(&told.out), table(&run.out));
}

#[test]
fn chunk_sizes_are_compared_on_a_wide_page_and_for_programs() {
    let folder = Folder::new();
    let sizes = ["--chunk-size", "8KiB", "--chunk-size", "64KiB"];
    let run = ["run", "healthy", "--strategy", "fixed-chunk", "--quiet"];
    let ended = folder.run(&[&run[..], &sizes, &["--wide"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("\nhealthy         8KiB"), "{ended:?}");
    let written = fs::read_to_string(folder.latest().join("chunk_sizes.csv")).unwrap();
    let told = folder.run(&["report", "--format", "chunk-sizes"]);
    assert_eq!(told.out, written);
    let starts: Vec<String> = written
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(5).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        starts,
        [
            "healthy,aiohttp-3.14.5,virtual,8192,1",
            "healthy,aiohttp-3.14.5,virtual,65536,1"
        ]
    );
}

#[test]
fn what_cannot_be_told_is_named() {
    let folder = Folder::new();
    let ended = folder.run(&["report"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.err.contains("there is no run in `results` yet"),
        "{ended:?}"
    );

    let folder = two_runs();
    let path = folder.latest().join("trials.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{{\n")).unwrap();
    let ended = folder.run(&["report"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("trials.jsonl`, line 2"), "{ended:?}");
}

#[test]
fn a_github_job_gets_the_report_in_its_summary() {
    let folder = Folder::new();
    let summary = folder.path().join("summary");
    fs::write(&summary, "what was there\n").unwrap();
    let run = ["run", "fin-chunked", "--strategy", "readany", "--quiet"];
    for (target, warns) in [(summary.clone(), false), (folder.path().to_owned(), true)] {
        let mut command = folder.command(&run);
        command.env("GITHUB_STEP_SUMMARY", &target);
        let ended = crate::support::Program::start(folder.path(), command).end();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(
            ended.err.contains("GITHUB_STEP_SUMMARY"),
            warns,
            "{ended:?}"
        );
    }
    let report = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    let text = fs::read_to_string(&summary).unwrap();
    assert!(
        text.starts_with("what was there\n# ") && text.ends_with(&report),
        "{text}"
    );
}
