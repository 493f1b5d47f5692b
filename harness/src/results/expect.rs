//! The expectation of a scenario for a trial, and the differences of an outcome
//! from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    scenario::{Deadline, ExpectTrial, Kind, Party, Scenario, World, selects},
    units::{ByteSize, human_bounds},
};

use crate::{outcome::Outcome, strategy::Strategy};

/// The expectation for one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// The outcome's kind.
    pub kind: Kind,
    /// The party that ends it; null accepts any.
    pub ended_by: Option<Party>,
    /// The deadline; null accepts any and none.
    pub deadline: Option<Deadline>,
    /// Least and most bytes handed to the application, both included.
    pub delivered_bytes: [u64; 2],
    /// Least and most bytes received and not handed over, both included; null
    /// accepts any number.
    #[serde(default)]
    pub lost_bytes: Option<[u64; 2]>,
}

impl From<&ExpectTrial> for Expected {
    fn from(expect: &ExpectTrial) -> Self {
        Self {
            kind: expect.kind,
            ended_by: expect.ended_by,
            deadline: expect.deadline,
            delivered_bytes: expect.delivered.map(|bound| bound.0),
            lost_bytes: expect.lost.map(|lost| lost.map(|bound| bound.0)),
        }
    }
}

/// The first `[[expect.trial]]` of `scenario` with matching selectors; `None` if
/// the file expects nothing of such a trial.
pub fn expectation<'a>(
    scenario: &'a Scenario,
    strategy: Strategy,
    profile: Option<&str>,
    world: World,
) -> Option<&'a ExpectTrial> {
    scenario.expect.trials.iter().find(|expect| {
        contains(&expect.strategy, &strategy.name)
            && contains(&expect.world, &world)
            && (expect.chunk_size.is_empty()
                || strategy
                    .item_size()
                    .is_some_and(|size| expect.chunk_size.contains(&ByteSize(size as u64))))
            && (expect.profile.is_empty()
                || profile.is_some_and(|profile| {
                    let mut selectors = expect.profile.iter();
                    selectors.any(|selector| selects(selector, profile))
                }))
    })
}

