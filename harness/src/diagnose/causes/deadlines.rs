//! Limits on the time of the whole transfer: bytes = rate x limit.

use std::time::Duration;

use shortread_server::units::{ByteSize, human_duration};

use super::{Cause, weigh};
use crate::diagnose::{
    clues::Clues,
    errors::Blame,
    evidence::{Evidence, ReportedDownload},
    presets::{Counts, Near, matching},
};

pub(super) const CLIENT_TOTAL: Cause = Cause {
    id: "client-total",
    name: "the client's total timeout",
    weigh: |evidence, clues| {
        whole_time(evidence, clues, Counts::ClientTotal);
        weigh::who(evidence, clues, &[], &[Blame::ClientTimer]);
        weigh::deadline(evidence, clues);
        round(evidence, clues);
    },
    arithmetic,
    test: "once without it (aiohttp total=None, curl without --max-time, Go Client.Timeout = 0). Cut \
           again at that time: it is another.",
    scenarios: &[
        "total-timeout-2mbps",
        "total-timeout-5mbps",
        "total-timeout-20mbps",
    ],
    setting: "limit silence, not length: aiohttp ClientTimeout(total=None, sock_read=60), reqwest \
              read_timeout, curl --speed-time.",
    sources: &[
        "https://docs.aiohttp.org/en/stable/client_quickstart.html#timeouts",
        "https://github.com/aio-libs/aiohttp/issues/2249",
        "https://github.com/golang/go/issues/37916",
    ],
};

pub(super) const SERVER_TOTAL: Cause = Cause {
    id: "server-total",
    name: "a proxy's or server's limit on the whole response",
    weigh: |evidence, clues| {
        whole_time(evidence, clues, Counts::ServerTotal);
        weigh::who(
            evidence,
            clues,
            &[],
            &[Blame::Closed, Blame::Reset, Blame::Success],
        );
        weigh::deadline(evidence, clues);
        weigh::short_of(evidence, clues);
    },
    arithmetic,
    test: "past the proxy, or at another speed (curl --limit-rate): if the time does not stay, it is \
           another.",
    scenarios: &["envoy-route-timeout"],
    setting: "Envoy: `timeout: 0s` on the route; Google: the backend service's timeout; gunicorn: \
              --timeout, or an asynchronous worker.",
    sources: &[
        "https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts",
        "https://github.com/apache/texera/issues/8445",
        "https://github.com/benoitc/gunicorn/issues/1736",
    ],
};

/// A silence that changes what the rate was.
const MATTERS: Duration = Duration::from_secs(1);

/// The time of every attempt against the documented limits.
fn whole_time(evidence: &Evidence, clues: &mut Clues, counts: Counts) {
    let after = evidence.first().after;
    let Some((near, presets)) = matching(after, counts) else {
        if evidence.attempts.len() == 1 {
            clues.open(format!(
                "{} is no default that is known",
                human_duration(after)
            ));
        }
        return;
    };
    let limit = human_duration(presets[0].limit());
    let whose = weigh::whose(&presets);
    match near {
        Near::Exactly => clues.exactly(format!("{limit} is the default of {whose}")),
        Near::Roughly => clues.fits(format!(
            "{} is near {limit}, the default of {whose}",
            human_duration(after)
        )),
    }
}

/// A time as people write it into a configuration.
fn round(evidence: &Evidence, clues: &mut Clues) {
    const ROUND: [u64; 8] = [10, 30, 60, 120, 180, 600, 1800, 3600];
    let after = evidence.first().after;
    let late = |limit: u64| {
        let limit = Duration::from_secs(limit);
        after >= limit && after - limit <= Duration::from_secs(1)
    };
    if ROUND.into_iter().any(late) {
        clues.fits(format!(
            "{} is a number that people choose for a timeout",
            human_duration(after)
        ));
    }
}

/// Bytes = rate x time, for every attempt, and what another rate would give.
fn arithmetic(evidence: &Evidence) -> Option<String> {
    if evidence.attempts.iter().any(|attempt| attempt.got.0 == 0) {
        return None;
    }
    let idle = evidence.idle.filter(|idle| *idle >= MATTERS);
    let flowed =
        |attempt: &ReportedDownload| attempt.after.saturating_sub(idle.unwrap_or_default());
    let product = |attempt: &ReportedDownload| {
        let rate = weigh::rate(attempt.rate_without(idle));
        let time = human_duration(flowed(attempt));
        format!("{rate} x {time} = {}", attempt.got.human())
    };
    let products: Vec<String> = evidence.attempts.iter().map(product).collect();
    let mut text = products.join(", ");
    if let Some(idle) = idle {
        text.push_str(&format!(", then {} of silence", human_duration(idle)));
    }
    let rates = evidence.attempts.iter().map(|one| one.rate_without(idle));
    let faster = rates.fold(0.0, f64::max) * 2.0;
    let first = evidence.first();
    let more = faster * flowed(&first).as_secs_f64();
    let expected = match evidence.of {
        Some(of) if more >= of.0 as f64 => "all of it".into(),
        _ => weigh::size(more),
    };
    text.push_str(&format!("; at {} expect {expected}", weigh::rate(faster)));
    if let Some(of) = evidence.of {
        text.push_str(&all_of(of, first.rate_without(idle), flowed(&first))?);
    }
    Some(text + ".")
}

/// The time for the whole object, and the rate that it would need within `time`.
/// `None` if that cannot be counted: a trickle of a large object.
fn all_of(of: ByteSize, rate: f64, time: Duration) -> Option<String> {
    let needed = Duration::try_from_secs_f64(of.0 as f64 / rate).ok()?;
    Some(format!(
        ". All of {} takes {} at {}; within {} it needs {}",
        of.human(),
        human_duration(needed),
        weigh::rate(rate),
        human_duration(time),
        weigh::rate(of.0 as f64 / time.as_secs_f64()),
    ))
}
