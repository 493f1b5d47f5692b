//! Answers, and versions of the object: the exceptions that some requests get.

use shortread_server::scenario::{Answer, Scenario, Selector};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let versions = scenario.versions.iter().zip(scenario.body.version + 1..);
    let versions = versions.map(|(version, number)| {
        let size = version.size.unwrap_or(scenario.body.size).human();
        let whom = whom(&version.on);
        format!("{whom}: version {number} of the object, of {size}, with other bytes.")
    });
    let text: Vec<String> = scenario
        .answers
        .iter()
        .map(answer)
        .chain(versions)
        .collect();
    match text.is_empty() {
        true => Vec::new(),
        false => vec![text.join(" ")],
    }
}

fn answer(answer: &Answer) -> String {
    let response = &answer.response;
    let what = match response.page {
        Some(_) => format!(
            "a page of {} bytes in place of the object",
            response.page_len()
        ),
        None => "the object".into(),
    };
    format!(
        "{}: status {} with {what}.",
        whom(&answer.on),
        response.status
    )
}

fn whom(on: &Selector) -> String {
    match on.is_all() {
        true => "For every request".into(),
        false => format!("For some requests ({on})"),
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::parse;

    use super::*;

    #[test]
    fn each_answer_and_each_version_is_told_with_its_requests() {
        let text = "title = 't'\ncause = 'c'\nbody.size = '10MB'\n\
                    answer = [{ on = { request = 2 }, status = 503, page = 'x', page_size = 9 }]\n\
                    version = [{ on = { request = '3..' }, size = '9MB' }, {}]";
        let told = paragraphs(&parse("name", "it.toml", text).unwrap());
        assert_eq!(
            told,
            [
                "For some requests (request 2): status 503 with a page of 9 bytes in place of the \
              object. For some requests (request 3 and later): version 2 of the object, of 9 MB, \
              with other bytes. For every request: version 3 of the object, of 10 MB, with other \
              bytes."
            ]
        );
        assert!(paragraphs(&Scenario::default()).is_empty());
    }
}
