//! Answers, versions, and the requests that they and the faults are for.

use super::problems;

#[test]
fn what_no_request_can_match_is_refused() {
    for (text, says) in [
        (
            "answer = [{ on = { request = 1, time = '1h..' }, status = 503 }]",
            "1: no request is meant: times count from request 1, whose own time is 0",
        ),
        (
            "fault = [{ on = { time = '5s..' }, when = { request = 1 }, then = 'fin' }]",
            "1: request 1 is none of those in `on`, so this never fires",
        ),
        (
            "answer = [{ on = { request = '..5' }, status = 503 }]\n\
             version = [{ on = { request = 2 } }]",
            "2: no request finds this: answer 1 sends a page to all of these",
        ),
    ] {
        assert_eq!(problems(text), [says], "{text}");
    }
}

/// Under `shortread serve` a connection may have carried requests for another scenario
/// or another test before the first for this one.
#[test]
fn the_first_request_of_a_test_may_come_on_a_connection_that_was_used_before() {
    for text in [
        "answer = [{ on = { request = 1, position = '2..' }, status = 503 }]",
        "answer = [{ on = { request = 1, time = '..5s' }, status = 503 }]",
        "answer = [{ on = { request = '..2', time = '5s..' }, status = 503 }]",
        "answer = [{ on = { request = 2 }, status = 503 }]\nversion = [{}]",
    ] {
        assert_eq!(problems(text), [""; 0], "{text}");
    }
}

#[test]
fn a_version_of_a_coded_object_may_have_any_size() {
    let text = "body.encoding = 'gzip'\nbody.size = '1KiB'\nversion = [{ size = '1TiB' }]";
    assert_eq!(problems(text), [""; 0]);
    // The place is in the longer version.
    let longer = "body.size = '1MB'\nbody.encoding = 'gzip'\nbody.truncate_at = '2MB'\n\
                  version = [{ size = '3MB' }]";
    assert_eq!(problems(longer), [""; 0]);
}

#[test]
fn there_are_no_more_versions_than_are_told_apart_in_a_file() {
    let versions = |count: u32| {
        let each = (2..count + 2).map(|n| format!("{{ on = {{ request = {n} }} }}"));
        let list = each.collect::<Vec<_>>().join(", ");
        problems(&format!("version = [{list}]"))
    };
    assert_eq!(versions(63), [""; 0]);
    assert_eq!(versions(64), ["1: the last of these is version 65"]);
}

#[test]
fn what_would_break_the_head_is_refused_wherever_it_stands() {
    for text in [
        "response = { page = 'x', page_type = \"a\\r\\nb\" }",
        "answer = [{ status = 404, page = 'x', page_type = \"a\\r\\nb\" }]",
    ] {
        assert_eq!(problems(text).len(), 1, "{text}");
    }
}

#[test]
fn a_path_at_which_the_scenario_is_not_can_never_match() {
    let answer = |path: &str| {
        let text =
            format!("alias = '/a/b'\nanswer = [{{ on = {{ path = '{path}' }}, status = 404 }}]");
        problems(&text)
    };
    for path in [
        "/a/b",
        "/a/*",
        "/*",
        "/s/name",
        "/s/name/x",
        "/s/name/*",
        "/",
    ] {
        assert_eq!(answer(path), [""; 0], "{path}");
    }
    for path in ["/a", "/a/b/", "/s/other", "/download", "/b*"] {
        let says = format!("2: this can never match: the scenario is not at {path}");
        assert_eq!(answer(path), [says], "{path}");
    }
}

#[test]
fn a_digest_is_of_an_object_that_can_be_gone_over() {
    assert_eq!(
        problems("body.size = '8GiB'\nresponse.digest = 'sha-256'"),
        [""; 0]
    );
    let said = problems("body.size = '9GiB'\nresponse.digest = 'sha-256'");
    assert_eq!(said, ["2: the digest of more than 8GiB takes too long"]);
    let page = problems("response.page = 'x'\nresponse.digest = 'sha-512'");
    assert_eq!(
        page,
        ["2: `digest` is of an object that is sent with status 200"]
    );
}
