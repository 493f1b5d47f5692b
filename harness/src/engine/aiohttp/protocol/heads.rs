//! The heads that a release accepts.

use shortread_server::scenario::Parser;

use crate::engine::{aiohttp::reader::Rules, http1::HeadRules};

/// The heads that a release of aiohttp accepts, by its parser.
pub(super) fn of(rules: &Rules, parser: Parser) -> HeadRules {
    HeadRules {
        aiohttp: Some(parser),
        fields_as_wholes: rules.line_limit_spans_field,
        fields: rules.max_headers,
        // llhttp knows them in every release.
        bodiless_statuses: parser == Parser::C || rules.bodiless_statuses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        aiohttp::reader::Profile,
        http1::{HeadError, HeadReader},
    };

    fn by(profile: &str, parser: Parser, wire: &str) -> Result<(u16, Option<u64>), HeadError> {
        let rules = Profile::parse(profile).unwrap().0.rules;
        let read = HeadReader::new(of(&rules, parser)).push(wire.as_bytes());
        read.map(|head| head.map_or((0, None), |(head, _)| (head.status, head.declared)))
    }

    fn with(fields: &str) -> String {
        format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 7\r\n\r\n")
    }

    const WHOLE: Result<(u16, Option<u64>), HeadError> = Ok((200, Some(7)));

    #[test]
    fn a_field_of_8190_bytes_passes_and_counts_its_name_from_3_13_4_on() {
        let field = |name: usize, value: usize| {
            with(&format!("{}: {}\r\n", "n".repeat(name), "v".repeat(value)))
        };
        let c = |profile, wire: &str| by(profile, Parser::C, wire);
        assert_eq!(c("aiohttp-3.13.3", &field(1, 8190)), WHOLE);
        assert_eq!(c("aiohttp-3.13.4", &field(1, 8189)), WHOLE);
        for (profile, wire) in [
            ("aiohttp-3.13.3", field(1, 8191)),
            ("aiohttp-3.13.3", field(8191, 1)),
            ("aiohttp-3.13.4", field(1, 8190)),
            // Its end need not be there.
            (
                "aiohttp-3.14.5",
                format!("HTTP/1.1 200 OK\r\nn: {}", "v".repeat(8190)),
            ),
            (
                "aiohttp-3.8.6",
                format!("HTTP/1.1 200 {}", "O".repeat(8191)),
            ),
        ] {
            let error = c(profile, &wire).unwrap_err();
            assert!(matches!(error, HeadError::LineTooLong { .. }), "{profile}");
        }
    }

    #[test]
    fn a_head_has_at_most_128_fields_from_3_13_4_on() {
        let fields = |count: usize| with(&"X: v\r\n".repeat(count - 1));
        let c = |profile, count| by(profile, Parser::C, &fields(count));
        assert_eq!(c("aiohttp-3.13.3", 300), WHOLE);
        assert_eq!(c("aiohttp-3.13.4", 128), WHOLE);
        assert_eq!(c("aiohttp-3.13.4", 129), Err(HeadError::TooManyFields));
    }

    #[test]
    fn the_compiled_parser_takes_no_second_length_and_none_takes_two_framings() {
        let twice = with("Content-Length: 7\r\n");
        let both = with("Transfer-Encoding: chunked\r\n");
        assert_eq!(
            by("aiohttp-3.14.5", Parser::C, &twice),
            Err(HeadError::Length)
        );
        assert_eq!(by("aiohttp-3.14.5", Parser::Python, &twice), WHOLE);
        for parser in [Parser::C, Parser::Python] {
            let error = by("aiohttp-3.14.5", parser, &both);
            assert_eq!(error, Err(HeadError::TwoFramings));
        }
    }

    #[test]
    fn before_3_9_the_python_parser_waits_for_the_body_of_a_304() {
        let wire = "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n";
        let declared = |profile, parser| by(profile, parser, wire).unwrap().1;
        assert_eq!(declared("aiohttp-3.8.6", Parser::Python), Some(9));
        assert_eq!(declared("aiohttp-3.9.0", Parser::Python), Some(0));
        assert_eq!(declared("aiohttp-3.8.6", Parser::C), Some(0));
    }
}
