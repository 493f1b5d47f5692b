//! Downloads with remedies in the virtual world.

use std::sync::Arc;

use shortread_server::{
    clock::Instant,
    scenario::{Framing, Kind, Scenario, StrategyName, parse},
};

use super::{
    Careful, Named, Progress, Recipe,
    course::MOST_FREE_PARTS,
    trials_for_tests::{self, HEAD},
};
use crate::{
    client::{
        Attempted, Basis, Course, Failure, FailureCause, Head, Left, Next, Verdict,
        download::nothing_yet,
    },
    results::Record,
};

fn scenario(rest: &str) -> Arc<Scenario> {
    let text = format!("{HEAD}{rest}");
    parse("x", "x.toml", &text)
        .unwrap_or_else(|error| panic!("{error}"))
        .into()
}

fn play_with(scenario: &Arc<Scenario>, recipe: Recipe, name: StrategyName) -> Record {
    trials_for_tests::play(scenario, recipe, name, 1)
}

fn play(rest: &str, names: &[Named]) -> Record {
    play_with(&scenario(rest), Recipe::of(names), StrategyName::FixedChunk)
}

const SAFE: [Named; 3] = [Named::Resume, Named::Verify, Named::Atomic];

/// Every response is cut 3 MiB from its own start.
const CUT: &str =
    "[body]\nsize = \"10MiB\"\n[[fault]]\nwhen = { body = \"3MiB\" }\nthen = \"fin\"\n";

