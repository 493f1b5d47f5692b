//! A real file as the object.

use std::{io::Write as _, path::PathBuf, time::Duration};

use shortread_server::{
    body::{OpenFile, Pattern, Verifier},
    clock::Clock,
    journal::{CloseReason, Event, Fact},
    scenario::{Action, Coding, Fault, Framing, Scenario, Trigger},
    units::ByteSize,
};

use tokio::io::AsyncReadExt as _;

use crate::support::{Got, Server, closed, fault, read_body, read_to_end, run};

const SIZE: usize = 1_000_000;

struct Real {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Real {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // No pattern of ours: a count in words of four bytes.
        let bytes: Vec<u8> = (0..SIZE as u32 / 4).flat_map(u32::to_be_bytes).collect();
        std::fs::write(folder.path().join("data.whl"), &bytes).unwrap();
        Self { folder, bytes }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data.whl")
    }

    fn scenario(&self, faults: Vec<Fault>) -> Scenario {
        let mut scenario = Scenario::of_file(&self.path()).unwrap();
        scenario.faults = faults;
        scenario.link.rate = "1GB/s".parse().unwrap();
        scenario
    }
}

async fn get(scenario: Scenario, fields: &str) -> Got {
    let server = Server::start(scenario).await;
    let ask = format!("GET / HTTP/1.1\r\nConnection: close\r\n{fields}\r\n");
    let got = read_to_end(&mut server.ask(&ask).await).await;
    server.end().await;
    got
}

fn field(got: &Got, name: &str) -> String {
    let start = format!("{name}: ");
    let line = got.head.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_default().to_owned()
}

#[test]
fn every_byte_of_it_arrives_in_each_framing() {
    run(async {
        let real = Real::new();
        for framing in [Framing::ContentLength, Framing::Close] {
            let mut scenario = real.scenario(vec![]);
            scenario.body.framing = framing;
            let got = get(scenario, "").await;
            assert!(got.body == real.bytes, "{framing}");
            assert_eq!(field(&got, "Content-Type"), "application/zip");
        }
        let mut chunked = real.scenario(vec![]);
        chunked.body.framing = Framing::Chunked;
        chunked.body.chunk = ByteSize(300_000);
        let got = get(chunked, "").await;
        // 300000 = 0x493e0, and the line has no zeros before it.
        assert!(got.body.starts_with(b"493e0\r\n\0\0\0\0\0\0\0\x01"));
        assert!(got.body.ends_with(b"\r\n0\r\n\r\n"));
    });
}

#[test]
fn ranges_and_conditions_go_by_its_validators() {
    run(async {
        let real = Real::new();
        let scenario = real.scenario(vec![]);
        let whole = get(scenario.clone(), "").await;
        let (etag, date) = (field(&whole, "ETag"), field(&whole, "Last-Modified"));
        assert!(
            etag.starts_with('"') && date.ends_with(" GMT"),
            "{etag} {date}"
        );
        let ask = format!("Range: bytes=999996-\r\nIf-Range: {etag}\r\n");
        let part = get(scenario.clone(), &ask).await;
        assert!(part.head.starts_with("HTTP/1.1 206 "), "{}", part.head);
        assert_eq!(part.body, real.bytes[999_996..]);
        for known in [
            format!("If-None-Match: {etag}\r\n"),
            format!("If-Modified-Since: {date}\r\n"),
        ] {
            let got = get(scenario.clone(), &known).await;
            assert!(got.head.starts_with("HTTP/1.1 304 "), "{known}{}", got.head);
            assert!(got.body.is_empty());
        }
        let ask = "Range: bytes=1000000-\r\n";
        let beyond = get(scenario, ask).await;
        assert!(beyond.head.starts_with("HTTP/1.1 416 "), "{}", beyond.head);
    });
}

#[test]
fn one_from_before_1970_has_no_date_and_one_from_the_future_is_from_now() {
    run(async {
        let real = Real::new();
        let epoch = std::time::UNIX_EPOCH;
        let file = std::fs::File::options().write(true).open(real.path());
        let file = file.unwrap();
        file.set_modified(epoch - Duration::from_secs(1)).unwrap();
        let got = get(real.scenario(vec![]), "").await;
        assert!(!got.head.contains("Last-Modified"), "{}", got.head);
        assert!(got.head.contains("ETag: \"b"), "{}", got.head);
        // In the year 2500.
        let later = epoch + Duration::from_secs(16_725_225_600);
        file.set_modified(later).unwrap();
        let scenario = real.scenario(vec![]);
        let now = Clock::real().date();
        let got = get(scenario.clone(), "").await;
        let told = field(&got, "Last-Modified");
        let read = httpdate::parse_http_date(&told).unwrap();
        let since = read.duration_since(epoch).unwrap().as_secs();
        assert!(
            since <= now.seconds() && since > now.seconds() - 60,
            "{told}"
        );
        // The one that was told is the one that counts.
        let ask = format!("Range: bytes=999996-\r\nIf-Range: {told}\r\n");
        let part = get(scenario, &ask).await;
        assert!(part.head.starts_with("HTTP/1.1 206 "), "{}", part.head);
    });
}

