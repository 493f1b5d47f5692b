//! Stalls, black holes and forgotten flows: three silences, told apart by what
//! the client's kernel gets to see.

use std::time::Duration;

use shortread_server::{
    clock::Clock,
    journal::{CloseReason, Fact},
    scenario::{Action, Counts, Fault, Limit, Trigger},
    units::ByteSize,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Server, closed, fault, read_body, read_to_end, run, scenario};

const CUT: usize = 100_000;

fn at_cut(action: Action) -> Fault {
    Fault::new(Trigger::Body(ByteSize(CUT as u64)), action)
}

/// Probes after 1 s of silence, each second, three times: the shortest that
/// tcp(7) allows.
fn probe(stream: &TcpStream) {
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(1))
        .with_interval(Duration::from_secs(1))
        .with_retries(3);
    SockRef::from(stream).set_tcp_keepalive(&keepalive).unwrap();
}

#[test]
fn in_a_black_hole_keepalive_probes_are_not_answered() {
    run(async {
        let server = Server::start(scenario(1_000_000, vec![at_cut(Action::Blackhole)])).await;
        let mut stream = server.get().await;
        probe(&stream);
        read_body(&mut stream, CUT).await;
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(110), "ETIMEDOUT: {error}");
        // The client is gone, so the server's end is reaped without a signal.
        drop(stream);
        let events = server.closed().await;
        assert_eq!(
            closed(&events),
            [(CloseReason::Reaped, CUT as u64, Some(CUT as u64))]
        );
        assert_eq!(fault(&events).0, CUT as u64);
        server.end().await;
    });
}

#[test]
fn what_a_path_drops_by_size_leaves_the_head_and_small_responses() {
    run(async {
        let mut dropping = scenario(1_000_000, vec![]);
        dropping.link.segment = Some(ByteSize(1448));
        dropping.link.drops_above = Some(ByteSize(1400));
        let server = Server::start(dropping).await;
        let mut stream = server.get().await;
        probe(&stream);
        read_body(&mut stream, 0).await;
        // Longer than the four seconds after which unanswered probes kill.
        let clock = Clock::real();
        let end = clock.now() + Duration::from_secs(6);
        let silence = clock.timeout_at(end, stream.read_u8()).await;
        assert!(silence.is_err(), "{silence:?}");
        drop(stream);
        server.closed().await;
        server.end().await;
        let mut small = scenario(1_400, vec![]);
        small.link.segment = Some(ByteSize(1448));
        small.link.drops_above = Some(ByteSize(1400));
        let server = Server::start(small).await;
        let mut stream = server.get().await;
        read_body(&mut stream, 1_400).await;
        server.end().await;
    });
}

#[test]
fn in_a_stall_keepalive_probes_are_answered_and_the_body_goes_on() {
    run(async {
        // Longer than the four seconds after which unanswered probes kill.
        let stall = Action::Stall(Limit::After(Duration::from_secs(5)));
        let server = Server::start(scenario(200_000, vec![at_cut(stall)])).await;
        let mut stream = server.get().await;
        probe(&stream);
        let body = read_body(&mut stream, 200_000).await;
        assert_eq!(body.len(), 200_000);
        drop(stream);
        let events = server.end().await;
        let at = |wanted: fn(&Fact) -> bool| {
            events
                .iter()
                .find(|event| wanted(&event.fact))
                .map(|event| event.at_ns)
                .unwrap()
        };
        let stalled = at(|fact| matches!(fact, Fact::Fault { .. }));
        let ended = at(|fact| matches!(fact, Fact::ResponseEnd { .. }));
        assert!(ended.since(stalled) >= Duration::from_secs(5));
    });
}

#[test]
fn a_forgotten_flow_answers_the_next_segment_with_rst() {
    run(async {
        let server = Server::start(scenario(1_000_000, vec![at_cut(Action::Forget)])).await;
        let mut stream = server.get().await;
        read_body(&mut stream, CUT).await;
        // Nothing says so until the client sends something.
        server
            .wait_for(|fact| matches!(fact, Fact::Fault { .. }))
            .await;
        stream.write_all(b"x").await.unwrap();
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(104), "ECONNRESET: {error}");
        server.end().await;
    });
}

#[test]
fn an_acknowledgement_of_what_came_before_does_not_answer_a_forgotten_flow() {
    run(async {
        // Behind many small segments the client's kernel acknowledges late
        // (40 ms), so the flow is forgotten before: nothing is drained here.
        let elapsed = Trigger::Elapsed(Duration::from_millis(500));
        let mut scenario = scenario(1_000_000, vec![Fault::new(elapsed, Action::Forget)]);
        scenario.link.rate = "10KB/s".parse().unwrap();
        let server = Server::start(scenario).await;
        let mut stream = server.get().await;
        let read = async {
            let mut buffer = vec![0; 1 << 16];
            loop {
                match stream.read(&mut buffer).await {
                    Ok(1..) => {}
                    end => return end,
                }
            }
        };
        let clock = Clock::real();
        let until = clock.now() + Duration::from_millis(1500);
        let heard = clock.timeout_at(until, read).await;
        assert!(heard.is_err(), "nothing was asked for, and {heard:?} came");
        stream.write_all(b"x").await.unwrap();
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(104), "ECONNRESET: {error}");
        server.end().await;
    });
}

