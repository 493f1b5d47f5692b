//! Access to the control interface: programs of this machine, and other clients
//! with a token.
//!
//! A page in a browser of this machine must not have access. It could send
//! requests to a loopback address, and read the answers by DNS rebinding: a name
//! of its own that changes to mean 127.0.0.1. The fields `Origin` and `Host` give
//! it away.

use std::{fmt, fs, hint::black_box, io, net::IpAddr, path::Path};

use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HOST, HeaderName, ORIGIN},
    http::{request::Parts, uri::Authority},
};

use super::answer::Refusal;

/// The shortest token, in bytes: random tokens are longer.
const SHORTEST: usize = 16;

/// The longest token; a longer file is not a token.
const LONGEST_TOKEN: u64 = 4096;

/// The token that requests must carry if other machines can send them.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The reasons why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read the token: {0}")]
    Io(#[from] io::Error),
    /// The file does not hold a token.
    #[error(
        "the token must be one word of {SHORTEST} to {LONGEST_TOKEN} visible ASCII characters; \
         `openssl rand -hex 32` makes one"
    )]
    Form,
}

impl Token {
    /// Reads the token from the file at `path`.
    ///
    /// # Errors
    /// The file cannot be read, or does not hold a token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let meta = fs::metadata(path)?;
        if !meta.is_file() || meta.len() > LONGEST_TOKEN {
            return Err(TokenError::Form);
        }
        let text = fs::read_to_string(path)?;
        let word = text.trim_ascii();
        let visible = word.bytes().all(|byte| byte.is_ascii_graphic());
        match visible && word.len() >= SHORTEST {
            true => Ok(Self(word.to_owned())),
            false => Err(TokenError::Form),
        }
    }

    /// The `Authorization` field for this token (RFC 6750, section 2.1).
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Takes the same time wherever `given` differs, so that nobody can guess the
    /// token byte by byte.
    fn is(&self, given: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let differs = own
            .iter()
            .zip(given)
            .fold(0, |all, (a, b)| black_box(all | (a ^ b)));
        own.len() == given.len() && differs == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Admits or refuses requests.
#[derive(Debug)]
pub(in crate::serve) struct Guard {
    own: IpAddr,
    hosts: Vec<String>,
    token: Option<Token>,
}

impl Guard {
    /// The guard of a listener at `own`, which also accepts the names in `hosts`.
    pub(in crate::serve) fn new(own: IpAddr, hosts: Vec<String>, token: Option<Token>) -> Self {
        Self { own, hosts, token }
    }

    /// # Errors
    /// The answer to a refused request.
    pub(super) fn check(&self, head: &Parts) -> Result<(), Refusal> {
        let host = self.check_host(head)?;
        check_origin(&head.headers, host.as_ref())?;
        self.check_token(&head.headers)
    }

    /// The host in the request. HTTP/1.0 may omit it, and no browser uses that.
    fn check_host(&self, head: &Parts) -> Result<Option<Authority>, Refusal> {
        let host = match head.uri.authority() {
            Some(authority) => Some(authority.clone()),
            None => one(&head.headers, HOST)?
                .map(|host| host.parse::<Authority>())
                .transpose()
                .map_err(|_| Refusal::new(400, "`Host` is not a valid host"))?,
        };
        match &host {
            None if head.version >= hyper::Version::HTTP_11 => {
                Err(Refusal::new(400, "the request has no `Host`"))
            }
            Some(host) if !self.is_own(host.host()) => {
                let name: String = host.host().chars().take(100).collect();
                Err(Refusal::new(421, format!("`{name}` is not this server"))
                    .help("accepted: localhost, 127.0.0.1, the control address, and each --control-host NAME"))
            }
            _ => Ok(host),
        }
    }

    fn is_own(&self, name: &str) -> bool {
        let address = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = address.parse::<IpAddr>() {
            let address = address.to_canonical();
            // An IP address cannot be rebound. If the server listens on all addresses,
            // any of them may be right.
            return address.is_loopback()
                || address == self.own.to_canonical()
                || self.own.is_unspecified();
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let known = |host: &String| host.eq_ignore_ascii_case(&name);
        // RFC 6761, section 6.3.
        name == "localhost" || name.ends_with(".localhost") || self.hosts.iter().any(known)
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let given = one(headers, AUTHORIZATION)?.unwrap_or_default();
        let word = match given.split_once(' ') {
            Some((scheme, word)) if scheme.eq_ignore_ascii_case("bearer") => word.trim(),
            _ => "",
        };
        match token.is(word.as_bytes()) {
            true => Ok(()),
            false => Err(
                Refusal::new(401, "the request does not carry the server's token").help(
                    "send `Authorization: Bearer TOKEN` with the word in --control-token-file",
                ),
            ),
        }
    }
}

fn check_origin(headers: &HeaderMap, host: Option<&Authority>) -> Result<(), Refusal> {
    let Some(origin) = one(headers, ORIGIN)? else {
        return Ok(());
    };
    let own = host.is_some_and(|host| origin == format!("http://{host}"));
    match own {
        true => Ok(()),
        false => Err(
            Refusal::new(403, "a page of another origin may not send requests")
                .help("programs send no `Origin`, and browsers always do"),
        ),
    }
}

/// The value of a field that may appear once.
fn one(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Refusal> {
    let mut all = headers.get_all(&name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err(Refusal::new(400, format!("`{name}` is given twice")));
    }
    let text = first.map(|value| value.to_str()).transpose();
    text.map_err(|_| Refusal::new(400, format!("`{name}` is not ASCII")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn guard(own: &str, token: bool) -> Guard {
        let token = token.then(|| Token(TOKEN.into()));
        Guard::new(own.parse().unwrap(), vec!["Shortread".into()], token)
    }

    /// The status for a request with these fields; 0 if it is admitted.
    fn status(guard: &Guard, fields: &[(&str, &str)]) -> u16 {
        let mut request = hyper::Request::get("/journal");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        guard
            .check(&head)
            .map_or_else(|refusal| refusal.status, |()| 0)
    }

    #[test]
    fn only_names_of_this_machine_and_those_that_were_allowed_are_answered() {
        for (own, host, expected) in [
            ("127.0.0.1", "127.0.0.1:81", 0),
            ("127.0.0.1", "127.9.9.9", 0),
            ("127.0.0.1", "LocalHost.:81", 0),
            ("127.0.0.1", "a.localhost", 0),
            ("::1", "[::1]:81", 0),
            ("127.0.0.1", "shortread:81", 0),
            ("127.0.0.1", "attacker.example", 421),
            ("127.0.0.1", "localhost.attacker.example", 421),
            ("127.0.0.1", "10.0.0.1", 421),
            ("10.0.0.1", "10.0.0.1:81", 0),
            ("0.0.0.0", "10.0.0.1:81", 0),
            ("0.0.0.0", "attacker.example", 421),
            ("127.0.0.1", "a b", 400),
        ] {
            let fields = [("Host", host)];
            assert_eq!(
                status(&guard(own, false), &fields),
                expected,
                "{own} {host}"
            );
        }
        let guard = guard("127.0.0.1", false);
        assert_eq!(status(&guard, &[]), 400);
        assert_eq!(status(&guard, &[("Host", "localhost"), ("Host", "x")]), 400);
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        let guard = guard("127.0.0.1", false);
        for (origin, expected) in [
            ("http://localhost:81", 0),
            ("http://localhost:80", 403),
            ("https://localhost:81", 403),
            ("http://attacker.example", 403),
            ("null", 403),
        ] {
            let fields = [("Host", "localhost:81"), ("Origin", origin)];
            assert_eq!(status(&guard, &fields), expected, "{origin}");
        }
    }

    #[test]
    fn where_there_is_a_token_an_order_has_to_carry_it() {
        let guard = guard("0.0.0.0", true);
        for (value, expected) in [
            (format!("Bearer {TOKEN}"), 0),
            (format!("bearer  {TOKEN}"), 0),
            (format!("Bearer {TOKEN}0"), 401),
            (format!("Bearer {}", &TOKEN[1..]), 401),
            ("Bearer 0123456789abcdee".into(), 401),
            (format!("Basic {TOKEN}"), 401),
            (TOKEN.into(), 401),
            ("Bearer".into(), 401),
        ] {
            let fields = [("Host", "localhost"), ("Authorization", value.as_str())];
            assert_eq!(status(&guard, &fields), expected, "{value}");
        }
        assert_eq!(status(&guard, &[("Host", "localhost")]), 401);
        assert_eq!(format!("{guard:?}").matches(TOKEN).count(), 0);
    }

    #[test]
    fn a_token_is_one_word_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for (text, good) in [
            ("0123456789abcdef\n", true),
            ("0123456789abcde", false),
            ("0123456789 abcdef", false),
            ("", false),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(Token::read(&path).is_ok(), good, "{text:?}");
        }
        assert!(matches!(Token::read(folder.path()), Err(TokenError::Form)));
        let missing = folder.path().join("missing");
        assert!(matches!(Token::read(&missing), Err(TokenError::Io(_))));
    }

    #[test]
    fn a_file_that_is_too_long_is_no_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for (length, is_token) in [(15, false), (16, true), (4096, true), (4097, false)] {
            fs::write(&path, "x".repeat(length)).unwrap();
            assert_eq!(Token::read(&path).is_ok(), is_token, "{length}");
        }
    }
}
