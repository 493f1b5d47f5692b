use shortread_server::{
    scenario::{ExpectAny, catalogue, load},
    units::ByteSize,
};

use super::*;

const OBJECT: u64 = 1000;

fn rule(success: Success, prefix: [u64; 2]) -> Rule {
    Rule {
        success,
        hang: false,
        prefix,
        object: OBJECT,
    }
}

fn short(length: u64) -> Truth {
    Truth {
        length,
        true_prefix: length,
        whole: length == OBJECT,
        requests: Some(1),
    }
}

fn accepted(rule: &Rule, said: Said, truth: &Truth) -> bool {
    judge(rule, said, truth).accepted
}

#[test]
fn required_accepts_the_whole_object_and_nothing_else() {
    let rule = rule(Success::Required, [OBJECT, OBJECT]);
    assert!(accepted(&rule, Said::Success, &short(OBJECT)));
    assert!(!accepted(&rule, Said::Success, &short(999)));
    assert!(!accepted(&rule, Said::Failure, &short(999)));
    assert!(!accepted(&rule, Said::Failure, &short(OBJECT)));
    assert!(!accepted(&rule, Said::Nothing, &short(999)));
}

#[test]
fn forbidden_accepts_failure_and_whoever_has_it_all() {
    let rule = rule(Success::Forbidden, [600, 600]);
    assert!(accepted(&rule, Said::Failure, &short(0)));
    assert!(accepted(&rule, Said::Failure, &short(600)));
    assert!(!accepted(&rule, Said::Success, &short(600)));
    let resumed = Truth {
        requests: Some(2),
        ..short(OBJECT)
    };
    assert!(accepted(&rule, Said::Success, &resumed));
}

#[test]
fn undetectable_excuses_success_with_all_that_came() {
    let rule = rule(Success::Undetectable, [500, 600]);
    for (right, excused) in [(499, false), (500, true), (600, true)] {
        let judgement = judge(&rule, Said::Success, &short(right));
        assert_eq!(judgement.kind, Kind::SilentTruncation);
        assert_eq!(judgement.accepted, excused, "{right}");
    }
    assert!(accepted(&rule, Said::Failure, &short(0)));
}

#[test]
fn one_response_brings_no_more_than_was_sent() {
    let rule = rule(Success::Forbidden, [600, 600]);
    assert!(!accepted(&rule, Said::Failure, &short(601)));
    for requests in [None, Some(2)] {
        let truth = Truth {
            requests,
            ..short(601)
        };
        assert!(accepted(&rule, Said::Failure, &truth));
    }
}

#[test]
fn a_wait_without_end_needs_a_server_that_does_not_end() {
    for success in [Success::Forbidden, Success::Undetectable] {
        let mut rule = rule(success, [0, OBJECT]);
        assert!(!accepted(&rule, Said::Nothing, &short(0)));
        rule.hang = true;
        assert!(accepted(&rule, Said::Nothing, &short(0)));
    }
}

#[test]
fn a_response_that_announces_more_than_there_is_never_succeeds() {
    let rule = rule(Success::Forbidden, [OBJECT, OBJECT]);
    let judgement = judge(&rule, Said::Success, &short(OBJECT));
    assert_eq!(
        (judgement.kind, judgement.accepted),
        (Kind::Complete, false)
    );
    assert!(accepted(&rule, Said::Failure, &short(OBJECT)));
    // A second request was told the true size.
    let again = Truth {
        requests: Some(2),
        ..short(OBJECT)
    };
    assert!(accepted(&rule, Said::Success, &again));
}

#[test]
fn wrong_bytes_are_corrupt_and_excused_only_where_nobody_can_tell() {
    let wrong = Truth {
        length: OBJECT,
        true_prefix: 300,
        whole: false,
        requests: None,
    };
    for (success, excused) in [
        (Success::Required, false),
        (Success::Forbidden, false),
        (Success::Undetectable, true),
    ] {
        let judgement = judge(&rule(success, [300, 300]), Said::Success, &wrong);
        assert_eq!(
            (judgement.kind, judgement.accepted),
            (Kind::Corrupt, excused)
        );
    }
}

#[test]
fn what_is_violated_is_said_in_figures() {
    let rule = rule(Success::Forbidden, [600, 600]);
    let why = |truth| judge(&rule, Said::Success, &truth).why.unwrap();
    assert_eq!(
        why(short(600)),
        "it reports success with 600 B right bytes of 1 kB"
    );
    assert_eq!(
        why(short(700)),
        "it has 700 B right bytes, and one response brings at most 600 B"
    );
}

#[test]
fn a_file_that_states_no_rule_is_not_judged_and_defaults_follow_from_success() {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(OBJECT);
    assert_eq!(Rule::of(&scenario), None);
    scenario.expect.any = Some(Success::Required.into());
    assert_eq!(Rule::of(&scenario).unwrap().prefix, [OBJECT, OBJECT]);
    scenario.expect.any = Some(Success::Forbidden.into());
    assert_eq!(Rule::of(&scenario).unwrap().prefix, [0, OBJECT]);
}

#[test]
fn every_scenario_of_the_catalogue_states_what_any_client_may_do() {
    for (name, _) in catalogue() {
        let any: Option<ExpectAny> = load(name).unwrap().expect.any;
        let any = any.unwrap_or_else(|| panic!("{name} has no [expect.any]"));
        assert!(
            any.prefix.is_some() || any.success == Success::Required,
            "{name} does not state `prefix` in [expect.any]"
        );
    }
}

/// The behaviour of one client cannot change the rule for any client.
#[test]
fn scenarios_with_the_same_server_have_the_same_rule() {
    let all: Vec<Scenario> = catalogue()
        .iter()
        .map(|(name, _)| load(name).unwrap())
        .collect();
    let mut pairs = 0;
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            let same = one.body == other.body
                && one.response == other.response
                && one.link == other.link
                && one.sockets == other.sockets
                && one.answers == other.answers
                && one.versions == other.versions
                && one.faults == other.faults;
            if same {
                pairs += 1;
                assert_eq!(
                    one.expect.any, other.expect.any,
                    "{}, {}",
                    one.name, other.name
                );
            }
        }
    }
    assert!(pairs > 0, "no two are alike");
}
