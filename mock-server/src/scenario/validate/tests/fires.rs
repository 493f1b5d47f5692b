//! Faults that never fire, and the lengths that say so.

use super::{problems, with_help};

#[test]
fn a_fault_that_no_request_makes_fire_is_refused() {
    for (text, message) in [
        (
            "fault = [{ when.body = 5, then = 'reset' }, { when.body = 3, then = 'fin' }]",
            "1: this never fires: no response gets beyond 3B, where fault 2 ends it",
        ),
        (
            "fault = [{ when.body = 3, then = 'fin' }, { when.body = 3, then = 'fin' }]",
            "1: this never fires: no response gets beyond 3B, where fault 1 ends it",
        ),
        (
            "fault = [{ on.request = '2..', when.body = 3, then.stall = 'forever' },\n\
             { on.request = 3, when.body = 4, then = 'fin' }]",
            "2: this never fires: no response gets beyond 3B, where fault 1 ends it",
        ),
        (
            "fault = [{ on.method = 'HEAD', when.body = 1, then = 'fin' }]",
            "1: a response to HEAD has no body",
        ),
        (
            "body.framing = 'chunked'\n\
             fault = [{ on.protocol = 'HTTP/1.0', when.place = 'chunk-1', then = 'fin' }]",
            "2: HTTP/1.0 has no chunks",
        ),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].starts_with(message), "{text}: {found:#?}");
    }
    for text in [
        // Each has a response of its own, or comes first.
        "fault = [{ on.request = 1, when.body = 3, then = 'fin' }, { when.body = 4, then = 'fin' }]",
        "fault = [{ when.body = 3, then = 'reset' }, { when.body = 2, then.stall = '1s' }]",
        "fault = [{ when.object = 3, then = 'fin' }, { when.object = 4, then = 'fin' }]",
        "body.framing = 'close'\n\
         fault = [{ when.body = 3, then = 'end' }, { when.body = 4, then = 'end' }]",
        "fault = [{ on.method = 'HEAD', when.place = 'head', then = 'fin' }]",
    ] {
        assert_eq!(problems(text), [""; 0], "{text}");
    }
}

#[test]
fn a_length_that_nobody_has_coded_is_said_to_be_about_that() {
    let fault = |at: &str| format!("fault = [{{ when.body = '{at}', then = 'fin' }}]");
    let gzip = "body.encoding = 'gzip'\nbody.ratio = 10\n";
    for (text, says) in [
        (
            format!("{gzip}{}", fault("2MB")),
            "3: 2MB is beyond the body, so this never fires; the compressed body has at most about \
             1.24 MB",
        ),
        (
            format!("{gzip}body.truncate_at = '2MB'"),
            "3: 2MB is beyond the compressed body; it has at most about 1.24 MB",
        ),
        (
            format!("{gzip}body.truncate_at = '1kB'\n{}", fault("2kB")),
            "4: 2KB is beyond the body, so this never fires; the cut body has at most 1KB",
        ),
        (
            format!("{gzip}body.accept = 'honour'\n{}", fault("11MB")),
            "4: 11MB is beyond the body, so this never fires; body.size is 10MB",
        ),
        (
            format!(
                "version = [{{ on.request = 2, size = '12MB' }}]\n{}",
                fault("13MB")
            ),
            "2: 13MB is beyond the body, so this never fires; the largest version is 12MB",
        ),
    ] {
        assert_eq!(with_help(&text), [says], "{text}");
    }
}

#[test]
fn a_connection_that_ends_as_it_begins_has_no_other_fault() {
    let text = "fault = [{ when.connection = 1, then = 'fin' }, \
                { on.connection = 1, when.body = 3, then = 'reset' }]";
    assert_eq!(
        problems(text),
        ["1: this never fires: fault 1 ends connection 1 as it begins"]
    );
    let other = text.replace("on.connection = 1", "on.connection = 2");
    assert_eq!(problems(&other), [""; 0]);
}

#[test]
fn answers_and_versions_that_others_hide_together_are_refused() {
    let answers = "answer = [{ on.request = '1..2', status = 503 }, \
                   { on.request = '3..', status = 500 }, { status = 404 }]";
    assert_eq!(
        problems(answers),
        ["1: no request gets this: those before it are together for all of these"]
    );
    let versions = "version = [{ on.request = 2, etag = 'x' }]\nresponse.validators = 'none'";
    assert_eq!(
        problems(versions),
        ["1: no response has it: `response.validators` is `none`"]
    );
}
