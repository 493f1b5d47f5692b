//! The causes as data: their traces in the evidence, their arithmetic, a test to
//! refute them, a scenario that plays them, and a setting to change.
//!
//! There is a file per family: deadlines on the whole, silence, sizes, ends.

mod deadlines;
mod ends;
mod silence;
mod sizes;
pub(super) mod weigh;

use shortread_server::scenario::load;

use super::{clues::Clues, evidence::Evidence};

/// One way in which downloads stop short.
#[derive(Debug)]
pub struct Cause {
    /// For programs.
    pub id: &'static str,
    /// For people: a noun phrase.
    pub name: &'static str,
    /// Notes what each fact does to this cause.
    pub weigh: fn(&Evidence, &mut Clues),
    /// The arithmetic of the numbers if this is the cause, in a sentence or two.
    pub arithmetic: fn(&Evidence) -> Option<String>,
    /// The cheapest test that would refute it.
    pub test: &'static str,
    /// Scenarios of the catalogue that play it.
    pub scenarios: &'static [&'static str],
    /// The setting to change.
    pub setting: &'static str,
    /// The sources.
    pub sources: &'static [&'static str],
}

impl Cause {
    /// Of the scenarios that play this cause, the one that delivers the number
    /// of bytes most like the evidence's.
    pub fn nearest_scenario(&self, evidence: &Evidence) -> &'static str {
        let got = evidence.first().got.0.max(1) as f64;
        let apart = |name: &&&'static str| {
            let scenario = load(name).ok();
            let delivered = scenario.iter().flat_map(|scenario| &scenario.expect.trials);
            let most = delivered.map(|expect| expect.delivered[1].0).max();
            (most.unwrap_or_default().max(1) as f64 / got).ln().abs()
        };
        self.scenarios
            .iter()
            .min_by(|a, b| apart(a).total_cmp(&apart(b)))
            .copied()
            .unwrap_or("healthy")
    }
}

/// Every cause. Those that the facts do not tell apart are told in this order.
pub const ALL: &[Cause] = &[
    deadlines::CLIENT_TOTAL,
    ends::ENDS_EARLY,
    deadlines::SERVER_TOTAL,
    silence::READ_TIMEOUT,
    silence::IDLE_CLOSED,
    silence::FLOW_FORGOTTEN,
    silence::UPSTREAM_SILENT,
    silence::NO_ANSWER,
    silence::BLOCKED_LOOP,
    sizes::LENGTH_32_BIT,
    sizes::PROXY_SPOOL,
    sizes::SHORT_OBJECT,
    sizes::UNANNOUNCED_LENGTH,
    sizes::WRONG_LENGTH,
    sizes::WRONG_OBJECT,
    sizes::SIZE_LIMIT,
    sizes::REWRITTEN,
    ends::SLOW_READER,
    ends::RESET_ON_PATH,
    ends::UNNOTICED_END,
    ends::MEMORY,
    ends::DISK,
    ends::TRICKLE,
    ends::MTU,
];

/// For a cause with nothing to add up.
fn no_arithmetic(_: &Evidence) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::catalogue;

    use super::*;
    use crate::explain::wrap::paragraph;

    #[test]
    fn every_cause_has_sources_a_test_and_scenarios_of_the_catalogue() {
        let known: Vec<&str> = catalogue().iter().map(|(name, _)| *name).collect();
        for cause in ALL {
            assert!(!cause.sources.is_empty(), "{}", cause.id);
            for source in cause.sources {
                assert!(source.starts_with("https://"), "{}: {source}", cause.id);
            }
            assert!(!cause.scenarios.is_empty(), "{}", cause.id);
            for name in cause.scenarios {
                assert!(known.contains(name), "{}: {name}", cause.id);
            }
            // Two lines each on the screen, words kept whole.
            for text in [cause.test, cause.setting] {
                let lines = paragraph(text, "", 69).lines().count();
                assert!((1..=2).contains(&lines), "{}: {text}", cause.id);
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<&str> = ALL.iter().map(|cause| cause.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
    }
}
