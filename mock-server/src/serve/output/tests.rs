use std::io::{BufRead as _, BufReader, Read as _};

use super::*;

const LONG: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;

/// Fills more than a pipe and the queue can hold.
fn fill(lines: &Lines) -> u64 {
    let line = "x".repeat(999);
    while lines.dropped() < 7 {
        lines.say(&line);
    }
    lines.dropped()
}

#[tokio::test]
async fn what_nobody_reads_is_dropped_and_how_much_is_said_later() {
    let (read, write) = io::pipe().unwrap();
    let lines = Lines::to(write, 100_000).unwrap();
    lines.say("first");
    let mut dropped = fill(&lines);
    assert!(matches!(lines.flushed(NOW).await, Err(Unwritten::Stuck(_))));
    // The thread may have written some lines meanwhile; now nothing moves.
    while lines.dropped() == dropped {
        lines.say(&"x".repeat(999));
    }
    dropped = lines.dropped();
    let reader = thread::spawn(move || {
        let mut told = Vec::new();
        for line in BufReader::new(read).lines().map(Result::unwrap) {
            told.push(line);
        }
        told
    });
    lines.flushed(LONG).await.unwrap();
    lines.say("last");
    lines.flushed(LONG).await.unwrap();
    assert_eq!(lines.dropped(), dropped);
    drop(lines);
    let told = reader.join().unwrap();
    assert_eq!(
        (told[0].as_str(), told.last().unwrap().as_str()),
        ("first", "last")
    );
    let notes: u64 = told
        .iter()
        .filter_map(|line| line.strip_prefix("note: "))
        .map(|note| note.split(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(notes, dropped);
}

#[tokio::test]
async fn lines_in_turn_wait_for_room_and_none_is_lost() {
    let (mut read, write) = io::pipe().unwrap();
    let lines = Lines::to(write, 10_000).unwrap();
    let line = "x".repeat(999);
    let mut said = 0;
    while lines.say_in_turn(&line, NOW).await.is_ok() {
        said += 1;
    }
    let reader = thread::spawn(move || {
        let mut all = String::new();
        read.read_to_string(&mut all).unwrap();
        all
    });
    for _ in 0..500 {
        lines.say_in_turn(&line, LONG).await.unwrap();
    }
    lines.flushed(LONG).await.unwrap();
    assert_eq!(lines.dropped(), 0);
    drop(lines);
    assert_eq!(reader.join().unwrap().lines().count(), said + 500);
}

#[tokio::test]
async fn a_reader_that_is_gone_is_told_to_who_waits_and_holds_up_nobody() {
    let (read, write) = io::pipe().unwrap();
    drop(read);
    let lines = Lines::to(write, 10_000).unwrap();
    lines.say("lost");
    let Err(Unwritten::Failed(error)) = lines.flushed(LONG).await else {
        panic!("nothing can be written");
    };
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    for _ in 0..100 {
        lines.say(&"x".repeat(999));
    }
    assert_eq!(lines.owner.queue.lock().bytes, 0);
}
