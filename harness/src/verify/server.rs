//! The server's side of a download: asks the control interface for its journal,
//! and finds out who lost what.

use std::{collections::BTreeMap, fmt, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Request, StatusCode, Uri, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Clock,
    journal::{CloseReason, Event, Fact, acked_bytes},
    scenario::Party,
    serve::Token,
    units::counted_bytes as bytes,
};
use tokio::net::TcpStream;

use super::Finding;

/// Longest wait for the journal to become final: by then the server has ended a
/// response that the client left open.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes read of an answer: the most that a journal keeps.
const LONGEST: usize = 64 << 20;

/// The server's side of a download. These names are the fields of `server` in
/// `shortread verify --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSide {
    /// Connections of the test.
    pub connections: u64,
    /// Requests of the test.
    pub requests: u64,
    /// Body bytes handed to the transport, by all of them.
    pub sent_bytes: u64,
    /// Bytes among them that the client's kernel acknowledged; null where the
    /// server's platform does not count them.
    pub acked_bytes: Option<u64>,
    /// The faults in order: `reset at 12582912`.
    pub faults: Vec<String>,
    /// The party that the last fault stands for; null without a fault.
    pub by: Option<Party>,
    /// The reason why the last connection ended, as known to the server; null
    /// while it is open.
    pub closed: Option<CloseReason>,
}

/// The reasons why the server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The text is not the address of a control interface.
    #[error(
        "`{0}` is not the URL of a control interface; take `control` from the server's first line, http://127.0.0.1:PORT"
    )]
    Url(String),
    /// Nothing is there, or it does not speak HTTP.
    #[error("the control interface at {url} does not answer: {reason}")]
    Silent {
        /// The URL.
        url: String,
        /// The error.
        reason: String,
    },
    /// The answer is not a journal.
    #[error("the control interface at {url} refused the request: {said}")]
    Refused {
        /// The URL.
        url: String,
        /// The server's answer.
        said: String,
    },
    /// The test is unknown.
    #[error(
        "the server has seen no request with key={0}; check that the file came from this server, with this key"
    )]
    Unknown(String),
}

#[derive(Deserialize)]
struct JournalBody {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct RefusalBody {
    error: String,
}

impl ServerSide {
    /// Asks the control interface at `control` (`http://127.0.0.1:PORT`) for the
    /// final events of the test `key`, with its token if it needs one.
    ///
    /// # Errors
    /// The server cannot be asked, or does not know the test.
    pub fn ask(control: &str, key: &str, token: Option<&Token>) -> Result<Self, AskError> {
        let silent = |reason: String| AskError::Silent {
            url: control.into(),
            reason,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| silent(error.to_string()))?;
        let url: Uri = control
            .trim_end_matches('/')
            .parse()
            .map_err(|_| AskError::Url(control.into()))?;
        let authority = match (url.scheme_str(), url.authority(), url.path()) {
            (Some("http"), Some(authority), "/") => authority.clone(),
            _ => return Err(AskError::Url(control.into())),
        };
        let (status, body) = runtime.block_on(async {
            let clock = Clock::real();
            let end = clock.now() + 2 * PATIENCE;
            let asked = clock.timeout_at(end, get(authority.as_str(), target(key), token));
            let late = |_| silent(format!("no answer within {} s", 2 * PATIENCE.as_secs()));
            asked
                .await
                .map_err(late)?
                .map_err(|error| silent(error.to_string()))
        })?;
        let refused = |said: String| AskError::Refused {
            url: control.into(),
            said,
        };
        if status != StatusCode::OK {
            let said = serde_json::from_slice::<RefusalBody>(&body);
            return Err(match said {
                Ok(refusal) if refusal.error.ends_with("nothing was asked for") => {
                    AskError::Unknown(key.into())
                }
                Ok(refusal) => refused(refusal.error),
                Err(_) => refused(status.to_string()),
            });
        }
        let journal: JournalBody = serde_json::from_slice(&body)
            .map_err(|error| refused(format!("the answer is not a journal: {error}")))?;
        Ok(Self::of(&journal.events))
    }

    /// Folds the events of one test.
    pub fn of(events: &[Event]) -> Self {
        let mut side = Self {
            connections: 0,
            requests: 0,
            sent_bytes: 0,
            acked_bytes: acked_bytes(events),
            faults: Vec::new(),
            by: None,
            closed: None,
        };
        // The body bytes of responses on open connections.
        let mut open: BTreeMap<u32, u64> = BTreeMap::new();
        for event in events {
            match &event.fact {
                Fact::Accepted { .. } => side.connections += 1,
                Fact::Request { .. } => side.requests += 1,
                Fact::ResponseEnd { body_bytes, .. } => {
                    *open.entry(event.connection).or_default() += body_bytes;
                }
                Fact::Fault {
                    action,
                    by,
                    at_bytes,
                    ..
                } => {
                    side.faults.push(format!("{action} at {at_bytes}"));
                    side.by = Some(*by);
                }
                Fact::Closed {
                    reason, sent_bytes, ..
                } => {
                    open.remove(&event.connection);
                    side.sent_bytes += sent_bytes;
                    side.closed = Some(reason.clone());
                }
                _ => {}
            }
        }
        if !open.is_empty() {
            side.sent_bytes += open.values().sum::<u64>();
            side.closed = None;
        }
        side
    }

