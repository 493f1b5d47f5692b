//! The client side of Shortread: downloads with every read strategy from a
//! server that breaks, and says what was lost, when, and who ended it.
//!
//! The way of the data: a plan of trials; a world that runs each; a client
//! that reads through a stream reader with a strategy into a sink, every byte
//! compared; an outcome from both sides' facts; one record per trial; reports.

pub mod cli;
pub mod client;
pub mod explain;
pub mod measure;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod results;

/// Until the scenario model can scale itself.
mod standin {
    use mock_server::scenario::{Limit, Scenario};

    pub(crate) fn scaled(scenario: &Scenario) -> Scenario {
        let (time, size) = (scenario.tcp.time, scenario.tcp.size);
        let mut scaled = scenario.clone();
        scaled.body.size.0 = (scaled.body.size.0 as f64 * size) as u64;
        if let Limit::After(total) = &mut scaled.client.total {
            *total = total.mul_f64(time);
        }
        scaled
    }
}
