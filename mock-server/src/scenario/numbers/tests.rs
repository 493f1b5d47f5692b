//! The list of numbers against the grammar and the reference.

use std::collections::BTreeSet;

use super::*;
use crate::scenario::{Counts, Fault, Keepalive, Version, grammar};

const SECOND: Duration = Duration::from_secs(1);

/// With every number that there is.
fn full() -> Scenario {
    let rate = Rate::per_second(1000).unwrap();
    let limit = Limit::After(SECOND);
    let place = ByteSize(7);
    let mut scenario = Scenario::default();
    scenario.body.declared_size = Some(place);
    scenario.body.truncate_at = Some(place);
    scenario.response.raw = vec![Raw {
        at: RawAt::Body(place),
        bytes: "x".into(),
        replace: ByteSize(0),
    }];
    scenario.response.retry_after = Some(SECOND);
    scenario.response.retry_after_date = Some(SECOND);
    let on = Selector {
        time: "1s..2s".parse().ok(),
        ..Selector::default()
    };
    scenario.answers = vec![Answer {
        on: on.clone(),
        response: scenario.response.clone(),
    }];
    scenario.versions = vec![Version {
        on: on.clone(),
        size: Some(place),
        ..Version::default()
    }];
    scenario.link.segment = Some(place);
    let client = &mut scenario.client;
    for deadline in [
        &mut client.connect,
        &mut client.head,
        &mut client.sock_read,
        &mut client.total,
    ] {
        *deadline = limit;
    }
    client.give_up = Some(SECOND);
    client.memory = Some(place);
    client.keepalive = Some(Keepalive {
        idle: SECOND,
        interval: SECOND,
        count: 3,
    });
    scenario.sink.rate = Some(rate);
    scenario.sink.capacity = Some(place);
    let idle = Trigger::Idle {
        after: SECOND,
        counts: Counts::Payload,
    };
    let triggers = [
        Trigger::Body(place),
        Trigger::Wire(place),
        Trigger::Object(place),
        Trigger::Elapsed(SECOND),
        Trigger::Blocked(SECOND),
        idle,
    ];
    let actions = [Action::Stall(limit), Action::Throttle(rate)];
    scenario.faults = triggers
        .into_iter()
        .zip(actions.into_iter().cycle())
        .map(|(when, then)| Fault::new(when, then))
        .collect();
    scenario.faults[0].on = on;
    scenario
}

/// Selectors are the same everywhere, and an answer has what a response has.
fn plain(path: &str) -> String {
    match path.split_once(".on.") {
        Some((_, key)) => format!("fault.on.{key}"),
        None => path.replacen("answer.", "response.", 1),
    }
}

fn paths() -> BTreeSet<String> {
    let numbers = full().amounts().into_iter();
    numbers
        .map(|(path, _)| grammar::without_indices(&path))
        .collect()
}

/// Settings that no factor changes: words, counts and shares; what the
/// kernel or a person's patience sets; what is sent as it is written.
const UNSCALED: &[&str] = &[
    "body.file",
    "body.version",
    "body.framing",
    "body.chunk",
    "body.encoding",
    "body.ratio",
    "body.members",
    "body.garbage",
    "body.declared_encoding",
    "body.accept",
    "response.status",
    "response.headers",
    "response.page",
    "response.ranges",
    "response.page_type",
    "response.page_of",
    "response.page_size",
    "response.redirect",
    "response.range",
    "response.validators",
    "response.digest",
    "response.etag",
    "response.raw.bytes",
    "response.raw.bytes_hex",
    "response.raw.replace",
    "response.raw.at.head",
    "link.loss",
    "link.drops_above",
    "link.connections",
    "link.shared",
    "sockets.server_send",
    "sockets.client_receive",
    "sockets.notsent_lowat",
    "sockets.congestion",
    "version.etag",
    "version.last_modified",
    "fault.on.request",
    "fault.on.connection",
    "fault.on.position",
    "fault.on.attempt",
    "fault.on.method",
    "fault.on.protocol",
    "fault.on.path",
    "fault.by",
    "fault.drain",
    "fault.drain_limit",
    "fault.settle",
    "fault.when.place",
    "fault.when.request",
    "fault.when.connection",
    "fault.when.chance",
    "fault.when.idle.counts",
    "client.keepalive.count",
    "client.parallel",
    "client.requests",
    "client.timers",
    "client.parser",
    "sink.blocking",
    "sink.file",
];

#[test]
fn every_setting_of_the_grammar_is_scaled_or_known_not_to_be() {
    let scaled = paths();
    let tables: Vec<&str> = grammar::TABLES.iter().map(|table| table.path).collect();
    for path in grammar::settings() {
        // A list or a table is its keys; an idle limit has two spellings.
        if tables.contains(&path.as_str()) || path == "fault.when.idle.after" {
            continue;
        }
        let (is, is_not) = (scaled.contains(&path), UNSCALED.contains(&&*plain(&path)));
        assert!(
            is != is_not,
            "`{path}`: scaled {is}, known not to be {is_not}"
        );
    }
}

#[test]
fn every_number_that_scales_is_in_the_reference() {
    let reference = include_str!("../../../../docs/SCENARIOS.md");
    let (_, rest) = reference.split_once("| scaled | how |").expect("the table");
    let (table, _) = rest.split_once("## `[plan]`").expect("its end");
    for path in paths() {
        let ends = path.match_indices('.').map(|(at, _)| &path[at + 1..]);
        let mut names = ends.chain([path.as_str()]);
        assert!(
            names.any(|name| table.contains(&format!("`{name}`"))),
            "`{path}`"
        );
    }
}

#[test]
fn people_count_faults_from_1() {
    assert_eq!(label("fault[1].then.stall"), "fault 2: stall");
    assert_eq!(label("fault[0].when.wire"), "fault 1: at");
    assert_eq!(label("response.raw[0].at.body"), "response.raw 1: at");
    assert_eq!(label("client.total"), "client.total");
}
