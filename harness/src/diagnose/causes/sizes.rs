//! Limits on size, and objects that are not what they should be.

use shortread_server::units::{ByteSize, human_duration};

use super::{Cause, no_arithmetic, weigh};
use crate::diagnose::{
    clues::Clues,
    errors::Blame,
    evidence::{Evidence, Pattern, ReportedDownload},
};

const GIB: u64 = 1 << 30;
const TWO_31: u64 = 1 << 31;
const TWO_32: u64 = 1 << 32;

/// Bytes that a client may have held back at the end.
const BUFFERED: u64 = 1 << 20;

pub(super) const LENGTH_32_BIT: Cause = Cause {
    id: "length-32-bit",
    name: "a length in 32 bits",
    weigh: |evidence, clues| {
        weigh::short_of(evidence, clues);
        let got = evidence.first().got.0;
        let wrapped = evidence.of.map(|of| of.0 % TWO_32);
        let large = evidence.of.is_some_and(|of| of.0 >= TWO_32);
        if large && wrapped == Some(got) {
            clues.exactly(format!("{got} is the size modulo 2^32"));
        } else if let Some((_, word)) = integers().find(|(value, _)| *value == got) {
            clues.exactly(format!("{got} is {word}"));
        } else if let Some((_, word)) =
            integers().find(|(value, _)| got < *value && value - got <= BUFFERED)
        {
            clues.fits(format!(
                "{} is less than 1 MiB below {word}",
                evidence.first().got.human()
            ));
        } else {
            let of = if large {
                ", nor the size modulo 2^32"
            } else {
                ""
            };
            clues.against(format!(
                "{} is not at 2^31 or 2^32{of}",
                evidence.first().got.human()
            ));
        }
        weigh::fixed_size(evidence, clues);
    },
    arithmetic: |evidence| {
        let of = evidence.of.filter(|of| of.0 >= TWO_32)?;
        Some(format!("{} modulo 4294967296 = {}.", of.0, of.0 % TWO_32))
    },
    test: "curl -sI URL: is Content-Length right? A Range request from the cut on that delivers \
           the rest refutes a short object, not this.",
    scenarios: &["content-length-mod-2-32", "cut-at-2-31"],
    setting: "a release of the server, proxy or library that counts in 64 bits; until then pieces \
              below 2 GiB by Range.",
    sources: &[
        "https://github.com/irods-contrib/irods-rest/issues/66",
        "https://github.com/owncloud/core/issues/11270",
    ],
};

pub(super) const PROXY_SPOOL: Cause = Cause {
    id: "proxy-spool",
    name: "a proxy's spool file of 1 GiB (nginx)",
    weigh: |evidence, clues| {
        weigh::short_of(evidence, clues);
        let least = evidence.attempts.iter().map(|a| a.got.0).min();
        match least.unwrap_or_default() {
            least if least < GIB => clues.against(format!(
                "{} is less than the 1 GiB of the spool",
                ByteSize(least).human()
            )),
            _ if evidence.first().got.0 < GIB + GIB / 2 => {
                clues.fits("a little over 1 GiB: nginx's proxy_max_temp_file_size is 1024m");
            }
            _ => clues.open("over 1 GiB, so it may be"),
        }
        weigh::who(
            evidence,
            clues,
            &[],
            &[Blame::Closed, Blame::Reset, Blame::Success],
        );
    },
    arithmetic: |evidence| {
        let attempt = evidence.first();
        let more = attempt.got.0.checked_sub(GIB)? as f64;
        Some(format!(
            "{} - 1.07 GB (1 GiB) = {} that the client took while the spool filled: {} at {}.",
            attempt.got.human(),
            weigh::size(more),
            human_duration(std::time::Duration::from_secs_f64(more / attempt.rate())),
            weigh::rate(attempt.rate()),
        ))
    },
    test: "a piece from the cut on (curl -r N-), or the whole past the proxy: cut there too, it \
           is another. A fast client is not cut.",
    scenarios: &["proxy-spool-1gib"],
    setting: "nginx: proxy_max_temp_file_size 0, or proxy_buffering off, for these locations.",
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_max_temp_file_size",
        "https://github.com/NginxProxyManager/nginx-proxy-manager/issues/643",
        "https://github.com/containers/podman/issues/14481",
    ],
};

