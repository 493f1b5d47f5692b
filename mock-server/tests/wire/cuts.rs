//! FIN and RST at exact offsets.

use std::time::Duration;

use shortread_server::{
    body::Pattern,
    journal::CloseReason,
    scenario::{Action, Fault, Framing, Trigger},
    units::ByteSize,
};

use crate::support::{Server, closed, fault, read_to_end, run, scenario};

const ECONNRESET: i32 = 104;

#[test]
fn a_drained_cut_is_exact_in_every_framing_and_both_ways() {
    run(async {
        for framing in [Framing::ContentLength, Framing::Chunked, Framing::Close] {
            for action in [Action::Fin, Action::Reset] {
                for offset in [0, 1, 65_536, 1_234_567] {
                    let cut = Fault::new(Trigger::Body(ByteSize(offset)), action);
                    let mut scenario = scenario(2_000_000, vec![cut]);
                    scenario.body.framing = framing;
                    let server = Server::start(scenario).await;
                    let got = read_to_end(&mut server.get().await).await;
                    let events = server.end().await;
                    let what = format!("{framing} {action:?} at {offset}");

                    let (at, wire, in_flight) = fault(&events);
                    assert_eq!((at, in_flight), (offset, 0), "{what}: journal");
                    assert_eq!(
                        (got.head.len() + got.body.len()) as u64,
                        wire,
                        "{what}: wire"
                    );
                    if framing == Framing::Chunked {
                        // A size line stands before each chunk of 64 KiB.
                        assert!(got.body.len() as u64 >= offset, "{what}");
                    } else {
                        assert_eq!(got.body.len() as u64, offset, "{what}: client");
                        got.assert_true_prefix();
                    }
                    let reset = (action == Action::Reset).then_some(ECONNRESET);
                    assert_eq!(got.errno(), reset, "{what}: end");
                    assert_eq!(
                        closed(&events),
                        [(CloseReason::Fault, offset, Some(offset))],
                        "{what}"
                    );
                }
            }
        }
    });
}

#[test]
fn a_body_that_ends_early_looks_whole_in_every_framing_that_can() {
    run(async {
        for (framing, offset, body) in [
            (Framing::Chunked, 0, 0),
            (Framing::Chunked, 100_000, 131_072),
            (Framing::Chunked, 131_072, 131_072),
            (Framing::Close, 100_000, 100_000),
        ] {
            let end = Fault::new(Trigger::Body(ByteSize(offset)), Action::End);
            let mut scenario = scenario(2_000_000, vec![end]);
            scenario.body.framing = framing;
            let server = Server::start(scenario).await;
            let request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            let mut client = server.ask(request).await;
            let got = read_to_end(&mut client).await;
            let events = server.end().await;
            let what = format!("{framing} at {offset}");

            assert_eq!(fault(&events).0, offset, "{what}: journal");
            assert_eq!(got.errno(), None, "{what}: end");
            // Two size lines of `10000` and one of `0`, with their line ends.
            let framed = match (framing, body) {
                (Framing::Chunked, 0) => 5,
                (Framing::Chunked, _) => body + 2 * 9 + 5,
                _ => body,
            };
            assert_eq!(got.body.len() as u64, framed, "{what}");
            if framing == Framing::Chunked {
                assert!(got.body.ends_with(b"0\r\n\r\n"), "{what}");
            }
            let (reason, sent, _) = closed(&events).remove(0);
            assert_eq!((reason, sent), (CloseReason::Done, body), "{what}");
        }
    });
}

#[test]
fn an_undrained_reset_says_what_was_in_flight() {
    run(async {
        // The client does not read: the kernel's buffers fill, and at the
        // deadline the server's send queue is lost with the connection.
        let mut cut = Fault::new(Trigger::Elapsed(Duration::from_millis(300)), Action::Reset);
        cut.drain = false;
        let server = Server::start(scenario(1 << 40, vec![cut])).await;
        let mut stream = server.get().await;
        let events = server.closed().await;
        let got = read_to_end(&mut stream).await;
        let (at, _, in_flight) = fault(&events);
        assert!(in_flight > 0, "a closed window holds bytes back");
        let read = got.body.len() as u64;
        // The acknowledged bytes are in the client's queue and survive the RST.
        assert_eq!(read, at - in_flight);
        assert_eq!(
            closed(&events)[0],
            (CloseReason::Fault, at, Some(at - in_flight))
        );
        assert_eq!(got.errno(), Some(ECONNRESET));
        got.assert_true_prefix();
        server.end().await;
    });
}

#[test]
fn an_undrained_reset_loses_nothing_that_the_kernel_had_room_for() {
    run(async {
        // Thousands of small pieces, which the kernel takes one by one and keeps
        // together: the last of them sends them all, and RST comes behind it.
        let mut cut = Fault::new(Trigger::Body(ByteSize(20_000)), Action::Reset);
        cut.drain = false;
        let mut scenario = scenario(1 << 20, vec![cut]);
        scenario.body.framing = Framing::Chunked;
        scenario.body.chunk = ByteSize(10);
        scenario.link.segment = Some(ByteSize::kib(64));
        let server = Server::start(scenario).await;
        let got = read_to_end(&mut server.get().await).await;
        let (at, wire, _) = fault(&server.end().await);
        assert_eq!(at, 20_000);
        assert_eq!((got.head.len() + got.body.len()) as u64, wire);
        assert_eq!(got.errno(), Some(ECONNRESET));
    });
}

