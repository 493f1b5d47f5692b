//! The names and messages of clients for the end of a download, and the side that
//! each one blames.

use serde::Serialize;
use shortread_server::scenario::nearest;

/// The side that ended it, as far as a name can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    /// No error at all.
    Success,
    /// Nothing ended it; somebody gave up.
    Hang,
    /// A timer of the client, over the whole or not said which.
    ClientTimer,
    /// The client's timer on silence.
    ReadTimer,
    /// The client's kernel or library gave up a path that no longer answers.
    Unanswered,
    /// Closed from outside before an announced end, by FIN or RST.
    Closed,
    /// Closed from outside, by RST.
    Reset,
    /// Closed before a response began.
    NoResponse,
    /// The client ran out of memory, or was killed.
    Memory,
    /// The client's own disk took no more.
    Disk,
    /// The bytes that came could not be decoded.
    Undecodable,
}

impl Blame {
    /// The meaning, as the rest of a sentence that begins with the name.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "the client saw nothing wrong",
            Self::Hang => "nothing ended it",
            Self::ClientTimer => "a timer of the client ended it",
            Self::ReadTimer => "the client's limit on silence ended it",
            Self::Unanswered => "the client's kernel gave up: no answer any more",
            Self::Closed => "the other side closed before the announced end",
            Self::Reset => "a reset (RST) came from outside",
            Self::NoResponse => "the other side closed without a response",
            Self::Memory => "the client ran out of memory",
            Self::Disk => "the client's own disk took no more",
            Self::Undecodable => "what came could not be decoded",
        }
    }
}

/// A name or message that clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// As it stands in logs.
    pub name: &'static str,
    /// The client that uses this name.
    pub client: &'static str,
    /// The end that it means.
    pub end: Blame,
    /// The source.
    pub source: &'static str,
}

/// The user's `--error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// As it was typed.
    pub text: String,
    /// The entry that it contains.
    pub known: Option<&'static Known>,
    /// The most similar one, if none matches.
    pub nearest: Option<&'static str>,
}

impl Reported {
    /// The end that it means.
    pub fn end(&self) -> Option<Blame> {
        self.known.map(|known| known.end)
    }
}

/// Finds the longest known name within `text`; case, blanks and punctuation
/// count for nothing.
pub fn look_up(text: &str) -> Reported {
    let plain = squash(text);
    let known = KNOWN
        .iter()
        .filter(|known| {
            let name = squash(known.name);
            // Short words such as `none` may be part of anything.
            plain == name || (name.len() > 4 && plain.contains(&name))
        })
        .max_by_key(|known| squash(known.name).len());
    let suggestion = match known {
        Some(_) => None,
        None => nearest(text, KNOWN.iter().map(|known| known.name)),
    };
    Reported {
        text: text.into(),
        known,
        nearest: suggestion,
    }
}

/// The last line of a log that contains a known name.
pub fn last_known(log: &str) -> Option<&str> {
    let known = |line: &&str| look_up(line).known.is_some();
    log.lines().rev().map(str::trim).find(known)
}

