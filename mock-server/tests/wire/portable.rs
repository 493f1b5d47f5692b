//! Features of every platform, and the refusal of others. These tests also run
//! with `--cfg shortread_portable`.

use std::time::Duration;

use shortread_server::{
    clock::Clock,
    flow::Urgency,
    scenario::{Action, Fault, Limit, Scenario, Trigger},
    serve::Standalone,
    units::{ByteSize, Rate},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Got, Server, read_to_end, run, scenario};

const SIZE: u64 = 100_000;
const AT: u64 = 40_000;

/// A download of 100,000 B with one fault at 40,000 B, which does not drain.
async fn download(then: Action) -> Got {
    let fault = Fault {
        drain: false,
        settle: Duration::ZERO,
        ..Fault::new(Trigger::Body(ByteSize(AT)), then)
    };
    let server = Server::start(scenario(SIZE, vec![fault])).await;
    let mut stream = server
        .ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    let got = read_to_end(&mut stream).await;
    server.end().await;
    got
}

#[test]
fn fin_reset_stall_and_throttle_need_nothing_of_a_platform() {
    run(async {
        let got = download(Action::Fin).await;
        assert_eq!((got.body.len() as u64, got.errno()), (AT, None));
        got.assert_true_prefix();
        // An RST that does not wait may overtake what was sent.
        let got = download(Action::Reset).await;
        assert!(got.body.len() as u64 <= AT && got.error.is_some());
        got.assert_true_prefix();
        let clock = Clock::real();
        let stall = Duration::from_millis(200);
        let throttle = Rate::per_second((SIZE - AT) * 5).unwrap();
        for then in [
            Action::Stall(Limit::After(stall)),
            Action::Throttle(throttle),
        ] {
            let start = clock.now();
            let got = download(then).await;
            assert_eq!((got.body.len() as u64, got.errno()), (SIZE, None));
            got.assert_true_prefix();
            // A throttled link may have one segment in advance.
            let took = clock.now().since(start);
            assert!(took >= stall * 9 / 10, "{then}: {took:?}");
        }
    });
}

#[test]
fn what_a_platform_lacks_is_refused_by_name_as_it_is_asked_for() {
    let by_name = |name: &str, then| Scenario {
        name: name.into(),
        ..scenario(SIZE, vec![Fault::new(Trigger::Body(ByteSize(AT)), then)])
    };
    let settings = Standalone {
        scenarios: vec![
            by_name("dark", Action::Blackhole),
            by_name("drained", Action::Reset),
        ],
        ..Standalone::default()
    };
    run(async {
        let server = settings.start().await.unwrap();
        for (target, key) in [
            ("/s/dark", "`fault[0].then`"),
            ("/s/dark?key=a", "`fault[0].then`"),
            ("/s/drained", "`fault[0].drain`"),
            ("/download?size=9&fault=forget@5B", "`fault[0].then`"),
        ] {
            let mut stream = TcpStream::connect(server.addr()).await.unwrap();
            let head = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).await.unwrap();
            if cfg!(shortread_linux) {
                assert_eq!(&status, b"HTTP/1.1 200", "{target}");
                continue;
            }
            assert_eq!(&status, b"HTTP/1.1 501", "{target}");
            let said = read_to_end(&mut stream).await;
            let said = String::from_utf8_lossy(&said.body).into_owned();
            assert!(said.contains(key) && said.contains("Linux"), "{said}");
        }
        server.close(Urgency::Now);
        server.join().await;
    });
}
