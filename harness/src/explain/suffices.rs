//! Which total lets a download come to its end. The explanation and the advice
//! of the reports both ask here, so that they say the same.

use std::time::Duration;

use mock_server::scenario::{Action, Fault, Limit, Scenario, Trigger};

use super::idle;

/// The least `client.total` with which a download is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suffices {
    /// This one.
    From(Duration),
    /// One above this: what each chunk's pause or a lost segment adds depends on
    /// the way to read, or on chance.
    Above(Duration),
    /// Not known: raw bytes stand in the response, and a client that cannot read
    /// on behind them may wait for ever.
    Unreadable,
    /// None: the bytes stop for good, without a word.
    RestNeverComes,
    /// None: something closes the connection before the last byte.
    Closed,
}

/// What total suffices for `scenario`.
pub(crate) fn total(scenario: &Scenario) -> Suffices {
    let needed = scenario.ideal_transfer();
    if endless(scenario) {
        Suffices::RestNeverComes
    } else if closed(scenario) {
        Suffices::Closed
    } else if !scenario.response.raw.is_empty() {
        Suffices::Unreadable
    } else if scenario.sink.pause.is_zero() && scenario.link.loss == 0.0 {
        Suffices::From(needed)
    } else {
        Suffices::Above(needed)
    }
}

/// Whether the bytes stop for good without a word, however long the client waits.
fn endless(scenario: &Scenario) -> bool {
    let mut faults = scenario.faults.iter();
    faults.any(|fault| silences(scenario, fault))
}

/// Whether the bytes stop for good without a word, while the client waits.
pub(super) fn goes_silent(scenario: &Scenario) -> bool {
    let mut faults = scenario.faults.iter();
    faults.any(|fault| silences(scenario, fault) && !idle::outlives_total(scenario, fault))
}

fn silences(scenario: &Scenario, fault: &Fault) -> bool {
    matches!(
        fault.then,
        Action::Blackhole | Action::Forget | Action::Stall(Limit::Never)
    ) && idle::may_fire(scenario, fault)
}

/// Whether a fault surely closes the connection before the last byte.
fn closed(scenario: &Scenario) -> bool {
    scenario.faults.iter().any(|fault| {
        let fires = match fault.when {
            Trigger::Body(at) => at < scenario.body.size,
            Trigger::Elapsed(after) => after < scenario.ideal_transfer(),
            Trigger::Idle { .. } => idle::may_fire(scenario, fault),
            Trigger::Request(number) | Trigger::Connection(number) => number == 1,
            Trigger::Wire(_) | Trigger::Blocked(_) | Trigger::Chance(_) => false,
        };
        fires && matches!(fault.then, Action::Fin | Action::Reset | Action::End)
    })
}

#[cfg(test)]
mod tests {
    use mock_server::{scenario::Counts, units::ByteSize};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// 500 s, and a fault.
    fn with(when: Trigger, then: Action) -> Suffices {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1_000_000_000);
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario.faults = vec![Fault::new(when, then)];
        total(&scenario)
    }

    #[test]
    fn a_fault_that_never_fires_takes_nothing_from_the_total_that_suffices() {
        let idle = Trigger::Idle {
            after: 200 * SECOND,
            counts: Counts::Segments,
        };
        let enough = Suffices::From(500 * SECOND);
        assert_eq!(with(idle, Action::Blackhole), enough);
        let late = Trigger::Elapsed(600 * SECOND);
        assert_eq!(with(late, Action::Blackhole), enough);
        assert_eq!(with(late, Action::Fin), enough);
    }

    #[test]
    fn no_total_suffices_where_the_rest_never_comes() {
        let half = Trigger::Body(ByteSize(500_000_000));
        assert_eq!(with(half, Action::Blackhole), Suffices::RestNeverComes);
        let early = Trigger::Elapsed(400 * SECOND);
        assert_eq!(with(early, Action::Forget), Suffices::RestNeverComes);
        assert_eq!(with(half, Action::Reset), Suffices::Closed);
    }

    #[test]
    fn pauses_of_the_application_come_on_top() {
        let mut scenario = Scenario::default();
        scenario.sink.pause = SECOND;
        let needed = scenario.ideal_transfer();
        assert_eq!(total(&scenario), Suffices::Above(needed));
    }
}
