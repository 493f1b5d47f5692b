//! Whole trials over loopback against servers of a few lines.

#[path = "trial_tests/application.rs"]
mod application;

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    thread::JoinHandle,
    time::Duration,
};

use shortread_server::{
    body::Pattern,
    scenario::{Deadline, Limit, StrategyName},
    units::ByteSize,
};
use socket2::SockRef;

use super::*;
use crate::client::{ClientReport, Download, Failure, FailureCause, Tcp, Verdict};

const SIZE: u64 = 3_000_000;

/// Answers one connection per entry of `play`, which gets the socket after the
/// request.
fn serve(
    connections: usize,
    play: impl Fn(&mut TcpStream) + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        for _ in 0..connections {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            play(&mut socket);
        }
    });
    (addr, server)
}

fn head(socket: &mut TcpStream) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
}

fn body(socket: &mut TcpStream, bytes: u64) {
    for slice in Pattern::PLAIN.slices(0..bytes) {
        // The client may already be gone.
        let _ = socket.write_all(&slice);
    }
}

/// Waits for the client to go away.
fn wait_for_close(socket: &mut TcpStream) {
    let _ = socket.read_to_end(&mut Vec::new());
}

fn spec(name: StrategyName) -> TrialSpec {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(SIZE);
    scenario.client.give_up = Some(Duration::from_secs(60));
    TrialSpec {
        time_scale: 1.0,
        scenario,
        strategy: Strategy {
            name,
            chunk_size: None,
        },
        profile: None,
        recipe: None,
        seed: 1,
        file: None,
        save: None,
    }
}

fn run_trial(addr: SocketAddr, spec: TrialSpec) -> ClientReport {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(run(spec, &Tcp(addr), Clock::real(), |_| {}))
}