fn squash(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

const AIOHTTP: &str = "https://docs.aiohttp.org/en/stable/client_reference.html#client-exceptions";
const HTTP_CLIENT: &str = "https://docs.python.org/3/library/http.client.html";
const URLLIB3: &str = "https://urllib3.readthedocs.io/en/stable/reference/urllib3.exceptions.html";
const REQUESTS: &str = "https://requests.readthedocs.io/en/latest/api/#exceptions";
const HTTPX: &str = "https://www.python-httpx.org/exceptions/";
const CURL: &str = "https://curl.se/libcurl/c/libcurl-errors.html";
const GO_IO: &str = "https://pkg.go.dev/io#pkg-variables";
const GO_HTTP: &str = "https://pkg.go.dev/net/http#Client";
const NODE: &str = "https://nodejs.org/api/errors.html";
const UNDICI: &str = "https://github.com/nodejs/undici/blob/main/docs/docs/api/Errors.md";
const HYPER: &str = "https://docs.rs/hyper/latest/hyper/struct.Error.html";
const REQWEST: &str = "https://docs.rs/reqwest/latest/reqwest/struct.Error.html";
const ERRNO: &str = "https://man7.org/linux/man-pages/man3/errno.3.html";
const OKHTTP: &str = "https://github.com/square/okhttp/issues/3715";
const APACHE_JAVA: &str =
    "https://hc.apache.org/httpcomponents-core-5.3.x/current/httpcore5/apidocs/";
const PYTHON: &str = "https://docs.python.org/3/library/exceptions.html#MemoryError";
const KILLED: &str = "https://man7.org/linux/man-pages/man7/signal.7.html";
const RUST_IO: &str = "https://doc.rust-lang.org/std/io/enum.ErrorKind.html";
const OURS: &str = "https://www.rfc-editor.org/rfc/rfc9112#section-8";

const fn known(
    name: &'static str,
    client: &'static str,
    end: Blame,
    source: &'static str,
) -> Known {
    Known {
        name,
        client,
        end,
        source,
    }
}

/// Every name that is understood.
pub const KNOWN: &[Known] = &[
    known("none", "you", Blame::Success, OURS),
    known("success", "you", Blame::Success, OURS),
    known("hang", "you", Blame::Hang, OURS),
    known("hung", "you", Blame::Hang, OURS),
    known("TimeoutError", "aiohttp", Blame::ClientTimer, AIOHTTP),
    known("SocketTimeoutError", "aiohttp", Blame::ReadTimer, AIOHTTP),
    known("ServerTimeoutError", "aiohttp", Blame::ReadTimer, AIOHTTP),
    known("ClientPayloadError", "aiohttp", Blame::Closed, AIOHTTP),
    known("ContentLengthError", "aiohttp", Blame::Closed, AIOHTTP),
    known("TransferEncodingError", "aiohttp", Blame::Closed, AIOHTTP),
    known(
        "Response payload is not completed",
        "aiohttp",
        Blame::Closed,
        AIOHTTP,
    ),
    known(
        "ServerDisconnectedError",
        "aiohttp",
        Blame::NoResponse,
        AIOHTTP,
    ),
    known(
        "ContentEncodingError",
        "aiohttp",
        Blame::Undecodable,
        AIOHTTP,
    ),
    known("IncompleteRead", "http.client", Blame::Closed, HTTP_CLIENT),
    known(
        "RemoteDisconnected",
        "http.client",
        Blame::NoResponse,
        HTTP_CLIENT,
    ),
    known("ProtocolError", "urllib3", Blame::Closed, URLLIB3),
    known("InvalidChunkLength", "urllib3", Blame::Closed, URLLIB3),
    known("ReadTimeoutError", "urllib3", Blame::ReadTimer, URLLIB3),
    known("ChunkedEncodingError", "requests", Blame::Closed, REQUESTS),
    known("ReadTimeout", "requests, httpx", Blame::ReadTimer, REQUESTS),
    known("RemoteProtocolError", "httpx", Blame::Closed, HTTPX),
    known(
        "peer closed connection without sending complete message body",
        "httpx",
        Blame::Closed,
        HTTPX,
    ),
    known("curl: (18)", "curl", Blame::Closed, CURL),
    known("CURLE_PARTIAL_FILE", "curl", Blame::Closed, CURL),
    known("curl: (28)", "curl", Blame::ClientTimer, CURL),
    known("CURLE_OPERATION_TIMEDOUT", "curl", Blame::ClientTimer, CURL),
    known("curl: (52)", "curl", Blame::NoResponse, CURL),
    known("Empty reply from server", "curl", Blame::NoResponse, CURL),
    known("curl: (56)", "curl", Blame::Reset, CURL),
    known("CURLE_RECV_ERROR", "curl", Blame::Reset, CURL),
    known("curl: (61)", "curl", Blame::Undecodable, CURL),
    known("curl: (92)", "curl", Blame::Closed, CURL),
    known("unexpected EOF", "Go", Blame::Closed, GO_IO),
    known(
        "context deadline exceeded",
        "Go",
        Blame::ClientTimer,
        GO_HTTP,
    ),
    known(
        "Client.Timeout exceeded while reading body",
        "Go",
        Blame::ClientTimer,
        GO_HTTP,
    ),
    known("i/o timeout", "Go", Blame::ReadTimer, GO_HTTP),
    known("aborted", "Node", Blame::Closed, NODE),
    known("ERR_STREAM_PREMATURE_CLOSE", "Node", Blame::Closed, NODE),
    known("socket hang up", "Node", Blame::NoResponse, NODE),
    known("terminated", "Node fetch", Blame::Closed, UNDICI),
    known("other side closed", "undici", Blame::Closed, UNDICI),
    known("UND_ERR_SOCKET", "undici", Blame::Closed, UNDICI),
    known("UND_ERR_BODY_TIMEOUT", "undici", Blame::ReadTimer, UNDICI),
    known("Body Timeout Error", "undici", Blame::ReadTimer, UNDICI),
    known(
        "UND_ERR_HEADERS_TIMEOUT",
        "undici",
        Blame::ReadTimer,
        UNDICI,
    ),
    known("IncompleteMessage", "hyper", Blame::Closed, HYPER),
    known(
        "connection closed before message completed",
        "hyper",
        Blame::Closed,
        HYPER,
    ),
    known(
        "end of file before message length reached",
        "hyper",
        Blame::Closed,
        HYPER,
    ),
    known(
        "error decoding response body",
        "reqwest",
        Blame::Closed,
        REQWEST,
    ),
    known(
        "operation timed out",
        "reqwest",
        Blame::ClientTimer,
        REQWEST,
    ),
    known("unexpected end of stream", "OkHttp", Blame::Closed, OKHTTP),
    known(
        "ConnectionClosedException",
        "Apache HttpClient",
        Blame::Closed,
        APACHE_JAVA,
    ),
    known(
        "Premature end of Content-Length delimited message body",
        "Apache HttpClient",
        Blame::Closed,
        APACHE_JAVA,
    ),
    known(
        "SocketTimeoutException",
        "Java",
        Blame::ReadTimer,
        APACHE_JAVA,
    ),
    known(
        "Connection reset by peer",
        "the kernel",
        Blame::Reset,
        ERRNO,
    ),
    known("ECONNRESET", "the kernel", Blame::Reset, ERRNO),
    known("ConnectionResetError", "Python", Blame::Reset, ERRNO),
    known(
        "Connection timed out",
        "the kernel",
        Blame::Unanswered,
        ERRNO,
    ),
    known("ETIMEDOUT", "the kernel", Blame::Unanswered, ERRNO),
    known("MemoryError", "Python", Blame::Memory, PYTHON),
    known("OutOfMemoryError", "Java", Blame::Memory, KILLED),
    known("No space left on device", "the kernel", Blame::Disk, ERRNO),
    known("ENOSPC", "the kernel", Blame::Disk, ERRNO),
    known("Errno 28", "Python", Blame::Disk, ERRNO),
    known("Disk quota exceeded", "the kernel", Blame::Disk, ERRNO),
    known("EDQUOT", "the kernel", Blame::Disk, ERRNO),
    known("File too large", "the kernel", Blame::Disk, ERRNO),
    known("EFBIG", "the kernel", Blame::Disk, ERRNO),
    known("StorageFull", "Rust", Blame::Disk, RUST_IO),
    known("curl: (23)", "curl", Blame::Disk, CURL),
    known("CURLE_WRITE_ERROR", "curl", Blame::Disk, CURL),
    known("OOMKilled", "Kubernetes", Blame::Memory, KILLED),
    known("killed", "the shell", Blame::Memory, KILLED),
    known("exit code 137", "the shell", Blame::Memory, KILLED),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<Blame> {
        look_up(text).end()
    }

    #[test]
    fn messages_are_recognised_as_logs_have_them() {
        for (text, says) in [
            ("asyncio.exceptions.TimeoutError", Blame::ClientTimer),
            ("TimeoutError('')", Blame::ClientTimer),
            (
                "aiohttp.SocketTimeoutError: Timeout on reading",
                Blame::ReadTimer,
            ),
            (
                "curl: (18) transfer closed with 400 bytes remaining to read",
                Blame::Closed,
            ),
            ("curl (28)", Blame::ClientTimer),
            (
                "('Connection broken: IncompleteRead(6 bytes read)', ...)",
                Blame::Closed,
            ),
            ("[Errno 104] Connection reset by peer", Blame::Reset),
            ("read tcp: read: unexpected EOF", Blame::Closed),
            ("hyper::Error(IncompleteMessage)", Blame::Closed),
            ("TypeError: terminated", Blame::Closed),
            ("OSError: [Errno 28] No space left on device", Blame::Disk),
            (
                "curl: (23) Failure writing output to destination",
                Blame::Disk,
            ),
            ("None", Blame::Success),
        ] {
            assert_eq!(end(text), Some(says), "{text}");
        }
    }

    #[test]
    fn a_short_word_within_another_is_not_recognised() {
        assert_eq!(end("the phone none heard hung up"), None);
    }

    #[test]
    fn the_more_telling_of_two_names_counts() {
        let text = "ClientPayloadError: Response payload is not completed: \
                    ConnectionResetError(104, 'Connection reset by peer')";
        // The longest is aiohttp's message, so the cause is to be named alone.
        assert_eq!(end(text), Some(Blame::Closed));
        assert_eq!(end("ReadTimeoutError"), Some(Blame::ReadTimer));
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let reported = look_up("SocketTimoutErr");
        assert_eq!(
            (reported.known, reported.nearest),
            (None, Some("SocketTimeoutError"))
        );
        assert_eq!(look_up("zzzz").nearest, None);
    }

    #[test]
    fn every_name_has_a_source_and_stands_once() {
        let mut names: Vec<String> = KNOWN.iter().map(|known| squash(known.name)).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for known in KNOWN {
            assert!(known.source.starts_with("https://"), "{}", known.name);
        }
    }
}
