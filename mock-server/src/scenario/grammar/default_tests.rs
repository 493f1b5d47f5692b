//! The defaults that the grammar states are those that the reader and the model
//! have: a file that writes one out reads as the file that leaves it out.

use std::time::Duration;

use super::*;
use crate::{
    scenario::{Fault, Party, Scenario, parse},
    units::Rate,
};

/// The settings of a file that can stand beside any default.
const LEAST: &str = "title = 't'\ncause = 'c'\nbody.size = 7\n";

/// A file that sets `line` in the table at `path`, and around it no more than
/// `key` needs.
fn file(path: &str, key: &str, line: &str) -> String {
    let inline = |others: &str| match line {
        "" => others.to_owned(),
        line => format!("{others}, {line}"),
    };
    match (path, key) {
        ("", _) => format!("{line}\n{LEAST}"),
        ("body", "chunk") if line.is_empty() => format!("{LEAST}body.framing = 'chunked'\n"),
        ("body", "chunk") => format!("{LEAST}body.framing = 'chunked'\nbody.{line}\n"),
        ("body", _) if line.is_empty() => LEAST.into(),
        ("body", _) => format!("{LEAST}body.{line}\n"),
        ("response.raw", "bytes" | "bytes_hex") => {
            format!("{LEAST}[[response.raw]]\nat = {{ head = 1 }}\nreplace = 1\n{line}\n")
        }
        ("response.raw", _) => {
            format!("{LEAST}[[response.raw]]\nat = {{ head = 1 }}\nbytes = 'x'\n{line}\n")
        }
        ("answer", _) => {
            let page = if line.contains("page =") {
                ""
            } else {
                "page = ''"
            };
            format!("{LEAST}[[answer]]\n{page}\n{line}\n")
        }
        ("answer.raw", _) => {
            let beside = if key.starts_with("bytes") {
                "replace = 1"
            } else {
                "bytes = 'x'"
            };
            let raw = format!("at = {{ head = 1 }}\n{beside}\n{line}");
            format!("{LEAST}[[answer]]\n[[answer.raw]]\n{raw}\n")
        }
        ("version", _) => format!("{LEAST}[[version]]\n{line}\n"),
        ("answer.on" | "version.on" | "fault.on", _) => {
            let (list, _) = path.split_once('.').unwrap_or((path, ""));
            let rest = match list {
                "fault" => "when = { body = 1 }\nthen = 'reset'",
                _ => "",
            };
            format!("{LEAST}[[{list}]]\n{rest}\non = {{ {line} }}\n")
        }
        ("fault", _) => {
            format!("{LEAST}[[fault]]\nwhen = {{ body = 1 }}\nthen = 'reset'\n{line}\n")
        }
        ("fault.when.idle", _) => {
            let idle = inline("after = '1s'");
            format!("{LEAST}[[fault]]\nwhen = {{ idle = {{ {idle} }} }}\nthen = 'reset'\n")
        }
        ("client.keepalive", _) => {
            let keepalive = inline("idle = '20s'");
            format!("{LEAST}[client]\nkeepalive = {{ {keepalive} }}\n")
        }
        ("expect.any", _) => format!("{LEAST}[expect.any]\nsuccess = 'required'\n{line}\n"),
        ("expect.trial", _) => {
            format!("{LEAST}[[expect.trial]]\nkind = 'complete'\ndelivered = [7, 7]\n{line}\n")
        }
        (path, _) => format!("{LEAST}[{path}]\n{line}\n"),
    }
}

/// The model of a file, without its text.
fn read(text: &str) -> Scenario {
    let read = parse("name", "name.toml", text).unwrap_or_else(|error| panic!("{text}{error}"));
    Scenario {
        text: "".into(),
        ..read
    }
}