#[test]
fn a_fault_cuts_it_where_it_cuts_the_pattern() {
    run(async {
        let real = Real::new();
        let cut = Fault::new(Trigger::Body(ByteSize(777_777)), Action::Fin);
        let server = Server::start(real.scenario(vec![cut])).await;
        let got = read_to_end(&mut server.get().await).await;
        assert!(got.body == real.bytes[..777_777]);
        assert_eq!(fault(&server.end().await).0, 777_777);
    });
}

#[test]
fn it_is_coded_as_the_pattern_is() {
    run(async {
        let real = Real::new();
        let mut scenario = real.scenario(vec![]);
        scenario.body.encoding = vec![Coding::Gzip];
        let got = get(scenario, "").await;
        let mut decoded = Vec::new();
        let mut decoder = flate2::write::GzDecoder::new(&mut decoded);
        decoder.write_all(&got.body).unwrap();
        decoder.finish().unwrap();
        assert!(decoded == real.bytes);
        assert!(field(&got, "ETag").ends_with("-gzip\""));
    });
}

/// More than the kernel takes from a server with a small buffer before the client reads,
/// and, as it is coded, more than is kept in memory.
const LONG: usize = 6_000_000;

/// A long file of seven random bits a byte, so that it compresses a little.
fn long() -> (tempfile::TempDir, Scenario) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.bin");
    let bytes: Vec<u8> = Pattern::PLAIN
        .slices(0..LONG as u64)
        .flat_map(|slice| slice.iter().map(|byte| byte & 0x7f).collect::<Vec<_>>())
        .collect();
    std::fs::write(&path, bytes).unwrap();
    let mut scenario = Scenario::of_file(&path).unwrap();
    scenario.sockets.server_send = Some(ByteSize(64 << 10));
    scenario.link.rate = "10GB/s".parse().unwrap();
    (folder, scenario)
}

fn change(scenario: &Scenario, how: impl FnOnce(&std::fs::File)) {
    let path = &scenario.body.file.as_ref().unwrap().path;
    how(&std::fs::File::options().write(true).open(path).unwrap());
}

/// What a client gets of it unchanged, what it gets where the file changes behind the
/// first bytes that it reads, and the journal of that.
async fn changed(scenario: Scenario, how: fn(&std::fs::File)) -> (Got, Got, Vec<Event>) {
    let whole = get(scenario.clone(), "").await;
    let server = Server::start(scenario.clone()).await;
    let mut stream = server.get().await;
    // The head alone, and one byte.
    let mut got = Got {
        body: read_body(&mut stream, 1).await,
        ..Got::default()
    };
    change(&scenario, how);
    let mut buffer = vec![0; 256 << 10];
    got.error = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break None,
            Ok(n) => got.body.extend_from_slice(&buffer[..n]),
            Err(error) => break Some(error),
        }
    };
    // The server waits for the end of the client, too.
    drop(stream);
    (whole, got, server.end().await)
}

fn assert_cut(what: &str, (whole, got, events): (Got, Got, Vec<Event>)) {
    assert!(whole.body.len() > LONG / 2, "{what}");
    assert!(got.body.len() < whole.body.len() / 2, "{what}");
    assert!(whole.body.starts_with(&got.body), "{what}");
    let (reason, ..) = &closed(&events)[0];
    assert!(
        matches!(reason, CloseReason::Error(why) if why.contains("changed while it was sent")),
        "{what}: {reason:?}"
    );
    let ended = |event: &Event| matches!(event.fact, Fact::ResponseEnd { .. });
    assert!(!events.iter().any(ended), "{what}");
}

