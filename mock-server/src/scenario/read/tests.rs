mod answers;
mod file;
mod refused;

use std::time::Duration;

use super::*;
use crate::{
    scenario::{
        Action, Body, Client, Counts, Deadline, Expect, ExpectAny, Fault, Framing, Keepalive, Kind,
        Limit, Link, Parser, Party, Raw, RawAt, Response, Sink, Sockets, StrategyName, Success,
        Tcp, TimerOrder, Trigger, World,
    },
    units::{ByteSize, Rate},
};

const LEAST: &str = "title = 't'\ncause = 'c'\nbody.size = 7\n";

/// The errors of a file that is wrong, as people see them.
pub(super) fn wrong(text: &str) -> String {
    parse("name", "it.toml", text)
        .expect_err("it is wrong")
        .to_string()
}

/// Every key of the grammar once.
pub(super) const FULL: &str = r#"
title = "A title"
cause = "a cause"
why = "Because."
sources = ["https://example.org/one", "https://example.org/two"]
decisive = ["fault", "client.sock_read"]

[body]
size = "600MB"
framing = "chunked"
chunk = "8KiB"
encoding = "identity"

[response]
status = 203
headers = { Z-Last = "1", A-First = "2" }
head_delay = "1s"
head_pause = "2ms"
ranges = false
etag = '"one"'

[[response.raw]]
at = { head = 17 }
bytes = "x"

[[response.raw]]
at = { body = "1MB" }
bytes = "y"
replace = 3

[[response.raw]]
at = "end"
bytes = "HTTP/1.1 200 OK"

[link]
rate = "2MB/s"
latency = "20ms"
jitter = "5ms"
segment = "1448B"
loss = 0.01
drops_above = "1400B"
connections = 4
shared = true

[sockets]
server_send = "16KiB"
client_receive = "32KiB"
notsent_lowat = "64KiB"
congestion = "cubic"

[[fault]]
when = { body = "12MiB" }
then = { stall = "30s" }
by = "network"
drain = true
drain_limit = "2s"

[[fault]]
when = { wire = 4096 }
then = { stall = "forever" }

[[fault]]
when = { elapsed = "10s" }
then = { throttle = "10KB/s" }

[[fault]]
when = { idle = "200s" }
then = "forget"

[[fault]]
when = { idle = { after = "200s", counts = "payload" } }
then = "blackhole"

[[fault]]
when = { blocked = "60s" }
then = "fin"

[[fault]]
when = { request = 2 }
then = "reset"

[[fault]]
when = { connection = 3 }
then = "reset"

[[fault]]
when = { chance = 0.5 }
then = "reset"
settle = "20ms"

[client]
connect = "10s"
head = "off"
sock_read = "250s"
total = "1h"
keepalive = { idle = "60s", interval = "10s", count = 3 }
memory = "512MiB"
parallel = 4
requests = 2
give_up = "2h"
timers = "before-io"
parser = "python"

[sink]
first_pause = "2ms"
pause = "1ms"
rate = "5MB/s"
blocking = true
capacity = "7MiB"
file = true

[tcp]
time = 0.1
size = 1
measure = true

[plan]
chunk_size = ["64KiB", "1MiB"]
profile = "aiohttp-3.13"

[expect.any]
success = "undetectable"
prefix = ["1MB", "2MB"]
hang = true

[[expect.trial]]
strategy = "fixed-chunk"
chunk_size = "64KiB"
profile = "<aiohttp-3.14"
kind = "truncated"
delivered = ["0B", 0]
lost = [0, "384KiB"]

[[expect.trial]]
strategy = "read-all"
profile = ["aiohttp-3.14.5", "aiohttp-3.12"]
world = "virtual"
kind = "timed-out"
ended_by = "client"
deadline = "sock-read"
delivered = ["0B", 0]

[[expect.trial]]
kind = "truncated"
delivered = ["1MB", "600MB"]
"#;

