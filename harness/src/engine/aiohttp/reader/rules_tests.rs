//! What each release's rules come to.

use super::*;

fn rules(text: &str) -> Rules {
    Rules::of(Release::parse(text).unwrap())
}

#[test]
fn each_row_is_named_by_the_releases_it_holds_for() {
    for (index, (first, name, _)) in ROWS.iter().enumerate() {
        let last = match ROWS.get(index + 1) {
            None => Release::NEWEST,
            Some((next, ..)) if next.patch > 0 => Release {
                patch: next.patch - 1,
                ..*next
            },
            Some((next, ..)) => Release::last_of_minor(3, next.minor - 1).unwrap(),
        };
        let range = if *first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        };
        assert_eq!(*name, range);
    }
}

#[test]
fn neighbouring_rows_differ() {
    for pair in ROWS.windows(2) {
        assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].1, pair[1].1);
        assert_ne!(pair[0].2, pair[1].2, "{} and {}", pair[0].1, pair[1].1);
    }
}

/// One line per difference: the last release without it, the first with.
#[test]
fn each_difference_starts_at_its_release() {
    type Flag = fn(&Rules) -> bool;
    let starts: [(&str, &str, Flag); 29] = [
        ("aiohttp-3.8.6", "aiohttp-3.9.0", |r| {
            r.total_checked_on_take
        }),
        ("aiohttp-3.8.6", "aiohttp-3.9.0", |r| {
            r.sock_read_from_request
        }),
        ("aiohttp-3.9.3", "aiohttp-3.9.4", |r| {
            r.error_text_carries_cause
        }),
        ("aiohttp-3.8.6", "aiohttp-3.9.0", |r| {
            r.errors_chain_their_cause
        }),
        ("aiohttp-3.9.3", "aiohttp-3.9.4", |r| {
            r.refused_head_chains_base
        }),
        ("aiohttp-3.8.6", "aiohttp-3.9.0", |r| r.bodiless_statuses),
        ("aiohttp-3.9.5", "aiohttp-3.10.0", |r| {
            r.socket_timeout_error
        }),
        ("aiohttp-3.9.5", "aiohttp-3.10.0", |r| {
            r.connection_timeout_error
        }),
        ("aiohttp-3.9.5", "aiohttp-3.10.0", |r| r.retries_once),
        ("aiohttp-3.10.5", "aiohttp-3.10.6", |r| {
            r.wait_refuses_when_closed
        }),
        ("aiohttp-3.10.8", "aiohttp-3.10.9", |r| {
            r.sock_connect.is_some()
        }),
        ("aiohttp-3.11.10", "aiohttp-3.11.11", |r| r.eof_resumes),
        ("aiohttp-3.12.15", "aiohttp-3.13.0", |r| {
            r.zstd == Some(ZstdPieces::EachWhole)
        }),
        ("aiohttp-3.13.0", "aiohttp-3.13.1", |r| {
            r.zstd == Some(ZstdPieces::Stream)
        }),
        ("aiohttp-3.7.4", "aiohttp-3.8.0", |r| {
            r.behind_br == BehindBr::Refused
        }),
        ("aiohttp-3.8.6", "aiohttp-3.9.0", |r| {
            r.accept_encoding.contains("br")
        }),
        ("aiohttp-3.12.15", "aiohttp-3.13.0", |r| {
            r.accept_encoding.contains("zstd")
        }),
        ("aiohttp-3.13.2", "aiohttp-3.13.3", |r| {
            r.chunk_splits.is_some()
        }),
        ("aiohttp-3.13.3", "aiohttp-3.13.4", |r| {
            r.max_headers.is_some()
        }),
        ("aiohttp-3.13.3", "aiohttp-3.13.4", |r| {
            r.line_limit_spans_field
        }),
        ("aiohttp-3.13.3", "aiohttp-3.13.4", |r| {
            r.error_text_leaves_line_out
        }),
        ("aiohttp-3.13.5", "aiohttp-3.14.0", |r| r.flow_unconditional),
        ("aiohttp-3.13.5", "aiohttp-3.14.0", |r| {
            r.reader_raises_watermarks
        }),
        ("aiohttp-3.13.5", "aiohttp-3.14.0", |r| r.parser_pauses),
        ("aiohttp-3.13.5", "aiohttp-3.14.0", |r| {
            r.bad_protocol_is_bad_status_line
        }),
        ("aiohttp-3.14.0", "aiohttp-3.14.1", |r| r.readany_bounded),
        ("aiohttp-3.14.1", "aiohttp-3.14.2", |r| {
            !r.resume_always_arms_sock_read
        }),
        ("aiohttp-3.14.3", "aiohttp-3.14.4", |r| {
            !r.eof_while_paused_fails
        }),
        ("aiohttp-3.14.3", "aiohttp-3.14.4", |r| {
            !r.undecodable_is_called_short
        }),
    ];
    for (index, (without, with, flag)) in starts.into_iter().enumerate() {
        assert!(!flag(&rules(without)), "line {index}: {without}");
        assert!(flag(&rules(with)), "line {index}: {with}");
    }
}

#[test]
fn the_default_limit_is_64_kib_before_3_14_and_256_kib_since() {
    assert_eq!(rules("aiohttp-3.7.0").read_bufsize, 65_536);
    assert_eq!(rules("aiohttp-3.13.5").read_bufsize, 65_536);
    assert_eq!(rules("aiohttp-3.14.0").read_bufsize, 262_144);
}

#[test]
fn chunk_marks_are_16384_and_8192_at_the_default_limits() {
    for text in ["aiohttp-3.13.3", "aiohttp-3.14.0", "aiohttp-3.14.5"] {
        let rules = rules(text);
        let marks = rules.chunk_splits.unwrap().at(rules.read_bufsize);
        assert_eq!(marks, (8192, 16_384), "{text}");
    }
}

#[test]
fn chunk_marks_keep_their_least_values_at_tiny_limits() {
    let marks = |text, limit| rules(text).chunk_splits.unwrap().at(limit);
    assert_eq!(marks("aiohttp-3.13.5", 1), (2, 3));
    assert_eq!(marks("aiohttp-3.13.5", 16), (2, 4));
    assert_eq!(marks("aiohttp-3.14.5", 1), (2, 4));
    assert_eq!(marks("aiohttp-3.14.5", 160), (5, 10));
}