#[test]
fn one_that_changes_while_it_is_sent_ends_the_connection_and_looks_whole_to_nobody() {
    let shrink = |file: &std::fs::File| file.set_len(2_000_000).unwrap();
    let grow = |file: &std::fs::File| file.set_len(9_000_000).unwrap();
    let touch = |file: &std::fs::File| file.set_modified(std::time::UNIX_EPOCH).unwrap();
    for coding in [None, Some(Coding::Gzip), Some(Coding::Zstd)] {
        for (framing, how) in [
            (Framing::ContentLength, shrink as fn(&std::fs::File)),
            (Framing::ContentLength, grow),
            (Framing::ContentLength, touch),
            (Framing::Chunked, shrink),
            (Framing::Close, shrink),
        ] {
            run(async move {
                let (_folder, mut scenario) = long();
                scenario.body.encoding = coding.into_iter().collect();
                scenario.body.framing = framing;
                let what = format!("{coding:?} {framing}");
                let found = changed(scenario, how).await;
                // What only its end limits must not end as if it were whole.
                let is_reset = found.1.error.is_some();
                assert_eq!(is_reset, framing == Framing::Close, "{what}");
                assert_cut(&what, found);
            });
        }
    }
}

#[test]
fn one_that_was_replaced_while_it_is_sent_is_sent_as_it_was() {
    run(async {
        let (folder, scenario) = long();
        let server = Server::start(scenario.clone()).await;
        let mut stream = server
            .ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            .await;
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.unwrap();
        let path = &scenario.body.file.as_ref().unwrap().path;
        let was = std::fs::read(path).unwrap();
        let other = folder.path().join("other");
        std::fs::write(&other, "other").unwrap();
        std::fs::rename(&other, path).unwrap();
        let got = read_to_end(&mut stream).await;
        assert!(got.body == was);
        server.end().await;
    });
}

#[test]
fn once_it_has_changed_no_request_gets_it_and_the_journal_says_so() {
    type Change = fn(&std::path::Path);
    let changes: [Change; 3] = [
        |path| std::fs::write(path, "shorter").unwrap(),
        |path| std::fs::remove_file(path).unwrap(),
        |path| {
            let other = path.with_extension("other");
            std::fs::write(&other, vec![0; SIZE + 1]).unwrap();
            std::fs::rename(&other, path).unwrap();
        },
    ];
    for how in changes {
        for coding in [None, Some(Coding::Gzip)] {
            run(async move {
                let real = Real::new();
                let mut scenario = real.scenario(vec![]);
                scenario.body.encoding = coding.into_iter().collect();
                let server = Server::start(scenario).await;
                let ask = "GET / HTTP/1.1\r\nConnection: close\r\n";
                let before = read_to_end(&mut server.ask(&format!("{ask}\r\n")).await).await;
                let etag = field(&before, "ETag");
                how(&real.path());
                for fields in [
                    String::new(),
                    "Range: bytes=500-\r\n".into(),
                    format!("Range: bytes=500-\r\nIf-Range: {etag}\r\n"),
                    format!("If-None-Match: {etag}\r\n"),
                ] {
                    let ask = format!("{ask}{fields}\r\n");
                    let got = read_to_end(&mut server.ask(&ask).await).await;
                    assert!(
                        got.head.starts_with("HTTP/1.1 500 "),
                        "{fields}{}",
                        got.head
                    );
                    let text = String::from_utf8_lossy(&got.body);
                    assert!(
                        text.contains("the object's file cannot be served"),
                        "{text}"
                    );
                    assert!(text.contains("start the server again"), "{text}");
                }
                let head = "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n";
                let got = read_to_end(&mut server.ask(head).await).await;
                assert!(got.head.starts_with("HTTP/1.1 500 ") && got.body.is_empty());
                let ends = closed(&server.end().await);
                assert_eq!(ends[0].0, CloseReason::Done);
                for (reason, ..) in &ends[1..] {
                    assert!(
                        matches!(reason, CloseReason::Error(why) if why.contains("cannot be served")),
                        "{reason:?}"
                    );
                }
            });
        }
    }
}

#[test]
fn what_arrives_is_compared_with_the_file() {
    let real = Real::new();
    let open = || OpenFile::at(&real.path()).unwrap();
    let mut right = Verifier::new(open());
    right.check(&real.bytes);
    assert!(right.is_whole());
    let mut wrong = Verifier::new(open());
    let mut bytes = real.bytes.clone();
    bytes[765_432] ^= 1;
    wrong.check(&bytes);
    assert_eq!(wrong.first_bad_offset(), Some(765_432));
    let found = shortread_server::verify::verify(&mut &real.bytes[..500_000], open()).unwrap();
    assert_eq!(found.true_prefix_bytes, 500_000);
    assert!(!found.is_whole());
    // Of one that changes meanwhile nothing is said.
    let object = open();
    std::fs::write(real.path(), vec![0; SIZE + 1]).unwrap();
    let error = shortread_server::verify::verify(&mut &real.bytes[..], object).unwrap_err();
    assert!(error.to_string().contains("has changed"), "{error}");
}
