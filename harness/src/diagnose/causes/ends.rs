//! Ends without a limit: a side that closes, resets, runs out of memory or disk, or
//! does not notice.

use std::time::Duration;

use shortread_server::units::human_duration;

use super::{Cause, no_arithmetic, weigh};
use crate::diagnose::errors::Blame;

/// Slower than any line that large files are fetched over; 1 Mbit/s.
const SLOW: f64 = 125_000.0;
/// Servers wait at least this long for a slow reader; nginx 60 s.
const PATIENCE: Duration = Duration::from_secs(30);
/// Slower than anything that is not done on purpose.
const TRICKLING: f64 = 1_000.0;
/// A full-sized segment and what came before it.
const FIRST_BURST: u64 = 10_000;

pub(super) const SLOW_READER: Cause = Cause {
    id: "slow-reader",
    name: "a server that gives up on a slow reader",
    weigh: |evidence, clues| {
        let rate = evidence.first().rate();
        if evidence.first().got.0 == 0 {
            clues.against("nothing was there to be read");
        } else if rate < SLOW && evidence.all(|attempt| attempt.after >= PATIENCE) {
            clues.fits(format!(
                "{} is slow for a line; a reader that pauses makes it so",
                weigh::rate(rate)
            ));
        } else {
            clues.open("does the program pause between two reads?");
        }
        weigh::who(evidence, clues, &[], &[Blame::Closed, Blame::Reset]);
        weigh::short_of(evidence, clues);
    },
    arithmetic: |evidence| {
        let rate = evidence.first().rate();
        (rate > 0.0 && rate < SLOW).then(|| {
            let seconds = 65_536.0 / rate;
            format!(
                "64 KiB / {} = {} to take one buffer; nginx waits 60 s between two writes \
                 (send_timeout).",
                weigh::rate(rate),
                human_duration(Duration::from_secs_f64(seconds)),
            )
        })
    },
    test: "the same download into /dev/null (curl -o /dev/null): cut too, so it is not the reader.",
    scenarios: &["slow-consumer-cut"],
    setting: "take bytes off the connection at once (file or queue), work on them after; nginx \
              send_timeout, IIS minBytesPerSecond on the other side.",
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#send_timeout",
        "https://github.com/aws/aws-sdk-js/issues/2576",
        "https://github.com/curl/curl/issues/10914",
    ],
};

pub(super) const ENDS_EARLY: Cause = Cause {
    id: "ends-early",
    name: "a server or proxy that ends early (crash, restart, disk)",
    weigh: |evidence, clues| {
        weigh::who(
            evidence,
            clues,
            &[Blame::NoResponse],
            &[Blame::Closed, Blame::Reset],
        );
        weigh::anywhere(evidence, clues);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("how did the client report it? (--error)");
        }
    },
    arithmetic: no_arithmetic,
    test: "the logs of server and proxy at that minute; a second attempt: stops it at the same place, \
           it is another.",
    scenarios: &[
        "fin-content-length",
        "fin-chunked",
        "reset-mid-body",
        "empty-reply",
    ],
    setting: "in the client: keep what came and resume (Range, If-Range with the ETag).",
    sources: &[
        "https://www.rfc-editor.org/rfc/rfc9112#section-8",
        "https://github.com/benoitc/gunicorn/issues/1736",
        "https://github.com/hyperium/hyper/issues/1591",
    ],
};

pub(super) const RESET_ON_PATH: Cause = Cause {
    id: "reset-on-path",
    name: "a reset made on the path (conntrack, middlebox)",
    weigh: |evidence, clues| {
        weigh::who(evidence, clues, &[], &[Blame::Reset, Blame::Closed]);
        weigh::anywhere(evidence, clues);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("how did the client report it? (--error)");
        }
    },
    arithmetic: no_arithmetic,
    test: "from the host instead of the container: reset too, so it is not conntrack. tcpdump on both \
           sides shows who sent RST.",
    scenarios: &["reset-mid-body"],
    setting: "drop packets in state INVALID, or net.netfilter.nf_conntrack_tcp_be_liberal=1.",
    sources: &["https://github.com/kubernetes/kubernetes/issues/74839"],
};

