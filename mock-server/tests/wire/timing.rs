//! Rates and pauses: lower bounds in time, which no load can break.

use std::time::Duration;

use shortread_server::{
    clock::Clock,
    journal::Fact,
    scenario::{Action, Fault, Trigger},
    units::ByteSize,
};
use tokio::io::AsyncReadExt as _;

use crate::support::{Server, read_body, run, scenario};

#[test]
fn no_prefix_arrives_earlier_than_the_rate_allows() {
    run(async {
        let mut paced = scenario(300_000, vec![]);
        paced.link.rate = "1MB/s".parse().unwrap();
        let rate = paced.link.rate;
        let server = Server::start(paced).await;
        let clock = Clock::real();
        let start = clock.now();
        let mut stream = server.get().await;
        let (mut got, mut buffer) = (0, [0; 8192]);
        while got < 300_000 {
            let n = stream.read(&mut buffer).await.unwrap();
            got += n as u64;
            let allowed = rate.bytes_in(clock.now().since(start));
            assert!(got <= allowed, "{got} B when the rate allows {allowed} B");
        }
        server.end().await;
    });
}

#[test]
fn after_a_stall_there_is_no_burst() {
    run(async {
        let stall = Action::Stall(shortread_server::scenario::Limit::After(
            Duration::from_millis(300),
        ));
        let at = Trigger::Body(ByteSize(50_000));
        let mut paced = scenario(200_000, vec![Fault::new(at, stall)]);
        paced.link.rate = "1MB/s".parse().unwrap();
        let server = Server::start(paced).await;
        let mut stream = server.get().await;
        read_body(&mut stream, 200_000).await;
        let events = server.end().await;
        let at = |wanted: fn(&Fact) -> bool| {
            events
                .iter()
                .find(|event| wanted(&event.fact))
                .map(|event| event.at_ns)
                .unwrap()
        };
        let stalled = at(|fact| matches!(fact, Fact::Fault { .. }));
        let ended = at(|fact| matches!(fact, Fact::ResponseEnd { .. }));
        // 300 ms of silence and 150,000 B at 1 MB/s. The stall begins a moment
        // before its line in the journal.
        assert!(ended.since(stalled) >= Duration::from_millis(445));
    });
}

#[test]
fn a_throttle_changes_the_rate_from_its_offset_on() {
    run(async {
        let slow = Action::Throttle("100KB/s".parse().unwrap());
        let at = Trigger::Body(ByteSize(1_000_000));
        let server = Server::start(scenario(1_050_000, vec![Fault::new(at, slow)])).await;
        let mut stream = server.get().await;
        read_body(&mut stream, 1_050_000).await;
        let events = server.end().await;
        let fault = events
            .iter()
            .find(|e| matches!(e.fact, Fact::Fault { .. }))
            .unwrap()
            .at_ns;
        let ended = events
            .iter()
            .find(|e| matches!(e.fact, Fact::ResponseEnd { .. }))
            .unwrap()
            .at_ns;
        assert!(
            ended.since(fault) >= Duration::from_millis(500),
            "50,000 B at 100 kB/s"
        );
    });
}

#[test]
fn latency_and_window_bound_the_throughput_to_a_window_per_round_trip() {
    run(async {
        let mut far = scenario(160_000, vec![]);
        far.link.latency = Duration::from_millis(50);
        far.sockets.client_receive = Some(ByteSize(16_000));
        let server = Server::start(far).await;
        let clock = Clock::real();
        let start = clock.now();
        let mut stream = server.get().await;
        read_body(&mut stream, 160_000).await;
        // Ten windows, the head in the first: nine further round trips of
        // 100 ms, and 50 ms for the request and for the first window each.
        assert!(clock.now().since(start) >= Duration::from_millis(9 * 100 + 100));
        server.end().await;
    });
}

#[test]
fn a_head_sent_byte_by_byte_takes_a_pause_for_each() {
    run(async {
        let mut dribble = scenario(10, vec![]);
        dribble.response.head_delay = Duration::from_millis(100);
        dribble.response.head_pause = Duration::from_millis(2);
        let server = Server::start(dribble).await;
        let clock = Clock::real();
        let start = clock.now();
        let mut stream = server.get().await;
        let first = stream.read_u8().await.unwrap();
        assert_eq!(first, b'H');
        assert!(clock.now().since(start) >= Duration::from_millis(100));
        let mut head = vec![first];
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let pauses = head.len() as u32 - 1;
        assert!(
            clock.now().since(start)
                >= Duration::from_millis(100) + 2 * pauses * Duration::from_millis(1)
        );
        server.end().await;
    });
}