#[test]
fn a_drain_that_never_comes_has_a_limit() {
    run(async {
        // A client that never reads and a body larger than both kernel buffers.
        let mut cut = Fault::new(Trigger::Body(ByteSize(30_000_000)), Action::Reset);
        cut.drain_limit = Duration::from_millis(200);
        let mut scenario = scenario(1 << 30, vec![cut]);
        scenario.sockets.server_send = Some(ByteSize::kib(16));
        let server = Server::start(scenario).await;
        let stream = server.get().await;
        // The window closes before 30 MB are sent, so the fault cannot fire.
        stream.readable().await.unwrap();
        let events = server.end().await;
        assert!(
            events
                .iter()
                .all(|e| !matches!(e.fact, shortread_server::journal::Fact::Fault { .. }))
        );
        let (reason, sent, _) = closed(&events)[0].clone();
        assert_eq!(reason, CloseReason::Shutdown);
        assert!(sent < 30_000_000);
    });
}

#[test]
fn a_fault_before_the_response_leaves_an_empty_reply() {
    run(async {
        let cut = Fault::new(Trigger::Request(1), Action::Fin);
        let server = Server::start(scenario(1000, vec![cut])).await;
        let got = read_to_end(&mut server.get().await).await;
        assert_eq!(
            (got.head.as_str(), got.body.len(), got.errno()),
            ("", 0, None)
        );
        assert_eq!(fault(&server.end().await), (0, 0, 0));
    });
}

#[test]
fn a_fault_at_the_nth_connection_spares_the_others() {
    run(async {
        let cut = Fault::new(Trigger::Connection(2), Action::Reset);
        let server = Server::start(scenario(1000, vec![cut])).await;
        let ask = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        assert_eq!(
            read_to_end(&mut server.ask(ask).await).await.body.len(),
            1000
        );
        // The second is reset as it is accepted; the client may find out while
        // it still writes its request.
        let mut second = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
        assert_eq!(read_to_end(&mut second).await.errno(), Some(ECONNRESET));
        assert_eq!(
            read_to_end(&mut server.ask(ask).await).await.body.len(),
            1000
        );
        server.end().await;
    });
}

#[test]
fn a_cut_names_its_place_whatever_the_client_asks_for() {
    // Each with the bytes behind the head that came last, for a body of 25 bytes in
    // chunks of ten.
    let body = Pattern::PLAIN.slice(0, 25).to_vec();
    let chunks = |end: &str| [b"a\r\n", &body[..10], end.as_bytes()].concat();
    let both = [
        chunks("\r\n"),
        b"a\r\n".to_vec(),
        body[10..20].to_vec(),
        b"\r\n".to_vec(),
    ]
    .concat();
    let all = [
        both.clone(),
        b"5\r\n".to_vec(),
        body[20..].to_vec(),
        b"\r\n".to_vec(),
    ]
    .concat();
    for (place, came) in [
        ("head", Vec::new()),
        ("chunk-1-size", b"a".to_vec()),
        ("chunk-1-data", chunks("")),
        ("chunk-1", chunks("\r\n")),
        ("chunk-2", both),
        ("last-chunk", all),
        ("40%", chunks("")),
    ] {
        let when = Trigger::Place(place.parse().unwrap());
        let mut scenario = scenario(25, vec![Fault::new(when, Action::Fin)]);
        scenario.body.framing = Framing::Chunked;
        scenario.body.chunk = ByteSize(10);
        for connection in ["", "Connection: close\r\n"] {
            let scenario = scenario.clone();
            let came = came.clone();
            run(async move {
                let server = Server::start(scenario).await;
                let ask = format!("GET / HTTP/1.1\r\nHost: x\r\n{connection}\r\n");
                let got = read_to_end(&mut server.ask(&ask).await).await;
                assert_eq!(got.body, came, "{place} {connection}");
                server.end().await;
            });
        }
    }
}

#[test]
fn cuts_of_the_object_are_met_one_after_the_other_by_a_client_that_resumes() {
    run(async {
        let at = |bytes| Fault::new(Trigger::Object(ByteSize(bytes)), Action::Fin);
        let server = Server::start(scenario(1000, vec![at(300), at(700)])).await;
        let (mut got, mut parts) = (0, Vec::new());
        while got < 1000 {
            let ask = format!(
                "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes={got}-\r\n\r\n"
            );
            let part = read_to_end(&mut server.ask(&ask).await).await.body.len();
            assert!(part > 0, "no progress at {got}");
            got += part;
            parts.push(part);
        }
        assert_eq!(parts, [300, 400, 300]);
        server.end().await;
    });
}

#[test]
fn a_trial_is_whole_though_its_client_resumes_behind_a_body_offset() {
    run(async {
        let cut = Fault::new(Trigger::Body(ByteSize(300)), Action::Fin);
        let server = Server::start(scenario(1000, vec![cut])).await;
        let ask = "GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=200-\r\n\r\n";
        assert_eq!(
            read_to_end(&mut server.ask(ask).await).await.body.len(),
            300
        );
        // A note would say that the server failed.
        assert_eq!(server.noted(), None);
        server.end().await;
    });
}

#[test]
fn a_cut_in_the_head_is_exact_too() {
    run(async {
        let cut = Fault::new(Trigger::Wire(ByteSize(17)), Action::Fin);
        let server = Server::start(scenario(1000, vec![cut])).await;
        let got = read_to_end(&mut server.get().await).await;
        assert_eq!(got.head, "HTTP/1.1 200 OK\r\n");
        server.end().await;
    });
}
