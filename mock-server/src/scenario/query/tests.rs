mod requests;

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::{
    scenario::{
        Action, ChunkPart, Counts, Framing, Landmark, Limit, Party, Raw, RawAt, Trigger, grammar,
        parse,
    },
    text::unprintable,
    units::ByteSize,
};

fn read(query: &str) -> Scenario {
    match parse_query(query) {
        Ok(asked) => asked.scenario,
        Err(errors) => panic!("{query}\n{errors}"),
    }
}

/// Everything that is said about `query`.
fn wrong(query: &str) -> String {
    parse_query(query).expect_err(query).to_string()
}

proptest! {
    #[test]
    fn no_query_panics(query in "[a-z=&%@:+0-9\"\\\\{}\\n é]{0,80}") {
        let _ = parse_query(&query);
    }

    /// No value can leave its place in the file that the query is written
    /// down as.
    #[test]
    fn a_value_stays_a_value(value in any::<String>()) {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let made = parse_query(&format!("page={encoded}&status=404"));
        if let Ok(asked) = made {
            prop_assert_eq!(asked.scenario.response.page, Some(value));
            prop_assert_eq!(asked.scenario.response.status, 404);
        } else {
            prop_assert!(value.is_empty());
        }
    }
}

#[test]
fn a_query_is_read_as_the_file_that_says_the_same() {
    let query = "size=64MiB&framing=chunked&chunk=16KiB&rate=2MB/s&latency=40ms&jitter=10ms\
        &segment=1460B&status=206&header=X-A:b%20c&head_delay=1s&head_pause=1ms&ranges=false&etag=v2\
        &server_send=16KiB&notsent_lowat=16KiB&congestion=cubic\
        &fault=stall:30s@5MiB&fault=throttle:10KB/s@elapsed:9s&fault=fin@idle:350s&counts=payload\
        &by=server&fault=reset@12MiB&drain_limit=2s&settle=10ms&fault=blackhole@request:2\
        &fault=forget@connection:3&fault=end@chance:0.25&fault=stall:forever@wire:300B";
    let file = r#"
        title = "made from a query"
        cause = "a query"
        body = { size = "64MiB", framing = "chunked", chunk = "16KiB" }
        link = { rate = "2MB/s", latency = "40ms", jitter = "10ms", segment = "1460B" }
        sockets = { server_send = "16KiB", notsent_lowat = "16KiB", congestion = "cubic" }
        [response]
        status = 206
        headers = { X-A = "b c" }
        head_delay = "1s"
        head_pause = "1ms"
        ranges = false
        etag = "v2"
        [client]
        total = "off"
        [[fault]]
        when = { body = "5MiB" }
        then = { stall = "30s" }
        [[fault]]
        when = { elapsed = "9s" }
        then = { throttle = "10KB/s" }
        [[fault]]
        when = { idle = { after = "350s", counts = "payload" } }
        then = "fin"
        by = "server"
        [[fault]]
        when = { body = "12MiB" }
        then = "reset"
        drain_limit = "2s"
        settle = "10ms"
        [[fault]]
        when = { request = 2 }
        then = "blackhole"
        [[fault]]
        when = { connection = 3 }
        then = "forget"
        [[fault]]
        when = { chance = 0.25 }
        then = "end"
        [[fault]]
        when = { wire = "300B" }
        then = { stall = "forever" }
    "#;
    let mut file = parse("download", "file", file).unwrap_or_else(|errors| panic!("{errors}"));
    let asked = read(query);
    file.text = Arc::clone(&asked.text);
    assert_eq!(asked, file);
}

#[test]
fn faults_keep_their_order_and_a_bare_size_is_a_body_offset() {
    let scenario = read("size=9&fault=stall:2s@3&fault=fin@idle:1s&fault=reset@3");
    let faults: Vec<_> = scenario.faults.iter().map(|f| (f.when, f.then)).collect();
    let second = std::time::Duration::from_secs(1);
    assert_eq!(
        faults,
        [
            (
                Trigger::Body(ByteSize(3)),
                Action::Stall(Limit::After(2 * second))
            ),
            (
                Trigger::Idle {
                    after: second,
                    counts: Counts::Segments
                },
                Action::Fin
            ),
            (Trigger::Body(ByteSize(3)), Action::Reset),
        ]
    );
    assert_eq!(scenario.faults[1].by, Party::Network);
}

#[test]
fn what_libraries_encode_is_decoded() {
    let asked = parse_query("size=1&fault=reset%401&key=a+b%2Fc%3A%3Ad&rate=2MB%2Fs").unwrap();
    assert_eq!(asked.key.as_deref(), Some("a b/c::d"));
    assert_eq!(asked.scenario.faults.len(), 1);
    assert_eq!(asked.scenario.body.framing, Framing::ContentLength);
}