pub(super) const SHORT_OBJECT: Cause = Cause {
    id: "short-object",
    name: "an object that is stored, cached or compressed short",
    weigh: |evidence, clues| {
        weigh::who(evidence, clues, &[], &[Blame::Success, Blame::Undecodable]);
        weigh::fixed_size(evidence, clues);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("did the client report an error? (--error NAME, or none)");
        }
    },
    arithmetic: no_arithmetic,
    test: "curl -r for the last byte that should be there, with Accept-Encoding: identity, past \
           the cache: it comes, so the stored object is whole.",
    scenarios: &["gzip-cut"],
    setting: "purge the cache, upload again, compare Content-Length and a hash after each upload.",
    sources: &[
        "https://github.com/nodejs/build/issues/3194",
        "https://www.rfc-editor.org/rfc/rfc1952#section-2.3",
    ],
};

pub(super) const UNANNOUNCED_LENGTH: Cause = Cause {
    id: "unannounced-length",
    name: "an end that looks complete (no announced length)",
    weigh: |evidence, clues| {
        weigh::who(evidence, clues, &[], &[Blame::Success]);
        weigh::anywhere_but_repeats(evidence, clues);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("did the client report an error? (--error NAME, or none)");
        }
    },
    arithmetic: no_arithmetic,
    test: "curl -sI URL (or -v): with Content-Length or Transfer-Encoding: chunked over HTTP/1.1 \
           it is another.",
    scenarios: &["fin-close-delimited"],
    setting: "have the server send Content-Length or chunks; else compare size or hash from \
              another source.",
    sources: &["https://www.rfc-editor.org/rfc/rfc9112#section-6.3"],
};

pub(super) const WRONG_LENGTH: Cause = Cause {
    id: "wrong-content-length",
    name: "a Content-Length larger than the body",
    weigh: |evidence, clues| {
        weigh::who(
            evidence,
            clues,
            &[],
            &[Blame::Closed, Blame::ReadTimer, Blame::ClientTimer],
        );
        weigh::fixed_size(evidence, clues);
        if evidence.whole() && weigh::ended(evidence, &[Blame::Closed]) {
            clues.exactly("all of it arrived, and the client misses something");
        }
        if weigh::end_unknown(evidence) {
            clues.open("how did the client report it? (--error)");
        }
    },
    arithmetic: no_arithmetic,
    test: "compare Content-Length (curl -sI, identity and gzip) with the size at the source: equal, so \
           it is another.",
    scenarios: &["content-length-too-large"],
    setting: "whatever changes the body (compression, a filter) must drop or correct the header.",
    sources: &[
        "https://www.rfc-editor.org/rfc/rfc9112#section-6.3",
        "https://github.com/aio-libs/aiohttp/issues/4581",
    ],
};

/// Pages of HTML and messages in JSON are seldom larger.
const PAGE: u64 = 64 << 10;

/// Pages with their pictures and scripts inside are seldom larger; that of a scenario
/// (`page_size`) never is.
const LARGE_PAGE: u64 = 16 << 20;