pub(super) const UNNOTICED_END: Cause = Cause {
    id: "unnoticed-end",
    name: "a client that does not notice the end",
    weigh: |evidence, clues| {
        if evidence.whole() {
            clues.exactly("all of it arrived, and yet it failed");
        } else if evidence.of.is_some() {
            clues.against("bytes are missing");
        } else {
            clues.open("did all of it arrive? (--of)");
        }
        weigh::who(
            evidence,
            clues,
            &[],
            &[
                Blame::Closed,
                Blame::Hang,
                Blame::ReadTimer,
                Blame::ClientTimer,
            ],
        );
    },
    arithmetic: no_arithmetic,
    test: "curl for the same object: it ends well, so the client or its release is to blame.",
    scenarios: &["slow-consumer-survives"],
    setting: "another release of the client: aiohttp 3.14.3 loses the end while its reader is \
              paused, 3.14.4 does not.",
    sources: &["https://github.com/aio-libs/aiohttp/issues/13348"],
};

pub(super) const MEMORY: Cause = Cause {
    id: "memory",
    name: "a body that does not fit into memory",
    weigh: |evidence, clues| {
        weigh::who(evidence, clues, &[Blame::Memory], &[]);
        if weigh::end_unknown(evidence) {
            clues.open("was the process killed? (--error killed)");
        }
    },
    arithmetic: |evidence| {
        let of = evidence.of?;
        Some(format!(
            "read() keeps {} and joins it: {} at the peak.",
            of.human(),
            weigh::size(of.0 as f64 * 2.0)
        ))
    },
    test: "the same in pieces (iter_chunked): it fails too, so it is not memory.",
    scenarios: &["memory-exhaustion", "fifty-gigabytes"],
    setting: "read in pieces (aiohttp iter_chunked, requests stream=True) and write each one.",
    sources: &[
        "https://docs.aiohttp.org/en/stable/client_quickstart.html#streaming-response-content",
    ],
};

/// 2^32 - 1, the longest file of FAT32.
const FAT32_FILE: u64 = u32::MAX as u64;

pub(super) const DISK: Cause = Cause {
    id: "disk-full",
    name: "the client's own disk is full",
    weigh: |evidence, clues| {
        weigh::who(evidence, clues, &[Blame::Disk], &[]);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("what did the write say? (--error ENOSPC)");
        }
    },
    arithmetic: |evidence| {
        (evidence.first().got.0 == FAT32_FILE)
            .then(|| "4 GiB - 1 B is the longest file that FAT32 takes (EFBIG).".into())
    },
    test: "df -h and df -i on the client, also of /tmp; or the same into /dev/null: it fails too, \
           so it is another.",
    scenarios: &["client-disk-full"],
    setting: "more room, or TMPDIR on another disk; compare Content-Length with the free space \
              before the first byte.",
    sources: &[
        "https://man7.org/linux/man-pages/man2/write.2.html",
        "https://github.com/qutebrowser/qutebrowser/issues/1580",
        "https://github.com/pulp/pulp/pull/2711",
    ],
};

pub(super) const TRICKLE: Cause = Cause {
    id: "trickle",
    name: "a sender that trickles, so that no limit on silence fires",
    weigh: |evidence, clues| {
        let rate = evidence.first().rate();
        if evidence.first().got.0 == 0 || rate >= TRICKLING {
            clues.against(format!("{} is no trickle", weigh::rate(rate)));
        } else {
            clues.fits(format!("{} is less than any line does", weigh::rate(rate)));
        }
        weigh::who(evidence, clues, &[], &[Blame::ClientTimer, Blame::Hang]);
        weigh::short_of(evidence, clues);
    },
    arithmetic: no_arithmetic,
    test: "note the sizes of single reads: a byte or a few each, at even distances.",
    scenarios: &["one-byte-trickle"],
    setting: "a limit on the rate (curl --speed-limit 1000 --speed-time 30), besides silence.",
    sources: &["https://curl.se/docs/manpage.html#-Y"],
};

pub(super) const MTU: Cause = Cause {
    id: "mtu",
    name: "large packets that do not pass (MTU black hole)",
    weigh: |evidence, clues| {
        if evidence.first().got.0 > FIRST_BURST {
            clues.against(format!("{} passed", evidence.first().got.human()));
        } else {
            clues.fits("it stopped before the first burst of full packets was through");
        }
        weigh::who(
            evidence,
            clues,
            &[],
            &[
                Blame::Hang,
                Blame::ReadTimer,
                Blame::ClientTimer,
                Blame::Unanswered,
            ],
        );
        weigh::short_of(evidence, clues);
    },
    arithmetic: no_arithmetic,
    test: "ping -M do -s 1472 HOST; or the same with a smaller MTU (ip link set dev DEV mtu 1200): \
           it still stops, so it is another.",
    scenarios: &["mtu-black-hole", "nothing-after-head"],
    setting: "MSS clamping on the router, or the tunnel's MTU on the interface.",
    sources: &[
        "https://www.rfc-editor.org/rfc/rfc2923#section-2.1",
        "https://github.com/moby/moby/issues/20178",
    ],
};