/// The difference, as one sentence without a full stop; `None` if there is none.
///
/// `delivered` and `received` are the trial's bytes.
pub fn difference(
    expected: &Expected,
    outcome: &Outcome,
    delivered: u64,
    received: u64,
) -> Option<String> {
    let mut parts = Vec::new();
    if outcome.kind == Kind::ToolError {
        // Nothing is known of it, so nothing else can be said to differ.
        return Some("the tool failed".into());
    }
    if outcome.kind != expected.kind {
        parts.push(format!(
            "it came to {} instead of {}",
            outcome.kind, expected.kind
        ));
    }
    if let Some(party) = expected.ended_by
        && outcome.ended_by != Some(party)
    {
        parts.push(match outcome.ended_by {
            Some(other) => format!("the {other} ended it instead of the {party}"),
            None => format!("nobody ended it instead of the {party}"),
        });
    }
    if let Some(deadline) = expected.deadline
        && outcome.deadline != Some(deadline)
    {
        parts.push(match outcome.deadline {
            Some(other) => format!("the deadline was {other} instead of {deadline}"),
            None => format!("no deadline ended it instead of {deadline}"),
        });
    }
    let [least, most] = expected.delivered_bytes;
    if !(least..=most).contains(&delivered) {
        parts.push(format!(
            "{} were delivered, {} are expected",
            ByteSize(delivered).human_exact(),
            human_bounds(least, most)
        ));
    }
    let lost = received.saturating_sub(delivered);
    if let Some([least, most]) = expected.lost_bytes
        && !(least..=most).contains(&lost)
    {
        parts.push(format!(
            "{} were received and not delivered, {} are expected",
            ByteSize(lost).human_exact(),
            human_bounds(least, most)
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn contains<T: PartialEq>(selector: &[T], value: &T) -> bool {
    selector.is_empty() || selector.contains(value)
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::StrategyName;

    use super::*;

    fn expecting(kind: Kind) -> ExpectTrial {
        ExpectTrial {
            strategy: vec![],
            chunk_size: vec![],
            profile: vec![],
            world: vec![],
            kind,
            ended_by: None,
            deadline: None,
            delivered: [ByteSize(0), ByteSize(1_000)],
            lost: None,
        }
    }

    fn found(
        trials: Vec<ExpectTrial>,
        strategy: StrategyName,
        profile: Option<&str>,
    ) -> Option<Kind> {
        let mut scenario = Scenario::default();
        scenario.expect.trials = trials;
        let strategy = Strategy {
            name: strategy,
            chunk_size: None,
        };
        expectation(&scenario, strategy, profile, World::Tcp).map(|expect| expect.kind)
    }

    #[test]
    fn the_first_match_counts_and_empty_selectors_match_all() {
        let narrow = ExpectTrial {
            strategy: vec![StrategyName::ReadAll],
            ..expecting(Kind::OutOfMemory)
        };
        let trials = vec![narrow, expecting(Kind::Complete), expecting(Kind::Reset)];
        let kind = |strategy| found(trials.clone(), strategy, Some("aiohttp-3.14.5"));
        assert_eq!(kind(StrategyName::ReadAll), Some(Kind::OutOfMemory));
        assert_eq!(kind(StrategyName::Readany), Some(Kind::Complete));
    }

    #[test]
    fn a_minor_release_stands_for_its_patches_and_nothing_else() {
        let only = |selector: &str| {
            vec![ExpectTrial {
                profile: vec![selector.into()],
                ..expecting(Kind::Complete)
            }]
        };
        let kind = |selector, profile| found(only(selector), StrategyName::Readany, profile);
        assert!(kind("aiohttp-3.14", Some("aiohttp-3.14.5")).is_some());
        assert!(kind("aiohttp-3.14.5", Some("aiohttp-3.14.5")).is_some());
        assert!(kind("aiohttp-3.1", Some("aiohttp-3.14.5")).is_none());
        assert!(kind("aiohttp-3.14.5", Some("aiohttp-3.14.50")).is_none());
        // `frames` has no profile: only expectations for all cover it.
        assert!(kind("aiohttp-3.14", None).is_none());
    }

    #[test]
    fn releases_before_one_are_selected_together() {
        let before = |profile| {
            let only = ExpectTrial {
                profile: vec!["<aiohttp-3.14".into()],
                ..expecting(Kind::Complete)
            };
            found(vec![only], StrategyName::Readany, profile).is_some()
        };
        assert!(before(Some("aiohttp-3.13.5")) && !before(Some("aiohttp-3.14.0")));
        assert!(!before(None));
    }

    #[test]
    fn a_chunk_size_selects_the_items_of_fixed_chunk() {
        let mut scenario = Scenario::default();
        scenario.expect.trials = vec![ExpectTrial {
            chunk_size: vec![ByteSize::kib(64)],
            ..expecting(Kind::Complete)
        }];
        let found = |name, chunk_size| {
            let strategy = Strategy { name, chunk_size };
            expectation(&scenario, strategy, None, World::Tcp).is_some()
        };
        assert!(found(StrategyName::FixedChunk, Some(65_536)));
        assert!(found(StrategyName::FixedChunk, None), "the default size");
        assert!(!found(StrategyName::FixedChunk, Some(8_192)));
        assert!(!found(StrategyName::Readany, None));
    }

    #[test]
    fn another_world_is_not_selected() {
        let virtual_only = ExpectTrial {
            world: vec![World::Virtual],
            ..expecting(Kind::Complete)
        };
        assert_eq!(found(vec![virtual_only], StrategyName::Readany, None), None);
    }

    #[test]
    fn a_difference_names_what_came_and_what_was_expected() {
        let expected = Expected {
            kind: Kind::TimedOut,
            ended_by: Some(Party::Client),
            deadline: Some(Deadline::Total),
            delivered_bytes: [590_000_000, 610_000_000],
            lost_bytes: Some([0, 1_000_000]),
        };
        let mut outcome = Outcome {
            kind: Kind::TimedOut,
            ended_by: Some(Party::Client),
            deadline: Some(Deadline::Total),
            cause: None,
            error: vec![],
            exception: None,
        };
        let difference =
            |outcome: &Outcome, delivered| difference(&expected, outcome, delivered, 610_000_000);
        assert_eq!(difference(&outcome, 610_000_000), None);
        assert_eq!(difference(&outcome, 609_000_000), None);
        insta::assert_snapshot!(
            difference(&outcome, 608_999_999).unwrap(),
            @"1 MB (1000001 bytes) were received and not delivered, 0 B to 1 MB are expected"
        );
        insta::assert_snapshot!(
            difference(&outcome, 610_000_001).unwrap(),
            @"610 MB (610000001 bytes) were delivered, 590 MB to 610 MB are expected"
        );
        outcome.kind = Kind::Stalled;
        outcome.ended_by = None;
        outcome.deadline = None;
        insta::assert_snapshot!(
            difference(&outcome, 609_500_000).unwrap(),
            @"it came to stalled instead of timed-out; nobody ended it instead of the client; no deadline ended it instead of total"
        );
    }

    #[test]
    fn what_the_file_leaves_open_accepts_anything() {
        let expected = Expected::from(&expecting(Kind::Reset));
        let outcome = Outcome {
            kind: Kind::Reset,
            ended_by: Some(Party::Network),
            deadline: Some(Deadline::Keepalive),
            cause: Some(0),
            error: vec![],
            exception: None,
        };
        assert_eq!(difference(&expected, &outcome, 7, 700), None);
    }
}