    /// Says who lost the missing part of the file, as a sentence without a full
    /// stop; `None` if nothing is missing.
    pub fn blame(&self, finding: &Finding) -> Option<String> {
        if finding.is_whole() {
            return None;
        }
        let (has, sent) = (finding.true_prefix_bytes, self.sent_bytes);
        Some(match (&self.by, has) {
            _ if self.requests > 1 => format!(
                "there were {} requests: the journal shows each of them",
                self.requests
            ),
            (Some(by), _) if has >= sent => {
                format!("the {by} ended it; the client saved all of it")
            }
            (None, _) if has >= sent => "the server was still sending and did nothing to it".into(),
            _ => match self.acked_bytes {
                None => format!(
                    "of {} the client saved {}: the server's platform does not count the bytes that the client's kernel acknowledged, so either the path or the client lost the rest",
                    bytes(sent),
                    bytes(has)
                ),
                Some(acked) if acked <= has => format!(
                    "of {} the client's kernel had acknowledged {}: the rest was lost on the way",
                    bytes(sent),
                    bytes(acked)
                ),
                Some(acked) => format!(
                    "the client's kernel had {} of it: the client lost {}",
                    bytes(acked),
                    bytes(acked - has)
                ),
            },
        })
    }
}

impl fmt::Display for ServerSide {
    /// The server's actions, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server sent {}", bytes(self.sent_bytes))?;
        if self.requests != 1 {
            write!(f, " in {} requests", self.requests)?;
        }
        match self.faults.as_slice() {
            [] => write!(f, ", and broke nothing"),
            faults => write!(f, "; on purpose: {}", faults.join(", ")),
        }
    }
}

/// The path of a test's final journal.
fn target(key: &str) -> String {
    let mut coded = String::new();
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                coded.push(char::from(byte));
            }
            other => coded.push_str(&format!("%{other:02X}")),
        }
    }
    let patience = PATIENCE.as_secs();
    format!("/journal?key={coded}&wait=end&timeout={patience}s")
}

/// The status and body of a GET.
async fn get(
    authority: &str,
    target: String,
    token: Option<&Token>,
) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut request = Request::get(target)
        .header("Host", authority)
        .header("Connection", "close");
    if let Some(token) = token {
        request = request.header("Authorization", token.bearer());
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let answer = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST)
            .collect()
            .await?;
        Ok((status, body.to_bytes()))
    };
    let (answer, _) = tokio::join!(answer, connection);
    answer
}

#[cfg(test)]
mod tests {
    use shortread_server::{clock::Instant, scenario::Action};

    use super::*;
    use crate::verify::verify;

    fn event(fact: Fact) -> Event {
        Event {
            at_ns: Instant(0),
            utc: None,
            connection: 1,
            key: Some("t".into()),
            fact,
        }
    }

    fn side(sent: u64, acked: impl Into<Option<u64>>, fault: bool) -> ServerSide {
        let mut events = vec![event(Fact::Request {
            number: 1,
            method: "GET".into(),
            target: "/".into(),
            range: None,
            if_range: None,
        })];
        if fault {
            events.push(event(Fact::Fault {
                index: 0,
                action: Action::Reset,
                by: Party::Network,
                at_bytes: sent,
                at_wire_bytes: sent + 100,
                in_flight_bytes: 0,
                error_bound_ns: 0,
            }));
        }
        events.push(event(Fact::Closed {
            reason: CloseReason::Fault,
            sent_bytes: sent,
            acked_bytes: acked.into(),
            max_unsent_bytes: 0,
        }));
        ServerSide::of(&events)
    }

    /// A file with `bytes` right bytes of an object of 100.
    fn file(bytes: u64) -> Finding {
        let all = shortread_server::body::Pattern::PLAIN.slice(0, bytes as usize);
        verify(&mut all.as_ref(), 100).unwrap()
    }

    #[test]
    fn what_is_missing_is_the_servers_the_paths_or_the_clients_loss() {
        let blame = |side: ServerSide, has| side.blame(&file(has));
        assert_eq!(blame(side(100, 100, false), 100), None);
        insta::assert_snapshot!(blame(side(40, 40, true), 40).unwrap(), @"the network ended it; the client saved all of it");
        insta::assert_snapshot!(blame(side(40, 40, false), 40).unwrap(), @"the server was still sending and did nothing to it");
        insta::assert_snapshot!(blame(side(60, 30, true), 30).unwrap(), @"of 60 bytes the client's kernel had acknowledged 30 bytes: the rest was lost on the way");
        insta::assert_snapshot!(blame(side(60, 60, true), 20).unwrap(), @"the client's kernel had 60 bytes of it: the client lost 40 bytes");
        insta::assert_snapshot!(blame(side(60, None, true), 20).unwrap(), @"of 60 bytes the client saved 20 bytes: the server's platform does not count the bytes that the client's kernel acknowledged, so either the path or the client lost the rest");
        assert_eq!(
            side(60, 60, true).to_string(),
            "the server sent 60 bytes; on purpose: reset at 60"
        );
    }

    #[test]
    fn a_key_is_written_so_that_no_byte_of_it_is_read_as_another() {
        assert_eq!(
            target("a b&c/é"),
            "/journal?key=a%20b%26c%2F%C3%A9&wait=end&timeout=30s"
        );
    }

    #[test]
    fn what_is_no_control_interface_is_named() {
        for url in [
            "127.0.0.1:80",
            "https://127.0.0.1",
            "http://127.0.0.1/x",
            "",
            "http://",
        ] {
            let error = ServerSide::ask(url, "t", None).unwrap_err();
            assert!(matches!(error, AskError::Url(_)), "{url}: {error}");
        }
        // This port was free a moment ago.
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", taken.local_addr().unwrap());
        drop(taken);
        let error = ServerSide::ask(&url, "t", None).unwrap_err();
        assert!(matches!(error, AskError::Silent { .. }), "{error}");
    }
}
