//! The control interface, while downloads go on.

mod orders;

use std::net::SocketAddr;

use serde_json::Value;
use shortread_server::{
    body::Verifier,
    flow::Urgency,
    scenario::{Action, Fault, Limit, Scenario, Trigger},
    serve::{Serving, Standalone},
    units::ByteSize,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{run, scenario};

const SIZE: u64 = 3 << 20;
const STALL_AT: u64 = 1 << 20;

/// `/s/stalls` sends 1 of 3 MiB, and then nothing until its faults are off.
fn stalls() -> Scenario {
    let fault = Fault::new(
        Trigger::Body(ByteSize(STALL_AT)),
        Action::Stall(Limit::Never),
    );
    Scenario {
        name: "stalls".into(),
        ..scenario(SIZE, vec![fault])
    }
}

async fn server() -> Serving {
    let settings = Standalone {
        scenarios: vec![stalls()],
        listen: ([127, 0, 0, 1], 0).into(),
        control: Some(([127, 0, 0, 1], 0).into()),
        ..Standalone::default()
    };
    settings.start().await.unwrap()
}

async fn end(server: Serving) {
    server.close(Urgency::Now);
    server.join().await;
}

fn control(server: &Serving) -> SocketAddr {
    let url = server.control().unwrap();
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

async fn send(addr: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    // A server that refused already may have closed.
    let _ = stream.write_all(bytes).await;
    stream
}

/// Status and body of the answer to an order.
async fn order(addr: SocketAddr, line: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut stream = send(addr, format!("{head}{body}").as_bytes()).await;
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    let (head, body) = all.split_once("\r\n\r\n").expect(&all);
    (head[9..12].parse().unwrap(), body.to_owned())
}

async fn json(addr: SocketAddr, line: &str, body: &str) -> (u16, Value) {
    let (status, body) = order(addr, line, body).await;
    (status, serde_json::from_str(&body).expect(&body))
}

/// A download that has its head and the first bytes of its body.
struct Download {
    stream: TcpStream,
    verifier: Verifier,
    got: u64,
}

impl Download {
    async fn start(server: &Serving, target: &str, size: u64) -> Self {
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut stream = send(server.addr(), head.as_bytes()).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 200"), "{target}");
        Self {
            stream,
            verifier: Verifier::new(size),
            got: 0,
        }
    }

    /// Reads until there are `bytes`, or to the end, FIN or RST.
    async fn read(&mut self, bytes: u64) {
        let mut buffer = vec![0; 64 << 10];
        while self.got < bytes {
            let most = usize::try_from(bytes - self.got).unwrap_or(usize::MAX);
            let room = buffer.len().min(most);
            let Ok(n @ 1..) = self.stream.read(&mut buffer[..room]).await else {
                return;
            };
            self.verifier.check(&buffer[..n]);
            self.got += n as u64;
        }
    }

    /// Reads to the end; every byte of `size` is right.
    async fn read_whole(mut self, size: u64) {
        self.read(u64::MAX).await;
        assert_eq!(self.got, size);
        assert_eq!(self.verifier.first_bad_offset(), None);
    }
}

/// The events' names, without what the kernel knew beside them.
fn events(journal: &Value) -> Vec<&str> {
    let events = journal["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .filter(|name| *name != "tcp-info")
        .collect()
}

#[test]
fn a_scenario_that_comes_over_the_network_reads_no_file() {
    run(async {
        let server = server().await;
        let at = control(&server);
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for path in [own, "../../etc/passwd", "Cargo.toml"] {
            let text = format!("title = 't'\ncause = 'c'\nbody.file = '{path}'\n");
            let (status, answer) = json(at, "PUT /scenarios/stranger", &text).await;
            assert_eq!(status, 422, "{answer}");
            let said = answer.to_string();
            assert!(said.contains("a stranger must not read files"), "{said}");
            assert!(!said.contains("cannot read `"), "{said}");
        }
        end(server).await;
    });
}

#[test]
fn a_test_gets_its_own_events_once_they_are_final() {
    run(async {
        let server = server().await;
        let at = control(&server);
        let cut = "/download?size=100KB&fault=reset@40KB&key=cut";
        let whole = "/download?size=100KB&key=whole";
        // Asked for before there is anything to wait for.
        let (waited, ()) = tokio::join!(json(at, "GET /journal?key=cut&wait=end", ""), async {
            Download::start(&server, whole, 100_000)
                .await
                .read_whole(100_000)
                .await;
            Download::start(&server, cut, 100_000)
                .await
                .read(u64::MAX)
                .await;
        });
        let (status, journal) = waited;
        assert_eq!((status, &journal["final"]), (200, &Value::Bool(true)));
        assert_eq!(
            events(&journal),
            ["accepted", "request", "fault", "rst-sent", "closed"]
        );
        assert_eq!(journal["events"][2]["at_bytes"], 40_000);
        let (_, journal) = json(at, "GET /journal?key=whole&wait=end", "").await;
        assert_eq!(
            events(&journal),
            [
                "accepted",
                "request",
                "response-end",
                "fin-sent",
                "fin-received",
                "closed"
            ]
        );
        for event in journal["events"].as_array().unwrap() {
            assert_eq!(event["key"], "whole");
        }
        let (_, journal) = json(at, "GET /journal?wait=end", "").await;
        assert_eq!(events(&journal).len(), 11);
        end(server).await;
    });
}

#[test]
fn who_waits_in_vain_is_told_what_for() {
    run(async {
        let server = server().await;
        let at = control(&server);
        let wait = "GET /journal?key=t&wait=end&timeout=1ms";
        let (status, answer) = json(at, wait, "").await;
        assert_eq!(status, 504);
        assert_eq!(
            answer["error"],
            "the test `t` is not final after 1ms: nothing was asked for"
        );
        let mut download = Download::start(&server, "/s/stalls?key=t", SIZE).await;
        download.read(STALL_AT).await;
        let (status, answer) = json(at, wait, "").await;
        assert_eq!(status, 504);
        assert_eq!(
            answer["error"],
            "the test `t` is not final after 1ms: 1 connection is under way"
        );
        end(server).await;
    });
}

#[test]
fn a_stream_has_what_was_and_then_what_comes() {
    run(async {
        let server = server().await;
        let at = control(&server);
        let target = "/download?size=1KB&key=t";
        Download::start(&server, target, 1_000)
            .await
            .read_whole(1_000)
            .await;
        json(at, "GET /journal?key=t&wait=end", "").await;
        let mut stream = send(
            at,
            b"GET /journal?key=t&stream=true HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .await;
        let mut seen = String::new();
        let mut count = async |wanted: usize| {
            let mut buffer = [0; 4096];
            while seen.matches("\"closed\"").count() < wanted {
                let n = stream.read(&mut buffer).await.unwrap();
                assert!(n > 0, "{seen}");
                seen.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
            }
        };
        count(1).await;
        // Of another test, and of this one.
        let other = "/download?size=1KB&key=other";
        Download::start(&server, other, 1_000)
            .await
            .read_whole(1_000)
            .await;
        Download::start(&server, target, 1_000)
            .await
            .read_whole(1_000)
            .await;
        count(2).await;
        assert!(!seen.contains("other"), "{seen}");
        end(server).await;
    });
}

#[test]
fn a_scenario_is_replaced_under_a_response_that_does_not_notice() {
    run(async {
        let server = server().await;
        let at = control(&server);
        let mut old = Download::start(&server, "/s/stalls", SIZE).await;
        old.read(STALL_AT).await;
        let file = "title = \"t\"\ncause = \"c\"\nbody.size = \"2KB\"\n";
        let (status, row) = json(at, "PUT /scenarios/stalls", file).await;
        assert_eq!((status, &row["requests"]), (200, &Value::from(0)));
        let new = Download::start(&server, "/s/stalls", 2_000).await;
        new.read_whole(2_000).await;
        let (status, text) = order(at, "GET /scenarios/stalls", "").await;
        assert_eq!((status, text.as_str()), (200, file));

        let (status, _) = json(at, "PUT /scenarios/mine", file).await;
        assert_eq!(status, 201);
        let (_, all) = json(at, "GET /scenarios", "").await;
        assert_eq!(all["scenarios"][1]["name"], "mine");
        assert_eq!(order(at, "DELETE /scenarios/mine", "").await.0, 204);
        assert_eq!(json(at, "DELETE /scenarios/mine", "").await.0, 404);

        let off = r#"{"enabled": false, "connections": "living"}"#;
        json(at, "PUT /faults", off).await;
        old.read_whole(SIZE).await;
        end(server).await;
    });
}

#[test]
fn faults_are_switched_off_for_one_test_and_no_other() {
    run(async {
        let server = server().await;
        let at = control(&server);
        let mut a = Download::start(&server, "/s/stalls?key=a", SIZE).await;
        let mut b = Download::start(&server, "/s/stalls?key=b", SIZE).await;
        a.read(STALL_AT).await;
        b.read(STALL_AT).await;
        let off = r#"{"enabled": false, "key": "a"}"#;
        assert_eq!(json(at, "PUT /faults", off).await.0, 200);
        a.read_whole(SIZE).await;
        let (_, journal) = json(at, "GET /journal?key=b", "").await;
        assert_eq!(journal["under_way"], 1);
        // From now on: a response under way stays stalled.
        let off = r#"{"enabled": false, "connections": "new"}"#;
        let (_, faults) = json(at, "PUT /faults", off).await;
        assert_eq!(faults["enabled"], false);
        let new = Download::start(&server, "/s/stalls?key=new", SIZE).await;
        new.read_whole(SIZE).await;
        let (_, journal) = json(at, "GET /journal?key=b", "").await;
        assert_eq!(journal["under_way"], 1);
        let off = r#"{"enabled": false, "connections": "living"}"#;
        json(at, "PUT /faults", off).await;
        b.read_whole(SIZE).await;
        // On again, for all that come.
        json(at, "PUT /faults", r#"{"enabled": true}"#).await;
        let cut = "/download?size=100KB&fault=fin@40KB";
        let mut again = Download::start(&server, cut, 100_000).await;
        again.read(u64::MAX).await;
        assert_eq!(again.got, 40_000);
        end(server).await;
    });
}
