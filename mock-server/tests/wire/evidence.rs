//! The journal as evidence: what the server itself did to a connection, what it
//! heard, and what the kernel knew.

use std::time::Duration;

use shortread_server::{
    journal::{Event, Fact, TcpFacts, TcpState},
    scenario::{Action, Fault, Trigger},
    units::ByteSize,
};
use tokio::io::AsyncReadExt as _;

use crate::support::{Server, read_body, read_to_end, run, scenario};

const SIZE: u64 = 100_000;
const CUT: usize = 40_000;

fn cut(then: Action) -> Fault {
    let mut fault = Fault::new(Trigger::Body(ByteSize(CUT as u64)), then);
    fault.drain = true;
    fault.settle = Duration::from_millis(50);
    fault
}

fn infos(events: &[Event]) -> Vec<TcpFacts> {
    let facts = events.iter().filter_map(|event| match event.fact {
        Fact::TcpInfo(facts) => Some(facts),
        _ => None,
    });
    facts.collect()
}

/// FIN and RST, in their order.
fn signals(events: &[Event]) -> Vec<&'static str> {
    let names = events.iter().filter_map(|event| match event.fact {
        Fact::FinSent {} => Some("fin sent"),
        Fact::FinReceived {} => Some("fin received"),
        Fact::RstSent {} => Some("rst sent"),
        Fact::RstReceived {} => Some("rst received"),
        _ => None,
    });
    names.collect()
}

#[test]
fn fin_and_rst_are_told_by_whose_they_are() {
    run(async {
        for (fault, expected) in [
            (Action::Fin, &["fin sent", "fin received"][..]),
            (Action::Reset, &["rst sent"]),
        ] {
            let server = Server::start(scenario(SIZE, vec![cut(fault)])).await;
            assert_eq!(read_to_end(&mut server.get().await).await.body.len(), CUT);
            let events = server.closed().await;
            assert_eq!(signals(&events), expected);
            server.end().await;
        }
        // A client that resets: what it has not read makes its close RST.
        let server = Server::start(scenario(1 << 30, vec![])).await;
        let mut stream = server.get().await;
        stream.read_u8().await.unwrap();
        drop(stream);
        let events = server.closed().await;
        assert_eq!(signals(&events), ["rst received"]);
        server.end().await;
    });
}

#[test]
fn a_black_hole_is_the_networks_doing_until_it_is_reaped() {
    run(async {
        let server = Server::start(scenario(SIZE, vec![cut(Action::Blackhole)])).await;
        let mut stream = server.get().await;
        read_body(&mut stream, CUT).await;
        let is_dark = |fact: &Fact| matches!(fact, Fact::Fault { .. });
        let events = server.wait_for(is_dark).await;
        assert_eq!(signals(&events), [""; 0], "nobody said anything");
        drop(stream);
        let events = server.closed().await;
        assert_eq!(signals(&events), ["rst sent"]);
        server.end().await;
    });
}

#[test]
fn the_kernels_counts_stand_beside_each_fault_and_the_end() {
    run(async {
        let server = Server::start(scenario(SIZE, vec![cut(Action::Reset)])).await;
        let got = read_to_end(&mut server.get().await).await;
        let events = server.end().await;
        let infos = infos(&events);
        assert_eq!(infos.len(), 2);
        let at_fault = infos[0];
        // Drained: what the client has is what its kernel acknowledged.
        assert_eq!(at_fault.bytes_acked, (got.head.len() + CUT) as u64);
        assert_eq!((at_fault.unacked_bytes, at_fault.unsent_bytes), (0, 0));
        assert_eq!(at_fault.state, Some(TcpState::Established));
        // The request, and the handshake's last segment at least.
        assert!(at_fault.bytes_received > 0 && at_fault.segments_in >= 2);
        assert!(at_fault.segments_out >= 2 && at_fault.rtt_ns > 0);
        // It waited 50 ms for the client to read; the kernel's clock has a
        // grain of at most 10 ms.
        assert!(at_fault.since_sent_ns >= 40_000_000, "{at_fault:?}");
    });
}

#[test]
fn each_event_has_its_time_on_both_clocks() {
    run(async {
        let server = Server::start(scenario(SIZE, vec![])).await;
        read_to_end(&mut server.ask("GET / HTTP/1.0\r\n\r\n").await).await;
        let events = server.end().await;
        assert!(events.len() >= 4);
        for pair in events.windows(2) {
            assert!(pair[0].at_ns <= pair[1].at_ns);
        }
        for event in &events {
            // 2026-11-22T16:03:00.123456Z
            let utc = event.utc.as_deref().unwrap();
            assert!(utc.len() == 27 && utc.ends_with('Z'), "{utc}");
        }
    });
}
