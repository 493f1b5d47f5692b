//! Whole explanations of hand-made scenarios.

mod disk;
mod faults;
mod suite;

use std::time::Duration;

use shortread_server::{
    scenario::{
        Action, Counts, Deadline, ExpectTrial, Fault, Framing, Keepalive, Kind, Limit, Party,
        Scenario, StrategyName, Success, TimerOrder, Trigger,
    },
    units::ByteSize,
};

use super::*;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn scenario(name: &str, title: &str, size: &str, rate: &str) -> Scenario {
    let mut scenario = Scenario {
        name: name.into(),
        title: title.into(),
        ..Scenario::default()
    };
    scenario.body.size = size.parse().unwrap();
    scenario.link.rate = rate.parse().unwrap();
    scenario
}

fn at(size: &str, then: Action) -> Fault {
    Fault::new(Trigger::Body(size.parse().unwrap()), then)
}

fn expecting(kind: Kind, least: u64, most: u64) -> ExpectTrial {
    ExpectTrial {
        strategy: vec![],
        chunk_size: vec![],
        profile: vec![],
        world: vec![],
        kind,
        ended_by: None,
        deadline: None,
        delivered: [ByteSize(least), ByteSize(most)],
        lost: None,
    }
}

fn told(scenario: &Scenario) -> String {
    let text = explain(scenario, &scenario.name, WIDTH);
    for line in text.lines() {
        assert!(line.chars().count() <= WIDTH, "{line}");
    }
    text
}

