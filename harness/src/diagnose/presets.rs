//! Default time limits of products, with their sources.

use std::time::Duration;

/// The quantity that a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// The whole transfer, in a client.
    ClientTotal,
    /// The whole transfer, in a proxy or server.
    ServerTotal,
    /// Silence, in a client.
    ClientSilence,
    /// Silence on the response, in a proxy, load balancer or server that then
    /// closes.
    ProxySilence,
    /// Packets of a flow, in something that forgets it and says nothing.
    FlowSilence,
    /// Silence until a kernel asks by keepalive whether the path still lives.
    Keepalive,
}

/// A documented limit.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Seconds.
    pub seconds: u64,
    /// The product, and its name for the limit.
    pub whose: &'static str,
    /// The quantity that it counts.
    pub counts: Counts,
    /// The source.
    pub source: &'static str,
}

impl Preset {
    /// The limit.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// The distance of a time from a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// Within a second: clocks and rounding.
    Exactly,
    /// Within a fiftieth.
    Roughly,
}

/// The distance of `time` from `limit`, if they are close.
pub fn near(time: Duration, limit: Duration) -> Option<Near> {
    let apart = time.abs_diff(limit);
    if apart <= Duration::from_secs(1) && apart * 10 <= limit {
        Some(Near::Exactly)
    } else if apart * 50 <= limit {
        Some(Near::Roughly)
    } else {
        None
    }
}

/// The limits of this kind that `time` is near, the nearest kind of nearness
/// only.
pub fn matching(time: Duration, counts: Counts) -> Option<(Near, Vec<&'static Preset>)> {
    let near_ones: Vec<_> = PRESETS
        .iter()
        .filter(|preset| preset.counts == counts)
        .filter_map(|preset| Some((near(time, preset.limit())?, preset)))
        .collect();
    let best = near_ones.iter().map(|(near, _)| *near).min()?;
    let presets = near_ones
        .into_iter()
        .filter(|(near, _)| *near == best)
        .map(|(_, preset)| preset)
        .collect();
    Some((best, presets))
}

/// The shortest limit of this kind.
pub fn shortest(counts: Counts) -> Duration {
    let of_kind = PRESETS.iter().filter(|preset| preset.counts == counts);
    of_kind.map(Preset::limit).min().unwrap_or(Duration::MAX)
}

const fn preset(seconds: u64, whose: &'static str, counts: Counts, source: &'static str) -> Preset {
    Preset {
        seconds,
        whose,
        counts,
        source,
    }
}

use Counts::{ClientSilence, ClientTotal, FlowSilence, Keepalive, ProxySilence, ServerTotal};

/// Limits without a public source are left out.
pub const PRESETS: &[Preset] = &[
    preset(
        300,
        "aiohttp's total",
        ClientTotal,
        "https://docs.aiohttp.org/en/stable/client_quickstart.html#timeouts",
    ),
    preset(
        15,
        "Envoy's route timeout",
        ServerTotal,
        "https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts",
    ),
    preset(
        30,
        "Google's load balancer (backend timeout)",
        ServerTotal,
        "https://gcpdiag.dev/rules/lb/BP/2025_002",
    ),
    preset(
        30,
        "gunicorn's sync worker",
        ServerTotal,
        "https://docs.gunicorn.org/en/stable/settings.html#timeout",
    ),
    preset(
        300,
        "undici's bodyTimeout",
        ClientSilence,
        "https://github.com/nodejs/undici/blob/main/docs/docs/api/Client.md",
    ),
    preset(
        30,
        "git-lfs's activity timeout",
        ClientSilence,
        "https://github.com/git-lfs/git-lfs/issues/2636",
    ),
    preset(
        60,
        "nginx's proxy_read_timeout",
        ProxySilence,
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ),
    preset(
        60,
        "AWS ALB's idle timeout",
        ProxySilence,
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    ),
    preset(
        60,
        "Apache's Timeout",
        ProxySilence,
        "https://httpd.apache.org/docs/current/mod/core.html#timeout",
    ),
    preset(
        60,
        "Varnish's between_bytes_timeout",
        ProxySilence,
        "https://github.com/varnishcache/varnish-cache/blob/master/include/tbl/params.h",
    ),
    preset(
        100,
        "Cloudflare's proxy read timeout (to 2025)",
        ProxySilence,
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
    ),
    preset(
        120,
        "Cloudflare's proxy read timeout",
        ProxySilence,
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
    ),
    preset(
        125,
        "Cloudflare's proxy read timeout (2026)",
        ProxySilence,
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
    ),
    preset(
        300,
        "Envoy's stream_idle_timeout",
        ProxySilence,
        "https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts",
    ),
    preset(
        900,
        "Squid's read_timeout",
        ProxySilence,
        "https://github.com/squid-cache/squid/blob/master/src/cf.data.pre",
    ),
    preset(
        240,
        "Azure's load balancer",
        FlowSilence,
        "https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-tcp-idle-timeout",
    ),
    preset(
        240,
        "Azure's NAT gateway",
        FlowSilence,
        "https://learn.microsoft.com/en-us/azure/nat-gateway/nat-gateway-resource",
    ),
    preset(
        350,
        "AWS's NAT gateway",
        FlowSilence,
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
    ),
    preset(
        350,
        "AWS's NLB",
        FlowSilence,
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html",
    ),
    preset(
        350,
        "AWS Network Firewall",
        FlowSilence,
        "https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_FlowTimeouts.html",
    ),
    preset(
        900,
        "Docker swarm's IPVS",
        FlowSilence,
        "https://github.com/moby/moby/issues/37822",
    ),
    preset(
        7_200,
        "Linux's first keepalive probe",
        Keepalive,
        "https://man7.org/linux/man-pages/man7/tcp.7.html",
    ),
    preset(
        7_875,
        "Linux's last keepalive probe (7200 s + 9 x 75 s)",
        Keepalive,
        "https://man7.org/linux/man-pages/man7/tcp.7.html",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_source() {
        for preset in PRESETS {
            assert!(preset.source.starts_with("https://"), "{}", preset.whose);
        }
    }

    #[test]
    fn a_second_is_exact_and_a_fiftieth_is_near() {
        let found = |seconds| matching(Duration::from_secs(seconds), FlowSilence);
        let whose = |seconds| {
            found(seconds).map(|(near, presets)| (near, presets[0].seconds, presets.len()))
        };
        assert_eq!(whose(351), Some((Near::Exactly, 350, 3)));
        assert_eq!(whose(356), Some((Near::Roughly, 350, 3)));
        assert_eq!(whose(358), None);
        assert_eq!(shortest(FlowSilence), Duration::from_secs(240));
    }

    #[test]
    fn a_second_of_three_is_not_exact() {
        let seconds = Duration::from_secs;
        assert_eq!(near(seconds(3), seconds(4)), None);
    }
}