fn read(text: &str) -> Scenario {
    parse("name", "it.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn what_a_file_leaves_out_has_the_default_of_the_model() {
    let scenario = read(LEAST);
    let expected = Scenario {
        name: "name".into(),
        title: "t".into(),
        cause: "c".into(),
        body: Body {
            size: ByteSize(7),
            ..Body::default()
        },
        text: LEAST.into(),
        ..Scenario::default()
    };
    assert_eq!(scenario, expected);
    assert_eq!(
        scenario.client.connect,
        Limit::After(Duration::from_secs(30))
    );
    assert_eq!(
        scenario.client.total,
        Limit::After(Duration::from_secs(300))
    );
    assert_eq!(scenario.client.sock_read, Limit::Never);
    assert_eq!(scenario.body.framing, Framing::ContentLength);
    assert_eq!(scenario.link.rate.get(), 125_000_000);
}

#[test]
fn every_key_reaches_its_field() {
    let seconds = Duration::from_secs;
    let rate = |bytes| Rate::per_second(bytes).unwrap();
    let fault = Fault::new;
    let idle = |counts| Trigger::Idle {
        after: seconds(200),
        counts,
    };
    let scenario = read(FULL);
    assert_eq!(scenario.why, "Because.");
    assert_eq!(scenario.sources.len(), 2);
    assert_eq!(scenario.decisive, ["fault", "client.sock_read"]);
    assert_eq!(
        scenario.body,
        Body {
            size: ByteSize(600_000_000),
            framing: Framing::Chunked,
            chunk: ByteSize::kib(8),
            ..Body::default()
        }
    );
    let raw = |at, bytes: &str, replace| Raw {
        at,
        bytes: bytes.into(),
        replace: ByteSize(replace),
    };
    assert_eq!(
        scenario.response,
        Response {
            status: 203,
            headers: vec![
                ("Z-Last".into(), "1".into()),
                ("A-First".into(), "2".into())
            ],
            head_delay: seconds(1),
            head_pause: Duration::from_millis(2),
            ranges: false,
            etag: Some("\"one\"".into()),
            raw: vec![
                raw(RawAt::Head(17), "x", 0),
                raw(RawAt::Body(ByteSize(1_000_000)), "y", 3),
                raw(RawAt::End, "HTTP/1.1 200 OK", 0),
            ],
            ..Response::default()
        }
    );
    assert_eq!(
        scenario.link,
        Link {
            rate: rate(2_000_000),
            latency: Duration::from_millis(20),
            jitter: Duration::from_millis(5),
            segment: Some(ByteSize(1448)),
            loss: 0.01,
            drops_above: Some(ByteSize(1400)),
            connections: Some(4),
            shared: true,
        }
    );
    assert_eq!(
        scenario.sockets,
        Sockets {
            server_send: Some(ByteSize::kib(16)),
            client_receive: Some(ByteSize::kib(32)),
            notsent_lowat: Some(ByteSize::kib(64)),
            congestion: Some("cubic".into()),
        }
    );
    assert_eq!(
        scenario.faults,
        [
            Fault {
                by: Party::Network,
                drain_limit: seconds(2),
                ..fault(
                    Trigger::Body(ByteSize::mib(12)),
                    Action::Stall(Limit::After(seconds(30)))
                )
            },
            fault(Trigger::Wire(ByteSize(4096)), Action::Stall(Limit::Never)),
            fault(
                Trigger::Elapsed(seconds(10)),
                Action::Throttle(rate(10_000))
            ),
            fault(idle(Counts::Segments), Action::Forget),
            fault(idle(Counts::Payload), Action::Blackhole),
            fault(Trigger::Blocked(seconds(60)), Action::Fin),
            fault(Trigger::Request(2), Action::Reset),
            fault(Trigger::Connection(3), Action::Reset),
            Fault {
                settle: Duration::from_millis(20),
                ..fault(Trigger::Chance(0.5), Action::Reset)
            },
        ]
    );
    assert_eq!(
        scenario.client,
        Client {
            connect: Limit::After(seconds(10)),
            head: Limit::Never,
            sock_read: Limit::After(seconds(250)),
            total: Limit::After(seconds(3600)),
            keepalive: Some(Keepalive {
                idle: seconds(60),
                interval: seconds(10),
                count: 3
            }),
            memory: Some(ByteSize::mib(512)),
            parallel: 4,
            requests: 2,
            give_up: Some(seconds(7200)),
            timers: TimerOrder::BeforeIo,
            parser: Parser::Python,
        }
    );
    assert_eq!(
        scenario.sink,
        Sink {
            first_pause: Duration::from_millis(2),
            pause: Duration::from_millis(1),
            rate: Some(rate(5_000_000)),
            blocking: true,
            file: true,
            capacity: Some(ByteSize::mib(7)),
        }
    );
    assert_eq!(
        scenario.tcp,
        Tcp {
            time: 0.1,
            size: 1.0,
            measure: true
        }
    );
    assert_eq!(
        scenario.plan.chunk_size,
        [ByteSize::kib(64), ByteSize::mib(1)]
    );
    assert_eq!(scenario.plan.profile, ["aiohttp-3.13"]);
    let Expect { any, mut trials } = scenario.expect;
    let sized = trials.remove(0);
    assert_eq!(sized.chunk_size, [ByteSize::kib(64)]);
    assert_eq!(sized.profile, ["<aiohttp-3.14"]);
    assert_eq!(sized.lost, Some([ByteSize(0), ByteSize::kib(384)]));
    assert_eq!(
        any,
        Some(ExpectAny {
            success: Success::Undetectable,
            prefix: Some([ByteSize(1_000_000), ByteSize(2_000_000)]),
            hang: true
        })
    );
    assert_eq!(trials[0].strategy, [StrategyName::ReadAll]);
    assert_eq!(trials[0].profile, ["aiohttp-3.14.5", "aiohttp-3.12"]);
    assert_eq!(trials[0].world, [World::Virtual]);
    assert_eq!(trials[0].deadline, Some(Deadline::SockRead));
    assert_eq!(trials[0].delivered, [ByteSize(0), ByteSize(0)]);
    assert_eq!(
        (trials[0].chunk_size.as_slice(), trials[0].lost),
        (&[][..], None)
    );
    assert_eq!(trials[1].kind, Kind::Truncated);
    assert_eq!(trials[1].ended_by, None);
}

#[test]
fn keepalive_takes_what_is_missing_from_linux() {
    let keepalive = |text: &str| {
        read(&format!("{LEAST}client.keepalive = {text}"))
            .client
            .keepalive
    };
    let linux = Keepalive {
        idle: Duration::from_secs(60),
        interval: Duration::from_secs(75),
        count: 9,
    };
    assert_eq!(keepalive("'60s'"), Some(linux));
    assert_eq!(keepalive("{ idle = '1min' }"), Some(linux));
    assert_eq!(keepalive("'off'"), None);
}

#[test]
fn a_page_needs_no_body() {
    let scenario = read("title = 't'\ncause = 'c'\nresponse.page = '<html>'");
    assert_eq!(scenario.response.page.as_deref(), Some("<html>"));
    assert_eq!(scenario.body.size, ByteSize(0));
}

#[test]
fn a_list_of_offsets_counts_as_many_faults_and_moves_no_mistake() {
    const LIST: &str = "title = \"t\"\ncause = \"c\"\nbody = { size = \"9MB\" }\n[[fault]]\n\
                        when = { object = [\"3MB\", \"6MB\"] }\nthen = \"fin\"\n";
    let scenario = parse("name", "it.toml", LIST).unwrap();
    let at = |size: &str| Fault::new(Trigger::Object(size.parse().unwrap()), Action::Fin);
    assert_eq!(scenario.faults, [at("3MB"), at("6MB")]);

    let more = |text: &str| parse("name", "it.toml", &format!("{LIST}{text}"));
    let behind = more("[[fault]]\nwhen = { body = \"10MB\" }\nthen = \"fin\"\nsettle = \"9s\"\n");
    let behind = behind.unwrap_err();
    let lines: Vec<usize> = behind.list().iter().map(|one| one.line).collect();
    assert_eq!(lines, [8, 10], "{behind}");
    // One that is given at a list holds for each of it, and is wrong once.
    let settles = more("settle = \"9s\"\n").unwrap_err();
    assert_eq!(settles.list().len(), 1, "{settles}");

    for (list, said) in [
        ("[]", "is an empty list"),
        ("[\"6MB\", \"3MB\"]", "has 3MB behind 6MB"),
        ("[\"3MB\", 3000000]", "behind 3MB"),
    ] {
        let file = LIST.replace("[\"3MB\", \"6MB\"]", list);
        let said_of = parse("name", "it.toml", &file).unwrap_err().to_string();
        assert!(said_of.contains(said), "{said_of}");
    }
}

#[test]
fn lists_of_offsets_do_not_make_more_faults_than_a_file_may_have() {
    let offsets: Vec<String> = (1..=600).map(|at| at.to_string()).collect();
    let fault = format!(
        "[[fault]]\nwhen = {{ object = [{}] }}\nthen = \"fin\"\n",
        offsets.join(", ")
    );
    let file = |faults: &str| {
        let text = format!("title = \"t\"\ncause = \"c\"\nbody = {{ size = \"9MB\" }}\n{faults}");
        parse("name", "it.toml", &text)
    };
    assert_eq!(file(&fault).unwrap().faults.len(), 600);
    let said = file(&fault.repeat(2)).unwrap_err().to_string();
    assert!(
        said.contains("1200 faults") && said.contains("at most 1000"),
        "{said}"
    );
}

#[test]
fn an_alias_is_a_path_of_its_own() {
    let with = |alias: &str| {
        let text = format!("title = 't'\ncause = 'c'\nbody.size = 1\nalias = {alias}\n");
        parse("name", "it.toml", &text).map(|scenario| scenario.alias)
    };
    assert_eq!(with("'/bucket/key'").unwrap(), ["/bucket/key"]);
    assert_eq!(with("['/a', '/b/c.bin']").unwrap(), ["/a", "/b/c.bin"]);
    assert_eq!(with("'/download/key'").unwrap(), ["/download/key"]);
    for wrong in [
        "'/download/'",
        "'/download/a?b'",
        "'bucket'",
        "'/'",
        "'/s/x'",
        "'/download'",
        "'/expected/x'",
        "'/a?b'",
        "'//a'",
        "'/a%20b'",
        "'/a/*'",
        "['/a', '/a']",
        "7",
    ] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn raw_bytes_are_text_or_hexadecimal() {
    let with = |bytes: &str| {
        let text = format!(
            "title = 't'\ncause = 'c'\nbody.size = 1\n[[response.raw]]\nat = 'end'\n{bytes}\n"
        );
        parse("name", "it.toml", &text).map(|scenario| scenario.response.raw[0].bytes.clone())
    };
    assert_eq!(with("bytes = '\u{e9}'").unwrap(), [0xc3, 0xa9]);
    assert_eq!(
        with("bytes_hex = '1f 8B00ff'").unwrap(),
        [0x1f, 0x8b, 0, 0xff]
    );
    for wrong in [
        "bytes_hex = '1'",
        "bytes_hex = 'xy'",
        "bytes_hex = '00'\nbytes = 'a'",
    ] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}
