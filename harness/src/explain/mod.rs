//! A scenario in prose: what happens, when, why, and what it comes to.

mod scaling;

pub use scaling::{Change, changes};

use mock_server::scenario::Scenario;

/// The scenario as the TCP world runs it. A stand-in.
pub(crate) fn scaled(scenario: &Scenario) -> Scenario {
    let (time, size) = (scenario.tcp.time, scenario.tcp.size);
    let mut scaled = scenario.clone();
    scaled.body.size.0 = (scaled.body.size.0 as f64 * size) as u64;
    if let mock_server::scenario::Limit::After(total) = &mut scaled.client.total {
        *total = total.mul_f64(time);
    }
    scaled
}
