//! Orders that are none, too long or too many.

use super::*;

#[test]
fn what_is_no_order_gets_a_sentence_and_the_server_goes_on() {
    run(async {
        let server = server().await;
        let at = control(&server);
        for (line, body, status, says) in [
            ("PUT /faults", "enabled: false", 400, "the body is not JSON"),
            (
                "PUT /faults",
                r#"{"enabled": 1}"#,
                400,
                "not an order to switch faults",
            ),
            (
                "PUT /faults",
                r#"{"enabled":true,"kye":"a"}"#,
                400,
                "unknown field `kye`",
            ),
            (
                "GET /jurnal",
                "",
                404,
                "the control interface has nothing at /jurnal",
            ),
            ("POST /journal", "", 405, "/journal does not take POST"),
            ("GET /journal?kye=1", "", 400, "`kye` is not a parameter"),
            (
                "PUT /scenarios/a%2Fb",
                "",
                400,
                "not the name of a scenario",
            ),
            (
                "PUT /scenarios/bad",
                "tilte = 1",
                422,
                "errors in the scenario",
            ),
            (
                "GET /scenarios/stals",
                "",
                404,
                "no scenario is called `stals`",
            ),
        ] {
            let (got, answer) = json(at, line, body).await;
            let error = answer["error"].as_str().unwrap();
            assert!(
                got == status && error.contains(says),
                "{line} {body}: {got} {error}"
            );
        }
        let (_, answer) = json(at, "PUT /scenarios/bad", "tilte = 1").await;
        assert_eq!(answer["problems"][0]["line"], 1);
        let (status, _) = json(at, "PUT /scenarios/long", &"#".repeat(2 << 20)).await;
        assert_eq!(status, 413);
        let mut garbage = send(at, b"\x16\x03\x01 this is no HTTP\r\n\r\n").await;
        let mut answer = Vec::new();
        let _ = garbage.read_to_end(&mut answer).await;
        assert!(answer.starts_with(b"HTTP/1.1 400"));
        assert_eq!(order(at, "GET /", "").await.0, 200);
        end(server).await;
    });
}

#[test]
fn no_more_scenarios_are_served_by_name_than_4096() {
    run(async {
        let named = |number| Scenario {
            name: format!("s{number}"),
            ..scenario(1, Vec::new())
        };
        let settings = Standalone {
            scenarios: (0..4096).map(named).collect(),
            listen: ([127, 0, 0, 1], 0).into(),
            control: Some(([127, 0, 0, 1], 0).into()),
            ..Standalone::default()
        };
        let server = settings.start().await.unwrap();
        let at = control(&server);
        let file = "title = 't'\ncause = 'c'\nbody.size = 1\n";
        let (status, said) = json(at, "PUT /scenarios/more", file).await;
        assert_eq!(status, 507);
        assert_eq!(
            said["error"],
            "the limit of 4096 named scenarios is reached"
        );
        assert_eq!(json(at, "PUT /scenarios/s7", file).await.0, 200);
        assert_eq!(order(at, "DELETE /scenarios/s8", "").await.0, 204);
        assert_eq!(json(at, "PUT /scenarios/more", file).await.0, 201);
        end(server).await;
    });
}

#[test]
fn an_order_without_end_is_read_up_to_64_mib() {
    run(async {
        let server = server().await;
        let head =
            "PUT /scenarios/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n";
        let mut stream = send(control(&server), head.as_bytes()).await;
        let part = vec![b'#'; 1 << 20];
        let mut parts = 0;
        while stream.write_all(&part).await.is_ok() {
            parts += 1;
            // The kernel keeps some megabytes beside.
            assert!(parts < 128, "{parts} MiB are taken");
        }
        assert!(parts >= 64, "{parts} MiB are taken");
        end(server).await;
    });
}

/// Events that take some 10 MB, more than the kernel keeps for a client that
/// does not read (4 MB, tcp_wmem). Of one test so many are not kept.
async fn fill(server: &Serving) {
    for number in 0..1_200 {
        let target = format!("/download?size=1&key=k{}{}", number % 4, "&".repeat(8_000));
        let head = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
        let mut stream = send(server.addr(), head.as_bytes()).await;
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
}

#[test]
fn readers_of_the_whole_journal_share_its_memory() {
    run(async {
        let server = server().await;
        let at = control(&server);
        fill(&server).await;
        let (status, whole) = order(at, "GET /journal", "").await;
        assert_eq!(status, 200);
        assert!(whole.len() > 8 << 20, "{}", whole.len());
        // Each asks, and takes nothing but the first bytes of the answer.
        let ask = b"GET /journal HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut readers = Vec::new();
        let refused = loop {
            let mut reader = send(at, ask).await;
            let mut start = [0; 12];
            reader.read_exact(&mut start).await.unwrap();
            if start.ends_with(b"503") {
                break reader;
            }
            assert!(start.ends_with(b"200"));
            readers.push(reader);
            assert!(readers.len() < 256, "none is refused");
        };
        // An answer about one test is short, and there all the while.
        assert_eq!(json(at, "GET /journal?key=other", "").await.0, 200);
        drop((refused, readers));
        // The connections that were left end in their turn.
        while order(at, "GET /journal", "").await.0 == 503 {}
        end(server).await;
    });
}

#[test]
fn a_thousand_orders_some_of_clients_that_vanish_leave_it_well() {
    run(async {
        let server = server().await;
        let at = control(&server);
        for number in 0..1_000 {
            match number % 4 {
                0 => drop(
                    send(
                        at,
                        b"GET /journal?wait=end HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    )
                    .await,
                ),
                1 => drop(
                    send(
                        at,
                        b"PUT /scenarios/x HTTP/1.1\r\nContent-Length: 9\r\n\r\nti",
                    )
                    .await,
                ),
                2 => drop(
                    send(
                        at,
                        b"GET /journal?stream=true HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    )
                    .await,
                ),
                _ => assert_eq!(order(at, "GET /faults", "").await.0, 200),
            }
        }
        let (status, metrics) = order(at, "GET /metrics", "").await;
        assert_eq!(status, 200);
        let asked = r#"shortread_control_requests_total{route="/faults",status="200"} 250"#;
        assert!(metrics.contains(asked), "{metrics}");
        assert!(metrics.ends_with("# EOF\n"));
        end(server).await;
    });
}