/// A default as TOML; `None` for one that no value of the key can say.
fn written(key: &Key) -> Option<String> {
    let default = key.default.trim_matches('`');
    key.values.iter().find_map(|value| {
        let number = default.parse::<f64>().is_ok();
        match (value, default) {
            (Value::List(_) | Value::Distinct(_) | Value::Tables, "empty" | "none") => {
                Some("[]".into())
            }
            (Value::Fields, "none") => Some("{}".into()),
            (Value::AnyText | Value::Hex, "empty") => Some("''".into()),
            (Value::Flag, "true" | "false") => Some(default.into()),
            (Value::Whole(..) | Value::Number(..), _) if number => Some(default.into()),
            (Value::Size | Value::Rate | Value::Duration, _)
                if default.starts_with(|c: char| c.is_ascii_digit())
                    && !default.contains([' ', ',']) =>
            {
                Some(format!("'{default}'"))
            }
            (Value::Listed(words), _) if words.contains(&default) => Some(format!("'{default}'")),
            (Value::Word(_), _) if key.default.starts_with('`') && !default.contains('`') => {
                Some(format!("'{default}'"))
            }
            _ => None,
        }
    })
}

/// A default in words: table, key, the words, and what holds of the file that
/// leaves the key out.
type InWords = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Scenario) -> bool,
);

