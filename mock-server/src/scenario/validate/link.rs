//! `[link]` and `[sockets]`

use super::{Check, body::is_token, client::MOST_PARALLEL};
use crate::{
    scenario::{Framing, MOST_BYTES, MOST_PIECES},
    units::ByteSize,
};

/// A segment is held in memory, many at a time.
const LARGEST_SEGMENT: ByteSize = ByteSize::mib(16);

/// A digit and two line ends, between the data of two chunks.
const SHORTEST_SIZE_LINE: u64 = 5;

/// SO_SNDBUF and SO_RCVBUF are 32-bit and signed, and Linux doubles them.
const LARGEST_BUFFER: ByteSize = ByteSize::mib(1023);

/// TCP_CA_NAME_MAX of Linux, less the final zero.
const LONGEST_CONGESTION: usize = 15;

impl Check<'_> {
    pub(super) fn link(&mut self) {
        if let Some(segment) = self.scenario.link.segment
            && !(1..=LARGEST_SEGMENT.0).contains(&segment.0)
        {
            self.problem(
                "link.segment",
                format!("a segment of {segment} is out of range"),
                format!("write 1B to {LARGEST_SEGMENT}, or leave it out"),
            );
        }
        let link = &self.scenario.link;
        if !(0.0..1.0).contains(&link.loss) {
            self.problem(
                "link.loss",
                format!("{} is not a share of segments that leaves any", link.loss),
                "write 0.0 or more and less than 1.0",
            );
        }
        if let Some(most) = link.drops_above {
            let segment = ByteSize(self.scenario.segment_at(link.rate));
            if most.0 == 0 {
                self.problem(
                    "link.drops_above",
                    "a path on which no byte passes carries no response",
                    "write at least 1B; for silence from the start, a `blackhole`",
                );
            } else if segment <= most {
                self.problem(
                    "link.drops_above",
                    format!("nothing gets lost: a segment here has {segment}"),
                    "write less than that, or a larger `link.segment`",
                );
            }
        }
        if let Some(connections) = link.connections {
            let parallel = self.scenario.client.parallel;
            if !(1..=MOST_PARALLEL).contains(&connections) {
                self.problem(
                    "link.connections",
                    format!("{connections} downloads at a time are out of range"),
                    format!("write 1 to {MOST_PARALLEL}"),
                );
            } else if self.given("client.parallel") && parallel != connections {
                self.problem(
                    "link.connections",
                    format!(
                        "client.parallel says {parallel}, but both set the downloads at a time"
                    ),
                    "keep one of them",
                );
            }
        }
        if link.shared && self.scenario.downloads() == 1 {
            self.problem(
                "link.shared",
                "a single download cannot share the link",
                "add `connections`, or leave `shared` out",
            );
        }
        self.path();
    }

    /// The bytes on the path must fit: otherwise the link would stay below the
    /// rate in the file, and nothing would tell why.
    fn path(&mut self) {
        let scenario = self.scenario;
        let link = &scenario.link;
        let sockets = &scenario.sockets;
        let stated = ["link.rate", "link.latency", "link.jitter", "link.segment"];
        if sockets.window().is_some() || !stated.into_iter().any(|key| self.given(key)) {
            return;
        }
        let carried = link.rate.bytes_in(link.longest_round_trip());
        let held = carried.min(self.longest_framed());
        if held > MOST_BYTES {
            self.problem(
                "link.latency",
                format!(
                    "{} x two latencies are {} on their way at once, more than TCP's largest \
                     window, {}",
                    link.rate,
                    ByteSize(carried).human(),
                    ByteSize(MOST_BYTES)
                ),
                "write a smaller `rate` or `latency`, or the window that limits it, \
                 `sockets.server_send`",
            );
            return;
        }
        let segment = scenario.segment_at(link.rate).max(1);
        let chunk = match scenario.body.framing {
            Framing::Chunked => scenario.body.chunk.0.saturating_add(SHORTEST_SIZE_LINE),
            _ => u64::MAX,
        };
        // Of a chunk, its data and what stands before it.
        let pieces = (held / segment).saturating_add((held / chunk).saturating_mul(2));
        if pieces > MOST_PIECES as u64 {
            let (key, each) = if chunk < segment {
                ("body.chunk", scenario.body.chunk.0)
            } else {
                ("link.segment", segment)
            };
            self.problem(
                key,
                format!(
                    "in pieces of {} there are {pieces} on their way at once; the path holds \
                     {MOST_PIECES}",
                    ByteSize(each)
                ),
                "write larger pieces, a smaller `link.rate` or a shorter `link.latency`",
            );
        }
    }

    pub(super) fn sockets(&mut self) {
        let sockets = &self.scenario.sockets;
        for (key, size) in [
            ("sockets.server_send", sockets.server_send),
            ("sockets.client_receive", sockets.client_receive),
            ("sockets.notsent_lowat", sockets.notsent_lowat),
        ] {
            if let Some(size) = size.filter(|size| !(1..=LARGEST_BUFFER.0).contains(&size.0)) {
                self.problem(
                    key,
                    format!("the kernel takes no buffer of {size}"),
                    format!("write 1B to {LARGEST_BUFFER}, or leave it out for the default"),
                );
            }
        }
        if let Some(name) = &sockets.congestion
            && (name.len() > LONGEST_CONGESTION || !is_token(name))
        {
            self.problem(
                "sockets.congestion",
                format!("`{name}` is not the name of a congestion control"),
                "see net.ipv4.tcp_available_congestion_control",
            );
        }
    }
}
