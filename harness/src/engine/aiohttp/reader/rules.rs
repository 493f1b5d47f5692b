//! The differences between the releases: one field per difference, one row per
//! release that changed something. `#N` is a number of the library's tracker,
//! from its change log.

use std::time::Duration;

use super::{super::parser::ParserRules, Release};
use crate::engine::http1::{BehindBr, Inflate, Members, ZstdPieces};

/// The behaviour of one release in everything that differs between releases. The
/// reader itself obeys the fields up to `readany_bounded`; the others are for the
/// connection and the decoders around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Default of `read_bufsize`, in bytes: the reader's limit and low
    /// watermark. 3.14.0 raised it from 64 KiB to 256 KiB.
    pub read_bufsize: usize,
    /// Also pause when many small HTTP chunks wait, from 3.13.3 (#11894).
    /// Before, only bytes count.
    pub chunk_splits: Option<ChunkSplits>,
    /// The end of the body resumes reading, from 3.11.11 (#10169). Before, a
    /// connection could go back to the pool paused.
    pub eof_resumes: bool,
    /// Pause and resume are commanded whether or not reading is paused, from
    /// 3.14.0. Before, only when they change something.
    pub flow_unconditional: bool,
    /// A reader that asks for more than the low watermark raises both, from
    /// 3.14.0.
    pub reader_raises_watermarks: bool,
    /// Taking buffered bytes fails once the total deadline has passed, from
    /// 3.9.0 (#5854). Before, only a reader that waits is ended by it.
    pub total_checked_on_take: bool,
    /// Waiting on a closed connection fails at once, from 3.10.6. Before, the
    /// reader waits for ever.
    pub wait_refuses_when_closed: bool,
    /// Reading what is buffered takes only the pieces that were there at
    /// entry, from 3.14.1 (#12828). It differs only where resuming refills the
    /// buffer during the read: 3.14.0.
    pub readany_bounded: bool,

    /// Pausing stops the parser too, and resuming parses what it kept before
    /// the transport is resumed, from 3.14.0 (#11966).
    pub parser_pauses: bool,
    /// If the pause falls on the last body bytes and the end arrives while
    /// paused, a whole body is reported as short: 3.14.0 to 3.14.3 (#13348).
    pub eof_while_paused_fails: bool,
    /// Every resume arms the `sock_read` deadline, also after the response has
    /// ended: up to 3.14.1. From 3.14.2 only a resume that ends a pause
    /// (#12954), which may still parse the end first: a consumer that is slower
    /// than `sock_read` then loses a body that is whole.
    pub resume_always_arms_sock_read: bool,
    /// The `sock_read` deadline starts when the request is written, from 3.9.0
    /// (#7149). Before, as soon as the connection is there.
    pub sock_read_from_request: bool,
    /// Default of the `sock_connect` deadline, from 3.10.9 (#7342).
    pub sock_connect: Option<Duration>,
    /// A `sock_read` that passes is `SocketTimeoutError`, from 3.10.0. Before,
    /// its base class `ServerTimeoutError`.
    pub socket_timeout_error: bool,
    /// A connect that takes too long is `ConnectionTimeoutError`, from 3.10.0.
    /// Before, its base class `ServerTimeoutError`.
    pub connection_timeout_error: bool,
    /// A request of an idempotent method is sent once more when its
    /// connection ends before the response head, be it pooled or fresh, from
    /// 3.10.0.
    pub retries_once: bool,
    /// Payload errors carry what caused them in their text, from 3.9.4.
    pub error_text_carries_cause: bool,
    /// Payload errors and those of the connection are raised from what caused
    /// them, from 3.9.0. Before, nothing is chained.
    pub errors_chain_their_cause: bool,
    /// Between the parser's error and the `ClientResponseError` that a refused
    /// head comes to stands their base class, from 3.9.4.
    pub refused_head_chains_base: bool,
    /// That base class and the `ClientResponseError` have neither the code nor the
    /// text of the parser's error, from 3.9.4 to 3.10.5.
    pub refused_head_loses_text: bool,
    /// A short body's error says "received X of Y bytes", from 3.14.0
    /// (#12753).
    pub error_text_counts_bytes: bool,
    /// 1xx, 204 and 304 have no body whatever their head says, from 3.9.0
    /// (#7756). It differs with the parser in Python alone: the compiled one
    /// knew them before.
    pub bodiless_statuses: bool,
    /// Most header fields of a response, from 3.13.4.
    pub max_headers: Option<u32>,
    /// The limit on a header line holds for a name and its value together, from
    /// 3.13.4. Before, for each.
    pub line_limit_spans_field: bool,
    /// The error of a line beyond that limit names the limit alone, from 3.13.4.
    /// Before, also the line and its length.
    pub error_text_leaves_line_out: bool,
    /// A line that does not begin with a protocol is `BadStatusLine`, and the text of that
    /// class begins with its name, from 3.14.0. It differs with the compiled parser
    /// alone, which had `BadHttpMessage` before.
    pub bad_protocol_is_bad_status_line: bool,
    /// Content that cannot be decoded, in a body that came whole with a known
    /// length, is reported as short where the connection ends behind it: up to
    /// 3.14.3. From 3.14.4 as the parser's refusal.
    pub undecodable_is_called_short: bool,
    /// The most bytes that one feed may decompress to.
    pub inflate: Inflate,
    /// The members of a gzip body, or frames of a zstd one, that are decoded.
    pub members: Members,
    /// `Accept-Encoding`, with the packages of the extra `speedups` installed. br is
    /// asked for from 3.9.0 (before, it is decoded all the same), zstd from 3.13.0.
    pub accept_encoding: &'static str,
    /// What follows a brotli stream. It is the package's doing: brotlipy, of which
    /// alone 3.7 can make use, and Brotli from 3.8.0 on.
    pub behind_br: BehindBr,
    /// The way of zstd's pieces through its package, from 3.13.0: zstandard first,
    /// backports.zstd from 3.13.1. On CPython 3.14 the standard library's is there
    /// without a package, and does in 3.13.0 what the later one does.
    pub zstd: Option<ZstdPieces>,
    /// The rules of the parsers.
    pub parser: ParserRules,
}

