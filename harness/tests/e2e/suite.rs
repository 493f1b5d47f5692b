//! The suite for clients that resume: a right client, and some that are wrong on purpose.

use std::{fs, path::PathBuf};

use shortread::{
    results::Record,
    suite::{Left, ResumeFacts, Verdict, named},
};

use crate::support::{Ended, Folder, is_there};

/// Asks for the rest, appends whatever comes, and is content.
const APPENDS: &str = r#"
import os, sys, urllib.error, urllib.request
url, out = sys.argv[1:]
fields = {"Range": "bytes=%s-" % os.environ["SHORTREAD_OFFSET"]}
try:
    response = urllib.request.urlopen(urllib.request.Request(url, headers=fields))
except urllib.error.HTTPError as error:
    response = error
try:
    body = response.read()
except Exception as error:
    body = getattr(error, "partial", b"")
open(out, "ab").write(body)
"#;

/// Asks for all, and saves whatever comes.
const REPLACES: &str = r#"
import sys, urllib.error, urllib.request
url, out = sys.argv[1:]
try:
    response = urllib.request.urlopen(url)
except urllib.error.HTTPError as error:
    response = error
open(out, "wb").write(response.read())
"#;

/// Resumes with whatever validator there is.
const ANY_VALIDATOR: &str = r#"
import os, sys, urllib.request
url, out, offset, etag, changed, date = sys.argv[1:]
assert [offset, etag, changed, date] == [
    os.environ["SHORTREAD_" + name] for name in ["OFFSET", "ETAG", "LAST_MODIFIED", "DATE"]
]
assert os.environ["SHORTREAD_URL"] == url and os.environ["SHORTREAD_OUT"] == out
assert os.path.getsize(out) == int(offset)
fields = {"Range": "bytes=%s-" % offset, "If-Range": etag or changed}
response = urllib.request.urlopen(urllib.request.Request(url, headers=fields))
open(out, "ab" if response.status == 206 else "wb").write(response.read())
"#;

struct Run {
    folder: Folder,
    ended: Ended,
}

impl Run {
    /// A run of the suite with these clients; `None` without Python.
    fn of(clients: &[&str], more: &[&str]) -> Option<Self> {
        if !is_there("python3") {
            return None;
        }
        let folder = Folder::new();
        let mut args = vec!["run", "-q", "--suite", "resume"];
        for client in clients {
            args.extend(["--client", client]);
        }
        args.extend(more);
        let ended = folder.run(&args);
        Some(Self { folder, ended })
    }

    /// What came of each case, in the order of the suite.
    fn facts(&self) -> Vec<(String, ResumeFacts, Record)> {
        let mut records = self.folder.records();
        let (_, cases) = named("resume").unwrap();
        records.sort_by_key(|record| cases.iter().position(|case| case.name == record.scenario));
        let facts = |record: &Record| record.client.as_ref().unwrap().resume.clone();
        let each = records.into_iter();
        each.map(|record| (record.scenario.clone(), facts(&record).unwrap(), record))
            .collect()
    }

    fn verdicts(&self, verdict: Verdict) -> Vec<String> {
        let all = self.facts().into_iter();
        let some = all.filter(|(_, facts, _)| facts.verdict == verdict);
        some.map(|(name, ..)| name).collect()
    }
}

/// A script of ours as a command.
fn script(folder: &Folder, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    format!("{name}=python3 {} {{url}} {{out}}", path.display())
}

#[test]
fn a_client_that_keeps_to_the_rfc_gets_every_case_whole() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients/resume_get.py");
    let command = format!("right=python3 {} {{url}} {{out}}", path.display());
    let Some(run) = Run::of(&[&command], &["--check"]) else {
        return;
    };
    assert_eq!(run.ended.code, Some(0), "{:?}", run.ended);
    let cases: Vec<&str> = named("resume")
        .unwrap()
        .1
        .iter()
        .map(|case| case.name)
        .collect();
    let facts = run.facts();
    let names: Vec<&str> = facts.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, cases);
    for (name, facts, record) in &facts {
        assert_eq!((facts.left, &facts.breach), (Left::Whole, &None), "{name}");
        assert_eq!(record.as_expected, Some(true), "{name}");
    }
    // It begins anew only where nothing else is right.
    assert_eq!(
        run.verdicts(Verdict::WholeWithoutResuming),
        [
            "range-ignored",
            "ignored-at-the-second",
            "later-start",
            // The 206 that it is has all of it.
            "whole-as-206",
            "no-content-range",
            "no-content-range-even",
            "invalid-content-range",
            "multipart",
            "object-shrank",
            "etag-changed",
            "if-range-ignored",
            "etag-weak",
            "no-validator",
            "date-changed",
            "date-too-young",
            "gzip-decoded",
        ]
    );
}

