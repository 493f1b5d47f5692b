//! The features of real sockets that platforms other than Linux lack. A scenario
//! that needs one is refused, never played differently.

use super::sys;
use crate::scenario::{Action, Fault, Scenario};

/// A feature that a scenario needs and the platform lacks.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` needs {needs}, which there is on Linux alone; {remedy}")]
pub struct Lacking {
    /// As the file has it.
    key: String,
    needs: &'static str,
    remedy: &'static str,
}

const COUNTERS: &str = "the kernel's counters of a connection (TCP_INFO)";
const QUEUE: &str = "the length of the send queue (SIOCOUTQ)";
const DARKNESS: &str = "segments that are not heard (IP_MINTTL)";

const IN_MEMORY: &str = "play it there, or in the virtual world";
const UNDRAINED: &str = "write `drain = false`, play it there, or in the virtual world";
const LEFT_OUT: &str = "leave it out, or play it there";

/// Looks for what `scenario` needs over sockets and this platform has not.
///
/// # Errors
/// The first such key.
pub fn try_platform(scenario: &Scenario) -> Result<(), Lacking> {
    Lacking::of(scenario, sys::WHOLE)
}

impl Lacking {
    /// The same, where the `whole` of [`sys`] can be had or not.
    fn of(scenario: &Scenario, whole: bool) -> Result<(), Self> {
        if whole {
            return Ok(());
        }
        for (number, fault) in scenario.faults.iter().enumerate() {
            if let Some((key, needs, remedy)) = needed(fault) {
                let key = format!("fault[{number}].{key}");
                return Err(Self { key, needs, remedy });
            }
        }
        let sockets = &scenario.sockets;
        let settings = [
            (
                "sockets.notsent_lowat",
                sockets.notsent_lowat.is_some(),
                "TCP_NOTSENT_LOWAT",
            ),
            (
                "sockets.congestion",
                sockets.congestion.is_some(),
                "TCP_CONGESTION",
            ),
        ];
        match settings.into_iter().find(|(_, asked, _)| *asked) {
            None => Ok(()),
            Some((key, _, needs)) => Err(Self {
                key: key.to_owned(),
                needs,
                remedy: LEFT_OUT,
            }),
        }
    }
}

/// The key of `fault`, what it needs of Linux, and what to do without.
fn needed(fault: &Fault) -> Option<(&'static str, &'static str, &'static str)> {
    match fault.then {
        Action::Blackhole | Action::Forget => return Some(("then", DARKNESS, IN_MEMORY)),
        Action::Fin | Action::Reset | Action::Stall(_) | Action::Throttle(_) | Action::End => {}
    }
    if fault.when.idle().is_some() {
        return Some(("when.idle", COUNTERS, IN_MEMORY));
    }
    fault.drain.then_some(("drain", QUEUE, UNDRAINED))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        scenario::{Counts, Limit, Trigger},
        units::{ByteSize, Rate},
    };

    fn refused(faults: Vec<Fault>) -> String {
        let scenario = Scenario {
            faults,
            ..Scenario::default()
        };
        assert_eq!(Lacking::of(&scenario, true), Ok(()), "Linux has it all");
        let lacking = Lacking::of(&scenario, false);
        lacking.map_or_else(|lacking| lacking.to_string(), |()| String::new())
    }

    #[test]
    fn what_needs_nothing_of_linux_is_played_everywhere() {
        let actions = [
            Action::Fin,
            Action::Reset,
            Action::Stall(Limit::Never),
            Action::Throttle(Rate::FASTEST),
            Action::End,
        ];
        for then in actions {
            let fault = Fault {
                drain: false,
                ..Fault::new(Trigger::Body(ByteSize(5)), then)
            };
            assert_eq!(refused(vec![fault]), "");
            let after = Trigger::Elapsed(Duration::from_secs(1));
            assert_eq!(refused(vec![Fault::new(after, then)]), "");
        }
    }

    #[test]
    fn what_needs_linux_is_refused_by_its_key_with_a_remedy() {
        let body = Trigger::Body(ByteSize(5));
        let after = Duration::from_secs(1);
        let counts = Counts::Segments;
        let idle = Trigger::Idle { after, counts };
        let said = refused(vec![
            Fault::new(Trigger::Request(1), Action::End),
            Fault::new(body, Action::Reset),
        ]);
        assert_eq!(
            said,
            "`fault[1].drain` needs the length of the send queue (SIOCOUTQ), which there is on \
             Linux alone; write `drain = false`, play it there, or in the virtual world"
        );
        for (fault, key, needs) in [
            (
                Fault::new(body, Action::Blackhole),
                "fault[0].then",
                "IP_MINTTL",
            ),
            (
                Fault::new(body, Action::Forget),
                "fault[0].then",
                "IP_MINTTL",
            ),
            (
                Fault::new(idle, Action::Reset),
                "fault[0].when.idle",
                "TCP_INFO",
            ),
        ] {
            let said = refused(vec![fault]);
            assert!(said.starts_with(&format!("`{key}` needs ")), "{said}");
            assert!(said.contains(needs), "{said}");
        }
        let mut scenario = Scenario::default();
        scenario.sockets.congestion = Some("reno".into());
        let said = Lacking::of(&scenario, false).unwrap_err().to_string();
        assert!(
            said.starts_with("`sockets.congestion` needs TCP_CONGESTION"),
            "{said}"
        );
    }

    #[cfg(not(shortread_linux))]
    #[test]
    fn this_platform_lacks_what_is_said() {
        assert!(!sys::WHOLE);
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let error = sys::set_minimum_ttl(&socket, false, 255).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("IP_MINTTL"), "{error}");
    }
}
