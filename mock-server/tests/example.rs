//! The example of docs/TESTING.md, as it stands there: a client that must notice
//! a cut, and the server's word for what it did.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

// example begins
use shortread_server::{journal::Fact, serve::Standalone};

#[test]
fn a_cut_download_is_an_error() {
    let server = Standalone::default().spawn().unwrap();
    let url = format!("{}/download?size=1MB&fault=fin@400KB&key=cut", server.url());
    assert!(download(&url).is_err());
    let told = server.end_of("cut");
    let faults = told
        .events
        .iter()
        .filter(|event| matches!(event.fact, Fact::Fault { .. }));
    assert_eq!(faults.count(), 1);
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

#[test]
fn a_whole_download_is_none() {
    let server = Standalone::default().spawn().unwrap();
    let body = download(&format!("{}/expected?size=1MB", server.url())).unwrap();
    assert_eq!(body.len(), 1_000_000);
    assert!(
        server
            .control()
            .is_some_and(|url| url.starts_with("http://127.0.0.1:"))
    );
}

#[test]
fn a_server_that_cannot_start_says_why_and_one_that_is_dropped_is_gone() {
    let server = Standalone::default().spawn().unwrap();
    let addr = server.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(addr).unwrap();
    let taken = Standalone {
        listen: addr.parse().unwrap(),
        ..Standalone::default()
    };
    let error = taken.spawn().unwrap_err().to_string();
    assert!(error.contains("--listen"), "{error}");
    drop(server);
    // Its connections end with it, in whatever way.
    assert!(!matches!(stream.read(&mut [0]), Ok(1..)));
}
