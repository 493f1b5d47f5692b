//! Cuts at places of the response, to the byte: over loopback, and over the
//! connection in memory that the virtual world has.

use std::rc::Rc;

use shortread_server::{
    clock::{Clock, simulated_runtime},
    flow::{ListenerState, Urgency},
    http1::{Played, serve_connection},
    journal::{Event, Memory},
    link::memory,
    scenario::{Action, Fault, Framing, Scenario, Sockets, Trigger},
    units::ByteSize,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::{LocalSet, spawn_local},
};

use crate::support::{Server, fault, read_to_end, run, scenario};

/// A place, and the bytes before it: of the body as it is, and behind the head in
/// chunks of ten. `None` where only the chunked coding has the place.
type Place = (&'static str, Option<u64>, u64);

/// Of a body of 25 bytes: `a CRLF` ten bytes `CRLF`, the same, `5 CRLF` five bytes
/// `CRLF`, `0 CRLF CRLF`.
const WHOLE: &[Place] = &[
    ("head", Some(0), 0),
    ("object 0", Some(0), 0),
    ("3%", Some(0), 0),
    ("4%", Some(1), 4),
    ("40%", Some(10), 13),
    ("44%", Some(11), 19),
    ("100%", Some(25), 38),
    ("object 11", Some(11), 19),
    ("object 25", Some(25), 38),
    ("chunk-1-size", None, 1),
    ("chunk-1-data", None, 13),
    ("chunk-1", None, 15),
    ("chunk-2-size", None, 16),
    ("chunk-2-data", None, 28),
    ("chunk-2", None, 30),
    ("chunk-3-size", None, 31),
    ("chunk-3-data", None, 38),
    ("chunk-3", None, 40),
    ("last-chunk", None, 40),
];

/// Of the 20 bytes from the fifth on: two chunks of ten. A place is the response's,
/// but for the offset of the object.
const FROM_FIVE: &[Place] = &[
    ("head", Some(0), 0),
    ("50%", Some(10), 13),
    ("object 6", Some(1), 4),
    ("object 16", Some(11), 19),
    ("chunk-2-data", None, 28),
    ("last-chunk", None, 30),
];

/// More than a segment and a chunk size of five digits, `10000 CRLF`: three chunks
/// of 64 KiB, one of 3392 bytes.
const LARGE: &[Place] = &[
    ("object 70000", Some(70_000), 70_000 + 7 + 2 + 7),
    ("chunk-2", None, 2 * (7 + 65_536 + 2)),
    ("last-chunk", None, 3 * (7 + 65_536 + 2) + 5 + 3392 + 2),
];

/// The bytes behind the head that came before FIN, and the journal.
struct Cut {
    head: String,
    behind_head: Vec<u8>,
    events: Vec<Event>,
}

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const GET_FROM_FIVE: &str = "GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=5-\r\n\r\n";

/// Lets `cut` download with a cut at each place in each framing that has it, and
/// compares what came.
fn every_cut(cut: impl Fn(Scenario, &'static str) -> Cut) {
    for (size, chunk, ask, places) in [
        (25, 10, GET, WHOLE),
        (25, 10, GET_FROM_FIVE, FROM_FIVE),
        (200_000, 65_536, GET, LARGE),
    ] {
        let mut undisturbed = scenario(size, Vec::new());
        undisturbed.body.framing = Framing::Close;
        let object = cut(undisturbed, ask).behind_head;
        for framing in [Framing::ContentLength, Framing::Close, Framing::Chunked] {
            for (place, plain, chunked) in places {
                let bytes = match framing {
                    Framing::Chunked => *chunked,
                    _ => match plain {
                        Some(bytes) => *bytes,
                        None => continue,
                    },
                };
                let mut scenario = scenario(size, vec![Fault::new(trigger(place), Action::Fin)]);
                scenario.body.framing = framing;
                scenario.body.chunk = ByteSize(chunk);
                check(&cut(scenario, ask), framing, &object, bytes, place);
            }
        }
    }
}

fn trigger(place: &str) -> Trigger {
    match place.strip_prefix("object ") {
        Some(at) => Trigger::Object(at.parse().unwrap()),
        None => Trigger::Place(place.parse().unwrap()),
    }
}

/// `body` is what the client would get without the cut, in no transfer coding.
fn check(cut: &Cut, framing: Framing, body: &[u8], bytes: u64, place: &str) {
    let what = format!("{place} of {framing}, {} bytes", body.len());
    assert!(cut.head.ends_with("\r\n\r\n"), "{what}: {:?}", cut.head);
    assert_eq!(cut.behind_head.len() as u64, bytes, "{what}: client");
    let (_, wire, in_flight) = fault(&cut.events);
    let received = cut.head.len() as u64 + bytes;
    assert_eq!((wire, in_flight), (received, 0), "{what}: journal");
    if framing != Framing::Chunked {
        assert!(body.starts_with(&cut.behind_head), "{what}: other bytes");
    }
}

#[test]
fn a_place_is_exact_to_the_byte_in_every_framing_that_has_it() {
    every_cut(|scenario, ask| {
        let mut cut = None;
        run(async {
            let server = Server::start(scenario).await;
            let got = read_to_end(&mut server.ask(ask).await).await;
            assert_eq!(got.errno(), None);
            cut = Some(Cut {
                head: got.head,
                behind_head: got.body,
                events: server.end().await,
            });
        });
        cut.unwrap()
    });
}

#[test]
fn a_place_is_exact_to_the_byte_in_the_virtual_world() {
    every_cut(|scenario, ask| {
        let runtime = simulated_runtime().unwrap();
        LocalSet::new().block_on(&runtime, async {
            let clock = Clock::simulated();
            let journal = Rc::new(Memory::default());
            let listener = ListenerState::new(clock, Rc::clone(&journal) as _);
            let (wire, mut stream) = memory::connect(clock, &Sockets::default(), None);
            let played = Rc::new(Played::new(scenario, 1).unwrap());
            let serving = spawn_local(serve_connection(wire, Rc::clone(&listener), played));
            stream.write_all(ask.as_bytes()).await.unwrap();
            let mut all = Vec::new();
            // FIN: an orderly end.
            stream.read_to_end(&mut all).await.unwrap();
            listener.close(Urgency::Now);
            serving.await.unwrap();
            let head = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
            let behind_head = all.split_off(head);
            Cut {
                head: String::from_utf8(all).unwrap(),
                behind_head,
                events: journal.take(),
            }
        })
    });
}
