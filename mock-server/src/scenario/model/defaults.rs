//! The values of settings that a file leaves out.

use std::time::Duration;

use super::*;

impl Default for Body {
    fn default() -> Self {
        Self {
            size: ByteSize(0),
            file: None,
            version: 1,
            framing: Framing::ContentLength,
            chunk: ByteSize::kib(64),
            encoding: Vec::new(),
            ratio: 1,
            members: 1,
            garbage: ByteSize(0),
            declared_encoding: None,
            accept: Accept::Ignore,
            truncate_at: None,
            declared_size: None,
        }
    }
}

impl Default for Response {
    fn default() -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            head_delay: Duration::ZERO,
            head_pause: Duration::ZERO,
            page: None,
            page_type: None,
            page_size: None,
            retry_after: None,
            retry_after_date: None,
            redirect: None,
            ranges: true,
            range: Partial::Honour,
            validators: Validators::Both,
            digest: Digest::None,
            etag: None,
            raw: Vec::new(),
        }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self {
            // One gigabit per second. A rate must be finite: simulated time
            // would stand still on a link that takes none.
            rate: Rate::per_second(125_000_000).expect("not zero"),
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            segment: None,
            loss: 0.0,
            drops_above: None,
            connections: None,
            shared: false,
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self {
            connect: Limit::After(Duration::from_secs(30)),
            head: Limit::Never,
            sock_read: Limit::Never,
            total: Limit::After(Duration::from_secs(300)),
            keepalive: None,
            memory: None,
            parallel: 1,
            requests: 1,
            give_up: None,
            timers: TimerOrder::AfterIo,
            parser: Parser::C,
        }
    }
}

impl Default for Tcp {
    fn default() -> Self {
        Self {
            time: 1.0,
            size: 1.0,
            measure: false,
        }
    }
}

impl Default for Scenario {
    /// A healthy download of nothing: the base that a file's settings change.
    fn default() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            cause: String::new(),
            why: String::new(),
            sources: Vec::new(),
            decisive: Vec::new(),
            alias: Vec::new(),
            body: Body::default(),
            response: Response::default(),
            link: Link::default(),
            sockets: Sockets::default(),
            answers: Vec::new(),
            versions: Vec::new(),
            faults: Vec::new(),
            client: Client::default(),
            sink: Sink::default(),
            tcp: Tcp::default(),
            plan: Plan::default(),
            expect: Expect::default(),
            text: "".into(),
        }
    }
}
