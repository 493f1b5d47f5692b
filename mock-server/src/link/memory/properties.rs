//! For all actions of the two programs: bytes, order, buffers, and the rate.

use std::{
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    tests::{simulate, write},
    *,
};
use crate::{
    clock::Instant,
    flow::{ListenerState, Urgency},
    http1::{Played, serve_connection},
    journal::Memory,
    scenario::Scenario,
    units::Rate,
};

#[derive(Debug, Clone)]
enum Step {
    Write(usize),
    Read(usize),
    Wait(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Last {
    Fin,
    Close,
    Rst,
    Dark,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1usize..5000).prop_map(Step::Write),
        (1usize..5000).prop_map(Step::Read),
        (1u64..2000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..80)
}

/// The byte at `offset`: its order cannot be mistaken.
fn byte(offset: usize) -> u8 {
    (offset % 251) as u8
}

/// Reads at most `most` bytes; `None` when it would wait.
fn read(stream: &mut MemoryStream, most: usize) -> Option<io::Result<Vec<u8>>> {
    let mut bytes = vec![0; most];
    let mut into = ReadBuf::new(&mut bytes);
    let mut cx = Context::from_waker(Waker::noop());
    match Pin::new(stream).poll_read(&mut cx, &mut into) {
        Poll::Pending => None,
        Poll::Ready(result) => Some(result.map(|()| into.filled().to_vec())),
    }
}

proptest! {
    #[test]
    fn bytes_are_conserved_in_order_and_no_buffer_overflows(
        steps in steps(),
        send in 1u64..8000,
        receive in 1u64..8000,
        last in prop_oneof![Just(Last::Fin), Just(Last::Close), Just(Last::Rst), Just(Last::Dark)],
    ) {
        simulate(|clock| async move {
            let sockets = Sockets {
                server_send: Some(ByteSize(send)),
                client_receive: Some(ByteSize(receive)),
                ..Sockets::default()
            };
            let (mut wire, mut stream) = connect(clock, &sockets, None);
            let (mut sent, mut got) = (0, Vec::new());
            let (mut now, mut segments) = (clock.now(), 0);
            for step in steps {
                match step {
                    Step::Write(n) => {
                        let bytes: Vec<u8> = (sent..sent + n).map(byte).collect();
                        sent += write(&mut wire, &bytes).unwrap();
                    }
                    Step::Read(most) => {
                        let there = stream.receive_queue();
                        if let Some(bytes) = read(&mut stream, most) {
                            let bytes = bytes.unwrap();
                            prop_assert_eq!(bytes.len() as u64, there.min(most as u64));
                            got.extend(bytes);
                        } else {
                            prop_assert_eq!(there, 0);
                        }
                    }
                    Step::Wait(ms) => clock.sleep(Duration::from_millis(ms)).await,
                }
                let counters = wire.counters().unwrap();
                // Linux doubles what is asked for, and has a least size.
                prop_assert!(counters.unacked <= (2 * send).max(4608));
                prop_assert!(stream.receive_queue() <= (2 * receive).max(2304));
                prop_assert_eq!(counters.acked + counters.unacked, sent as u64);
                prop_assert_eq!(counters.acked, got.len() as u64 + stream.receive_queue());
                prop_assert!(clock.now() >= now && counters.segments >= segments);
                (now, segments) = (clock.now(), counters.segments);
            }
            let acked = wire.counters().unwrap().acked;
            match last {
                Last::Fin => wire.finish().unwrap(),
                Last::Close => drop(wire),
                Last::Rst => wire.abort(),
                Last::Dark => wire.darken().unwrap(),
            }
            let end = loop {
                match read(&mut stream, 1000) {
                    Some(Ok(bytes)) if !bytes.is_empty() => got.extend(bytes),
                    end => break end,
                }
            };
            let whole = match (last, end) {
                (Last::Fin | Last::Close, Some(Ok(_))) => true,
                (Last::Rst, Some(Err(_))) | (Last::Dark, None) => false,
                (_, end) => panic!("{last:?} ends in {end:?}"),
            };
            let arrived = if whole { sent } else { acked as usize };
            prop_assert_eq!(got.len(), arrived);
            prop_assert!(got.iter().enumerate().all(|(at, got)| *got == byte(at)));
            Ok(())
        })?;
    }

    #[test]
    fn the_rate_is_never_exceeded_by_any_time_nor_over_any_interval(
        rate in 20_000u64..200_000_000,
        size in 1u64..3_000_000,
        latency in 0u64..300,
        jitter in prop_oneof![Just(0u64), 1u64..100],
        receive in prop::option::of(1_000u64..500_000),
        seed: u64,
    ) {
        let mut scenario = Scenario::default();
        scenario.link.rate = Rate::per_second(rate).unwrap();
        scenario.link.latency = Duration::from_millis(latency);
        scenario.link.jitter = Duration::from_millis(jitter);
        scenario.sockets.client_receive = receive.map(ByteSize);
        scenario.body.size = ByteSize(size.min(rate));
        let segment = scenario.segment_at(scenario.link.rate);
        let link = scenario.link.clone();
        let (start, log) = simulate(|clock| async move {
            let long = clock.now() + Duration::from_secs(24 * 3600);
            clock.timeout_at(long, download(clock, scenario, seed)).await.expect("it hangs")
        });

        let allowed = |time: Duration| link.rate.bytes_in(time);
        let total = log.last().unwrap().1;
        prop_assert!(total > size.min(rate), "the whole body and a head: {total}");
        for (at, bytes) in &log {
            prop_assert!(*bytes <= allowed(at.since(start + link.latency)));
        }
        // Bytes held back by jitter arrive in a burst of that length.
        let held = link.jitter + Duration::from_micros(1);
        for (i, (to, after)) in log.iter().enumerate() {
            for (from, before) in &log[..i] {
                let passed = after - before;
                prop_assert!(
                    passed <= allowed(to.since(*from) + held) + segment,
                    "{passed} bytes from {from:?} to {to:?}"
                );
            }
        }
    }
}

/// A client that reads at once: when it asked, and what it had by when.
async fn download(clock: Clock, scenario: Scenario, seed: u64) -> (Instant, Vec<(Instant, u64)>) {
    let (wire, mut stream) = connect(clock, &scenario.sockets, None);
    let played = Played::new(scenario, seed).unwrap();
    let journal = Rc::new(Memory::default());
    let trial = ListenerState::new(clock, Rc::clone(&journal) as _);
    let serving = serve_connection(wire, Rc::clone(&trial), Rc::new(played));
    let serving = tokio::task::spawn_local(serving);
    clock.sleep(Duration::from_secs(2)).await;
    let start = clock.now();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let (mut log, mut total) = (Vec::new(), 0);
    let mut into = vec![0; 1 << 16];
    loop {
        let n = stream.read(&mut into).await.unwrap();
        if n == 0 {
            break;
        }
        total += n as u64;
        log.push((clock.now(), total));
    }
    drop(stream);
    serving.await.unwrap();
    trial.close(Urgency::Now);
    // Reads of one instant are one arrival.
    log.reverse();
    log.dedup_by_key(|(at, _)| *at);
    log.reverse();
    (start, log)
}