pub(super) const WRONG_OBJECT: Cause = Cause {
    id: "wrong-object",
    name: "another object under this address (error or login page)",
    weigh: |evidence, clues| {
        weigh::short_of(evidence, clues);
        let got = evidence.first().got;
        let far_less = evidence.of.is_none_or(|of| of.0 / 10 > got.0);
        if !far_less || got.0 > LARGE_PAGE {
            clues.against(format!("{} is no page of HTML", got.human()));
        } else if got.0 == 0 {
            clues.fits("a redirect that is not followed has no more");
        } else if got.0 > PAGE {
            clues.open("is it a page with pictures and scripts inside? (head -c 200)");
        } else {
            clues.fits(format!("{} is the size of a page", got.human()));
        }
        weigh::who(evidence, clues, &[], &[Blame::Success, Blame::Undecodable]);
        if evidence.pattern() == Pattern::SameSize {
            clues.fits("same size, different times");
        }
    },
    arithmetic: no_arithmetic,
    test: "look at the first line of what arrived (head -c 200), at status and Content-Type.",
    scenarios: &["login-page", "redirect-chain", "not-found-page"],
    setting: "check status, Content-Type and size before a byte is kept (raise_for_status).",
    sources: &["https://github.com/huggingface/huggingface_hub/issues/2589"],
};

pub(super) const SIZE_LIMIT: Cause = Cause {
    id: "size-limit",
    name: "a limit on size (quota, full disk, cap of a proxy)",
    weigh: |evidence, clues| {
        weigh::short_of(evidence, clues);
        let got = evidence.first().got;
        if got.0 >= BUFFERED && got.0.is_power_of_two() {
            clues.fits(format!(
                "{} is a power of two (2^{})",
                got.0,
                got.0.trailing_zeros()
            ));
        }
        weigh::fixed_size(evidence, clues);
        // A hop that is full may also stop without a close.
        if !weigh::ended(
            evidence,
            &[Blame::Hang, Blame::ReadTimer, Blame::ClientTimer],
        ) {
            weigh::who(
                evidence,
                clues,
                &[],
                &[Blame::Closed, Blame::Reset, Blame::Success],
            );
        }
        if evidence.attempts.len() == 1 {
            clues.open("does a second attempt stop at the same size?");
        }
    },
    arithmetic: |evidence| {
        let rates: Vec<String> = evidence
            .attempts
            .iter()
            .map(ReportedDownload::rate)
            .map(weigh::rate)
            .collect();
        (evidence.pattern() == Pattern::SameSize).then(|| {
            format!(
                "{} at {}.",
                evidence.first().got.human(),
                rates.join(" and at ")
            )
        })
    },
    test: "a smaller file, and a second attempt at another speed: does it stop at the same byte?",
    scenarios: &["cut-at-2-31", "proxy-spool-1gib", "cut-each-10mib"],
    setting: "look for that number in the configuration of every hop; df on the proxy; fetch \
              pieces by Range.",
    sources: &[
        "https://github.com/rpardini/docker-registry-proxy/issues/90",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_max_temp_file_size",
    ],
};

pub(super) const REWRITTEN: Cause = Cause {
    id: "rewritten",
    name: "bytes changed on the way",
    weigh: |evidence: &Evidence, clues: &mut Clues| {
        if evidence.whole() {
            clues.fits("the length is right; only a hash shows this");
        } else if evidence.of.is_some() {
            clues.against("bytes are missing, not changed");
        } else {
            clues.open("is anything missing? (--of)");
        }
        weigh::who(evidence, clues, &[], &[Blame::Success, Blame::Undecodable]);
    },
    arithmetic: no_arithmetic,
    test: "compare a hash with one that comes from the source.",
    scenarios: &["corrupt-in-transit"],
    setting: "a hash or Repr-Digest that the client checks; HTTPS past the middlebox.",
    sources: &["https://www.rfc-editor.org/rfc/rfc9530"],
};

/// The limits of 32-bit counters.
fn integers() -> impl Iterator<Item = (u64, &'static str)> {
    [
        (
            TWO_31 - 1,
            "2^31 - 1, the largest signed integer of 32 bits",
        ),
        (TWO_31, "2^31"),
        (TWO_32 - 1, "2^32 - 1, the largest integer of 32 bits"),
        (TWO_32, "2^32"),
    ]
    .into_iter()
}