#[test]
fn one_that_appends_whatever_comes_leaves_wrong_files_and_says_success() {
    let folder = Folder::new();
    let Some(run) = Run::of(&[&script(&folder, "appends", APPENDS)], &["--check"]) else {
        return;
    };
    assert_eq!(run.ended.code, Some(10), "{:?}", run.ended);
    assert_eq!(
        run.verdicts(Verdict::Whole),
        [
            "honoured",
            "no-content-range",
            "no-content-range-even",
            // Whole, and against a MUST.
            "invalid-content-range",
            "unknown-total",
            "at-the-end",
            "gzip-as-sent",
            // urllib takes no coding, and so gets the object as it is.
            "gzip-decoded",
        ]
    );
    let facts = run.facts();
    let of = |name: &str| facts.iter().find(|(case, ..)| case == name).unwrap();
    let (_, invalid, record) = of("invalid-content-range");
    assert!(invalid.breach.as_ref().unwrap().contains("section 14.4"));
    assert_eq!(record.as_expected, Some(false));
    let (_, twice, record) = of("range-ignored");
    assert_eq!(
        (twice.verdict, twice.left),
        (Verdict::WrongFile, Left::Spoilt)
    );
    assert_eq!(
        record.difference.as_deref().unwrap(),
        "it reports success, and its file has 3.67 MB and is not the object from byte 1048576 on: \
         a server may ignore Range, and 200 brings all of the object: it replaces the first part \
         (RFC 9110, section 14.2)"
    );
    // The table has a line for each case, and the reports the same words.
    let line = |name: &str| {
        let mut lines = run.ended.out.lines();
        lines
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(
        line("range-ignored").contains("✗ WRONG FILE!"),
        "{:?}",
        run.ended
    );
    assert!(line("honoured").contains("✓ whole"), "{:?}", run.ended);
    let read = |file: &str| fs::read_to_string(run.folder.latest().join(file)).unwrap();
    assert!(read("report.md").contains("| range-ignored | ✗ WRONG FILE! |"));
    assert!(read("report.md").contains("- WRONG FILE: success, and the file is not the object"));
    assert!(read("report.html").contains("✗ WRONG FILE!"));
    assert_eq!(read("junit.xml").matches("<failure").count(), 20);
}

#[test]
fn one_that_asks_for_all_is_right_until_a_page_comes() {
    let folder = Folder::new();
    let Some(run) = Run::of(&[&script(&folder, "replaces", REPLACES)], &[]) else {
        return;
    };
    assert_eq!(run.ended.code, Some(0), "{:?}", run.ended);
    assert_eq!(run.verdicts(Verdict::WrongFile), ["busy-first"]);
    assert_eq!(run.verdicts(Verdict::WholeWithoutResuming).len(), 26);
    assert!(run.facts().iter().all(|(_, facts, _)| facts.ranges == 0));
}

#[test]
fn what_a_must_forbids_to_send_is_wrong_although_the_file_is_whole() {
    let folder = Folder::new();
    let command = script(&folder, "any", ANY_VALIDATOR) + " {offset} {etag} {last_modified} {date}";
    let Some(run) = Run::of(&[&command], &[]) else {
        return;
    };
    let facts = run.facts();
    let of = |name: &str| facts.iter().find(|(case, ..)| case == name).unwrap();
    let (_, weak, record) = of("etag-weak");
    assert_eq!(weak.verdict, Verdict::WholeWithoutResuming);
    assert!(weak.breach.as_ref().unwrap().contains("a weak entity tag"));
    assert_eq!(record.as_expected, Some(false));
    let (_, young, _) = of("date-too-young");
    assert_eq!(young.verdict, Verdict::WrongFile);
    assert!(young.breach.as_ref().unwrap().contains("a weak validator"));
    // With a date that is strong, and with an entity tag, it is right.
    for name in ["honoured", "etag-changed", "date-changed"] {
        assert_eq!(
            (&of(name).1.breach, of(name).2.as_expected),
            (&None, Some(true)),
            "{name}"
        );
    }
    // An error is no mistake, and what is left is told.
    let (_, busy, record) = of("busy-first");
    assert_eq!((busy.verdict, busy.left), (Verdict::Error, Left::Kept));
    assert_eq!(record.as_expected, Some(true));
}

#[test]
fn a_listed_failure_of_a_case_is_expected() {
    let folder = Folder::new();
    let known = folder.path().join("known.toml");
    fs::write(
        &known,
        "[[known]]\nclient = \"replaces\"\nscenario = \"busy-first\"\noutcome = \"wrong-object\"\n\
         why = \"it looks at no status\"\n",
    )
    .unwrap();
    let known = known.to_str().unwrap();
    let client = script(&folder, "replaces", REPLACES);
    let Some(run) = Run::of(&[&client], &["--check", "--known", known]) else {
        return;
    };
    assert_eq!(run.ended.code, Some(0), "{:?}", run.ended);
}

#[test]
fn a_suite_that_cannot_be_asked_is_wrong_usage() {
    let folder = Folder::new();
    for (args, says) in [
        (
            &["--suite", "resum", "--client", "sh {url} {out}"][..],
            "'resume'",
        ),
        (&["--suite", "resume"], "--client <COMMAND>"),
        (
            &["--suite", "resume", "--client", "sh {url}"],
            "has no {out}, where the suite saves the first part",
        ),
        (
            &["--suite", "resume", "--client", "sh {url} {out}", "healthy"],
            "cannot be used with",
        ),
        (
            &["--suite", "resume", "--client", "sh {url} {out}", "--all"],
            "cannot be used with",
        ),
        (
            &[
                "--suite",
                "resume",
                "--client",
                "sh {url} {out}",
                "--remedy",
                "resume",
            ],
            "cannot be used with",
        ),
    ] {
        let ended = folder.run(&[&["run"], args].concat());
        assert_eq!(ended.code, Some(2), "{args:?}: {ended:?}");
        assert!(ended.err.contains(says), "{args:?}: {ended:?}");
    }
}