fn failure(download: &Download) -> &Failure {
    match &download.verdict {
        Verdict::Failure(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_strategy_delivers_the_whole_object() {
    for name in StrategyName::ALL {
        let (addr, server) = serve(1, |socket| {
            head(socket);
            body(socket, SIZE);
        });
        let report = run_trial(addr, spec(*name));
        let download = &report.downloads[0];
        assert_eq!(download.verdict, Verdict::Success, "{name}");
        assert_eq!(download.delivered_bytes, SIZE, "{name}");
        assert_eq!(download.received_bytes, SIZE, "{name}");
        assert_eq!(download.first_bad_offset, None, "{name}");
        assert_eq!(download.declared_bytes, Some(SIZE), "{name}");
        assert_eq!(report.chunk_bytes.count, report.sink_writes, "{name}");
        assert_eq!(report.gap_ns.count, report.sink_writes, "{name}");
        assert!(report.transport_reads > 0, "{name}");
        assert!(report.sockets.receive_buffer.is_some(), "{name}");
        if *name == StrategyName::ReadAll {
            assert_eq!(report.sink_writes, 1);
        }
        server.join().unwrap();
    }
}

#[test]
fn read_all_holds_the_body_twice_as_it_joins_its_blocks() {
    // The heap is that of the process, and other tests free memory meanwhile, so
    // the largest of several trials counts.
    let twice = (0..20).any(|_| {
        let (addr, server) = serve(1, |socket| {
            head(socket);
            body(socket, SIZE);
        });
        let report = run_trial(addr, spec(StrategyName::ReadAll));
        server.join().unwrap();
        report.peak_heap_bytes.unwrap() >= 2 * SIZE
    });
    assert!(twice, "joined from blocks");
}

#[test]
fn a_cut_is_noticed_and_read_all_loses_what_the_others_keep() {
    for name in StrategyName::ALL {
        let (addr, server) = serve(1, |socket| {
            head(socket);
            body(socket, SIZE / 2);
        });
        let report = run_trial(addr, spec(*name));
        let download = &report.downloads[0];
        assert_eq!(failure(download).cause, FailureCause::ClosedEarly, "{name}");
        assert_eq!(download.received_bytes, SIZE / 2, "{name}");
        if *name == StrategyName::ReadAll {
            assert_eq!(download.delivered_bytes, 0);
        } else {
            assert!(download.delivered_bytes > 0, "{name}");
            assert_eq!(download.first_bad_offset, None, "{name}");
        }
        server.join().unwrap();
    }
}

#[test]
fn a_reset_is_told_from_a_close() {
    for name in [StrategyName::IterAny, StrategyName::Frames] {
        let (addr, server) = serve(1, |socket| {
            head(socket);
            body(socket, 1_000);
            SockRef::from(&*socket)
                .set_linger(Some(Duration::ZERO))
                .unwrap();
        });
        let report = run_trial(addr, spec(name));
        assert_eq!(
            failure(&report.downloads[0]).cause,
            FailureCause::Reset,
            "{name}"
        );
        server.join().unwrap();
    }
}

#[test]
fn deadlines_and_giving_up_end_a_silence() {
    for name in [StrategyName::Readany, StrategyName::Frames] {
        for deadline in [
            Some(Deadline::SockRead),
            Some(Deadline::Total),
            Some(Deadline::Head),
            None,
        ] {
            let (addr, server) = serve(1, move |socket| {
                if deadline != Some(Deadline::Head) {
                    head(socket);
                    body(socket, 1_000);
                }
                wait_for_close(socket);
            });
            let mut spec = spec(name);
            let soon = Limit::After(Duration::from_millis(50));
            match deadline {
                Some(Deadline::SockRead) => spec.scenario.client.sock_read = soon,
                Some(Deadline::Head) => spec.scenario.client.head = soon,
                Some(_) => spec.scenario.client.total = soon,
                None => spec.scenario.client.give_up = soon.duration(),
            }
            let report = run_trial(addr, spec);
            match deadline {
                Some(deadline) => assert_eq!(
                    failure(&report.downloads[0]).cause,
                    FailureCause::Deadline(deadline),
                    "{name}"
                ),
                None => assert_eq!(report.downloads[0].verdict, Verdict::GaveUp, "{name}"),
            }
            server.join().unwrap();
        }
    }
}

#[test]
fn several_downloads_run_side_by_side_and_add_up() {
    let (addr, server) = serve(3, |socket| {
        head(socket);
        body(socket, SIZE);
    });
    let mut spec = spec(StrategyName::FixedChunk);
    spec.scenario.client.parallel = 3;
    let report = run_trial(addr, spec);
    assert_eq!(report.downloads.len(), 3);
    for download in &report.downloads {
        assert_eq!(download.verdict, Verdict::Success);
        assert_eq!(download.delivered_bytes, SIZE);
    }
    assert!(report.chunk_bytes.count >= 3 * SIZE.div_ceil(64 << 10));
    server.join().unwrap();
}

#[test]
fn the_memory_budget_ends_read_all_and_spares_a_stream() {
    // Far more than the tests running beside this one hold.
    const BIG: u64 = 256 << 20;
    let _alone = crate::measure::heap::tests::ALONE.lock();
    for (name, fits) in [
        (StrategyName::ReadAll, false),
        (StrategyName::Readany, true),
    ] {
        let (addr, server) = serve(1, |socket| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n");
            socket.write_all(head.as_bytes()).unwrap();
            body(socket, BIG);
        });
        let mut spec = spec(name);
        spec.scenario.body.size = ByteSize(BIG);
        spec.scenario.client.memory = Some(ByteSize(BIG / 4 * 5));
        let report = run_trial(addr, spec);
        let download = &report.downloads[0];
        if fits {
            assert_eq!(download.verdict, Verdict::Success);
        } else {
            assert_eq!(failure(download).cause, FailureCause::OutOfMemory);
            assert_eq!(failure(download).exception.as_deref(), Some("MemoryError"));
        }
        server.join().unwrap();
    }
}

#[test]
fn a_connection_that_is_closed_at_once_is_reported_as_such() {
    // From 3.10 on the request is sent once more, even on a fresh connection.
    for (profile, connections) in [("aiohttp-3.9.5", 1), ("aiohttp-3.10.0", 2)] {
        let (addr, server) = serve(connections as usize, |socket| {
            socket.shutdown(Shutdown::Write).unwrap();
        });
        let mut spec = spec(StrategyName::Readany);
        spec.profile = Some(Profile::parse(profile).unwrap().0);
        let report = run_trial(addr, spec);
        let failure = failure(&report.downloads[0]);
        assert_eq!(failure.cause, FailureCause::ClosedEarly);
        assert_eq!(
            failure.exception.as_deref(),
            Some("ServerDisconnectedError")
        );
        assert_eq!(report.downloads[0].first_byte, None);
        assert_eq!(report.downloads[0].connection, Some(connections));
        server.join().unwrap();
    }
}

#[test]
fn a_second_request_that_is_answered_is_a_success_and_a_cut_body_is_not_asked_for_again() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let (addr, server) = serve(2, move |socket| {
        if first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            socket.write_all(b"HTTP/1.1 200").unwrap();
        } else {
            head(socket);
            body(socket, SIZE);
        }
    });
    let report = run_trial(addr, spec(StrategyName::Readany));
    assert_eq!(report.downloads[0].verdict, Verdict::Success);
    assert_eq!(report.downloads[0].delivered_bytes, SIZE);
    server.join().unwrap();

    let (addr, server) = serve(1, |socket| {
        head(socket);
        body(socket, SIZE / 2);
    });
    let report = run_trial(addr, spec(StrategyName::Readany));
    assert_eq!(report.downloads[0].connection, Some(1));
    let failure = failure(&report.downloads[0]);
    assert_eq!(failure.exception.as_deref(), Some("ClientPayloadError"));
    server.join().unwrap();
}

