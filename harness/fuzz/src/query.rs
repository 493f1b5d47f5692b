//! The query of a URL, which becomes a scenario.

use shortread_server::{
    scenario::query::{PARAMETERS, Parameter, check_key, parse_query, percent},
    text::unprintable,
};

use crate::{
    Heard, Syntax, Target,
    scenario::{drawn, use_it},
};

pub(crate) const TARGET: Target = Target {
    name: "query",
    run,
    seeds,
    // A request target has no more.
    longest: 8 << 10,
    choices: 0,
    syntax: Some(Syntax::Query),
    words,
    fresh: None,
};

fn run(input: &[u8]) -> Heard {
    let Ok(text) = str::from_utf8(input) else {
        return Heard::Refused;
    };
    let _ = percent(text);
    let _ = check_key(text);
    match parse_query(text) {
        Ok(asked) => {
            use_it(&asked.scenario);
            Heard::Taken
        }
        Err(errors) => {
            assert!(!errors.0.is_empty(), "it is refused without a reason");
            let said = errors.to_string();
            assert!(
                !said.lines().any(|line| line.contains(unprintable)),
                "a refusal acts on a terminal: {said:?}"
            );
            Heard::Refused
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
    let stands_alone = |one: &&Parameter| one.table != "fault" && one.name != "replace";
    let alone = PARAMETERS.iter().filter(stands_alone);
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

/// The values that parameters have in drawn scenarios, and every fault.
fn words() -> Vec<(&'static str, String)> {
    const ACTIONS: [&str; 8] = [
        "fin",
        "reset",
        "blackhole",
        "forget",
        "end",
        "stall:30s",
        "stall:forever",
        "throttle:10KB/s",
    ];
    const TRIGGERS: [&str; 12] = [
        "12KiB",
        "wire:300B",
        "object:12KiB",
        "head",
        "50%25",
        "chunk-1-size",
        "elapsed:90s",
        "blocked:60s",
        "idle:350s",
        "chance:0.01",
        "request:2",
        "connection:1",
    ];
    let faults = ACTIONS.iter().flat_map(|action| {
        let all = TRIGGERS.iter();
        all.map(move |trigger| ("fault", format!("fault={action}@{trigger}")))
    });
    let of_a_fault = ["by=client", "drain=true", "drain=false", "drain_limit=2s"];
    let of_a_fault = of_a_fault
        .into_iter()
        .chain(["settle=10ms", "counts=segments"]);
    let of_a_fault = of_a_fault.map(|word| ("fault", word.to_owned()));
    let drawn = drawn().flat_map(|file| parameters(&file));
    faults.chain(of_a_fault).chain(drawn).collect()
}

/// Those of `file` that a query takes too.
fn parameters(file: &str) -> Vec<(&'static str, String)> {
    let sections = Syntax::Toml.split(file.as_bytes());
    let all = sections.iter().flat_map(|section| {
        let table = String::from_utf8_lossy(&section.head);
        let table = table.trim().trim_matches(['[', ']']).to_owned();
        let entries = section.entries.iter();
        entries.filter_map(move |entry| {
            let line = str::from_utf8(&entry.text).ok()?;
            let (key, value) = line.split_once(" = ")?;
            let is_taken = |one: &&Parameter| one.table == table && one.name == key;
            PARAMETERS.iter().find(is_taken)?;
            let value = value.trim().trim_matches('"').replace(' ', "+");
            let is_plain = !value.contains(['&', '%', '{', '[', '"', '\\']);
            is_plain.then(|| ("", format!("{key}={value}")))
        })
    });
    all.collect()
}
