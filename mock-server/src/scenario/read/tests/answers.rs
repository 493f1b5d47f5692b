//! `[[answer]]`

use super::*;

#[test]
fn what_an_answer_says_takes_the_place_of_what_would_contradict_it() {
    let answer = |response: &str, answer: &str| {
        let head = "title = 't'\ncause = 'c'\nbody.size = '1KB'";
        let text = format!("{head}\n[response]\n{response}\n[[answer]]\n{answer}");
        read(&text).answers.remove(0).response
    };
    let other = answer("retry_after = '3s'", "retry_after_date = '4s'");
    assert_eq!(other.retry_after, None);
    assert_eq!(other.retry_after_date, Some(Duration::from_secs(4)));
    let found = answer("redirect = 'self'", "status = 200");
    assert_eq!((found.status, found.redirect), (200, None));
    let moved = answer("redirect = 'self'", "status = 301");
    assert_eq!(moved.redirect.as_deref(), Some("self"));
    assert_eq!(answer("etag = 'x'", "validators = 'none'").etag, None);
    let tagged = answer("etag = 'x'", "validators = 'etag'");
    assert_eq!(tagged.etag.as_deref(), Some("x"));
}

#[test]
fn an_answer_that_can_have_no_content_has_none() {
    for (status, page) in [
        (204, true),
        (205, true),
        (304, true),
        (503, true),
        (206, false),
    ] {
        let head = "title = 't'\ncause = 'c'\nbody.size = '1KB'";
        let answer = read(&format!("{head}\n[[answer]]\nstatus = {status}"))
            .answers
            .remove(0);
        assert_eq!(answer.response.page.is_some(), page, "{status}");
    }
}

#[test]
fn what_answers_take_over_is_copied_up_to_a_limit() {
    let file = |fields: usize, bytes: usize, answer: &str| {
        let head = "title = 't'\ncause = 'c'\nbody.size = 1";
        let value = "x".repeat(bytes);
        let fields: String = (0..fields)
            .map(|n| format!("headers.X{n} = '{value}'\n"))
            .collect();
        let answers: String = (1..=100)
            .map(|n| format!("[[answer]]\non = {{ request = {n} }}\nstatus = 503\n{answer}\n"))
            .collect();
        parse(
            "name",
            "it.toml",
            &format!("{head}\n[response]\n{fields}\n{answers}"),
        )
    };
    assert!(file(1, 40_000, "").is_ok());
    let refused = file(1, 50_000, "").unwrap_err().to_string();
    assert!(
        refused.contains("take over more than 4194304 bytes"),
        "{refused}"
    );
    assert!(file(1, 50_000, "headers = {}").is_ok());
    // Short ones take more than their text.
    assert!(file(1000, 1, "").is_err());
    assert!(file(500, 1, "").is_ok());
}

#[test]
fn a_page_of_a_store_has_what_the_table_says_otherwise() {
    let answer = |response: &str, answer: &str| {
        let head = "title = 't'\ncause = 'c'\nbody.size = '1KB'";
        let text = format!("{head}\n[response]\n{response}\n[[answer]]\n{answer}");
        read(&text).answers.remove(0).response
    };
    let busy = answer(
        "page_type = 'text/plain'\npage = 'x'\npage_size = 3",
        "page_of = 's3-slow-down'",
    );
    assert_eq!((busy.status, busy.page_size), (503, None));
    assert!(busy.page.unwrap().contains("<Code>SlowDown</Code>"));
    assert_eq!(busy.page_type.as_deref(), Some("application/xml"));
    assert_eq!(busy.headers[0].0, "x-amz-request-id");
    let own = answer(
        "",
        "status = 500\nheaders = { X-Amz-Request-Id = 'mine' }\npage_of = 's3-slow-down'",
    );
    assert_eq!(own.status, 500);
    let names: Vec<&str> = own.headers.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["X-Amz-Request-Id", "x-amz-id-2"]);
    assert_eq!(own.headers[0].1, "mine");
}

#[test]
fn a_page_is_given_once_and_needs_no_object() {
    let head = "title = 't'\ncause = 'c'\n[response]\npage_of = 'gcs-expired'";
    assert_eq!(read(head).response.status, 400);
    let both = parse("name", "it.toml", &format!("{head}\npage = 'x'"));
    let both = both.unwrap_err().to_string();
    assert!(both.contains("the page is given as `page` too"), "{both}");
}