/// Each default that is no value of its key. Where a check says no more than that
/// the model has nothing, a test below or the user of the model has the rule.
#[rustfmt::skip]
const IN_WORDS: &[InWords] = &[
    ("", "why", "empty", |s| s.why.is_empty()),
    ("body", "file", "none", |s| s.body.file.is_none()),
    ("body", "truncate_at", "none", |s| s.body.truncate_at.is_none()),
    ("body", "declared_encoding", "the truth", |s| s.body.declared_encoding.is_none()),
    ("body", "declared_size", "the truth", |s| s.body.declared_size.is_none()),
    ("response", "page", "none", |s| s.response.page.is_none()),
    ("response", "page_of", "none", |s| s.response.page.is_none()),
    ("response", "page_type", "`text/html; charset=utf-8`", |s| s.response.page_type.is_none()),
    ("response", "page_size", "as written", |s| s.response.page_size.is_none()),
    ("response", "retry_after", "none", |s| s.response.retry_after.is_none()),
    ("response", "retry_after_date", "none", |s| s.response.retry_after_date.is_none()),
    ("response", "redirect", "none", |s| s.response.redirect.is_none()),
    ("response", "etag", "from the size", |s| s.response.etag.is_none()),
    ("answer", "on", "all", |s| s.answers[0].on.is_all()),
    ("answer", "page", "none", |s| s.answers[0].response.page.as_deref() == Some("")),
    ("answer", "page_of", "none", |s| s.answers[0].response.page.as_deref() == Some("")),
    ("answer", "page_type", "`text/html; charset=utf-8`", |s| s.answers[0].response.page_type.is_none()),
    ("answer", "page_size", "as written", |s| s.answers[0].response.page_size.is_none()),
    ("answer", "retry_after", "none", |s| s.answers[0].response.retry_after.is_none()),
    ("answer", "retry_after_date", "none", |s| s.answers[0].response.retry_after_date.is_none()),
    ("answer", "redirect", "none", |s| s.answers[0].response.redirect.is_none()),
    ("answer", "etag", "from the size", |s| s.answers[0].response.etag.is_none()),
    ("answer.on", "request", "all", |s| s.answers[0].on.is_all()),
    ("answer.on", "connection", "all", |s| s.answers[0].on.is_all()),
    ("answer.on", "position", "all", |s| s.answers[0].on.is_all()),
    ("answer.on", "attempt", "both", |s| s.answers[0].on.is_all()),
    ("answer.on", "time", "any", |s| s.answers[0].on.is_all()),
    ("answer.on", "method", "all", |s| s.answers[0].on.is_all()),
    ("answer.on", "protocol", "all", |s| s.answers[0].on.is_all()),
    ("answer.on", "path", "all", |s| s.answers[0].on.is_all()),
    ("version", "on", "all", |s| s.versions[0].on.is_all()),
    ("version", "size", "`body.size`", |s| s.versions[0].size.is_none()),
    ("version", "etag", "from size and version", |s| s.versions[0].etag.is_none()),
    ("version", "last_modified", "a day later for each", |s| s.versions[0].last_modified.is_none()),
    ("version.on", "request", "all", |s| s.versions[0].on.is_all()),
    ("version.on", "connection", "all", |s| s.versions[0].on.is_all()),
    ("version.on", "position", "all", |s| s.versions[0].on.is_all()),
    ("version.on", "attempt", "both", |s| s.versions[0].on.is_all()),
    ("version.on", "time", "any", |s| s.versions[0].on.is_all()),
    ("version.on", "method", "all", |s| s.versions[0].on.is_all()),
    ("version.on", "protocol", "all", |s| s.versions[0].on.is_all()),
    ("version.on", "path", "all", |s| s.versions[0].on.is_all()),
    ("link", "segment", "rate x 5 ms, from 1B to 64KiB", |s| s.link.segment.is_none()),
    ("link", "drops_above", "none", |s| s.link.drops_above.is_none()),
    ("link", "connections", "`client.parallel`", |s| s.link.connections.is_none()),
    ("sockets", "server_send", "the kernel's", |s| s.sockets.server_send.is_none()),
    ("sockets", "client_receive", "the kernel's", |s| s.sockets.client_receive.is_none()),
    ("sockets", "notsent_lowat", "off", |s| s.sockets.notsent_lowat.is_none()),
    ("sockets", "congestion", "reno", |s| s.sockets.congestion.is_none()),
    ("fault", "on", "all", |s| s.faults[0].on.is_all()),
    ("fault", "by", "`network` for an `idle` trigger, else `server`", |s| s.faults[0].by == Party::Server),
    ("fault", "drain", "true for `body`, `object` and `place`, and for `fin` and `reset` at `wire` or `chance`, else false", |s| s.faults[0].drain),
    ("fault", "settle", "50ms for `fin` and `reset` that drain, else 0", |s| s.faults[0].settle == Duration::from_millis(50)),
    ("fault.on", "request", "all", |s| s.faults[0].on.is_all()),
    ("fault.on", "connection", "all", |s| s.faults[0].on.is_all()),
    ("fault.on", "position", "all", |s| s.faults[0].on.is_all()),
    ("fault.on", "attempt", "both", |s| s.faults[0].on.is_all()),
    ("fault.on", "time", "any", |s| s.faults[0].on.is_all()),
    ("fault.on", "method", "all", |s| s.faults[0].on.is_all()),
    ("fault.on", "protocol", "all", |s| s.faults[0].on.is_all()),
    ("fault.on", "path", "all", |s| s.faults[0].on.is_all()),
    ("client", "memory", "none", |s| s.client.memory.is_none()),
    ("client", "parallel", "1, or `link.connections`", |s| s.downloads() == 1),
    ("client", "give_up", "see below", |s| s.client.give_up.is_none()),
    ("sink", "rate", "none", |s| s.sink.rate.is_none()),
    ("sink", "capacity", "none", |s| s.sink.capacity.is_none()),
    ("plan", "chunk_size", "8KiB, 64KiB, 1MiB", |s| s.plan.chunk_size.is_empty()),
    ("plan", "profile", "the newest", |s| s.plan.profile.is_empty()),
    ("expect.any", "prefix", "all of it with `required`, else unknown", |s| s.expect.any.unwrap().prefix.is_none()),
    ("expect.trial", "strategy", "all", |s| s.expect.trials[0].strategy.is_empty()),
    ("expect.trial", "chunk_size", "all", |s| s.expect.trials[0].chunk_size.is_empty()),
    ("expect.trial", "profile", "all", |s| s.expect.trials[0].profile.is_empty()),
    ("expect.trial", "world", "all", |s| s.expect.trials[0].world.is_empty()),
    ("expect.trial", "ended_by", "anybody", |s| s.expect.trials[0].ended_by.is_none()),
    ("expect.trial", "deadline", "any", |s| s.expect.trials[0].deadline.is_none()),
    ("expect.trial", "lost", "any", |s| s.expect.trials[0].lost.is_none()),
];

