//! Faults that are for some requests only.

use shortread_server::{
    body::Pattern,
    scenario::{Action, Attempt, Fault, Protocol, Selector, Trigger},
    units::ByteSize,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{Server, read_body, read_to_end, run, scenario};

const SIZE: u64 = 1000;

/// A server that ends the selected responses after 100 bytes of their bodies.
async fn cuts(on: Selector) -> Server {
    let fault = Fault {
        on,
        ..Fault::new(Trigger::Body(ByteSize(100)), Action::Fin)
    };
    Server::start(scenario(SIZE, vec![fault])).await
}

/// The bytes of the body that a request on a new connection gets.
async fn body_of(server: &Server, head: &str) -> usize {
    let got = read_to_end(&mut server.ask(&format!("{head}\r\n\r\n")).await).await;
    got.body.len()
}

const CLOSE: &str = "GET / HTTP/1.1\r\nConnection: close";

#[test]
fn the_first_attempt_is_cut_and_its_resumption_is_not() {
    run(async {
        let server = cuts(Selector {
            attempt: Some(Attempt::First),
            ..Selector::default()
        })
        .await;
        let resumed = format!("{CLOSE}\r\nRange: bytes=100-");
        for _ in 0..2 {
            assert_eq!(body_of(&server, CLOSE).await, 100);
            assert_eq!(body_of(&server, &resumed).await, 900);
        }
    });
}

#[test]
fn requests_are_selected_by_number_connection_method_and_version() {
    run(async {
        let get = |set: fn(&mut Selector)| {
            let mut on = Selector::default();
            set(&mut on);
            on
        };
        for (on, whole) in [
            (
                get(|on| on.request = Some("2..3".parse().unwrap())),
                [true, false, false, true],
            ),
            (
                get(|on| on.request = Some("every 2".parse().unwrap())),
                [true, false, true, false],
            ),
            (
                get(|on| on.connection = Some("3..".parse().unwrap())),
                [true, true, false, false],
            ),
            (
                get(|on| on.position = Some("2..".parse().unwrap())),
                [true; 4],
            ),
            (get(|on| on.method = Some("POST".into())), [true; 4]),
            (get(|on| on.protocol = Some(Protocol::Http11)), [false; 4]),
            (get(|on| on.time = Some("1h..".parse().unwrap())), [true; 4]),
            (
                get(|on| on.time = Some("..1h".parse().unwrap())),
                [false; 4],
            ),
        ] {
            let what = on.to_string();
            let server = cuts(on).await;
            for whole in whole {
                let bytes = body_of(&server, CLOSE).await;
                assert_eq!(bytes == SIZE as usize, whole, "{what}: {bytes}");
            }
        }
    });
}

/// Asks once more on a kept connection.
async fn ask(stream: &mut TcpStream) {
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
}

#[test]
fn only_a_connection_that_was_used_before_is_cut() {
    run(async {
        let server = cuts(Selector {
            position: Some("2..".parse().unwrap()),
            ..Selector::default()
        })
        .await;
        for _ in 0..2 {
            let mut stream = server.get().await;
            let first = read_body(&mut stream, SIZE as usize).await;
            assert_eq!(first, Pattern::PLAIN.slice(0, SIZE as usize));
            ask(&mut stream).await;
            assert_eq!(read_to_end(&mut stream).await.body.len(), 100);
        }
    });
}