#[test]
fn every_example_is_accepted() {
    for parameter in PARAMETERS {
        let with = match parameter.name {
            "chunk" => "framing=chunked&",
            "truncate_at" => "encoding=gzip&size=2MiB&",
            "members" | "garbage" | "declared_encoding" | "accept" => "encoding=gzip&size=2MiB&",
            "jitter" => "latency=40ms&",
            "on" | "by" | "drain" | "drain_limit" | "settle" => "fault=reset@1KiB&",
            "counts" => "fault=fin@idle:60s&",
            "replace" => "raw=1KiB:x&",
            "page_type" | "page_size" => "page=x&",
            "last_modified" => "version=same&",
            "declared_size" => "framing=content-length&",
            _ => "",
        };
        let mut query = format!("{with}{}={}", parameter.name, parameter.example);
        if !query.contains("size=2MiB") && parameter.name != "size" {
            query = format!("size=15MiB&{query}");
        }
        if let Err(errors) = parse_query(&query) {
            panic!("{query}\n{errors}");
        }
    }
}

#[test]
fn a_wrong_parameter_is_named_with_what_would_be_accepted() {
    for (query, says) in [
        ("", "`size` is missing in [body]; add `size=5GiB`"),
        ("size=64MiBB", "size=64MiBB: "),
        (
            "siez=1",
            "siez: `siez` is not a parameter; did you mean `size`?",
        ),
        ("xyzzy=1&size=1", "`declared_size`"),
        ("size", "`size` has no value; write size=64MiB"),
        ("size=", "`size` has no value; write size=64MiB"),
        (
            "size=1&size=1",
            "size=1: `size` is given twice; keep one of them",
        ),
        (
            "size=%zz",
            "size=%zz: a `%` is not followed by two hexadecimal digits",
        ),
        ("size=%ff", "the decoded bytes are not UTF-8"),
        ("size=1&status=20x", "status=20x: "),
        (
            "size=1&ranges=yes",
            "ranges=yes: `response.ranges` must be true or false",
        ),
        (
            "size=1&framing=chunkd",
            "framing=chunkd: `chunkd` is not a value of `body.framing`; did you mean `chunked`?",
        ),
        (
            "size=1&header=X",
            "header=X: this has a name but no value; write header=X:value",
        ),
        (
            "size=1&header=X:1&header=X:2",
            "the field `X` is given twice",
        ),
        ("size=1&header=X%0aY:1", "is not a field name"),
        (
            "size=1&fault=reset",
            "fault=reset: this has no trigger; write fault=reset@12MiB",
        ),
        (
            "size=9&fault=rest@1",
            "fault=rest@1: `rest` is not a value of `fault.then`; did you mean `reset`?",
        ),
        (
            "size=9&fault=stall@1",
            "`stall` needs a value; write fault=stall:30s@1",
        ),
        (
            "size=9&fault=reset:1@1",
            "`reset` takes no value; write fault=reset@1",
        ),
        ("size=9&fault=stal:1s@1", "did you mean `stall`?"),
        ("size=9&fault=reset@bodi:1", "did you mean `body`?"),
        (
            "size=9&fault=reset@hed",
            "`hed` is not a place; write head,",
        ),
        (
            "size=9&fault=reset@150%25",
            "write more than 0% and at most 100%",
        ),
        (
            "size=9&fault=reset@last-chunk",
            "`last-chunk` is a place of the chunked coding, which this body does not have",
        ),
        (
            "page=hello&framing=chunked&chunk=10&fault=reset@chunk-7",
            "`chunk-7` is beyond the body, so this never fires; it has at most 1 chunk of 10B",
        ),
        (
            "size=90&framing=chunked&chunk=10&fault=reset@chunk-10",
            "`chunk-10` is beyond the body, so this never fires; it has at most 9 chunks of 10B",
        ),
        (
            "size=9&fault=reset@10",
            "fault=reset@10: 10B is beyond the body, so this never fires; body.size is 9B",
        ),
        ("size=9&fault=reset@request:x", "fault=reset@request:x: "),
        (
            "size=9&settle=0",
            "write it after a fault: fault=reset@12MiB&settle=0",
        ),
        (
            "size=9&fault=reset@1&settle=0&settle=0",
            "`settle` is given twice for one fault",
        ),
        (
            "size=9&fault=reset@1&counts=payload",
            "`counts` is only for `idle`",
        ),
        (
            "size=9&fault=fin@idle:9s&counts=bytes",
            "fault=fin@idle:9s: `bytes` is not a value of",
        ),
        ("size=9&fault=stall:9s@1&settle=9ms", "settle=9ms: "),
        (
            "size=9&fault=reset@1&drain=false&settle=9ms",
            "settle=9ms: ",
        ),
        (
            "size=257MiB&encoding=gzip",
            "write at most size=256MiB in all versions and codings together, or a scenario file",
        ),
        (
            "size=257MiB&digest=sha-256",
            "write at most size=256MiB in all versions together, or a scenario file",
        ),
        ("size=1&key=", "`key` has no value"),
        ("size=1&key=%0a", "this is not a valid key"),
        (
            "size=99999999999999999999999",
            "size=99999999999999999999999: ",
        ),
    ] {
        let said = wrong(query);
        assert!(said.contains(says), "{query}\nsays: {said}\nnot:  {says}");
    }
}

