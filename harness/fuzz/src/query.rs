//! The query of a URL, which becomes a scenario.

use mock_server::{
    scenario::query::{PARAMETERS, check_key, parse_query, percent},
    text::unprintable,
};

use crate::{Target, scenario::use_it};

pub(crate) const TARGET: Target = Target {
    name: "query",
    run,
    seeds,
    // A request target has no more.
    longest: 8 << 10,
    choices: 0,
};

fn run(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let _ = percent(text);
    let _ = check_key(text);
    match parse_query(text) {
        Ok(asked) => use_it(&asked.scenario),
        Err(errors) => {
            assert!(!errors.0.is_empty(), "it is refused without a reason");
            let said = errors.to_string();
            assert!(
                !said.lines().any(|line| line.contains(unprintable)),
                "a refusal acts on a terminal: {said:?}"
            );
        }
    }
}

/// Every parameter alone beside a size, every fault, and all that go together.
fn seeds() -> Vec<Vec<u8>> {
    const FAULTS: &[&str] = &[
        "fault=reset@12KiB&settle=0&by=network",
        "fault=fin@wire:300B&drain=false",
        "fault=stall:30s@1KiB&fault=fin@5KiB&drain_limit=2s",
        "fault=stall:forever@elapsed:90s",
        "fault=throttle:10KB/s@blocked:60s",
        "fault=blackhole@idle:350s&counts=payload",
        "fault=forget@chance:0.01&fault=end@request:2",
        "fault=reset@connection:1",
    ];
    const TOGETHER: &str = "size=64MiB&framing=chunked&chunk=16KiB&rate=2MB/s&latency=40ms\
        &jitter=10ms&segment=1460B&header=X-Name:value&head_delay=5s&etag=v2&key=test-7";
    let alone = PARAMETERS.iter().filter(|one| one.table != "fault");
    let mut seeds: Vec<String> = alone
        .map(|one| format!("size=64MiB&{}={}", one.name, one.example))
        .collect();
    seeds.extend(FAULTS.iter().map(|fault| format!("size=64KiB&{fault}")));
    seeds.push(TOGETHER.to_owned());
    seeds.push("size=1MiB&encoding=gzip&truncate_at=100KiB".to_owned());
    seeds.push("page=please+log+in&status=503&ranges=false".to_owned());
    seeds.push("%73ize=%31MiB&header=a%3Ab&key=%E2%82%AC".to_owned());
    seeds.into_iter().map(String::into_bytes).collect()
}
