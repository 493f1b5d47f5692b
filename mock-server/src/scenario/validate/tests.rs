mod client;
mod expectations;
mod fires;
mod link;
mod requests;

use super::*;
use crate::scenario::{Diagnostic, parse};

/// A valid file with one more setting, or one replaced.
fn wrong(text: &str) -> String {
    parse("name", "it.toml", text)
        .expect_err("it contradicts itself")
        .to_string()
}

/// The message and the line of each error of `LEAST` with `more` behind it.
fn problems(more: &str) -> Vec<String> {
    let told = |error: &Diagnostic| format!("{}: {}", error.line - 3, error.message);
    found(more, told)
}

/// The same with what helps.
fn with_help(more: &str) -> Vec<String> {
    found(more, |error| {
        let help = error.help.as_deref().unwrap_or_default();
        format!("{}: {}; {help}", error.line - 3, error.message)
    })
}

fn found(more: &str, told: impl Fn(&Diagnostic) -> String) -> Vec<String> {
    let size = if more.contains("body.size") {
        ""
    } else {
        "body.size = '10MB'"
    };
    let text = format!("title = 't'\ncause = 'c'\n{size}\n{more}");
    match parse("name", "it.toml", &text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.list().iter().map(told).collect(),
    }
}

#[test]
fn contradictions_are_reported_together_at_the_key_to_change() {
    let text = r#"title = "t"
cause = "c"
decisive = ["client.totl"]

[body]
size = "10MB"
framing = "chunked"
truncate_at = "1MB"
declared_size = "12MB"

[[fault]]
when = { body = "12MiB" }
then = { stall = "0s" }

[[fault]]
when = { connection = 0 }
then = "reset"
drain = true

[client]
sock_read = "60s"
total = "30s"
parallel = 0
keepalive = { idle = "1500ms", count = 0 }

[sink]
blocking = true

[expect.any]
success = "required"

[[expect.trial]]
kind = "truncated"
deadline = "keepalive"
delivered = ["0B", "10MB"]
"#;
    insta::assert_snapshot!(wrong(text), @r#"
    error: `client.totl` is not a setting
     --> it.toml:3:1
      |
    3 | decisive = ["client.totl"]
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `client.total`?

    error: `truncate_at` cuts a compressed body, and this one is not
     --> it.toml:8:1
      |
    8 | truncate_at = "1MB"
      | ^^^^^^^^^^^^^^^^^^^
      |
      = help: add `encoding = "gzip"`, or cut a plain body with a smaller `size`, a `declared_size` or a fault

    error: `framing = "chunked"` declares no size
     --> it.toml:9:1
      |
    9 | declared_size = "12MB"
      | ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: leave `framing` out, which means content-length, or leave this out

    error: 12MiB is beyond the body, so this never fires
      --> it.toml:12:10
       |
    12 | when = { body = "12MiB" }
       |          ^^^^^^^^^^^^^^
       |
       = help: body.size is 10MB

    error: a stall of 0 does nothing
      --> it.toml:13:10
       |
    13 | then = { stall = "0s" }
       |          ^^^^^^^^^^^^
       |
       = help: write a time, or "forever"

    error: connections count from 1
      --> it.toml:16:10
       |
    16 | when = { connection = 0 }
       |          ^^^^^^^^^^^^^^
       |
       = help: write 1

    error: there is nothing to wait for: nothing was sent when a connection is accepted
      --> it.toml:18:1
       |
    18 | drain = true
       | ^^^^^^^^^^^^
       |
       = help: leave `drain` out

    error: this can never fire: `client.total` comes first, after 30s
      --> it.toml:21:1
       |
    21 | sock_read = "60s"
       | ^^^^^^^^^^^^^^^^^
       |
       = help: write a shorter time, or change `client.total`

    error: 0 downloads at a time are out of range
      --> it.toml:23:1
       |
    23 | parallel = 0
       | ^^^^^^^^^^^^
       |
       = help: write 1 to 1000

    error: the kernel cannot keep 1s 500ms for keepalive
      --> it.toml:24:15
       |
    24 | keepalive = { idle = "1500ms", count = 0 }
       |               ^^^^^^^^^^^^^^^
       |
       = help: write whole seconds, 1s to 32767s

    error: 0 probes are out of range
      --> it.toml:24:32
       |
    24 | keepalive = { idle = "1500ms", count = 0 }
       |                                ^^^^^^^^^
       |
       = help: write 1 to 127

    error: there is nothing that could block
      --> it.toml:27:1
       |
    27 | blocking = true
       | ^^^^^^^^^^^^^^^
       |
       = help: add `pause` or `rate`, or leave this out

    error: `truncated` contradicts `success = "required"` in [expect.any]
      --> it.toml:33:1
       |
    33 | kind = "truncated"
       | ^^^^^^^^^^^^^^^^^^
       |
       = help: change one of them, or leave [expect.any] out

    error: no deadline ends a trial of kind `truncated`
      --> it.toml:34:1
       |
    34 | deadline = "keepalive"
       | ^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write `kind = "timed-out"`, or leave `deadline = "keepalive"` out
    "#);
}

#[test]
fn a_scaling_that_breaks_the_scenario_is_reported_at_its_factor() {
    let text = r#"title = "t"
cause = "c"
body.size = "600MB"
link.rate = "2MB/s"

[tcp]
time = 0.01
"#;
    insta::assert_snapshot!(wrong(text), @r#"
    error: tcp.time = 0.01 turns client.total from 300 s into 3 s: aiohttp rounds totals of 5 s and more up to whole seconds, and shorter ones not at all
     --> it.toml:7:1
      |
    7 | time = 0.01
      | ^^^^^^^^^^^
      |
      = help: the smallest tcp.time that works is 0.017
    "#);
}

#[test]
fn each_contradiction_is_found() {
    let gzip = "body.encoding = 'gzip'\n";
    for (text, message) in [
        ("body.chunk = 0", "1: a chunk of 0 bytes"),
        (
            "body.chunk = 1",
            "1: there are no chunks with `framing = \"content-length\"`",
        ),
        (
            "body.truncate_at = 1",
            "1: `truncate_at` cuts a compressed body",
        ),
        (
            &format!("{gzip}body.truncate_at = '11MB'"),
            "2: 11MB is beyond the compressed",
        ),
        (
            "body.encoding = ['deflate', 'br']\nbody.members = 2",
            "2: a deflate, br body has no members",
        ),
        ("body.members = 2", "1: `members` is of a compressed body"),
        ("body.garbage = 8", "1: `garbage` is of a compressed body"),
        ("body.accept = 'honour'", "1: `accept` is of a compressed"),
        ("body.ratio = 0", "1: no coder makes 1 of 0 bytes"),
        ("body.ratio = 1033", "1: no coder makes 1 of 1033 bytes"),
        (
            "body.ratio = 10\nresponse.page = 'x'",
            "1: the ratio is of the object",
        ),
        (
            &format!("{gzip}body.declared_encoding = 'gzip'"),
            "2: this is the true coding",
        ),
        (
            "body.declared_encoding = 'identity'",
            "1: this is the true coding",
        ),
        (
            &format!("{gzip}body.members = 70000"),
            "2: 70000 members cannot be made",
        ),
        (
            &format!("{gzip}body.garbage = '2MiB'"),
            "2: 2MiB is too much",
        ),
        (
            "body.encoding = ['gzip', 'gzip', 'gzip', 'gzip', 'gzip', 'gzip', 'gzip', 'gzip', 'gzip']",
            "1: a body has at most 8 codings",
        ),
        ("body.declared_size = '10MB'", "1: 10MB is the true size"),
        (
            "body.framing = 'close'\nbody.declared_size = 1",
            "2: `framing = \"close\"` declares no",
        ),
        (
            &format!("{gzip}response.page = 'x'"),
            "1: a page is sent as it is written",
        ),
        (
            "response.status = 101",
            "1: 101 is not the status of a final",
        ),
        (
            "response.status = 204",
            "1: a response with status 204 has no body",
        ),
        (
            "response.headers = { 'a b' = '' }",
            "1: `a b` is not a field name",
        ),
        (
            "response.headers.a = \"1\\n2\"",
            "1: the value of `a` has a line break",
        ),
        (
            "response.headers = { a = '', A = '' }",
            "1: `A` is given twice",
        ),
        (
            "response = { page_of = 's3-expired', status = 304 }",
            "1: a response with status 304 has no body",
        ),
        ("response.etag = 'a\"b'", "1: `a\"b` is not an entity tag"),
        (
            "version = [{ on.request = 2, etag = 'a b' }]",
            "1: `a b` is not an entity tag",
        ),
        (
            "response = { etag = 'x', headers.ETag = 'y' }",
            "1: the ETag is set here and in",
        ),
        ("response.raw = [{ at = 'end' }]", "1: this inserts nothing"),
        (
            "response.raw = [{ at = 'end', replace = 1 }]",
            "1: there is nothing to replace",
        ),
        (
            "response.raw = [{ at = { body = '11MB' }, bytes = 'x' }]",
            "1: 11MB is beyond the body",
        ),
        ("link.segment = 0", "1: a segment of 0B is out of range"),
        ("link.loss = 1", "1: 1 is not a share of segments"),
        ("link.loss = nan", "1: NaN is not a share of segments"),
        ("link.connections = 0", "1: 0 downloads at a time"),
        (
            "link.connections = 2\nclient.parallel = 3",
            "1: client.parallel says 3",
        ),
        ("link.shared = true", "1: a single download cannot"),
        (
            "fault = [{ when.body = 1, then = 'end' }]",
            "1: a body with a Content-Length cannot",
        ),
        (
            "sockets.server_send = 0",
            "1: the kernel takes no buffer of 0B",
        ),
        (
            "sockets.congestion = 'no such name'",
            "1: `no such name` is not the name",
        ),
        (
            "fault = [{ when.wire = '1GB', then = 'fin' }]",
            "1: 1GB is beyond the response",
        ),
        (
            "fault = [{ when.elapsed = '300s', then = 'fin' }]",
            "1: this never fires: client.total",
        ),
        (
            "fault = [{ when.idle = '0s', then = 'fin' }]",
            "1: a time of 0 would always hold",
        ),
        (
            "fault = [{ when.blocked = '0s', then = 'fin' }]",
            "1: a time of 0 would always hold",
        ),
        (
            "fault = [{ when.request = 0, then = 'fin' }]",
            "1: requests count from 1",
        ),
        (
            "fault = [{ when.chance = 1.01, then = 'fin' }]",
            "1: 1.01 is not a probability",
        ),
        (
            "fault = [{ when.chance = nan, then = 'fin' }]",
            "1: NaN is not a probability",
        ),
        (
            "fault = [{ when.body = 1, then.throttle = '1GB/s' }]",
            "1: 1GB/s is faster than the link",
        ),
        (
            "fault = [{ when.request = 1, then = 'fin', drain = true }]",
            "1: there is nothing to wait",
        ),
        (
            "fault = [{ when.request = 1, then = 'fin', drain_limit = '1s' }]",
            "1: `drain_limit` limits",
        ),
        (
            "fault = [{ when.body = 1, then = 'fin', drain_limit = '0s' }]",
            "1: a limit of 0 waits",
        ),
        (
            "fault = [{ when.body = 1, then = 'blackhole', settle = '1ms' }]",
            "1: this action does not settle",
        ),
        (
            "fault = [{ when.body = 1, then = 'fin', drain = false, settle = '1ms' }]",
            "1: `settle` follows `drain`",
        ),
        (
            "fault = [{ when.body = 1, then = 'fin', settle = '1001ms' }]",
            "1: 1s 1ms is no time to settle",
        ),
        ("client.total = '0s'", "1: a deadline of 0 ends everything"),
        ("client.give_up = '0s'", "1: giving up after 0"),
        (
            "client.total = '9s'\nclient.give_up = '9s'",
            "1: this can never fire: `client.give_up`",
        ),
        ("client.memory = 0", "1: no client works without memory"),
        ("client.parallel = 1001", "1: 1001 downloads at a time"),
        ("client.keepalive = '32768s'", "1: the kernel cannot keep"),
        (
            "client.keepalive = { idle = '1s', count = 128 }",
            "1: 128 probes are out of range",
        ),
        (
            "tcp.time = 0",
            "1: tcp.time = 0 is not above 0 and at most 1",
        ),
        (
            "tcp.size = 1.5",
            "1: tcp.size = 1.5 is not above 0 and at most 1",
        ),
        (
            "tcp.size = nan",
            "1: tcp.size = NaN is not above 0 and at most 1",
        ),
        ("cause = 'other'", "1: duplicate key"),
        (
            "decisive = ['fault']",
            "1: `fault` is decisive, but the file does not set it",
        ),
        ("decisive = ['title']", "1: `title` is not a setting"),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].starts_with(message), "{text}: {found:#?}");
    }
}

