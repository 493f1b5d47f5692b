//! What the application does around its downloads: its disk, and several requests.

use super::*;

#[test]
fn a_full_disk_ends_every_strategy_behind_what_it_took() {
    const ROOM: u64 = 1_000_001;
    for name in StrategyName::ALL {
        let (addr, server) = serve(1, |socket| {
            head(socket);
            body(socket, SIZE);
            wait_for_close(socket);
        });
        let mut spec = spec(*name);
        spec.scenario.sink.capacity = Some(ByteSize(ROOM));
        let report = run_trial(addr, spec);
        let download = &report.downloads[0];
        let failure = failure(download);
        assert_eq!(failure.cause, FailureCause::DiskFull, "{name}");
        assert_eq!(failure.error[0].errno, Some(libc::ENOSPC), "{name}");
        let raised = match name {
            StrategyName::Frames => "std::io::Error",
            _ => "OSError",
        };
        assert_eq!(failure.exception.as_deref(), Some(raised), "{name}");
        assert_eq!(download.delivered_bytes, ROOM, "{name}");
        assert_eq!(report.chunk_bytes.count, report.sink_writes, "{name}");
        server.join().unwrap();
    }
}

/// Answers so many requests on each connection, one after the other; `sent` is what
/// follows the last.
fn serve_kept(budgets: &'static [usize], sent: &'static [u8]) -> (SocketAddr, JoinHandle<()>) {
    serve(budgets.len(), {
        let mut answered = budgets.iter();
        let answered = std::sync::Mutex::new(answered.by_ref().copied().collect::<Vec<_>>());
        move |socket| {
            let budget = answered.lock().unwrap().remove(0);
            for number in 1..=budget {
                head(socket);
                body(socket, SIZE);
                if number < budget {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        socket.read_exact(&mut byte).unwrap();
                        request.push(byte[0]);
                    }
                }
            }
            if !sent.is_empty() {
                // Behind the next request.
                let mut byte = [0];
                let _ = socket.read_exact(&mut byte);
                let _ = socket.write_all(sent);
            }
            wait_for_one(socket);
        }
    })
}

/// Waits for the next request's first bytes, or the end.
fn wait_for_one(socket: &mut TcpStream) {
    let mut some = [0; 4096];
    let _ = socket.read(&mut some);
}

fn asking(profile: &str, requests: u32) -> TrialSpec {
    let mut spec = spec(StrategyName::Readany);
    spec.scenario.client.requests = requests;
    spec.profile = Some(
        crate::engine::aiohttp::reader::Profile::parse(profile)
            .unwrap()
            .0,
    );
    spec
}

#[test]
fn requests_one_after_the_other_share_a_connection_until_it_ends() {
    // The third request meets the end of the first connection.
    let (addr, server) = serve_kept(&[2, 1], b"");
    let report = run_trial(addr, asking("aiohttp-3.14.5", 3));
    let ends: Vec<_> = report
        .downloads
        .iter()
        .map(|one| (one.verdict == Verdict::Success, one.connection, one.reused))
        .collect();
    assert_eq!(
        ends,
        [
            (true, Some(1), false),
            (true, Some(1), true),
            (true, Some(2), false)
        ]
    );
    server.join().unwrap();
}

#[test]
fn a_release_without_retry_fails_on_a_kept_connection_that_ends() {
    let (addr, server) = serve_kept(&[1], b"");
    let report = run_trial(addr, asking("aiohttp-3.9.5", 2));
    let [first, second] = &report.downloads[..] else {
        panic!("{}", report.downloads.len());
    };
    assert_eq!(first.verdict, Verdict::Success);
    assert!(second.reused);
    assert_eq!(
        failure(second).exception.as_deref(),
        Some("ServerDisconnectedError")
    );
    server.join().unwrap();
}

#[test]
fn bytes_that_come_before_the_next_response_are_taken_for_it() {
    let (addr, server) = serve_kept(&[1], b"no response\r\n\r\n");
    let report = run_trial(addr, asking("aiohttp-3.14.5", 2));
    let second = &report.downloads[1];
    assert!(second.reused);
    assert_eq!(failure(second).cause, FailureCause::Malformed);
    server.join().unwrap();
}

#[test]
fn downloads_side_by_side_fill_one_disk() {
    let (addr, server) = serve(2, |socket| {
        head(socket);
        body(socket, SIZE);
    });
    let mut spec = spec(StrategyName::Readany);
    spec.scenario.client.parallel = 2;
    spec.scenario.sink.capacity = Some(ByteSize(2 * SIZE - 1));
    let report = run_trial(addr, spec);
    let sum = report.downloads.iter().map(|one| one.delivered_bytes);
    assert_eq!(sum.sum::<u64>(), 2 * SIZE - 1);
    let full = |one: &&Download| one.verdict != Verdict::Success;
    assert_eq!(report.downloads.iter().filter(full).count(), 1);
    server.join().unwrap();
}
