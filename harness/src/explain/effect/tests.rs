use shortread_server::{
    fault::OffsetMap as _,
    scenario::{Selector, catalogue, parse, place_of},
};

use super::*;

/// The notes on a file of these lines, each with the line of its key.
fn notes(lines: &str) -> Vec<String> {
    let text = format!("title = 't'\ncause = 'c'\n{lines}\n");
    let scenario = parse("name", "it.toml", &text).unwrap_or_else(|error| panic!("{error}"));
    let all = without_effect(&scenario).into_iter();
    all.map(|note| {
        let (line, _) = place_of(&text, &note.key).unwrap();
        format!("{}: {}", line - 2, note.told)
    })
    .collect()
}

/// The only note, which begins so.
fn told(lines: &str, begins: &str) {
    let found = notes(lines);
    assert_eq!(found.len(), 1, "{lines}: {found:#?}");
    assert!(found[0].starts_with(begins), "{lines}: {found:#?}");
}

fn nothing(lines: &str) {
    assert_eq!(notes(lines), [""; 0], "{lines}");
}

#[test]
fn no_scenario_of_the_catalogue_has_a_setting_without_effect() {
    for (name, text) in catalogue() {
        let scenario = parse(name, name, text).unwrap();
        assert_eq!(without_effect(&scenario), [], "{name}");
    }
}

/// Bytes of the body that the server sends of such an object.
fn coded(body: &str) -> u64 {
    let text = format!("title = 't'\ncause = 'c'\nbody = {{ {body} }}\n");
    let scenario = parse("name", "it.toml", &text).unwrap();
    let plain = Plain::whoever_asks(&scenario).unwrap();
    plain.script(&Selector::default()).unwrap().body_len()
}

#[test]
fn a_cut_behind_the_end_of_the_coding_cuts_nothing() {
    let gzip = "size = '1MB', encoding = 'gzip', ratio = 10";
    let len = coded(gzip);
    let cut = |at: u64| format!("body = {{ {gzip}, truncate_at = {at} }}");
    told(
        &cut(len),
        &format!("1: body.truncate_at cuts nothing: the coded body has {len} bytes"),
    );
    nothing(&cut(len - 1));
    // Each version has a size of its own, and is looked at.
    let smaller = "version = [{ on.request = 2, size = '500KB' }]";
    told(
        &format!("{}\n{smaller}", cut(len - 1)),
        "1: body.truncate_at cuts nothing off version 2, whose coded body has ",
    );
    told(
        &format!("{}\n{smaller}", cut(len)),
        &format!("1: body.truncate_at cuts nothing: the longest coded body has {len} bytes"),
    );
}

#[test]
fn a_declared_size_that_is_true_and_raw_bytes_behind_the_end_are_told_of() {
    let gzip = "size = '1MB', encoding = 'gzip'";
    let len = coded(gzip);
    let declared = |size: u64| format!("body = {{ {gzip}, declared_size = {size} }}");
    told(
        &declared(len),
        "1: body.declared_size is the true size: the coded body has ",
    );
    nothing(&declared(len - 1));
    let raw =
        |at: &str| format!("body = {{ {gzip} }}\nresponse.raw = [{{ at = {at}, bytes = 'x' }}]");
    told(
        &raw(&format!("{{ body = {} }}", len + 1)),
        "2: response.raw[0].at: it is not sent: the body has ",
    );
    nothing(&raw(&format!("{{ body = {len} }}")));
    told(
        &raw("{ head = 5000 }"),
        "2: response.raw[0].at: it stands at the end of the head, which has ",
    );
    nothing(&raw("{ head = 5 }"));
}

#[test]
fn a_path_that_drops_more_than_any_segment_drops_nothing() {
    let mtu = "link.drops_above = '1400B'";
    let none = "link.drops_above: nothing gets lost of the response to a plain GET";
    for (line, rest) in [
        // The body, a page, and a version are smaller than a segment.
        (2, "body.size = 1400"),
        (3, "body.size = '1MB'\nresponse.page = 'hello'"),
        (
            3,
            "body.size = 100\nversion = [{ on.request = 2, size = 1400 }]",
        ),
        // So is what a throttle sends at a time, from the start on.
        (
            3,
            "body.size = '1MB'\nfault = [{ when.body = 0, then.throttle = '100KB/s' }]",
        ),
        (
            3,
            "body.size = '1MB'\nfault = [{ when.request = 1, then.throttle = '100KB/s' }]",
        ),
        // And what stands between two faults.
        (
            3,
            "body.size = 2000\nfault = [{ when.body = 1000, then.stall = '1s' }]",
        ),
    ] {
        told(&format!("{rest}\n{mtu}"), &format!("{line}: {none}"));
    }
    for rest in [
        "body.size = 1401",
        "body.size = 100\nversion = [{ on.request = 2, size = 1401 }]",
        "body.size = '1MB'\nfault = [{ when.body = 5000, then.throttle = '100KB/s' }]",
        "body.size = 2401\nfault = [{ when.body = 1000, then.stall = '1s' }]",
        // A chunk and the line before it are one segment.
        "body = { size = 5000, framing = 'chunked', chunk = 10 }",
        // Its head is lost.
        &format!("body.size = 1\nresponse.headers.x = '{}'", "x".repeat(1400)),
    ] {
        nothing(&format!("{rest}\n{mtu}"));
    }
}