#[test]
fn a_cut_download_is_resumed_where_it_ended() {
    let record = play(CUT, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    let remedy = record.remedy.unwrap();
    assert_eq!((remedy.attempts, remedy.resumed), (4, 3));
    assert_eq!(remedy.rests_on, Some(Basis::Validator));
    assert_eq!(remedy.file, Left::Target);
    assert_eq!(record.received_bytes, 10 << 20);
    assert!(remedy.waited_ns > 0);
}

#[test]
fn without_resuming_it_is_tried_in_vain_and_costs_more() {
    let record = play(CUT, &[Named::Retry]);
    assert_eq!(record.outcome.kind, Kind::Truncated);
    assert_eq!(record.remedy.unwrap().attempts, 6);
    assert_eq!(record.received_bytes, 6 * (3 << 20));
}

#[test]
fn a_call_that_loses_what_it_had_has_nothing_to_resume() {
    let record = play_with(&scenario(CUT), Recipe::of(&SAFE), StrategyName::ReadAll);
    assert_eq!(record.outcome.kind, Kind::Truncated);
    let remedy = record.remedy.unwrap();
    assert_eq!((remedy.attempts, remedy.resumed), (6, 0));
    assert_eq!(remedy.file, Left::Temporary);
}

#[test]
fn an_object_that_changes_is_fetched_anew_and_never_spliced() {
    let changed = format!("{CUT}[[version]]\non = {{ request = \"2..\" }}\nsize = \"2MiB\"\n");
    let record = play(&changed, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    assert_eq!(record.delivered_bytes, 2 << 20);
}

#[test]
fn a_cut_that_nothing_tells_is_told_by_what_it_rests_on() {
    let close = CUT.replace("[body]\n", "[body]\nframing = \"close\"\n");
    let plain = play(&close, &[Named::Retry]);
    assert_eq!(plain.outcome.kind, Kind::SilentTruncation);
    assert_eq!(plain.remedy.unwrap().rests_on, Some(Basis::Nothing));
    let atomic = play(&close, &[Named::Atomic]);
    assert_eq!(atomic.outcome.kind, Kind::Rejected, "{atomic:#?}");
    assert_eq!(atomic.remedy.unwrap().file, Left::Temporary);
    let safe = play(&close, &SAFE);
    assert_eq!(safe.outcome.kind, Kind::Rejected, "{safe:#?}");
    assert_eq!(safe.remedy.unwrap().file, Left::Temporary);
}

#[test]
fn a_digest_shows_what_no_length_does() {
    // The right range, and the bytes of another one.
    let lies = format!("{CUT}[response]\nrange = \"wrong-start\"\n");
    let trusting = play(&lies, &SAFE);
    assert_eq!(trusting.outcome.kind, Kind::Corrupt, "{trusting:#?}");
    assert_eq!(trusting.remedy.unwrap().rests_on, Some(Basis::Validator));
    let digested = lies.replace("[response]\n", "[response]\ndigest = \"sha-256\"\n");
    // What was joined is dropped and fetched anew, until the attempts are used up.
    let record = play(&digested, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Truncated, "{record:#?}");
    let remedy = record.remedy.unwrap();
    assert_eq!((remedy.attempts, remedy.file), (6, Left::Temporary));
    let right = CUT.replace("[[fault]]", "[response]\ndigest = \"sha-512\"\n[[fault]]");
    let record = play(&right, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete);
    assert_eq!(record.remedy.unwrap().rests_on, Some(Basis::Digest));
    // One response with another digest would be no other the next time.
    let wrong = "[body]\nsize = \"1MiB\"\n[response]\ndigest = \"wrong\"\n";
    let record = play(wrong, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Rejected);
    assert_eq!(record.remedy.unwrap().attempts, 1);
}

#[test]
fn a_part_that_nobody_asked_for_is_refused_by_who_looks() {
    let part = "[body]\nsize = \"1MB\"\n[response]\nstatus = 206\n";
    assert_eq!(play(part, &[Named::Atomic]).outcome.kind, Kind::Complete);
    assert_eq!(play(part, &[Named::Verify]).outcome.kind, Kind::Rejected);
}

#[test]
fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    let busy = "[body]\nsize = \"1MiB\"\n[[answer]]\non = { request = \"1..2\" }\nstatus = 503\nretry_after = \"7s\"\npage = \"busy\"\n";
    let record = play(busy, &[Named::Retry]);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    assert_eq!(record.remedy.unwrap().waited_ns, 14_000_000_000);
}

#[test]
fn deadlines_between_reads_outlive_a_total_that_a_slow_link_meets() {
    let slow = "[body]\nsize = \"400MB\"\n[link]\nrate = \"1MB/s\"\n";
    let plain = play(slow, &[Named::Progress]);
    assert_eq!(plain.outcome.kind, Kind::TimedOut);
    let patient = play(slow, &[Named::Deadlines]);
    assert_eq!(patient.outcome.kind, Kind::Complete);
}

#[test]
fn parts_that_were_joined_wrongly_are_dropped_and_all_is_fetched_anew() {
    let once = "[body]\nsize = \"1MiB\"\n[response]\nrange = \"wrong-start\"\ndigest = \"sha-256\"\n[[fault]]\non = { request = \"1\" }\nwhen = { body = \"300KiB\" }\nthen = \"fin\"\n";
    let record = play(once, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    let remedy = record.remedy.unwrap();
    assert_eq!((remedy.attempts, remedy.resumed), (3, 1));
    assert_eq!(remedy.rests_on, Some(Basis::Digest));
}

#[test]
fn a_part_of_an_unknown_total_says_nothing_of_the_end() {
    // No response tells a length: the first is chunked, and the part has `*`.
    let unknown = "[body]\nsize = \"1MiB\"\nframing = \"chunked\"\n[response]\nrange = \"fewer-of-unknown\"\n[[fault]]\non = { request = \"1\" }\nwhen = { body = \"300KiB\" }\nthen = \"reset\"\n";
    let unknown = unknown.replace("fewer-of-unknown", "unknown-total");
    let record = play(&unknown, &[Named::Resume]);
    let remedy = record.remedy.unwrap();
    assert_eq!(
        remedy.rests_on,
        Some(Basis::Nothing),
        "{:#?}",
        record.outcome
    );
    assert_eq!(play(&unknown, &SAFE).outcome.kind, Kind::Rejected);
}

#[test]
fn a_server_that_sends_less_than_was_asked_for_is_asked_for_the_rest_at_once() {
    let fewer = "[body]\nsize = \"8MiB\"\n[response]\nrange = \"fewer\"\n[[fault]]\non = { request = \"1\" }\nwhen = { body = \"1MiB\" }\nthen = \"fin\"\n";
    let record = play(fewer, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    let remedy = record.remedy.unwrap();
    // One wait, behind the cut.
    assert!(remedy.attempts > 6, "{remedy:#?}");
    assert!(remedy.waited_ns < 1_000_000_000, "{remedy:#?}");
    // It is no end even for who does not look at lengths.
    assert_eq!(play(fewer, &[Named::Resume]).outcome.kind, Kind::Complete);
}

#[test]
fn bytes_behind_the_end_of_a_part_make_it_unfit() {
    let more = "[body]\nsize = \"1MiB\"\nframing = \"chunked\"\n[response]\nrange = \"more\"\n[[fault]]\non = { request = \"1\" }\nwhen = { body = \"300KiB\" }\nthen = \"reset\"\n";
    let record = play(more, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    let remedy = record.remedy.unwrap();
    // Cut, more than it says, and all anew.
    assert_eq!((remedy.attempts, remedy.resumed), (3, 1));
}

#[test]
fn a_success_without_an_object_is_refused_by_who_looks() {
    for status in [202, 204, 205] {
        let none = format!("[body]\nsize = \"1MB\"\n[[answer]]\nstatus = {status}\n");
        let record = play(&none, &SAFE);
        assert_eq!(record.outcome.kind, Kind::Rejected, "{status}: {record:#?}");
        assert_eq!(record.remedy.unwrap().attempts, 1);
    }
}

#[test]
fn a_page_with_status_200_never_takes_the_place_of_what_was_begun() {
    let portal =
        format!("{CUT}[[answer]]\non = {{ request = \"2\" }}\nstatus = 200\npage = \"log in\"\n");
    let record = play(&portal, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
}

#[test]
fn a_date_to_come_back_at_is_waited_for_although_the_server_tells_no_date() {
    let busy = "[body]\nsize = \"1MiB\"\n[[answer]]\non = { request = \"1\" }\nstatus = 503\nretry_after_date = \"40s\"\n";
    let record = play(busy, &[Named::Retry]);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    assert_eq!(record.remedy.unwrap().waited_ns, 40_000_000_000);
}

#[test]
fn a_date_that_is_old_enough_is_a_validator() {
    let dated = CUT.replace(
        "[[fault]]",
        "[response]\nvalidators = \"last-modified\"\n[[fault]]",
    );
    let record = play(&dated, &SAFE);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    let remedy = record.remedy.unwrap();
    assert_eq!(remedy.resumed, 3);
    assert_eq!(remedy.rests_on, Some(Basis::Validator));
}

const STALL: &str = "[body]\nsize = \"1MiB\"\n[client]\nsock_read = \"off\"\ntotal = \"off\"\n";

#[test]
fn a_stall_ends_an_attempt_and_with_resume_is_cured() {
    let dead = format!(
        "{STALL}[[fault]]\non = {{ request = \"1\" }}\nwhen = {{ body = \"300KiB\" }}\nthen = {{ stall = \"forever\" }}\n"
    );
    assert_eq!(play(&dead, &[Named::Progress]).outcome.kind, Kind::Stalled);
    let record = play(&dead, &[Named::Stall]);
    assert_eq!(record.outcome.kind, Kind::TimedOut, "{record:#?}");
    assert!(record.outcome.error[0].message.contains("no byte for 30s"));
    assert_eq!(record.outcome.exception, None);
    let record = play(&dead, &[Named::Stall, Named::Resume]);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    assert_eq!(record.remedy.unwrap().resumed, 1);
}

#[test]
fn a_trickle_is_a_stall_and_a_slow_disk_is_none() {
    let trickle = format!("{STALL}[link]\nrate = \"5B/s\"\n");
    let record = play(&trickle, &[Named::Stall]);
    assert_eq!(record.outcome.kind, Kind::TimedOut, "{record:#?}");
    assert!(record.outcome.error[0].message.contains("less than 10 B/s"));
    // A chunk of 64 KiB is stored in 60 s, in which no byte is read.
    let disk = format!("{STALL}[sink]\nrate = \"1092B/s\"\n");
    let record = play(&disk, &[Named::Stall]);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
}

#[test]
fn a_server_that_sends_a_byte_at_a_time_uses_up_the_attempts() {
    let mut course = Careful::new(Recipe::of(&SAFE), 1);
    let size = 1 << 20;
    let head = |status, range: &str| Head {
        status,
        framing: Framing::ContentLength,
        declared: Some(if status == 200 { size } else { 1 }),
        fields: [("etag", "\"a\""), ("content-range", range)]
            .into_iter()
            .filter(|field| !field.1.is_empty())
            .collect(),
    };
    let mut download = nothing_yet(Instant(0));
    let mut ended = |course: &mut Careful, held, verdict| {
        download.verdict = verdict;
        course.ended(&Attempted {
            download: &download,
            head: None,
            held,
            surplus: 0,
            now: Instant(0),
        })
    };
    course.begin(Instant(0));
    course.head(&head(200, "")).unwrap();
    let cut = Failure::of(FailureCause::ClosedEarly, "cut");
    let mut next = ended(&mut course, 1, Verdict::Failure(cut));
    let mut requests = 1;
    while let Next::Again { ask, .. } = next {
        let from = ask.from;
        course
            .head(&head(206, &format!("bytes {from}-{from}/{size}")))
            .unwrap();
        next = ended(&mut course, from + 1, Verdict::Success);
        requests += 1;
    }
    // The cut, the free parts, and the five attempts that were left of it.
    assert_eq!(requests, 1 + MOST_FREE_PARTS + 5);
}

#[test]
fn an_object_of_another_length_than_was_meant_is_refused_whether_longer_or_shorter() {
    for bytes in [500_000, 2_000_000] {
        let mut recipe = Recipe::of(&SAFE);
        recipe.progress = Some(Progress { bytes: Some(bytes) });
        let scenario = scenario("[body]\nsize = \"1MB\"\n");
        let record = play_with(&scenario, recipe, StrategyName::FixedChunk);
        assert_eq!(record.outcome.kind, Kind::Rejected, "{bytes}: {record:#?}");
        let remedy = record.remedy.unwrap();
        assert_eq!((remedy.attempts, remedy.file), (1, Left::Temporary));
    }
}
