//! A test suite that has nothing but the package of the server.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use shortread_server::testing::{Download, Fault, Server};

/// A client without a library: the bytes behind the head.
fn get(download: &Download) -> std::io::Result<Vec<u8>> {
    let url = download.url();
    let (host, path) = url["http://".len()..].split_once('/').unwrap();
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    let head = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    Ok(all.split_off(head))
}

#[test]
fn a_cut_is_where_it_was_asked_for() {
    let server = Server::spawn().unwrap();
    let cut = server.download(10_000).fault(Fault::fin().at(4_000)).key("cut");
    let got = get(&cut).unwrap();
    let finding = server.verify(&got[..], 10_000).unwrap();
    assert_eq!((finding.is_whole(), finding.true_prefix_bytes), (false, 4_000));
    server.journal("cut").assert_fault_fired();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_under_a_runtime_of_several_threads() {
    let server = Server::start().await.unwrap();
    let whole = server.download(10_000).key("whole");
    let got = tokio::task::spawn_blocking(move || get(&whole)).await.unwrap().unwrap();
    assert!(server.verify(&got[..], 10_000).unwrap().is_whole());
    server.journal_async("whole").await.assert_no_fault_fired();
}

/// One process for each under nextest: what a server costs a test.
macro_rules! each_starts_a_server {
    ($($name:ident)+) => { $(
        #[test]
        fn $name() {
            let server = Server::spawn().unwrap();
            assert_eq!(get(&server.download(1_000)).unwrap().len(), 1_000);
        }
    )+ };
}
each_starts_a_server!(s01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19 s20);
