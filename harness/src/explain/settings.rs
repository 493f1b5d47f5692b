//! The settings that a user's client needs to play a scenario, as JSON: the
//! download, its deadlines, its pace, and the time to give up. `shortread serve`
//! plays the server's side.

use std::time::Duration;

use serde::Serialize;
use shortread_server::scenario::{Coding, Framing, Limit, Scenario, TimerOrder};

/// The output of `shortread explain --json`. Names carry their unit; null means
/// off, or the kernel's default.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    name: String,
    title: String,
    body: Body,
    link: Link,
    client: Client,
    sink: Sink,
    /// True if its trials run alone, because their figures are measurements.
    measure: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Body {
    /// Of the object, before any content coding.
    size_bytes: u64,
    framing: Framing,
    /// True if that is its one coding.
    gzip: bool,
    /// In the order in which they are applied.
    encoding: Vec<Coding>,
    /// Times that each block of it stands there.
    ratio: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Link {
    rate_bytes_per_second: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Client {
    connect_ns: Option<u64>,
    head_ns: Option<u64>,
    sock_read_ns: Option<u64>,
    total_ns: Option<u64>,
    /// The time to stop waiting, from the start of connect.
    give_up_ns: u64,
    keepalive: Option<Keepalive>,
    memory_bytes: Option<u64>,
    /// Downloads at a time.
    parallel: u32,
    /// Requests of each, one after the other.
    requests: u32,
    timers: TimerOrder,
    /// SO_RCVBUF, before connect.
    receive_buffer_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Keepalive {
    idle_ns: u64,
    interval_ns: u64,
    count: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Sink {
    /// Before the first read.
    first_pause_ns: u64,
    /// After each chunk.
    pause_ns: u64,
    rate_bytes_per_second: Option<u64>,
    /// The pauses block the event loop.
    blocking: bool,
    file: bool,
    /// Bytes until the disk is full.
    capacity_bytes: Option<u64>,
}

impl Settings {
    /// Those of `scenario`, with its numbers as they are.
    pub fn of(scenario: &Scenario) -> Self {
        let client = &scenario.client;
        let limit = |limit: Limit| limit.duration().map(nanos);
        Self {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            body: Body {
                size_bytes: scenario.body.size.0,
                framing: scenario.body.framing,
                gzip: scenario.body.encoding == [Coding::Gzip],
                encoding: scenario.body.encoding.clone(),
                ratio: scenario.body.ratio,
            },
            link: Link {
                rate_bytes_per_second: scenario.link.rate.get(),
            },
            client: Client {
                connect_ns: limit(client.connect),
                head_ns: limit(client.head),
                sock_read_ns: limit(client.sock_read),
                total_ns: limit(client.total),
                give_up_ns: nanos(scenario.give_up()),
                keepalive: client.keepalive.map(|keepalive| Keepalive {
                    idle_ns: nanos(keepalive.idle),
                    interval_ns: nanos(keepalive.interval),
                    count: keepalive.count,
                }),
                memory_bytes: client.memory.map(|size| size.0),
                parallel: scenario.downloads(),
                requests: client.requests,
                timers: client.timers,
                receive_buffer_bytes: scenario.sockets.client_receive.map(|size| size.0),
            },
            sink: Sink {
                first_pause_ns: nanos(scenario.sink.first_pause),
                pause_ns: nanos(scenario.sink.pause),
                rate_bytes_per_second: scenario.sink.rate.map(|rate| rate.get()),
                blocking: scenario.sink.blocking,
                file: scenario.sink.file,
                capacity_bytes: scenario.sink.capacity.map(|size| size.0),
            },
            measure: scenario.tcp.measure,
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::parse;

    use super::*;

    #[test]
    fn a_client_finds_its_deadlines_in_nanoseconds_and_what_is_off_is_null() {
        let file = r#"
            title = "t"
            cause = "c"
            body.size = "10MB"
            client = { total = "300s", sock_read = "off", memory = "1GiB" }
            sink = { rate = "10KB/s", blocking = true }
            tcp.time = 0.02
        "#;
        let scenario = parse("t", "t.toml", file).unwrap();
        let settings = |scenario| serde_json::to_value(Settings::of(scenario)).unwrap();
        let whole = settings(&scenario);
        assert_eq!(whole["body"]["size_bytes"], 10_000_000);
        assert_eq!(whole["client"]["total_ns"], 300_000_000_000_u64);
        assert!(whole["client"]["sock_read_ns"].is_null());
        assert_eq!(whole["client"]["memory_bytes"], 1 << 30);
        assert_eq!(whole["sink"]["rate_bytes_per_second"], 10_000);
        assert_eq!(whole["client"]["timers"], "after-io");
        // As the TCP world plays it.
        let scaled = settings(&scenario.scaled().unwrap());
        assert_eq!(scaled["client"]["total_ns"], 6_000_000_000_u64);
    }
}
