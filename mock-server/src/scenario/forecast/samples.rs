//! A download whose time is easy to work out.

use std::time::Duration;

use crate::{
    scenario::{Action, Fault, Scenario, Trigger},
    units::{ByteSize, Rate},
};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// 600 MB at 2 MB/s: 300 s.
pub(super) fn slow() -> Scenario {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(600_000_000);
    scenario.link.rate = Rate::per_second(2_000_000).unwrap();
    scenario
}

pub(super) fn fault(scenario: &mut Scenario, when: Trigger, then: Action) {
    scenario.faults.push(Fault::new(when, then));
}
