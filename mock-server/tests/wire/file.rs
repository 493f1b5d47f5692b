//! A real file as the object.

use std::{io::Write as _, path::PathBuf};

use shortread_server::{
    body::{OpenFile, Verifier},
    journal::CloseReason,
    scenario::{Action, Coding, Fault, Framing, Scenario, Trigger},
    units::ByteSize,
};

use crate::support::{Got, Server, closed, fault, read_to_end, run};

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

#[test]
fn one_that_becomes_shorter_ends_the_connection_where_it_ends() {
    run(async {
        let real = Real::new();
        let server = Server::start(real.scenario(vec![])).await;
        // Its size was taken at the start.
        let file = std::fs::File::options().write(true).open(real.path());
        file.unwrap().set_len(300_000).unwrap();
        let got = read_to_end(&mut server.get().await).await;
        assert_eq!(field(&got, "Content-Length"), SIZE.to_string());
        assert!(got.body == real.bytes[..300_000]);
        let events = server.end().await;
        let (reason, sent, _) = &closed(&events)[0];
        assert!(
            matches!(reason, CloseReason::Error(why) if why.contains("became shorter")),
            "{reason:?}"
        );
        assert_eq!(*sent, 300_000);
    });
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
}
