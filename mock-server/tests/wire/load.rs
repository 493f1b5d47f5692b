//! Many clients at once, and clients that vanish.

use std::time::Duration;

use shortread_server::{
    clock::Clock,
    journal::{CloseReason, Fact},
    scenario::{Action, Fault, Framing, Sockets, Trigger},
    units::ByteSize,
};
use tokio::{io::AsyncReadExt as _, task::JoinSet};

use crate::support::{Server, closed, read_to_end, run, scenario};

#[test]
fn a_thousand_connections_at_once_are_all_served() {
    run(async {
        let server = Server::start(scenario(20_000, vec![])).await;
        let mut clients = JoinSet::new();
        for _ in 0..1000 {
            let stream = server
                .ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                .await;
            clients.spawn_local(async move {
                let mut stream = stream;
                let got = read_to_end(&mut stream).await;
                got.assert_true_prefix();
                got.body.len()
            });
        }
        while let Some(length) = clients.join_next().await {
            assert_eq!(length.unwrap(), 20_000);
        }
        let events = server.end().await;
        assert_eq!(closed(&events).len(), 1000);
    });
}

#[test]
fn beyond_the_limit_connections_wait_for_their_turn() {
    run(async {
        let mut slow = scenario(50_000, vec![]);
        slow.link.rate = "1MB/s".parse().unwrap();
        let server = Server::limited(slow, 2).await;
        let mut clients = JoinSet::new();
        for _ in 0..6 {
            let stream = server
                .ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                .await;
            clients.spawn_local(async move {
                let mut stream = stream;
                read_to_end(&mut stream).await.body.len()
            });
        }
        while let Some(length) = clients.join_next().await {
            assert_eq!(length.unwrap(), 50_000);
        }
        let events = server.end().await;
        let (mut open, mut most) = (0_i32, 0);
        for event in &events {
            match event.fact {
                Fact::Accepted { .. } => open += 1,
                Fact::Closed { .. } => open -= 1,
                _ => {}
            }
            most = most.max(open);
        }
        assert_eq!((open, most), (0, 2));
    });
}

#[test]
fn a_client_that_vanishes_in_mid_response_costs_only_its_connection() {
    run(async {
        let server = Server::start(scenario(1 << 40, vec![])).await;
        let mut stream = server.get().await;
        stream.read_u8().await.unwrap();
        drop(stream);
        let events = server.closed().await;
        assert_eq!(closed(&events)[0].0, CloseReason::PeerReset);
        let mut next = server.get().await;
        assert_eq!(next.read_u8().await.unwrap(), b'H');
        server.end().await;
    });
}

#[test]
fn the_low_water_mark_bounds_what_waits_unsent_in_the_kernel() {
    run(async {
        const LOWAT: u64 = 16 << 10;
        let blocked = Trigger::Blocked(Duration::from_millis(300));
        let mut scenario = scenario(1 << 30, vec![Fault::new(blocked, Action::Reset)]);
        scenario.sockets.notsent_lowat = Some(ByteSize(LOWAT));
        let server = Server::start(scenario).await;
        // Reads nothing, so the window closes and the server is blocked.
        let stream = server.get().await;
        let events = server.closed().await;
        let (facts, unsent) = events
            .iter()
            .fold((None, 0), |(facts, unsent), event| match &event.fact {
                Fact::Accepted { sockets, .. } => (Some(sockets.clone()), unsent),
                Fact::Closed {
                    max_unsent_bytes, ..
                } => (facts, *max_unsent_bytes),
                _ => (facts, unsent),
            });
        assert_eq!(facts.unwrap().notsent_lowat, Some(LOWAT));
        // Below the mark one write is allowed, and that is no longer than it.
        assert!((1..=2 * LOWAT).contains(&unsent), "{unsent} B unsent");
        drop(stream);
        server.end().await;
    });
}

/// A head that was cut into single bytes waited 100 ms for each; all of these
/// together take about a second.
#[test]
#[cfg_attr(not(shortread_linux), ignore = "needs TCP_NOTSENT_LOWAT")]
fn no_pair_of_socket_settings_makes_a_framing_wait() {
    const SIZE: u64 = 20_000;
    let size = |bytes| Some(ByteSize(bytes));
    let marks = [None, size(1), size(100), size(16 << 10)];
    let framings = [
        (Framing::ContentLength, 1 << 16),
        (Framing::Close, 1 << 16),
        (Framing::Chunked, 1 << 10),
        (Framing::Chunked, 1 << 16),
    ];
    run(async {
        let clock = Clock::real();
        for notsent_lowat in marks {
            for server_send in [None, size(4 << 10)] {
                for client_receive in [None, size(16 << 10)] {
                    for (framing, chunk) in framings {
                        let mut scenario = scenario(SIZE, vec![]);
                        scenario.body.framing = framing;
                        scenario.body.chunk = ByteSize(chunk);
                        scenario.sockets = Sockets {
                            server_send,
                            client_receive,
                            notsent_lowat,
                            congestion: Some("reno".into()),
                        };
                        let asked = format!("{:?} {framing:?}/{chunk}", scenario.sockets);
                        let server = Server::start(scenario).await;
                        let request = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
                        let mut stream = server.ask(request).await;
                        let reading = read_to_end(&mut stream);
                        let due = clock.now() + Duration::from_secs(10);
                        let got = clock.timeout_at(due, reading).await.expect(&asked);
                        let framed = got.body.len() as u64;
                        if framing != Framing::Chunked {
                            assert_eq!(framed, SIZE, "{asked}");
                            got.assert_true_prefix();
                        }
                        assert!(
                            got.body.ends_with(b"0\r\n\r\n") || framed == SIZE,
                            "{asked}"
                        );
                        server.end().await;
                    }
                }
            }
        }
    });
}
