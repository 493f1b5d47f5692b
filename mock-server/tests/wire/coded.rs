//! Coded bodies that are coded while they are sent, over real sockets.

use shortread_server::scenario::{Action, Coding, Fault, Framing, Scenario, Trigger};

use crate::support::{Server, fault, read_to_end, run, scenario};

/// Longer, as it is coded, than what is kept.
const SIZE: u64 = 5_000_000;

fn long(framing: Framing, faults: Vec<Fault>) -> Scenario {
    let mut scenario = scenario(SIZE, faults);
    scenario.body.encoding = vec![Coding::Zstd];
    scenario.body.members = 3;
    scenario.body.framing = framing;
    scenario
}

/// The coded body from `range` on, as `curl -r` asks for it.
async fn part(server: &Server, range: &str) -> (String, Vec<u8>) {
    let ask = format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: {range}\r\n\r\n");
    let got = read_to_end(&mut server.ask(&ask).await).await;
    assert_eq!(got.errno(), None);
    (got.head, got.body)
}

#[test]
fn ranges_of_a_long_coded_body_are_parts_of_the_whole() {
    run(async {
        let server = Server::start(long(Framing::ContentLength, Vec::new())).await;
        let (head, all) = part(&server, "bytes=0-").await;
        let total = all.len();
        assert!(
            head.contains(&format!("Content-Length: {total}\r\n")),
            "{head}"
        );
        assert!(total as u64 > SIZE);
        assert_eq!(zstd::decode_all(&all[..]).unwrap().len() as u64, SIZE);
        for (range, start, end) in [
            ("bytes=0-99".to_owned(), 0, 100),
            ("bytes=1000000-1200000".into(), 1_000_000, 1_200_001),
            ("bytes=4000000-".into(), 4_000_000, total),
            ("bytes=-70000".into(), total - 70_000, total),
        ] {
            let (head, body) = part(&server, &range).await;
            let says = format!("Content-Range: bytes {start}-{}/{total}\r\n", end - 1);
            assert!(head.contains(&says), "{head}");
            assert!(body == all[start..end], "{range}");
        }
        server.end().await;
    });
}

#[test]
fn a_long_coded_body_is_cut_where_its_object_its_members_and_its_trailer_say() {
    let place = |text: &str| Trigger::Place(text.parse().unwrap());
    for framing in [Framing::ContentLength, Framing::Chunked] {
        run(async move {
            let cut_at = async |when: Trigger, range: &str| {
                let server =
                    Server::start(long(framing, vec![Fault::new(when, Action::Fin)])).await;
                let body = part(&server, range).await.1;
                let (at, ..) = fault(&server.end().await);
                (at, body)
            };
            let (first, body) = cut_at(place("member-1"), "bytes=0-").await;
            if framing == Framing::ContentLength {
                let third = zstd::decode_all(&body[..]).unwrap();
                assert_eq!(third.len() as u64, SIZE / 3);
            }
            let (trailer, _) = cut_at(place("trailer"), "bytes=0-").await;
            let (end, _) = cut_at(place("member-3"), "bytes=0-").await;
            assert_eq!(end - trailer, 4);
            // All of the object can be had without the checksum, and a third of it before
            // the first frame has its own.
            let object = |at: u64| Trigger::Object(at.to_string().parse().unwrap());
            assert_eq!(cut_at(object(SIZE), "bytes=0-").await.0, trailer);
            assert_eq!(cut_at(object(SIZE / 3), "bytes=0-").await.0, first - 4);
            // The offset is the representation's: a resumption is cut at the same place.
            let (at, _) = cut_at(object(SIZE), "bytes=1000-").await;
            assert_eq!(at, trailer - 1000);
        });
    }
}
