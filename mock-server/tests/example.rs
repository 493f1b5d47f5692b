//! The examples of docs/TESTING.md, as they stand there: a client that must notice a
//! cut, and the server's word for what it did.

use std::{
    io::{Read, Write},
    net::TcpStream,
    panic::{AssertUnwindSafe, catch_unwind},
};

use shortread_server::serve::Standalone;

// example begins
use shortread_server::testing::{Fault, Server};

#[test]
fn a_cut_download_is_an_error() {
    let server = Server::spawn().unwrap();
    let cut = server
        .download(1_000_000)
        .fault(Fault::fin().at(400_000))
        .key("cut");
    assert!(download(&cut.url()).is_err());
    server.journal("cut").assert_fault_fired();
}

#[tokio::test]
async fn a_retry_heals_it() {
    let server = Server::start().await.unwrap();
    let once = server
        .download(1_000_000)
        .fault(Fault::reset().on_request(1))
        .key("retry");
    let body = with_a_retry(once.url()).await;
    assert!(server.verify(&body[..], 1_000_000).unwrap().is_whole());
    assert_eq!(server.journal_async("retry").await.requests(), 2);
}
// example ends

/// A client: what it downloaded, or why it is not whole.
fn download(url: &str) -> Result<Vec<u8>, String> {
    let rest = url.strip_prefix("http://").ok_or("not a URL")?;
    let (host, path) = rest.split_once('/').ok_or("no path")?;
    let mut stream = TcpStream::connect(host).map_err(|error| error.to_string())?;
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(head.as_bytes())
        .map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    stream
        .read_to_end(&mut all)
        .map_err(|error| error.to_string())?;
    let end = all
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or("no head")?
        + 4;
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length
        .ok_or("no length")?
        .parse()
        .map_err(|_| "not a length")?;
    let body = all.split_off(end);
    match body.len() == length {
        true => Ok(body),
        false => Err(format!("{} of {length} bytes", body.len())),
    }
}

/// A client that asks once more.
async fn with_a_retry(url: String) -> Vec<u8> {
    let twice = move || download(&url).or_else(|_| download(&url));
    tokio::task::spawn_blocking(twice).await.unwrap().unwrap()
}

#[test]
fn a_whole_download_is_none() {
    let server = Server::spawn().unwrap();
    let whole = server.download(1_000_000);
    let body = download(&whole.expected_url()).unwrap();
    assert_eq!(body.len(), 1_000_000);
    let control = server.control();
    assert!(control.is_some_and(|url| url.starts_with("http://127.0.0.1:")));
    let short = server.verify(&body[..7], 1_000_000).unwrap();
    assert_eq!(short.true_prefix_bytes, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_under_a_runtime_of_many_threads_and_without_a_local_set() {
    let servers = [Server::start(), Server::start()];
    for server in servers {
        let server = tokio::spawn(server).await.unwrap().unwrap();
        let url = server.download(1000).key("k").url();
        let got = tokio::task::spawn_blocking(move || download(&url)).await;
        assert_eq!(got.unwrap().unwrap().len(), 1000);
        server.journal_async("k").await.assert_no_fault_fired();
    }
}

#[test]
fn a_fault_that_did_not_fire_is_told_with_the_journal() {
    let server = Server::spawn().unwrap();
    let late = server
        .download(1000)
        .fault(Fault::fin().on_request(2))
        .key("late");
    download(&late.url()).unwrap();
    let journal = server.journal("late");
    let assert = AssertUnwindSafe(|| journal.assert_fault_fired().faults());
    let panic = catch_unwind(assert).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.starts_with("no fault fired\nthe server's journal of `late`:"),
        "{text}"
    );
    assert!(text.contains(r#""event":"request""#), "{text}");
}

#[test]
fn a_server_that_cannot_start_says_why_and_one_that_is_dropped_is_gone() {
    let server = Server::spawn().unwrap();
    let addr = server.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(addr).unwrap();
    let taken = Standalone {
        listen: addr.parse().unwrap(),
        ..Standalone::default()
    };
    let error = Server::spawn_with(taken).unwrap_err().to_string();
    assert!(error.contains("--listen"), "{error}");
    drop(server);
    // Its connections end with it, in whatever way.
    assert!(!matches!(stream.read(&mut [0]), Ok(1..)));
}