/// Marks on the number of HTTP chunk ends that wait in the buffer, by the
/// reader's limit L: pause above max(`least_high`, L / `divisor`), resume
/// below half of it, at least 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSplits {
    /// Bytes of the limit for each chunk end.
    pub divisor: u32,
    /// Smallest upper mark.
    pub least_high: u32,
}

impl ChunkSplits {
    /// The marks for a limit, in chunk ends: (low, high).
    pub fn at(&self, limit: usize) -> (usize, usize) {
        let (divisor, least) = (self.divisor.max(1) as usize, self.least_high as usize);
        let high = least.max(limit / divisor);
        // One end always remains, that of the current position: below 2
        // reading could not resume.
        ((high / 2).max(2), high)
    }
}

impl Rules {
    /// The rules of a release. What is older than the first row gets the
    /// first, what is newer than the last the last.
    pub fn of(release: Release) -> Self {
        Self::row(release).2
    }

    /// All rows, the oldest first.
    pub(super) fn rows() -> &'static [ReleaseRules] {
        &ROWS
    }

    pub(super) fn row(release: Release) -> &'static ReleaseRules {
        let next = ROWS.partition_point(|row| row.0 <= release);
        &ROWS[next.saturating_sub(1)]
    }
}

/// The first release with these rules, the range they hold for, the rules.
pub(super) type ReleaseRules = (Release, &'static str, Rules);

#[rustfmt::skip]
pub(super) static ROWS: [ReleaseRules; 20] = [
    (Release::new(3, 7, 0), "3.7.0-3.7.4", V3_7_0),
    (Release::new(3, 8, 0), "3.8.0-3.8.6", V3_8_0),
    (Release::new(3, 9, 0), "3.9.0-3.9.1", V3_9_0),
    (Release::new(3, 9, 2), "3.9.2-3.9.3", V3_9_2),
    (Release::new(3, 9, 4), "3.9.4-3.9.5", V3_9_4),
    (Release::new(3, 10, 0), "3.10.0-3.10.5", V3_10_0),
    (Release::new(3, 10, 6), "3.10.6-3.10.8", V3_10_6),
    (Release::new(3, 10, 9), "3.10.9-3.11.10", V3_10_9),
    (Release::new(3, 11, 11), "3.11.11-3.11.18", V3_11_11),
    (Release::new(3, 12, 0), "3.12.0-3.12.13", V3_12_0),
    (Release::new(3, 12, 14), "3.12.14-3.12.15", V3_12_14),
    (Release::new(3, 13, 0), "3.13.0", V3_13_0),
    (Release::new(3, 13, 1), "3.13.1-3.13.2", V3_13_1),
    (Release::new(3, 13, 3), "3.13.3", V3_13_3),
    (Release::new(3, 13, 4), "3.13.4", V3_13_4),
    (Release::new(3, 13, 5), "3.13.5", V3_13_5),
    (Release::new(3, 14, 0), "3.14.0", V3_14_0),
    (Release::new(3, 14, 1), "3.14.1", V3_14_1),
    (Release::new(3, 14, 2), "3.14.2-3.14.3", V3_14_2),
    (Release::new(3, 14, 4), "3.14.4-3.14.5", V3_14_4),
];

const V3_7_0: Rules = Rules {
    read_bufsize: 1 << 16,
    chunk_splits: None,
    eof_resumes: false,
    flow_unconditional: false,
    reader_raises_watermarks: false,
    total_checked_on_take: false,
    wait_refuses_when_closed: false,
    readany_bounded: false,
    parser_pauses: false,
    eof_while_paused_fails: false,
    resume_always_arms_sock_read: true,
    sock_read_from_request: false,
    sock_connect: None,
    socket_timeout_error: false,
    connection_timeout_error: false,
    retries_once: false,
    error_text_carries_cause: false,
    errors_chain_their_cause: false,
    refused_head_chains_base: false,
    refused_head_loses_text: false,
    error_text_counts_bytes: false,
    bodiless_statuses: false,
    max_headers: None,
    line_limit_spans_field: false,
    error_text_leaves_line_out: false,
    bad_protocol_is_bad_status_line: false,
    undecodable_is_called_short: true,
    inflate: Inflate::Unbounded,
    members: Members::First,
    accept_encoding: "gzip, deflate",
    behind_br: BehindBr::Dropped,
    zstd: None,
    parser: ParserRules::V3_7_0,
};

const V3_8_0: Rules = Rules {
    behind_br: BehindBr::Refused,
    ..V3_7_0
};

const V3_9_0: Rules = Rules {
    total_checked_on_take: true,
    sock_read_from_request: true,
    errors_chain_their_cause: true,
    bodiless_statuses: true,
    accept_encoding: "gzip, deflate, br",
    parser: ParserRules::V3_9_0,
    ..V3_8_0
};

const V3_9_2: Rules = Rules {
    parser: ParserRules::V3_9_2,
    ..V3_9_0
};

const V3_9_4: Rules = Rules {
    error_text_carries_cause: true,
    refused_head_chains_base: true,
    refused_head_loses_text: true,
    parser: ParserRules::V3_9_4,
    ..V3_9_2
};

const V3_10_0: Rules = Rules {
    socket_timeout_error: true,
    connection_timeout_error: true,
    retries_once: true,
    ..V3_9_4
};

const V3_10_6: Rules = Rules {
    wait_refuses_when_closed: true,
    refused_head_loses_text: false,
    parser: ParserRules::V3_10_6,
    ..V3_10_0
};

const V3_10_9: Rules = Rules {
    sock_connect: Some(Duration::from_secs(30)),
    ..V3_10_6
};

const V3_11_11: Rules = Rules {
    eof_resumes: true,
    ..V3_10_9
};

const V3_12_0: Rules = Rules {
    parser: ParserRules::V3_12_0,
    ..V3_11_11
};

const V3_12_14: Rules = Rules {
    parser: ParserRules::V3_12_14,
    ..V3_12_0
};

const V3_13_0: Rules = Rules {
    accept_encoding: "gzip, deflate, br, zstd",
    zstd: Some(ZstdPieces::EachWhole),
    ..V3_12_14
};

const V3_13_1: Rules = Rules {
    zstd: Some(ZstdPieces::Stream),
    ..V3_13_0
};

const V3_13_3: Rules = Rules {
    chunk_splits: Some(ChunkSplits {
        divisor: 4,
        least_high: 3,
    }),
    inflate: Inflate::Refused { above: 1 << 25 },
    parser: ParserRules::V3_13_3,
    ..V3_13_1
};

const V3_13_4: Rules = Rules {
    max_headers: Some(128),
    line_limit_spans_field: true,
    error_text_leaves_line_out: true,
    parser: ParserRules::V3_13_4,
    ..V3_13_3
};

const V3_13_5: Rules = Rules {
    parser: ParserRules::V3_13_5,
    ..V3_13_4
};

const V3_14_0: Rules = Rules {
    read_bufsize: 1 << 18,
    chunk_splits: Some(ChunkSplits {
        divisor: 16,
        least_high: 4,
    }),
    flow_unconditional: true,
    reader_raises_watermarks: true,
    parser_pauses: true,
    eof_while_paused_fails: true,
    error_text_counts_bytes: true,
    bad_protocol_is_bad_status_line: true,
    inflate: Inflate::Stepwise,
    members: Members::All,
    parser: ParserRules::V3_14_0,
    ..V3_13_5
};

const V3_14_1: Rules = Rules {
    readany_bounded: true,
    ..V3_14_0
};

const V3_14_2: Rules = Rules {
    resume_always_arms_sock_read: false,
    parser: ParserRules::V3_14_2,
    ..V3_14_1
};

const V3_14_4: Rules = Rules {
    eof_while_paused_fails: false,
    undecodable_is_called_short: false,
    members: Members::AtMost(1024),
    parser: ParserRules::V3_14_4,
    ..V3_14_2
};

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