#[test]
fn all_errors_are_said_at_once_and_each_once() {
    let said = wrong("siez=1&rate=fast&fault=rest@1&settle=x&fault=reset&by=me");
    let names: Vec<_> = said
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "siez",
            "fault=reset",
            "rate=fast",
            "fault=rest@1",
            "settle=x"
        ]
    );
}

#[test]
fn what_is_absurd_has_short_answers() {
    let many = "size=1&".repeat(10_000);
    let said = wrong(&many);
    assert!(said.contains("more than 64 parameters") && said.len() < 10_000);
    let long = format!("size={}", "9".repeat(100_000));
    assert!(wrong(&long).len() < 2_000, "{}", wrong(&long).len());
    let long = format!("{}=1", "é".repeat(100_000));
    assert!(wrong(&long).len() < 2_000, "{}", wrong(&long).len());
}

#[test]
fn a_refusal_spells_out_what_acts_on_a_terminal_wherever_it_is_quoted() {
    for query in [
        "size=1&fault=%1b@1",
        "size=1&fault=%1b",
        "size=1&fault=stall@%1b",
        "size=1&fault=fin:%1b@%1b",
        "size=1&fault=throttle:1KB%1b@1",
        "size=1&fault=fin@%1b:1",
        "size=1&fault=fin@%1b:1&counts=%1b",
        "size=1&fault=fin@idle:350s&counts=%1b",
        "size=1&by=%1b",
        "size=1&header=%1b",
        "size=1&header=%1b:1&header=%1b:2",
        "size=1&header=X:%1b",
        "size=1&framing=%1b",
        "size=1&rate=%1b",
        "size=1&status=%1b",
        "size=1&key=%1b",
        "size=1&%1b=1",
        "size=1&siz%1b=1",
    ] {
        for sent in ["%1b", "%C2%9B", "%E2%80%AE", "\u{1b}", "\u{202e}"] {
            let query = query.replace("%1b", sent);
            // A field's value may be written from right to left.
            let Err(said) = parse_query(&query) else {
                continue;
            };
            let said = said.to_string();
            let hidden = said.lines().any(|line| line.contains(unprintable));
            assert!(!hidden, "{query}\nsays: {said:?}");
        }
    }
}

#[test]
fn a_place_needs_no_trigger_and_an_offset_of_the_object_does() {
    for (at, when) in [
        ("head", Trigger::Place(Landmark::Head)),
        ("place:head", Trigger::Place(Landmark::Head)),
        ("50%25", Trigger::Place(Landmark::Share(0.5))),
        (
            "chunk-3",
            Trigger::Place(Landmark::Chunk(3, ChunkPart::End)),
        ),
        (
            "chunk-3-size",
            Trigger::Place(Landmark::Chunk(3, ChunkPart::Size)),
        ),
        ("last-chunk", Trigger::Place(Landmark::LastChunk)),
        ("object:50B", Trigger::Object(ByteSize(50))),
        ("50", Trigger::Body(ByteSize(50))),
    ] {
        let query = format!("size=100&framing=chunked&chunk=10&fault=fin@{at}");
        let asked = parse_query(&query).unwrap_or_else(|errors| panic!("{query}: {errors}"));
        assert_eq!(asked.scenario.faults[0].when, when, "{at}");
    }
}

