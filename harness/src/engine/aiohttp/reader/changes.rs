//! The changes from one set of rules to the next, in a few words each.

use super::{ChunkSplits, Rules};
use crate::engine::http1::{BehindBr, Inflate, Members, ZstdPieces};

/// A set of rules, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// The first and last release that follow it: `3.14.2-3.14.3`.
    pub releases: &'static str,
    /// The changes from the set before it; for the first, its starting point.
    pub changes: Vec<String>,
}

/// All sets of rules, the oldest first.
pub fn rule_sets() -> Vec<RuleSet> {
    let rows = Rules::rows();
    let mut sets = Vec::with_capacity(rows.len());
    let mut before: Option<&Rules> = None;
    for (_, releases, rules) in rows {
        let changes = match before {
            Some(before) => changes(before, rules),
            None => vec![format!(
                "read_bufsize {}, by which it pauses",
                kib(rules.read_bufsize)
            )],
        };
        sets.push(RuleSet { releases, changes });
        before = Some(rules);
    }
    sets
}

/// One phrase for each rule that differs.
fn changes(before: &Rules, after: &Rules) -> Vec<String> {
    // Named one by one: a rule that is added has to be told here.
    let Rules {
        read_bufsize,
        chunk_splits,
        eof_resumes,
        flow_unconditional,
        reader_raises_watermarks,
        total_checked_on_take,
        wait_refuses_when_closed,
        readany_bounded,
        parser_pauses,
        eof_while_paused_fails,
        resume_always_arms_sock_read,
        sock_read_from_request,
        sock_connect,
        socket_timeout_error,
        retries_once,
        error_text_carries_cause,
        error_text_counts_bytes,
        bodiless_statuses,
        max_headers,
        // Classes, links and texts of errors, and what is refused with them: they
        // came with rules that are told, and are too many words for a line.
        connection_timeout_error: _,
        errors_chain_their_cause: _,
        refused_head_chains_base: _,
        line_limit_spans_field: _,
        error_text_leaves_line_out: _,
        refused_head_loses_text: _,
        bad_protocol_is_bad_status_line: _,
        undecodable_is_called_short: _,
        inflate,
        members,
        accept_encoding,
        behind_br,
        zstd,
        parser,
    } = after;
    let mut told = Vec::new();
    let mut tell = |differs: bool, text: String| {
        if differs {
            told.push(text);
        }
    };
    let flag = |now: bool, yes: &str, no: &str| if now { yes } else { no }.to_owned();
    tell(
        *read_bufsize != before.read_bufsize,
        format!("read_bufsize {}", kib(*read_bufsize)),
    );
    tell(
        *reader_raises_watermarks != before.reader_raises_watermarks,
        flag(
            *reader_raises_watermarks,
            "a larger chunk size enlarges the buffer",
            "chunk sizes leave the buffer alone",
        ),
    );
    tell(
        *total_checked_on_take != before.total_checked_on_take,
        flag(
            *total_checked_on_take,
            "total also ends a reader that never waits",
            "total only ends a reader that waits",
        ),
    );
    tell(
        *sock_read_from_request != before.sock_read_from_request,
        flag(
            *sock_read_from_request,
            "sock_read runs from the request on",
            "sock_read runs from the response on",
        ),
    );
    tell(
        *resume_always_arms_sock_read != before.resume_always_arms_sock_read,
        flag(
            *resume_always_arms_sock_read,
            "every resume arms sock_read",
            "only the end of a pause arms sock_read",
        ),
    );
    tell(
        *sock_connect != before.sock_connect,
        sock_connect.map_or("no sock_connect".into(), |time| {
            format!("sock_connect {} s", time.as_secs())
        }),
    );
    tell(
        *socket_timeout_error != before.socket_timeout_error,
        flag(
            *socket_timeout_error,
            "sock_read raises SocketTimeoutError",
            "sock_read raises ServerTimeoutError",
        ),
    );
    tell(
        *wait_refuses_when_closed != before.wait_refuses_when_closed,
        flag(
            *wait_refuses_when_closed,
            "a read on a closed connection fails instead of hanging",
            "a read on a closed connection hangs",
        ),
    );
    tell(
        *retries_once != before.retries_once,
        flag(*retries_once, "one silent retry", "no retry"),
    );
    tell(
        *eof_resumes != before.eof_resumes,
        flag(
            *eof_resumes,
            "the end resumes reading",
            "the end leaves a pause",
        ),
    );
    tell(
        *chunk_splits != before.chunk_splits,
        match chunk_splits {
            Some(splits) => pauses(splits, *read_bufsize),
            None => "many HTTP chunks do not pause".into(),
        },
    );
    tell(
        *parser_pauses != before.parser_pauses,
        flag(
            *parser_pauses,
            "a pause stops the parser too",
            "a pause leaves the parser running",
        ),
    );
    tell(
        *flow_unconditional != before.flow_unconditional,
        flag(
            *flow_unconditional,
            "pause and resume are repeated",
            "pause and resume are not repeated",
        ),
    );
    tell(
        *readany_bounded != before.readany_bounded,
        flag(
            *readany_bounded,
            "readany takes what was there at its start",
            "readany takes refills too",
        ),
    );
    tell(
        *eof_while_paused_fails != before.eof_while_paused_fails,
        flag(
            *eof_while_paused_fails,
            "a whole body can be reported short (#13348)",
            "#13348 is mended",
        ),
    );
    tell(
        *error_text_carries_cause != before.error_text_carries_cause,
        flag(
            *error_text_carries_cause,
            "payload errors name their cause",
            "payload errors do not name their cause",
        ),
    );
    tell(
        *error_text_counts_bytes != before.error_text_counts_bytes,
        flag(
            *error_text_counts_bytes,
            "errors of short bodies count bytes",
            "errors of short bodies do not count bytes",
        ),
    );
    tell(
        *bodiless_statuses != before.bodiless_statuses,
        flag(
            *bodiless_statuses,
            "1xx, 204 and 304 have no body",
            "1xx, 204 and 304 may have a body",
        ),
    );
    tell(
        *max_headers != before.max_headers,
        max_headers.map_or("any number of header fields".into(), |most| {
            format!("at most {most} header fields")
        }),
    );
    tell(
        *inflate != before.inflate,
        match inflate {
            Inflate::Unbounded => "inflates without bound".into(),
            Inflate::Refused { above } => format!("inflates at most {} at once", kib(*above)),
            Inflate::Stepwise => "inflates step by step".into(),
        },
    );
    tell(
        *members != before.members,
        match members {
            Members::First => "decodes the first gzip member or zstd frame".into(),
            Members::All => "decodes all gzip members and zstd frames".into(),
            Members::AtMost(most) => {
                format!("decodes at most {most} gzip members or zstd frames at once")
            }
        },
    );
    tell(
        *zstd != before.zstd,
        match zstd {
            None => "does not know zstd",
            Some(ZstdPieces::EachWhole) => "decodes zstd, if each piece is a whole frame",
            Some(ZstdPieces::Stream) => "decodes zstd as one stream",
        }
        .into(),
    );
    tell(
        *accept_encoding != before.accept_encoding,
        format!("asks for {accept_encoding}"),
    );
    tell(
        *behind_br != before.behind_br,
        match behind_br {
            BehindBr::Dropped => "drops what follows brotli",
            BehindBr::Refused => "refuses what follows brotli",
        }
        .into(),
    );
    told.extend(parser.changes(&before.parser));
    told
}

/// The mark at the default limit, and where it comes from.
fn pauses(splits: &ChunkSplits, limit: usize) -> String {
    let (_, high) = splits.at(limit);
    format!(
        "pauses above {high} waiting HTTP chunks (read_bufsize / {})",
        splits.divisor
    )
}

fn kib(bytes: usize) -> String {
    match bytes >> 10 {
        kib if kib >= 1024 => format!("{} MiB", kib >> 10),
        kib => format!("{kib} KiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::aiohttp::reader::Release;

    #[test]
    fn each_set_tells_a_change() {
        for set in rule_sets() {
            assert!(!set.changes.is_empty(), "{}", set.releases);
        }
    }

    #[test]
    fn the_same_rules_differ_in_nothing() {
        let rules = Rules::of(Release::NEWEST);
        assert_eq!(changes(&rules, &rules), [""; 0]);
    }

    #[test]
    fn both_directions_of_every_change_have_words() {
        let rows = Rules::rows();
        let (first, last) = (&rows[0].2, &rows[rows.len() - 1].2);
        let (there, back) = (changes(first, last), changes(last, first));
        assert_eq!(there.len(), back.len());
        assert!(
            there.iter().all(|text| !back.contains(text)),
            "{there:?} {back:?}"
        );
    }
}
