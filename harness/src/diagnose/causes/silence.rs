//! Limits on silence: the side that loses patience, that forgets, or that is
//! silent.

use std::time::Duration;

use shortread_server::units::human_duration;

use super::{Cause, no_arithmetic, weigh};
use crate::diagnose::{
    clues::Clues,
    errors::Blame,
    evidence::Evidence,
    presets::{Counts, shortest},
};

pub(super) const READ_TIMEOUT: Cause = Cause {
    id: "read-timeout",
    name: "the client's limit on silence",
    weigh: |evidence, clues| {
        weigh::who(evidence, clues, &[Blame::ReadTimer], &[Blame::ClientTimer]);
        needs_silence(evidence, clues);
        if !weigh::silence(evidence, clues, Counts::ClientSilence) && evidence.idle.is_none() {
            clues.open("how long was it silent? (--idle)");
        }
        weigh::short_of(evidence, clues);
    },
    arithmetic: before_the_silence,
    test: "raise the limit tenfold: none comes even then, so the other side is the one to ask.",
    scenarios: &["stall-forever", "nothing-after-head"],
    setting: "above the longest legitimate pause: aiohttp sock_read, requests timeout=(10, 300), \
              undici bodyTimeout, git lfs.activitytimeout.",
    sources: &[
        "https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientTimeout",
        "https://github.com/nodejs/undici/issues/1937",
        "https://github.com/git-lfs/git-lfs/issues/2636",
    ],
};

pub(super) const IDLE_CLOSED: Cause = Cause {
    id: "idle-closed",
    name: "a proxy's or load balancer's idle timer",
    weigh: |evidence, clues| {
        weigh::who(
            evidence,
            clues,
            &[],
            &[Blame::Closed, Blame::Reset, Blame::Success],
        );
        needs_silence(evidence, clues);
        if !weigh::silence(evidence, clues, Counts::ProxySilence) {
            clues.open(match evidence.idle {
                Some(_) => "the silence is no default that is known",
                None => "how long was it silent? (--idle)",
            });
        }
        weigh::short_of(evidence, clues);
    },
    arithmetic: before_the_silence,
    test: "note the silence before each cut, and try past the proxy: silence that varies, or a cut \
           there too, means another.",
    scenarios: &["nginx-proxy-read-timeout", "alb-idle-payload"],
    setting: "above the longest pause: nginx proxy_read_timeout, Apache Timeout, ALB idle timeout \
              (which TCP keepalive does not reset).",
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    ],
};

pub(super) const FLOW_FORGOTTEN: Cause = Cause {
    id: "flow-forgotten",
    name: "a firewall or NAT that forgot the idle flow",
    weigh: |evidence, clues| {
        weigh::who(
            evidence,
            clues,
            &[Blame::Unanswered],
            &[
                Blame::Hang,
                Blame::Reset,
                Blame::Closed,
                Blame::ReadTimer,
                Blame::ClientTimer,
            ],
        );
        match evidence.idle {
            None => clues.open("how long was it silent? (--idle)"),
            Some(idle) if idle < Duration::from_secs(60) => clues.against(format!(
                "{} of silence is shorter than any such limit",
                human_duration(idle)
            )),
            Some(idle) => {
                let matched = weigh::silence(evidence, clues, Counts::FlowSilence)
                    || weigh::silence(evidence, clues, Counts::Keepalive);
                if !matched && idle >= shortest(Counts::FlowSilence) {
                    clues.fits(format!(
                        "{} of silence is more than the 240 s (Azure) to 350 s (AWS) of NATs",
                        human_duration(idle)
                    ));
                } else if !matched {
                    clues.open(format!(
                        "{} of silence is shorter than any default that is known",
                        human_duration(idle)
                    ));
                }
            }
        }
        weigh::short_of(evidence, clues);
    },
    arithmetic: before_the_silence,
    test: "the same with TCP keepalive every 60 s (SO_KEEPALIVE, TCP_KEEPIDLE): cut all the same, so \
           no NAT did it.",
    scenarios: &[
        "nat-idle-blackhole",
        "nat-idle-reset",
        "keepalive-gives-up",
        "azure-idle-4min",
    ],
    setting: "TCP keepalive below the path's limit (TCP_KEEPIDLE 60 s), and a read timeout, so that \
              a dead flow is noticed.",
    sources: &[
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
        "https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-tcp-idle-timeout",
        "https://github.com/moby/moby/issues/37822",
    ],
};

