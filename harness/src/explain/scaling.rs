//! The numbers that the TCP world changes, before and after.

use shortread_server::{
    scenario::{Amount, Scenario},
    units::human_duration,
};

use super::origin::Percent;

/// A number that was changed: its name, what it was, what it became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As in the file, `client.total`.
    pub what: String,
    /// The number in the file.
    pub from: String,
    /// The number that is played.
    pub to: String,
}

/// Every number that differs between two scenarios, in particular between a file
/// and what the TCP world runs of it.
pub fn changes(file: &Scenario, runs: &Scenario) -> Vec<Change> {
    let after = runs.numbers();
    let scaled = file.numbers().into_iter().filter_map(|(name, from)| {
        let (_, to) = after.iter().find(|(other, _)| *other == name)?;
        (from != *to).then(|| Change {
            what: called(&name, file),
            from: human(from),
            to: human(*to),
        })
    });
    // A loss is no number that scales: the TCP world has none.
    let loss = (file.link.loss != runs.link.loss).then(|| Change {
        what: "link.loss".into(),
        from: format!("{} %", Percent(file.link.loss)),
        to: format!("{} %", Percent(runs.link.loss)),
    });
    scaled.chain(loss).collect()
}

/// The only one of its kind needs no number.
fn called(name: &str, file: &Scenario) -> String {
    for (kind, count) in [
        ("fault", file.faults.len()),
        ("response.raw", file.response.raw.len()),
    ] {
        if count == 1
            && let Some(what) = name.strip_prefix(&format!("{kind} 1:"))
        {
            return format!("{kind}:{what}");
        }
    }
    name.into()
}

fn human(amount: Amount) -> String {
    match amount {
        Amount::Time(time) => human_duration(time),
        Amount::Size(size) => size.human(),
        Amount::Rate(rate) => rate.human(),
    }
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

/// Three decimals at most: further ones are remains of a division.
fn factor(factor: f64) -> String {
    if factor < 0.001 {
        return factor.to_string();
    }
    let text = format!("{factor:.3}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shortread_server::{
        scenario::{Action, Fault, Limit, Trigger},
        units::ByteSize,
    };

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

    #[test]
    fn all_that_scales_is_named_and_nothing_else() {
        let mut file = Scenario::default();
        file.body.size = ByteSize(100_000_000);
        file.link.rate = "10MB/s".parse().unwrap();
        file.link.latency = Duration::from_millis(40);
        file.link.jitter = Duration::from_millis(20);
        file.link.segment = Some(ByteSize(40_000));
        file.client.total = Limit::After(Duration::from_secs(4));
        file.client.give_up = Some(Duration::from_secs(60));
        file.tcp.time = 0.5;
        file.tcp.size = 0.25;
        let runs = file.scaled().unwrap();
        let said: Vec<String> = changes(&file, &runs)
            .into_iter()
            .map(|change| format!("{} {} -> {}", change.what, change.from, change.to))
            .collect();
        assert_eq!(
            said,
            [
                "body.size 100 MB -> 25 MB",
                "link.rate 10 MB/s -> 5 MB/s",
                "link.latency 40 ms -> 20 ms",
                "link.jitter 20 ms -> 10 ms",
                "link.segment 40 kB -> 10 kB",
                "client.connect 30 s -> 15 s",
                "client.total 4 s -> 2 s",
                "client.give_up 60 s -> 30 s",
            ]
        );
    }
}