#[test]
fn a_coded_body_has_places_of_its_own_and_others_do_not() {
    for (place, is) in [
        ("member-2", Landmark::Member(2)),
        ("trailer", Landmark::Trailer),
    ] {
        let query = format!("size=100&encoding=gzip&members=3&fault=fin@{place}");
        let asked = parse_query(&query).unwrap_or_else(|errors| panic!("{query}: {errors}"));
        assert_eq!(asked.scenario.faults[0].when, Trigger::Place(is));
    }
    for (query, says) in [
        (
            "size=9&fault=fin@member-1",
            "is a place of a content coding",
        ),
        (
            "size=9&encoding=gzip&fault=fin@member-2",
            "`member-2` is beyond the body, so this never fires; body.members is 1",
        ),
        ("size=9&encoding=br&fault=fin@trailer", "br has no trailer"),
        (
            "size=9&encoding=gzip&fault=fin@object:10",
            "is beyond the object, so this never fires; body.size is 9B",
        ),
    ] {
        let said = parse_query(query).unwrap_err().to_string();
        assert!(said.contains(says), "{query}: {said}");
    }
}

#[test]
fn a_list_of_offsets_of_the_object_is_as_many_faults() {
    let scenario =
        read("size=100&fault=reset@object:30B,60B&settle=0&by=network&fault=fin@70&settle=10ms");
    let faults = &scenario.faults;
    assert_eq!(faults.len(), 3);
    let object = |at| Trigger::Object(ByteSize(at));
    assert_eq!(
        (faults[0].when, faults[1].when, faults[2].when),
        (object(30), object(60), Trigger::Body(ByteSize(70)))
    );
    let first = &faults[0];
    assert_eq!((first.then, first.by), (Action::Reset, Party::Network));
    for fault in &faults[..2] {
        assert_eq!(
            (fault.then, fault.by, fault.settle, fault.drain),
            (first.then, first.by, Duration::ZERO, true)
        );
    }
    assert_eq!(faults[2].settle, Duration::from_millis(10));

    assert!(wrong("size=100&fault=fin@object:60B,30B").contains("has 30B behind 60B"));
    assert!(wrong("size=100&fault=fin@object:30B,").contains("fault=fin@object:30B,"));
    // What is wrong with all of them is said once, and of the fault that was sent.
    let beyond = wrong("size=9&fault=fin@object:3B,4B&fault=fin@12");
    assert!(
        beyond.contains("fault=fin@12: 12B is beyond the body"),
        "{beyond}"
    );
    let twice = wrong("size=100&fault=stall:1s@object:3B,4B&settle=1ms");
    assert_eq!(twice.matches("does not settle").count(), 1, "{twice}");
}

#[test]
fn raw_bytes_break_a_response_at_a_place_and_take_the_place_of_others() {
    let scenario = read(
        "size=100&framing=chunked&chunk=10&raw=20:xyz%0D%0A&replace=2&raw=end:more&raw=head@17:X:1",
    );
    let raw = |at, bytes: &str, replace| Raw {
        at,
        bytes: bytes.into(),
        replace: ByteSize(replace),
    };
    assert_eq!(
        scenario.response.raw,
        [
            raw(RawAt::Body(ByteSize(20)), "xyz\r\n", 2),
            raw(RawAt::End, "more", 0),
            raw(RawAt::Head(17), "X:1", 0),
        ]
    );
    assert!(wrong("size=9&raw=end").contains("no bytes; write raw=end:BYTES"));
    assert!(wrong("size=9&raw=hed:x").contains("raw=hed:x: `hed` has no number"));
    assert!(wrong("size=9&replace=2").contains("belongs to the raw bytes before it"));
    assert!(wrong("size=9&raw=2:x&replace=1&replace=2").contains("given twice"));
    assert!(wrong("size=9&raw=10:x").contains("raw=10:x"));
}

#[test]
fn a_body_longer_than_it_says_is_surplus_before_the_next_response() {
    let scenario = read("size=100&declared_size=60");
    assert_eq!(scenario.body.declared_size, Some(ByteSize(60)));
}

#[test]
fn every_parameter_is_a_key_of_its_table() {
    for one in PARAMETERS {
        // These are several keys in one, one of a deeper table, or none.
        if [
            "fault", "counts", "header", "raw", "key", "answer", "version",
        ]
        .contains(&one.name)
        {
            continue;
        }
        let table = match one.table {
            "raw" => "response.raw",
            "on" => "fault",
            table => table,
        };
        let known = grammar::at(table).expect(table);
        assert!(known.names().any(|name| name == one.name), "{}", one.name);
    }
    assert_eq!(Kind::of("response", "status"), Kind::Whole);
    assert_eq!(Kind::of("fault.when", "chance"), Kind::Number);
    assert_eq!(Kind::of("fault", "drain"), Kind::Flag);
    assert_eq!(Kind::of("body", "size"), Kind::Text);
}