pub(super) const UPSTREAM_SILENT: Cause = Cause {
    id: "upstream-silent",
    name: "a server that stopped sending",
    weigh: |evidence, clues| {
        weigh::who(
            evidence,
            clues,
            &[],
            &[Blame::Hang, Blame::ReadTimer, Blame::ClientTimer],
        );
        needs_silence(evidence, clues);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("nothing is known of how it ended (--error)");
        }
    },
    arithmetic: before_the_silence,
    test: "ss -tni on the server while it is silent: bytes that wait or are retransmitted mean the \
           path, not the server.",
    scenarios: &["stall-forever", "stall-recovers"],
    setting: "a read timeout in the client (aiohttp sock_read), then resume with Range; the rest \
              is the server's.",
    sources: &[
        "https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientTimeout",
        "https://man7.org/linux/man-pages/man8/ss.8.html",
    ],
};

pub(super) const NO_ANSWER: Cause = Cause {
    id: "no-answer",
    name: "a server that is slow to answer, or never does",
    weigh: |evidence, clues| {
        if evidence.all(|a| a.got.0 > 0) {
            clues.against("the body had begun");
            return;
        }
        if evidence.first().after < Duration::from_secs(1) {
            clues.against("less than a second was waited");
        } else {
            let after = evidence.first().after;
            let text = format!("no byte of the body in {}", human_duration(after));
            match after < shortest(Counts::FlowSilence) {
                true => clues.exactly(text),
                // Long enough for a NAT to have forgotten the flow meanwhile.
                false => clues.fits(text),
            }
        }
        weigh::who(
            evidence,
            clues,
            &[],
            &[
                Blame::Hang,
                Blame::ReadTimer,
                Blame::ClientTimer,
                Blame::NoResponse,
                Blame::Closed,
            ],
        );
    },
    arithmetic: no_arithmetic,
    test: "curl -v with a long --max-time: when does the response head come, when the first byte?",
    scenarios: &["slow-head", "nothing-after-head", "azure-idle-4min"],
    setting: "a longer wait in the client and in every proxy (nginx proxy_read_timeout); or a server \
              that answers before it prepares.",
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
    ],
};

pub(super) const BLOCKED_LOOP: Cause = Cause {
    id: "blocked-loop",
    name: "a client too busy to read (blocked event loop)",
    weigh: |evidence, clues| {
        weigh::who(
            evidence,
            clues,
            &[],
            &[Blame::ReadTimer, Blame::ClientTimer],
        );
        needs_silence(evidence, clues);
        weigh::short_of(evidence, clues);
        if weigh::end_unknown(evidence) {
            clues.open("nothing is known of how it ended (--error)");
        }
    },
    arithmetic: no_arithmetic,
    test: "the same with the data thrown away instead of stored: the timeout stays, so the client \
           was not busy.",
    scenarios: &["blocked-loop-timer-first"],
    setting: "write and compute in a thread (asyncio.to_thread); PYTHONASYNCIODEBUG=1 names what \
              blocks.",
    sources: &["https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code"],
};

/// Nothing of this family happens while data flows.
fn needs_silence(evidence: &Evidence, clues: &mut Clues) {
    if weigh::never_silent(evidence) {
        clues.against("data came until the end");
    }
}

/// The rate while data flowed.
fn before_the_silence(evidence: &Evidence) -> Option<String> {
    let attempt = evidence.first();
    let idle = evidence.idle?;
    let flowing = attempt.after.checked_sub(idle)?;
    if flowing.is_zero() || attempt.got.0 == 0 {
        return None;
    }
    Some(format!(
        "{} - {} of silence = {} in which {} came: {}, not {}.",
        human_duration(attempt.after),
        human_duration(idle),
        human_duration(flowing),
        attempt.got.human(),
        weigh::rate(attempt.rate_without(Some(idle))),
        weigh::rate(attempt.rate()),
    ))
}
