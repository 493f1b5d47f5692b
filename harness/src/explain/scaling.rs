//! Which numbers the TCP world changes, from what to what.

use std::time::Duration;

use mock_server::{
    scenario::{Action, Keepalive, Limit, Scenario, Trigger},
    units::{ByteSize, Rate, human_duration},
};

/// A number that was changed: its name, what it was, what it became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As in the file, `client.total`.
    pub what: String,
    /// What the file says.
    pub from: String,
    /// What runs.
    pub to: String,
}

/// Every number that differs between a scenario and what the TCP world runs.
pub fn changes(file: &Scenario, runs: &Scenario) -> Vec<Change> {
    let mut found = Found(Vec::new());
    found.size("body.size", Some(file.body.size), Some(runs.body.size));
    found.size(
        "body.declared_size",
        file.body.declared_size,
        runs.body.declared_size,
    );
    found.size(
        "body.truncate_at",
        file.body.truncate_at,
        runs.body.truncate_at,
    );
    found.time(
        "response.head_delay",
        file.response.head_delay,
        runs.response.head_delay,
    );
    found.time(
        "response.head_pause",
        file.response.head_pause,
        runs.response.head_pause,
    );
    found.rate("link.rate", Some(file.link.rate), Some(runs.link.rate));
    found.time("link.latency", file.link.latency, runs.link.latency);
    for (index, (from, to)) in file.faults.iter().zip(&runs.faults).enumerate() {
        let what = match file.faults.len() {
            1 => "fault".into(),
            _ => format!("fault {}", index + 1),
        };
        found.trigger(&what, from.when, to.when);
        found.action(&what, from.then, to.then);
    }
    let (from, to) = (&file.client, &runs.client);
    found.limit("client.connect", from.connect, to.connect);
    found.limit("client.head", from.head, to.head);
    found.limit("client.sock_read", from.sock_read, to.sock_read);
    found.limit("client.total", from.total, to.total);
    found.keepalive(from.keepalive, to.keepalive);
    found.size("client.memory", from.memory, to.memory);
    found.time("sink.pause", file.sink.pause, runs.sink.pause);
    found.rate("sink.rate", file.sink.rate, runs.sink.rate);
    found.0
}

pub(super) fn paragraphs(file: &Scenario) -> Vec<String> {
    let runs = match file.scaled() {
        Ok(runs) => runs,
        Err(error) => return vec![format!("It cannot be scaled for real sockets: {error}.")],
    };
    let changes: Vec<String> = changes(file, &runs)
        .into_iter()
        .map(|change| format!("{} {} -> {}", change.what, change.from, change.to))
        .collect();
    if changes.is_empty() {
        return Vec::new();
    }
    let (time, size) = (file.tcp.time, file.tcp.size);
    vec![format!(
        "On real sockets it runs with other numbers (times x {}, sizes x {}, rates x {}): {}. \
         Kernel buffers and chunk sizes stay as they are.",
        factor(time),
        factor(size),
        factor(size / time),
        changes.join(", ")
    )]
}

/// Three decimals at most: what division leaves behind says nothing.
fn factor(factor: f64) -> String {
    if factor < 0.001 {
        return factor.to_string();
    }
    let text = format!("{factor:.3}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

struct Found(Vec<Change>);

impl Found {
    fn note(&mut self, what: &str, from: String, to: String) {
        self.0.push(Change {
            what: what.into(),
            from,
            to,
        });
    }

    fn size(&mut self, what: &str, from: Option<ByteSize>, to: Option<ByteSize>) {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            self.note(what, from.human(), to.human());
        }
    }

    fn rate(&mut self, what: &str, from: Option<Rate>, to: Option<Rate>) {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            self.note(what, from.human(), to.human());
        }
    }

    fn time(&mut self, what: &str, from: Duration, to: Duration) {
        if from != to {
            self.note(what, human_duration(from), human_duration(to));
        }
    }

    fn limit(&mut self, what: &str, from: Limit, to: Limit) {
        if let (Limit::After(from), Limit::After(to)) = (from, to) {
            self.time(what, from, to);
        }
    }

    fn keepalive(&mut self, from: Option<Keepalive>, to: Option<Keepalive>) {
        if let (Some(from), Some(to)) = (from, to) {
            self.time("client.keepalive.idle", from.idle, to.idle);
            self.time("client.keepalive.interval", from.interval, to.interval);
        }
    }

    fn trigger(&mut self, what: &str, from: Trigger, to: Trigger) {
        match (from, to) {
            (Trigger::Body(from), Trigger::Body(to)) | (Trigger::Wire(from), Trigger::Wire(to)) => {
                self.size(&format!("{what}: at"), Some(from), Some(to));
            }
            (Trigger::Elapsed(from), Trigger::Elapsed(to)) => {
                self.time(&format!("{what}: elapsed"), from, to);
            }
            (Trigger::Blocked(from), Trigger::Blocked(to)) => {
                self.time(&format!("{what}: blocked"), from, to);
            }
            (Trigger::Idle { after: from, .. }, Trigger::Idle { after: to, .. }) => {
                self.time(&format!("{what}: idle"), from, to);
            }
            _ => {}
        }
    }

    fn action(&mut self, what: &str, from: Action, to: Action) {
        match (from, to) {
            (Action::Stall(from), Action::Stall(to)) => {
                self.limit(&format!("{what}: stall"), from, to);
            }
            (Action::Throttle(from), Action::Throttle(to)) => {
                self.rate(&format!("{what}: throttle"), Some(from), Some(to));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use mock_server::scenario::Fault;

    use super::*;

    #[test]
    fn only_numbers_that_differ_are_named() {
        let mut file = Scenario::default();
        file.body.size = ByteSize(1_000_000_000);
        file.faults = vec![Fault::new(
            Trigger::Body(ByteSize(12 << 20)),
            Action::Stall(Limit::After(Duration::from_secs(30))),
        )];
        assert_eq!(changes(&file, &file), []);
        let mut runs = file.clone();
        runs.body.size = ByteSize(10_000_000);
        runs.client.total = Limit::After(Duration::from_secs(3));
        runs.faults[0].then = Action::Stall(Limit::After(Duration::from_millis(300)));
        let said: Vec<String> = changes(&file, &runs)
            .into_iter()
            .map(|change| format!("{} {} -> {}", change.what, change.from, change.to))
            .collect();
        assert_eq!(
            said,
            [
                "body.size 1 GB -> 10 MB",
                "fault: stall 30 s -> 300 ms",
                "client.total 300 s -> 3 s",
            ]
        );
    }
}