#[test]
fn what_is_planned_and_what_may_be_lost_is_told() {
    let mut slow = scenario("buffers", "chunk sizes", "8MB", "20MB/s");
    slow.plan.profile = vec!["aiohttp-3.13".into(), "aiohttp-3.14.5".into()];
    slow.plan.chunk_size = vec![ByteSize::kib(64), ByteSize::mib(1)];
    slow.expect.trials = vec![
        ExpectTrial {
            profile: vec!["<aiohttp-3.14".into()],
            lost: Some([ByteSize(0), ByteSize::kib(384)]),
            ..expecting(Kind::Truncated, 3_000_000, 4_000_000)
        },
        ExpectTrial {
            chunk_size: vec![ByteSize::mib(1)],
            ..expecting(Kind::Truncated, 2_000_000, 3_000_000)
        },
    ];
    insta::assert_snapshot!(told(&slow).split_once("What is expected\n").unwrap().1, @r"
          It is tried as aiohttp-3.13.5, aiohttp-3.14.5, with iter_chunked(65536),
          iter_chunked(1048576), unless told otherwise.
          Every way to read as a release before aiohttp-3.14: truncated, with 3 MB to
          4 MB delivered, and 0 B to 393.2 kB (393216 bytes) received and lost.
          iter_chunked(1048576): truncated, with 2 MB to 3 MB delivered.

        Try it
          shortread run buffers --world tcp
          shortread serve buffers
        ");
}

#[test]
fn a_place_is_told_with_its_offsets_and_one_that_is_nowhere_changes_nothing() {
    let mut cut = scenario("places", "cuts by their place", "100kB", "1MB/s");
    cut.body.framing = Framing::Chunked;
    cut.faults = vec![
        Fault::new(Trigger::Object(ByteSize(70_000)), Action::Fin),
        Fault::new(Trigger::Place("chunk-1-data".parse().unwrap()), Action::Fin),
    ];
    insta::assert_snapshot!(told(&cut).split_once("What it comes to\n").unwrap().0, @r"
        places: cuts by their place

        What happens
          The origin sends an object of 100 kB in chunked coding, whose last chunk tells
          the end. The link carries 1 MB/s.
          After 70 kB of the object, unless the response begins there or behind, the
          server closes the connection in order, as at the end of a response (FIN). In
          the response to a plain GET (HTTP/1.1, without Range) that is offset 70000 of
          the body and 70186 on the wire.
          Behind the data of chunk 1, before their CRLF, the server closes the
          connection in order, as at the end of a response (FIN). In the response to a
          plain GET (HTTP/1.1, without Range) that is offset 65536 of the body and 65714
          on the wire.
        ");

    let mut coded = scenario("coded", "a cut behind the end", "100kB", "1MB/s");
    coded.body.encoding = vec![shortread_server::scenario::Coding::Gzip];
    coded.faults = vec![at("110kB", Action::Fin)];
    insta::assert_snapshot!(told(&coded), @r"
        coded: a cut behind the end

        What happens
          The origin sends an object of 100 kB with a `Content-Length`. It is compressed
          with gzip. The link carries 1 MB/s.
          After 110 kB of the body, which at 1 MB/s is 110 ms in, the server closes the
          connection in order, as at the end of a response (FIN). But the response to a
          plain GET (HTTP/1.1, without Range) does not have that place, so this never
          fires: its body has 100119 bytes (100.1 kB), the whole of it 100315 bytes
          (100.3 kB).

        What it comes to
          The whole file needs 100 ms, less than the client's total of 300 s.

        Try it
          shortread run coded --world tcp
          shortread serve coded
        ");
}

#[test]
fn a_total_is_told_with_its_arithmetic() {
    let mut slow = scenario(
        "total-2MBps",
        "every download over five minutes fails",
        "1GB",
        "2MB/s",
    );
    slow.cause = "the client's total".into();
    slow.why = "The default of aiohttp is a total of 300 s,\nmade for pages.\n".into();
    slow.sources = vec!["https://docs.aiohttp.org/en/stable/client_reference.html".into()];
    slow.decisive = vec!["client.total".into()];
    slow.expect.trials = vec![
        ExpectTrial {
            strategy: vec![StrategyName::ReadAll],
            ended_by: Some(Party::Client),
            deadline: Some(Deadline::Total),
            ..expecting(Kind::TimedOut, 0, 0)
        },
        ExpectTrial {
            ended_by: Some(Party::Client),
            deadline: Some(Deadline::Total),
            ..expecting(Kind::TimedOut, 590_000_000, 610_000_000)
        },
    ];
    slow.tcp.time = 0.02;
    slow.tcp.size = 0.02;
    insta::assert_snapshot!(told(&slow), @r"
        total-2MBps: every download over five minutes fails
        Cause: the client's total

        What happens
          The origin sends an object of 1 GB with a `Content-Length`. The link carries
          2 MB/s.

        What it comes to
          The client's total covers everything from connect to the last byte: 2 MB/s x
          300 s = 600 MB < 1 GB, so the total ends it at 600 MB. At 5 MB/s it would be
          all of it. The smallest total that would suffice is 500 s. Speed and size
          decide, not the health of the connection. aiohttp moves totals of 5 s and more
          to the next full second of its clock, so it comes up to 1 s late.

        Why it happens
          The default of aiohttp is a total of 300 s, made for pages.

        In the TCP world
          On real sockets it runs with other numbers (times x 0.02, sizes x 0.02, rates
          x 1): body.size 1 GB -> 20 MB, client.connect 30 s -> 600 ms, client.total
          300 s -> 6 s. Kernel buffers and chunk sizes stay as they are.

        What is expected
          response.read(): timed-out by `total`, ended by the client, with 0 B
          delivered.
          Otherwise: timed-out by `total`, ended by the client, with 590 MB to 610 MB
          delivered.

        Sources
          https://docs.aiohttp.org/en/stable/client_reference.html

        Try it
          shortread run total-2MBps --world tcp
          shortread serve total-2MBps
        ");
}

#[test]
fn an_idle_firewall_is_set_against_the_keepalives() {
    let mut nat = scenario(
        "nat-350s",
        "a long pause, then nothing more",
        "5GB",
        "50MB/s",
    );
    let idle = Trigger::Idle {
        after: secs(350),
        counts: Counts::Segments,
    };
    nat.faults = vec![
        at("1GB", Action::Stall(Limit::After(secs(400)))),
        Fault::new(idle, Action::Forget),
    ];
    nat.client.total = Limit::Never;
    insta::assert_snapshot!(told(&nat), @r"
        nat-350s: a long pause, then nothing more

        What happens
          The origin sends an object of 5 GB with a `Content-Length`. The link carries
          50 MB/s.
          After 1 GB of the body, which at 50 MB/s is 20 s in, the server goes quiet for
          400 s, then goes on.
          When for 350 s no segment of any kind, not even a keepalive probe, has passed,
          the network forgets the connection.
          A stall: the server sends nothing, but its TCP still answers, so that
          keepalives find the connection in good health. Forgetting: at first a black
          hole; but the next packet of the client, a keepalive for example, is answered
          with RST. A client that only waits sends none.

        What it comes to
          No deadline of the client is on that could end this: it waits until somebody
          stops it, and the user sees a download that stands still.
          The response pauses for 400 s, and nobody sends keepalives: after 350 s the
          path drops the connection, though both ends still think they have it.

        Try it
          shortread run nat-350s --world tcp
          shortread serve nat-350s
        ");

    nat.client.keepalive = Some(Keepalive {
        idle: secs(60),
        interval: secs(10),
        count: 3,
    });
    let kept = idle::paragraphs(&nat).join("\n");
    insta::assert_snapshot!(kept, @"The response pauses for 400 s, longer than the idle limit of 350 s. But a keepalive probe goes out 60 s after the last segment, counts as a sign of life, and the connection is kept.");
    nat.faults[1].when = Trigger::Idle {
        after: secs(350),
        counts: Counts::Payload,
    };
    insta::assert_snapshot!(idle::paragraphs(&nat).join("\n"), @"The response pauses for 400 s, and the path counts data only: keepalives do not help, after 350 s it drops the connection. The next probe after that is answered with RST.");
}

#[test]
fn a_black_hole_is_ended_by_the_first_of_the_deadlines() {
    let mut hole = scenario("blackhole", "the download stands still", "1GB", "10MB/s");
    hole.faults = vec![Fault {
        by: Party::Network,
        ..at("500MB", Action::Blackhole)
    }];
    hole.client.sock_read = Limit::After(secs(60));
    hole.client.keepalive = Some(Keepalive {
        idle: secs(30),
        interval: secs(10),
        count: 3,
    });
    insta::assert_snapshot!(told(&hole), @r"
        blackhole: the download stands still

        What happens
          The origin sends an object of 1 GB with a `Content-Length`. The link carries
          10 MB/s.
          After 500 MB of the body, which at 10 MB/s is 50 s in, the network turns into
          a black hole.
          A black hole: nothing is answered any more, not even keepalives, and nobody is
          told.

        What it comes to
          When the bytes have stopped for good, the first of these ends it: `sock_read`,
          60 s after the last byte; TCP keepalive, 30 s + 3 x 10 s = 60 s after the last
          segment; the total, 300 s after the start.

        Try it
          shortread run blackhole --world tcp
          shortread serve blackhole
        ");
    hole.client.sock_read = Limit::Never;
    hole.client.keepalive = None;
    hole.client.total = Limit::Never;
    insta::assert_snapshot!(deadline::paragraphs(&hole).join("\n"), @"No deadline of the client is on that could end this: it waits until somebody stops it, and the user sees a download that stands still.");
}

#[test]
fn a_close_delimited_cut_is_said_to_be_invisible() {
    let mut close = scenario("close-cut", "a short file, and no error", "100MB", "50MB/s");
    close.body.framing = Framing::Close;
    close.faults = vec![at("60MB", Action::Fin)];
    close.expect.any = Some(Success::Undetectable.into());
    close.expect.trials = vec![expecting(Kind::SilentTruncation, 60_000_000, 60_000_000)];
    insta::assert_snapshot!(told(&close), @r"
        close-cut: a short file, and no error

        What happens
          The origin sends an object of 100 MB without a length: the body ends when the
          connection does. The link carries 50 MB/s.
          After 60 MB of the body, which at 50 MB/s is 1.2 s in, the server closes the
          connection in order, as at the end of a response (FIN).

        What it comes to
          The end of the connection is the end of the body, so a cut looks like the end.
          aiohttp takes even RST for it: the file is short, and nobody is told. No
          client can know better: a report of success is not its mistake.

        What is expected
          Every way to read: silent-truncation, with 60 MB delivered.

        Try it
          shortread run close-cut --world tcp
          shortread serve close-cut
        ");
}

#[test]
fn a_window_and_a_round_trip_make_a_speed() {
    let mut far = scenario(
        "long-fat-link",
        "a fast link that is slow",
        "100MB",
        "125MB/s",
    );
    far.link.latency = Duration::from_millis(200);
    far.sockets.client_receive = Some(ByteSize::kib(64));
    insta::assert_snapshot!(told(&far), @r"
        long-fat-link: a fast link that is slow

        What happens
          The origin sends an object of 100 MB with a `Content-Length`. The link carries
          125 MB/s, 200 ms each way. But only one window of 64KiB can be on the way at a
          time, and its acknowledgement takes a round trip of 400 ms: 65.54 kB / 400 ms
          = 163.8 kB/s, whatever the link could carry.

        What it comes to
          The client's total covers everything from connect to the last byte: 163.8 kB/s
          x 300 s = 49.15 MB < 100 MB, so the total ends it at 49.15 MB. At 409.6 kB/s
          it would be all of it. The smallest total that would suffice is 10.2 min.
          Speed and size decide, not the health of the connection. aiohttp moves totals
          of 5 s and more to the next full second of its clock, so it comes up to 1 s
          late.

        Try it
          shortread run long-fat-link --world tcp
          shortread serve long-fat-link
        ");
}

#[test]
fn memory_and_a_slow_sink_are_set_against_their_limits() {
    let mut slow = scenario(
        "slow-disk",
        "the server closes on a slow reader",
        "1GB",
        "50MB/s",
    );
    slow.sink.rate = Some("1kB/s".parse().unwrap());
    slow.sockets.client_receive = Some(ByteSize::kib(64));
    slow.faults = vec![Fault::new(Trigger::Blocked(secs(60)), Action::Reset)];
    slow.client.memory = Some(ByteSize(512_000_000));
    slow.client.parallel = 4;
    slow.client.total = Limit::Never;
    insta::assert_snapshot!(told(&slow), @r"
        slow-disk: the server closes on a slow reader

        What happens
          The origin sends an object of 1 GB with a `Content-Length`. The link carries
          50 MB/s. 4 downloads run at a time, in one process.
          When the server could write nothing for 60 s, since the client takes nothing,
          the server aborts the connection (RST).
          With RST, what still waits in the server's kernel is lost: how much the client
          has by then depends on how fast it reads.
          The application writes 1 kB/s, while the link could bring 50 MB/s: once the
          buffers between are full, the server has to wait for it. With more than
          524.3 kB in its buffer aiohttp stops reading, with less than 262.1 kB it goes
          on: 262.1 kB / 1 kB/s = 262 s, longer than the 60 s that the server waits for
          a write.

        What it comes to
          The client may use 512 MB. `response.read()` keeps the whole body of each of
          the 4 downloads at a time, 4 x 1 GB = 4 GB, in pieces, and twice while it
          joins them: 8 GB, more than that. The other ways keep one buffer per download,
          at most 3.15 MB together, and the piece in hand: less than that, whatever the
          size of the file.
          The client's kernel reports the reset, and the client an error. What aiohttp
          had buffered by then is dropped, and by `response.read()` everything.

        Try it
          shortread run slow-disk --world tcp
          shortread serve slow-disk
        ");
}

#[test]
fn a_path_with_a_space_can_be_pasted_into_a_shell() {
    assert_eq!(quoted("scenarios/mine.toml"), "scenarios/mine.toml");
    assert_eq!(quoted("my files/it's.toml"), r"'my files/it'\''s.toml'");
}

#[test]
fn what_fails_here_by_the_clients_own_limits_is_not_said_to_succeed() {
    let mut late = scenario("late-head", "no answer", "1GB", "50MB/s");
    late.response.head_delay = secs(100);
    late.client.head = Limit::After(secs(60));
    late.expect.any = Some(Success::Required.into());
    late.expect.trials = vec![expecting(Kind::TimedOut, 0, 0)];
    insta::assert_snapshot!(deadline::paragraphs(&late).join("\n"), @"The client waits 60 s for a head that takes 100 s: its `head` ends it before a byte of the body.");
    insta::assert_snapshot!(truth::paragraphs(&late).join("\n"), @"Nothing is wrong with the object: a client that is faster, or has other limits, gets all of it.");
    late.expect.trials = vec![expecting(Kind::Complete, 0, 1_000_000_000)];
    insta::assert_snapshot!(truth::paragraphs(&late).join("\n"), @"Every client has to report success.");
}

#[test]
fn a_page_in_place_of_the_object_has_no_time_for_the_whole_file() {
    let mut page = scenario("page", "not the file", "1GB", "50MB/s");
    page.response.page = Some("<html>".into());
    assert!(deadline::paragraphs(&page).is_empty());
}

#[test]
fn a_sink_that_blocks_is_set_against_the_limit_on_silence() {
    let mut slow = scenario("blocked", "a slow disk", "2MB", "1MB/s");
    slow.sink.rate = Some("10kB/s".parse().unwrap());
    slow.sink.blocking = true;
    slow.client.sock_read = Limit::After(secs(20));
    let says = |slow: &Scenario| sink::paragraphs(slow).join("\n");
    assert!(
        says(&slow).contains("sockets before timers"),
        "{}",
        says(&slow)
    );
    slow.client.timers = TimerOrder::BeforeIo;
    assert!(
        says(&slow).contains("timers before sockets"),
        "{}",
        says(&slow)
    );
    // Not the total but `sock_read` decides.
    assert!(deadline::paragraphs(&slow).is_empty());
}

#[test]
fn a_shared_link_is_told_with_its_share_and_the_smallest_safe_total() {
    let mut parts = scenario("parts", "four parts at once", "400MB", "20MB/s");
    parts.link.connections = Some(4);
    parts.link.shared = true;
    parts.client.total = Limit::After(secs(60));
    let told = told(&parts)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for says in [
        "4 downloads at a time, in one process, share it: 5 MB/s each",
        "5 MB/s x 60 s = 300 MB < 400 MB",
        "The smallest total that would suffice is 4 x 400 MB / 20 MB/s = 80 s.",
        "One download alone needs 20 s.",
    ] {
        assert!(told.contains(says), "{says}: {told}");
    }
}

#[test]
fn loss_is_said_to_be_of_the_virtual_world_only_and_without_congestion_control() {
    let mut lossy = scenario("lossy", "a bad line", "400MB", "20MB/s");
    lossy.link.loss = 0.015;
    let told = told(&lossy)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for says in [
        "Of its segments 1.5 % are lost",
        "in the virtual world only",
        "no congestion control",
    ] {
        assert!(told.contains(says), "{says}: {told}");
    }
}