#[test]
fn hyper_names_what_is_not_http_and_what_is_no_head() {
    for (wire, cause) in [
        ("SSH-2.0-OpenSSH_9.9\r\n", FailureCause::Malformed),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
            FailureCause::Malformed,
        ),
        ("HTTP/1.1 200 OK\r\nContent-", FailureCause::ClosedEarly),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            FailureCause::ClosedEarly,
        ),
    ] {
        let (addr, server) = serve(1, move |socket| socket.write_all(wire.as_bytes()).unwrap());
        let report = run_trial(addr, spec(StrategyName::Frames));
        assert_eq!(failure(&report.downloads[0]).cause, cause, "{wire}");
        server.join().unwrap();
    }
}

#[test]
fn a_trial_reads_back_from_its_json() {
    let mut spec = spec(StrategyName::FixedChunk);
    spec.profile = Some(Profile::parse("aiohttp-3.12").unwrap().0);
    let json = serde_json::to_string(&spec).unwrap();
    assert!(json.contains(r#""profile":"aiohttp-3.12.15""#));
    assert_eq!(serde_json::from_str::<TrialSpec>(&json).unwrap(), spec);
    let wrong = json.replace("aiohttp-3.12.15", "aiohttp-2.0.0");
    assert!(serde_json::from_str::<TrialSpec>(&wrong).is_err());
}

/// Resets every odd connection as it is accepted, and answers the even ones.
fn reset_every_other(connections: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        for number in 0..connections {
            let (mut socket, _) = listener.accept().unwrap();
            if number % 2 == 0 {
                let reset = SockRef::from(&socket).set_linger(Some(Duration::ZERO));
                reset.unwrap();
                continue;
            }
            let _ = socket.read(&mut [0; 1 << 10]);
            head(&mut socket);
            body(&mut socket, SIZE);
        }
    });
    (addr, server)
}

#[test]
fn a_connection_that_is_reset_as_it_is_accepted_is_tried_again_whoever_is_faster() {
    const TRIALS: usize = 100;
    let (addr, server) = reset_every_other(2 * TRIALS);
    for _ in 0..TRIALS {
        let download = run_trial(addr, spec(StrategyName::Readany))
            .downloads
            .remove(0);
        assert_eq!(download.verdict, Verdict::Success);
        assert_eq!(download.connection, Some(2));
    }
    server.join().unwrap();
}

#[test]
fn without_a_second_try_it_is_always_a_reset_and_never_refused() {
    const TRIALS: usize = 50;
    for (name, profile) in [
        (
            StrategyName::Readany,
            Some(Profile::parse("aiohttp-3.9.5").unwrap().0),
        ),
        (StrategyName::Frames, None),
    ] {
        let (addr, server) = reset_every_other(2 * TRIALS);
        for number in 0..2 * TRIALS {
            let mut spec = spec(name);
            spec.profile = profile;
            let download = run_trial(addr, spec).downloads.remove(0);
            if number % 2 == 0 {
                assert_eq!(failure(&download).cause, FailureCause::Reset, "{name}");
                assert_eq!(download.connection, Some(1), "{name}");
            }
        }
        server.join().unwrap();
    }
}

/// The bytes of a server that sends 4 MB at once, and those that were delivered before
/// the client had read for the first time.
fn late(name: StrategyName) -> (ClientReport, Vec<(u64, u64)>) {
    let (addr, server) = serve(1, |socket| {
        head(socket);
        body(socket, SIZE);
        wait_for_close(socket);
    });
    let mut spec = spec(name);
    spec.scenario.sink.first_pause = Duration::from_millis(300);
    let report = run_trial(addr, spec);
    server.join().unwrap();
    let times = report.downloads.iter().map(|download| {
        let since = |at: Option<shortread_server::clock::Instant>| {
            at.map_or(0, |at| at.since(download.started).as_millis() as u64)
        };
        (since(download.head), since(download.last_progress))
    });
    let times = times.collect();
    (report, times)
}

#[test]
fn a_program_that_reads_late_gets_everything_and_nothing_before_it_reads() {
    for name in [
        StrategyName::ReadAll,
        StrategyName::Readany,
        StrategyName::FixedChunk,
        StrategyName::IterAny,
        StrategyName::IterChunks,
        StrategyName::Frames,
    ] {
        let (report, times) = late(name);
        assert_eq!(report.downloads[0].verdict, Verdict::Success, "{name}");
        assert_eq!(report.downloads[0].delivered_bytes, SIZE, "{name}");
        let (head, last) = times[0];
        assert!(last >= head + 300, "{name}: head {head} ms, last {last} ms");
        // The first gap is from the head to the first chunk.
        let longest = Duration::from_nanos(report.gap_ns.max);
        assert!(longest >= Duration::from_millis(300), "{name}: {longest:?}");
    }
}