#[test]
fn what_only_looks_like_a_contradiction_is_accepted() {
    for text in [
        // Longer than the default `total`, which nobody wrote.
        "client.sock_read = '400s'",
        "client.total = 'off'\nfault = [{ when.elapsed = '400s', then = 'fin' }]",
        "fault = [{ when.body = '10MB', then = 'reset' }]",
        "body.declared_size = '9MB'",
        "body.encoding = 'gzip'\nbody.truncate_at = '10MB'",
        "sink = { blocking = true, rate = '1MB/s' }",
        "fault = [{ when.chance = 0.5, then = 'fin' }]\nexpect.any.success = 'required'\n\
         [[expect.trial]]\nkind = 'truncated'\ndelivered = [0, '10MB']",
        // A client with keepalive survives what others do not.
        "fault = [{ when.idle = '350s', then = 'blackhole' }]\nclient.total = 'off'\n\
         expect.any = { success = 'forbidden', hang = true }\n\
         [[expect.trial]]\nkind = 'complete'\ndelivered = ['10MB', '10MB']",
        "[[expect.trial]]\nprofile = 'aiohttp-3.14.5'\nkind = 'complete'\n\
         delivered = ['10MB', '10MB']\n[[expect.trial]]\nprofile = 'aiohttp-3.14'\n\
         kind = 'complete'\ndelivered = ['10MB', '10MB']",
        "[[expect.trial]]\nchunk_size = '1MiB'\nkind = 'complete'\n\
         delivered = ['10MB', '10MB']\n[[expect.trial]]\nkind = 'complete'\n\
         delivered = ['10MB', '10MB']",
        "[[expect.trial]]\nprofile = '<aiohttp-3.14'\nkind = 'complete'\n\
         delivered = ['10MB', '10MB']\n[[expect.trial]]\nprofile = 'aiohttp-3.14'\n\
         kind = 'complete'\ndelivered = ['10MB', '10MB']",
        "[expect]",
    ] {
        assert_eq!(problems(text), [""; 0], "{text}");
    }
}

#[test]
fn a_scenario_without_a_file_is_checked_as_well() {
    let mut scenario = Scenario::default();
    assert_eq!(validate(&scenario, |_| false), []);
    scenario.client.parallel = 0;
    scenario.tcp.time = f64::NAN;
    let keys: Vec<_> = validate(&scenario, |_| false)
        .into_iter()
        .map(|p| p.key)
        .collect();
    assert_eq!(keys, ["client.parallel"]);
    scenario.client.parallel = 1;
    let keys: Vec<_> = validate(&scenario, |_| false)
        .into_iter()
        .map(|p| p.key)
        .collect();
    assert_eq!(keys, ["tcp.time"]);
}
