//! Answers, versions of the object, and ranges: the exceptions that some requests get.

use shortread_server::scenario::{Answer, Partial, Scenario, Selector};

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
        .chain(range(scenario))
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

/// What a request for a range gets, where that is not the range alone.
fn range(scenario: &Scenario) -> Option<String> {
    let response = &scenario.response;
    let what = match response.range {
        // A page has none, and nothing is said of them.
        _ if response.page.is_some() => return None,
        _ if !response.ranges => "200 with all of the object",
        Partial::Honour => return None,
        Partial::Ignore => {
            "200 with all of the object, although the server says that it takes ranges"
        }
        Partial::As200 => "the range, under status 200",
        Partial::OtherStart => "206 from half of its offset on, and the head says so",
        Partial::LaterStart => "206 from the middle of the range on, and the head says so",
        Partial::Whole => "206 with all of the object, and the head says so",
        Partial::WrongStart => {
            "206 from half of its offset on, and the head says that it is the range"
        }
        Partial::OtherTotal => "206 with a total that is one byte more than the object has",
        Partial::UnknownTotal => "206 with `*` for the total",
        Partial::NoContentRange => "206 without `Content-Range`",
        Partial::Malformed => "206 with a `Content-Range` that cannot be read",
        Partial::Fewer => "206 with the first half of the range, and the head says so",
        Partial::More => {
            "206 with all from there on and more than the object has, and the head says that it \
             is the range"
        }
        Partial::Multipart => "206 with the range as the only part of a `multipart/byteranges`",
        Partial::AnyIfRange => "206 with the range, whatever its `If-Range` says",
        Partial::Unsatisfiable => "416, whatever the range",
    };
    Some(format!("A request for a range gets {what}."))
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

    #[test]
    fn what_a_request_for_a_range_gets_is_told_unless_it_is_the_range() {
        let told = |response: &str| {
            let text = format!("title = 't'\ncause = 'c'\nbody.size = '10MB'\n{response}");
            paragraphs(&parse("name", "it.toml", &text).unwrap()).concat()
        };
        let mut all = std::collections::BTreeSet::new();
        for range in Partial::ALL {
            all.insert(told(&format!("response.range = '{range}'")));
        }
        assert_eq!(
            all.len(),
            Partial::ALL.len(),
            "each says something else: {all:#?}"
        );
        assert_eq!(told("response.range = 'honour'"), "");
        assert_eq!(
            told("response.ranges = false"),
            "A request for a range gets 200 with all of the object."
        );
    }
}