#[test]
fn a_default_written_out_reads_as_the_file_that_leaves_it_out() {
    let mut in_words = Vec::new();
    for table in TABLES {
        for key in table.keys {
            if key.default.is_empty() || key.default.starts_with("required") {
                continue;
            }
            let absent = read(&file(table.path, key.name, ""));
            match written(key) {
                Some(value) => {
                    let line = format!("{} = {value}", key.name);
                    let stated = read(&file(table.path, key.name, &line));
                    assert_eq!(stated, absent, "{line} of {}", table.shown);
                }
                None => {
                    let rule = (table.path, key.name, key.default);
                    let check = IN_WORDS
                        .iter()
                        .find(|(path, name, words, _)| (*path, *name, *words) == rule);
                    let (.., holds) = check.unwrap_or_else(|| panic!("no check for {rule:?}"));
                    assert!(holds(&absent), "{rule:?}");
                    in_words.push(rule);
                }
            }
        }
    }
    let listed = IN_WORDS
        .iter()
        .map(|(path, name, words, _)| (*path, *name, *words));
    assert_eq!(in_words, listed.collect::<Vec<_>>(), "a check is of no use");
}

/// The fault `when` and `then`, as TOML, with what it leaves out.
fn fault(when: &str, then: &str) -> Fault {
    let text = format!("{LEAST}[[fault]]\nwhen = {when}\nthen = {then}\n");
    // `chunk-1` needs chunks.
    let text = text.replace("body.size = 7", "body.size = 7\nbody.framing = 'chunked'");
    read(&text).faults.remove(0)
}

#[test]
fn a_fault_stands_for_the_server_or_the_network_and_drains_as_the_reference_says() {
    let offsets = ["{ body = 1 }", "{ object = 1 }", "{ place = 'chunk-1' }"];
    let draws = ["{ wire = 1 }", "{ chance = 0.5 }"];
    let others = [
        "{ elapsed = '1s' }",
        "{ idle = '1s' }",
        "{ blocked = '1s' }",
        "{ request = 1 }",
        "{ connection = 1 }",
    ];
    for when in offsets.iter().chain(&draws).chain(&others) {
        for (then, closes) in [
            ("'fin'", true),
            ("'reset'", true),
            ("'blackhole'", false),
            ("'forget'", false),
        ] {
            let fault = fault(when, then);
            let drains = offsets.contains(when) || (draws.contains(when) && closes);
            assert_eq!(fault.drain, drains, "{when} {then}");
            let settle = if drains && closes { 50 } else { 0 };
            assert_eq!(fault.settle.as_millis(), settle, "{when} {then}");
            assert_eq!(
                fault.by == Party::Network,
                when.contains("idle"),
                "{when} {then}"
            );
        }
    }
    let told = |drain: &str| {
        let text = format!("{LEAST}[[fault]]\nwhen = {{ wire = 1 }}\nthen = 'fin'\n{drain}\n");
        read(&text).faults[0].settle.as_millis()
    };
    assert_eq!((told("drain = true"), told("drain = false")), (50, 0));
}

#[test]
fn segments_and_downloads_follow_the_other_settings() {
    let segment = |rate: &str| {
        let scenario = read(&format!("{LEAST}link.rate = '{rate}'\n"));
        scenario.segment_at(Rate::per_second(u64::MAX).unwrap())
    };
    assert_eq!(segment("1B/s"), 1);
    assert_eq!(segment("1MB/s"), 5000);
    assert_eq!(segment("1GB/s"), 64 << 10);
    for line in ["client.parallel = 3", "link.connections = 3"] {
        assert_eq!(read(&format!("{LEAST}{line}\n")).downloads(), 3, "{line}");
    }
}