#[test]
fn a_disk_that_has_room_for_what_a_trial_is_given_is_told_of() {
    let disk = "sink.capacity = '500KB'";
    let never = "sink.capacity: this never fills in a trial that asks once, which is given at most";
    for (line, rest) in [
        (
            3,
            "body.size = '1MB'\nfault = [{ when.body = '500KB', then = 'fin' }]",
        ),
        (
            3,
            "body.size = 9\nversion = [{ on.request = 2, size = '1MB' }]",
        ),
        (
            3,
            "body.size = '1MB'\nanswer = [{ on.request = 1, status = 503, page = 'x' }]",
        ),
        (2, "body = { size = '1MB', declared_size = '500KB' }"),
    ] {
        told(&format!("{rest}\n{disk}"), &format!("{line}: {never}"));
    }
    for rest in [
        "body.size = '1MB'\nfault = [{ when.body = '501KB', then = 'fin' }]",
        "body.size = '1MB'\nfault = [{ on.request = 2, when.body = 9, then = 'fin' }]",
        // The chunk that was begun is finished.
        "body = { size = '1MB', framing = 'chunked', chunk = '1MB' }\n\
         fault = [{ when.body = 9, then = 'end' }]",
        "body.size = '1MB'\nfault = [{ when.body = 9, then.stall = '1s' }]",
        "body.size = '1MB'\nclient.requests = 2\nfault = [{ when.body = 9, then = 'fin' }]",
    ] {
        nothing(&format!("{rest}\n{disk}"));
    }
}

#[test]
fn a_time_behind_the_end_or_longer_than_any_silence_is_told_of() {
    let fault = |when: &str| {
        format!(
            "body.size = '1GB'\nlink.rate = '10MB/s'\nfault = [{{ when.{when}, then = 'fin' }}]"
        )
    };
    told(
        &fault("elapsed = '201s'"),
        "3: fault 1: in a trial this does not fire, as the response is over after about 100 s",
    );
    nothing(&fault("elapsed = '199s'"));
    nothing(&format!(
        "{}\nlink.jitter = '1s'",
        fault("elapsed = '201s'")
    ));
    told(
        &fault("idle = '60s'"),
        "3: fault 1: in a trial this does not fire, as its longest silence is about 5 ms",
    );
    // Something is quiet for as long, or nobody knows.
    for more in [
        "response.head_delay = '60s'",
        "link.segment = '16MiB'\nlink.latency = '20s'",
        "response.head_pause = '30s'",
        "sink.rate = '1KB/s'",
        "sink.pause = '1s'",
        "link.loss = 0.5",
        "client.requests = 2",
        "link.drops_above = '1400B'",
    ] {
        nothing(&format!("{}\n{more}", fault("idle = '60s'")));
    }
    // The head, and the lines of chunks, take their time too.
    nothing("body.size = 0\nlink.rate = '100B/s'\nfault = [{ when.elapsed = '1s', then = 'fin' }]");
    nothing(
        "body = { size = 1000, framing = 'chunked', chunk = 1 }\nlink.rate = '100B/s'\n\
         fault = [{ when.elapsed = '50s', then = 'fin' }]",
    );
    nothing(
        "body.size = '1GB'\nfault = [{ when.body = 5, then.stall = 'forever' },\n\
         { when.elapsed = '200s', then = 'fin' }]",
    );
}

#[test]
fn a_latency_longer_than_the_total_is_told_of() {
    let latency = |time: &str| format!("body.size = 9\nlink.latency = '{time}'");
    told(
        &latency("400s"),
        "2: link.latency: nothing arrives in a trial, whose client.total is over after 300 s",
    );
    nothing(&latency("150s"));
    nothing(&format!("{}\nclient.total = 'off'", latency("400s")));
}

#[test]
fn a_date_that_is_none_is_told_of() {
    let version = |date: &str| {
        format!("body.size = 9\nversion = [{{ on.request = 2, last_modified = '{date}' }}]")
    };
    told(
        &version("2026-01-02"),
        "2: version[0].last_modified: `2026-01-02` is no date of HTTP",
    );
    nothing(&version("Fri, 02 Jan 2026 00:00:00 GMT"));
}
