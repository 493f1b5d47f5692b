//! The socket options of a scenario: sets them on real sockets, and tries them
//! before anybody connects.

use std::{io, net::SocketAddr, time::Duration};

use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};

use super::{
    platform::{Lacking, try_platform},
    sys,
};
use crate::scenario::{Scenario, Sockets};

/// The scenarios that cannot be played over real sockets here.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A setting that this kernel does not take.
    #[error("`{key}`: the kernel refuses {asked}: {error}{offers}")]
    Setting {
        /// As the file has it.
        key: &'static str,
        /// The value.
        asked: String,
        /// The kernel's answer.
        error: io::Error,
        /// The accepted values, and the remedy.
        offers: String,
    },
    /// The feature that this platform lacks.
    #[error(transparent)]
    Lacking(#[from] Lacking),
}

/// Checks whether `scenario` can be played over sockets: on one that connects to
/// nobody, and by the features of the platform.
///
/// # Errors
/// The key that cannot be played. If there is no socket to try settings on, none
/// is refused: the connection will tell.
pub fn try_scenario(scenario: &Scenario) -> Result<(), Refused> {
    try_platform(scenario)?;
    match Socket::new(Domain::IPV4, Type::STREAM, None) {
        Ok(socket) => set_sockets(&SockRef::from(&socket), &scenario.sockets),
        Err(_) => Ok(()),
    }
}

/// Sets the server's buffers and its congestion control.
///
/// # Errors
/// The first setting that the kernel refuses.
pub(super) fn set_sockets(socket: &SockRef<'_>, sockets: &Sockets) -> Result<(), Refused> {
    let refused = |key, asked: String| {
        move |error| Refused::Setting {
            key,
            asked,
            error,
            offers: String::new(),
        }
    };
    if let Some(size) = sockets.server_send {
        let bytes = usize::try_from(size.0).unwrap_or(usize::MAX);
        let set = socket.set_send_buffer_size(bytes);
        set.map_err(refused("sockets.server_send", size.to_string()))?;
    }
    if let Some(size) = sockets.notsent_lowat {
        let bytes = u32::try_from(size.0).unwrap_or(u32::MAX);
        let set = sys::set_notsent_lowat(&**socket, bytes);
        set.map_err(refused("sockets.notsent_lowat", size.to_string()))?;
    }
    if let Some(name) = sockets.congestion.as_deref().or(sys::CONGESTION) {
        sys::set_congestion(&**socket, name).map_err(|error| Refused::Setting {
            key: "sockets.congestion",
            asked: format!("`{name}`"),
            offers: offered(&error),
            error,
        })?;
    }
    Ok(())
}

/// After so long without a segment from a client on another machine the kernel asks
/// whether it is still there: where nothing is sent, in a stall say, nothing else
/// would ever tell that it lost power. As long as the life of a connection in a black
/// hole (`HOLD`), and so longer than any silence that is measured in hours; a probe
/// and its answer are segments, which an `idle` limit beyond this counts.
const LONGEST_SILENCE: Duration = Duration::from_secs(4 * 3600);

/// The number of probes, and the time between two: the defaults of Linux
/// (tcp(7)).
const PROBES: (u32, Duration) = (9, Duration::from_secs(75));

/// Lets the kernel end a connection whose client, at `peer`, is on another machine
/// and has vanished from it. Of one on this machine the kernel tells FIN or RST.
///
/// # Errors
/// Those of setsockopt(2).
pub(super) fn ask_after_silence(socket: &SockRef<'_>, peer: Option<SocketAddr>) -> io::Result<()> {
    if peer.is_none_or(|peer| peer.ip().to_canonical().is_loopback()) {
        return Ok(());
    }
    let (count, interval) = PROBES;
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(LONGEST_SILENCE)
            .with_interval(interval)
            .with_retries(count),
    )
}

/// The congestion controls that could be had instead (tcp(7)).
fn offered(error: &io::Error) -> String {
    let list = match error.kind() {
        // It is there, and not for everybody.
        io::ErrorKind::PermissionDenied => "allowed",
        _ => "available",
    };
    let path = format!("/proc/sys/net/ipv4/tcp_{list}_congestion_control");
    match std::fs::read_to_string(&path) {
        Ok(names) => {
            let names: Vec<_> = names.split_whitespace().collect();
            format!("; it offers {} ({path})", names.join(", "))
        }
        Err(_) => format!("; {path} would say what it offers"),
    }
}

#[cfg(all(test, shortread_linux))]
mod tests {
    use super::*;
    use crate::units::ByteSize;

    #[test]
    fn a_congestion_control_that_is_not_there_is_refused_with_those_that_are() {
        let asked = |name: &str| {
            let mut scenario = Scenario::default();
            scenario.sockets.congestion = Some(name.into());
            scenario
        };
        try_scenario(&asked("reno")).unwrap();
        let error = try_scenario(&asked("cubik")).unwrap_err().to_string();
        assert!(
            error.starts_with("`sockets.congestion`: the kernel refuses `cubik`: "),
            "{error}"
        );
        assert!(error.contains("reno"), "{error}");
    }

    #[test]
    fn the_congestion_control_of_a_file_without_one_is_that_of_the_reference() {
        let row = format!(
            "| `congestion` | text | {} |",
            sys::CONGESTION.expect("of Linux")
        );
        let reference = include_str!("../../../docs/SCENARIOS.md");
        assert!(reference.contains(&row), "{row}");
    }

    #[test]
    fn the_kernel_asks_after_four_hours_whether_a_client_elsewhere_is_there() {
        let keepalive = |peer: &str| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let peer = peer.parse().unwrap();
            ask_after_silence(&SockRef::from(&socket), Some(peer)).unwrap();
            let asks = socket.keepalive().unwrap();
            asks.then(|| socket.tcp_keepalive_time().unwrap())
        };
        assert_eq!(keepalive("192.0.2.1:80"), Some(LONGEST_SILENCE));
        assert_eq!(keepalive("[2001:db8::1]:80"), Some(LONGEST_SILENCE));
        for here in ["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(keepalive(here), None, "{here}");
        }
    }

    #[test]
    fn every_size_that_a_file_may_state_is_taken() {
        for size in [ByteSize(1), ByteSize::mib(1023)] {
            let mut scenario = Scenario::default();
            scenario.sockets.server_send = Some(size);
            scenario.sockets.notsent_lowat = Some(size);
            try_scenario(&scenario).unwrap();
        }
    }
}