#[test]
fn an_idle_timer_that_counts_segments_is_held_off_by_keepalive_and_one_that_counts_payload_is_not()
{
    run(async {
        // Probes each second against an idle limit of 2.5 s, in a stall of 6 s.
        for (counts, survives) in [(Counts::Segments, true), (Counts::Payload, false)] {
            let idle = Trigger::Idle {
                after: Duration::from_millis(2500),
                counts,
            };
            let stall = Action::Stall(Limit::After(Duration::from_secs(6)));
            let faults = vec![at_cut(stall), Fault::new(idle, Action::Fin)];
            let server = Server::start(scenario(200_000, faults)).await;
            let mut stream = server
                .ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                .await;
            probe(&stream);
            let got = read_to_end(&mut stream).await;
            let expected = if survives { 200_000 } else { CUT };
            assert_eq!(got.body.len(), expected, "{counts}");
            got.assert_true_prefix();
            server.end().await;
        }
    });
}

#[test]
fn a_server_that_may_not_write_for_too_long_hangs_up() {
    run(async {
        let blocked = Fault::new(Trigger::Blocked(Duration::from_millis(500)), Action::Reset);
        let mut scenario = scenario(1 << 30, vec![blocked]);
        scenario.sockets.server_send = Some(ByteSize::kib(16));
        let server = Server::start(scenario).await;
        let stream = server.get().await;
        let events = server.closed().await;
        let (at, _, in_flight) = fault(&events);
        assert!(in_flight > 0 && in_flight <= at);
        drop(stream);
        server.end().await;
    });
}

#[test]
fn a_client_that_leaves_during_a_stall_is_noticed() {
    run(async {
        let server =
            Server::start(scenario(1 << 20, vec![at_cut(Action::Stall(Limit::Never))])).await;
        let mut stream = server.get().await;
        read_body(&mut stream, CUT).await;
        drop(stream);
        let events = server.closed().await;
        assert!(matches!(
            closed(&events)[0].0,
            CloseReason::PeerClosed | CloseReason::PeerReset
        ));
        server.end().await;
    });
}

/// A client that closes as soon as it has asked, and one that first says that
/// it will send no more.
async fn ask_and_leave(server: &Server, half_close_first: bool) {
    let mut stream = server.get().await;
    if half_close_first {
        stream.shutdown().await.unwrap();
        server
            .wait_for(|fact| matches!(fact, Fact::Fault { .. }))
            .await;
    }
}

#[test]
fn a_client_that_left_is_let_go_whatever_its_connection_waits_for() {
    run(async {
        let stalled = Action::Stall(Limit::Never);
        let slow = Action::Throttle("1B/s".parse().unwrap());
        for action in [Action::Forget, Action::Blackhole, stalled, slow] {
            for half_close_first in [false, true] {
                let fault = Fault::new(Trigger::Request(1), action);
                let mut scenario = scenario(1 << 20, vec![fault]);
                // For a throttle to 1 B/s: three hours.
                scenario.link.segment = Some(ByteSize(10_000));
                let server = Server::start(scenario).await;
                ask_and_leave(&server, half_close_first).await;
                let events = server.closed().await;
                assert_eq!(closed(&events).len(), 1, "{action:?}");
                server.end().await;
            }
        }
    });
}

#[test]
fn a_client_whose_requests_are_not_read_is_noticed_as_it_leaves() {
    run(async {
        let fault = Fault::new(Trigger::Request(1), Action::Stall(Limit::Never));
        let server = Server::start(scenario(1000, vec![fault])).await;
        let mut stream = server.get().await;
        // More than is read ahead: what follows stays in the kernel.
        let requests = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4000);
        stream.write_all(requests.as_bytes()).await.unwrap();
        drop(stream);
        let events = server.closed().await;
        assert_eq!(closed(&events).len(), 1);
        server.end().await;
    });
}

#[test]
fn a_flow_that_is_forgotten_as_it_is_accepted_answers_the_request_whoever_is_faster() {
    run(async {
        for _ in 0..50 {
            let fault = Fault::new(Trigger::Connection(1), Action::Forget);
            let server = Server::start(scenario(1000, vec![fault])).await;
            let mut stream = server.get().await;
            let error = stream.read_u8().await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(104), "ECONNRESET: {error}");
            server.end().await;
        }
    });
}
