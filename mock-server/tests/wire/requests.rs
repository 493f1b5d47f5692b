//! Requests: kept alive, pipelined, ranged, and none at all.

use shortread_server::{
    flow::Urgency,
    journal::{CloseReason, Fact},
};

use crate::support::{Server, closed, count_to_end, read_body, read_to_end, run, scenario};

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    run(async {
        let server = Server::start(scenario(10, vec![])).await;
        let asked = "GET /a HTTP/1.1\r\nRange: bytes=2-4\r\n\r\n\
                     HEAD /b HTTP/1.1\r\n\r\n\
                     POST /c HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello\
                     GET /d HTTP/1.1\r\nConnection: close\r\n\r\n";
        let got = read_to_end(&mut server.ask(asked).await).await;
        assert!(
            got.head.starts_with("HTTP/1.1 206 Partial Content\r\n"),
            "{}",
            got.head
        );
        assert!(
            got.head.contains("Content-Range: bytes 2-4/10\r\n"),
            "{}",
            got.head
        );
        let rest = String::from_utf8_lossy(&got.body);
        assert_eq!(rest.matches("HTTP/1.1 200 OK\r\n").count(), 3, "{rest}");
        let events = server.end().await;
        let targets: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.fact {
                Fact::Request {
                    number,
                    method,
                    target,
                    range,
                    ..
                } => {
                    let range = range.as_deref().unwrap_or("whole");
                    Some(format!("{number} {method} {target} {range}"))
                }
                _ => None,
            })
            .collect();
        assert_eq!(
            targets,
            [
                "1 GET /a bytes=2-4",
                "2 HEAD /b whole",
                "3 POST /c whole",
                "4 GET /d whole"
            ]
        );
        // 3 bytes of the range, none of HEAD, twice the whole.
        assert_eq!(closed(&events), [(CloseReason::Done, 23, Some(23))]);
    });
}

#[test]
fn a_connection_is_kept_alive_until_its_client_closes_it() {
    run(async {
        let server = Server::start(scenario(100, vec![])).await;
        let mut stream = server.get().await;
        read_body(&mut stream, 100).await;
        drop(stream);
        // A graceful end waits for connections, and this one ends by itself.
        let events = server.end_with(Urgency::Gracefully).await;
        assert_eq!(closed(&events).len(), 1);
    });
}

#[test]
fn what_is_not_http_gets_a_sentence_and_the_server_goes_on() {
    run(async {
        let server = Server::start(scenario(100, vec![])).await;
        for nonsense in [
            "\x16\x03\x01\x02\x00\x01\r\n\r\n",
            "GET\r\n\r\n",
            "hello\r\n\r\n",
        ] {
            let got = read_to_end(&mut server.ask(nonsense).await).await;
            assert!(got.head.starts_with("HTTP/1.1 400 "), "{:?}", got.head);
            assert!(!got.body.is_empty());
        }
        let endless = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(70_000));
        let got = read_to_end(&mut server.ask(&endless).await).await;
        assert!(
            got.head.is_empty() || got.head.starts_with("HTTP/1.1 431 "),
            "{:?}",
            got.head
        );

        let ask = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        assert_eq!(
            read_to_end(&mut server.ask(ask).await).await.body.len(),
            100
        );
        let events = server.end().await;
        let refused = events
            .iter()
            .filter(|e| matches!(e.fact, Fact::BadRequest { .. }))
            .count();
        assert_eq!(refused, 4);
    });
}

#[test]
fn a_client_that_asks_for_nothing_is_in_the_journal() {
    run(async {
        let server = Server::start(scenario(100, vec![])).await;
        drop(server.ask("").await);
        let events = server.closed().await;
        assert_eq!(closed(&events), [(CloseReason::PeerClosed, 0, Some(0))]);
        server.end().await;
    });
}

#[test]
fn a_graceful_end_finishes_the_response_under_way() {
    run(async {
        let mut slow = scenario(200_000, vec![]);
        slow.link.rate = "1MB/s".parse().unwrap();
        let server = Server::start(slow).await;
        let mut stream = server.get().await;
        let first = read_body(&mut stream, 1000).await;
        let (events, rest) = tokio::join!(
            server.end_with(Urgency::Gracefully),
            count_to_end(&mut stream)
        );
        assert_eq!(first.len() + rest, 200_000);
        assert_eq!(closed(&events)[0].0, CloseReason::Done);
    });
}
