//! A head as `HttpResponseParser.parse_message` reads it, from its lines.

use super::{
    Limits, ParserRules, Refusal,
    words::{is_space, split_once, strip_blanks},
};
use crate::{
    client,
    engine::aiohttp::parser::{LINE, is_token},
};

/// Fields that may come once only, before 3.13.5.
const SINGLETONS: [&str; 10] = [
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Host",
    "Max-Forwards",
    "Server",
    "Transfer-Encoding",
    "User-Agent",
];

/// The facts that a head tells.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) status: u16,
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
    /// `Content-Encoding`, or nothing.
    pub(super) coding: Vec<u8>,
    /// The fields that a client may act on.
    pub(super) kept: client::Fields,
    pub(super) upgraded: bool,
    pub(super) closes: bool,
}

/// Names and values.
struct Fields(Vec<(Vec<u8>, Vec<u8>)>);

impl Fields {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let same = move |field: &&(Vec<u8>, Vec<u8>)| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.0.iter().filter(same).map(|(_, value)| &value[..])
    }

    fn kept(&self) -> client::Fields {
        let mut kept = client::Fields::default();
        for (name, value) in &self.0 {
            kept.keep(name, value);
        }
        kept
    }

    fn first(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|field| field.0.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| &value[..])
    }
}

impl Parsed {
    /// Reads the lines of a head, the empty one too.
    pub(super) fn of(
        lines: &[Vec<u8>],
        rules: &ParserRules,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let (first, rest) = lines.split_first().ok_or_else(bad_line)?;
        let (version, status) = status_line(first, rules, limits)?;
        let fields = fields(rest, rules, limits)?;
        if rules.singletons {
            for name in SINGLETONS {
                if fields.all(name).count() > 1 {
                    return Err(Refusal::message(format!(
                        "Duplicate '{name}' header found."
                    )));
                }
            }
        }
        let (close, upgrade) = connection(&fields, rules);
        let coding = fields.first("content-encoding").unwrap_or_default();
        let chunked = transfer_encoding(&fields, rules)?;
        let unframed = rules.unframed_closes
            && !matches!(status, 100..=199 | 204 | 304)
            && fields.first("content-length").is_none()
            && fields.first("transfer-encoding").is_none();
        let closes = close.unwrap_or(version <= (1, 0) || unframed);
        let length = length(&fields)?;
        if fields.first("sec-websocket-key1").is_some() {
            return Err(Refusal::header());
        }
        let supported = |value: &[u8]| {
            value.eq_ignore_ascii_case(b"tcp") || value.eq_ignore_ascii_case(b"websocket")
        };
        let upgraded =
            upgrade && (!rules.upgrade_checked || fields.first("upgrade").is_some_and(supported));
        Ok(Self {
            status,
            length,
            chunked,
            coding: coding.to_vec(),
            kept: fields.kept(),
            upgraded,
            closes,
        })
    }
}

fn bad_line() -> Refusal {
    Refusal::new("BadStatusLine", "Bad status line")
}

/// The version and the status.
fn status_line(
    line: &[u8],
    rules: &ParserRules,
    limits: &Limits,
) -> Result<((u8, u8), u16), Refusal> {
    let line = String::from_utf8_lossy(line);
    let (version, rest) = split_once(&line).ok_or_else(bad_line)?;
    let (status, reason) = match split_once(rest) {
        Some(both) => both,
        None if rules.status_stripped => (rest.trim_end_matches(is_space), ""),
        None => (rest, ""),
    };
    let bytes = reason.chars().count();
    if limits.lines.is_none() && bytes > LINE {
        return Err(Refusal::too_long("Status line is too long", bytes, false));
    }
    let version = version_of(version, rules).ok_or_else(bad_line)?;
    let digits = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let status = status.parse().ok().filter(|_| digits);
    Ok((version, status.ok_or_else(bad_line)?))
}

/// `HTTP/(\d)\.(\d)`; before 3.9 the dot is any character, and more may follow.
fn version_of(word: &str, rules: &ParserRules) -> Option<(u8, u8)> {
    let mut rest = word.strip_prefix("HTTP/")?.chars();
    let digit = |character: Option<char>| character?.to_digit(10)?.try_into().ok();
    let major = digit(rest.next())?;
    let dot = rest.next()?;
    let minor = digit(rest.next())?;
    let exact = dot == '.' && rest.next().is_none();
    (exact || !rules.version_is_word).then_some((major, minor))
}

/// `HeadersParser.parse_headers`, for a head and for trailers.
pub(super) fn check_trailers(
    lines: &[Vec<u8>],
    rules: &ParserRules,
    limits: &Limits,
) -> Result<(), Refusal> {
    fields(lines, rules, limits).map(drop)
}

fn fields(lines: &[Vec<u8>], rules: &ParserRules, limits: &Limits) -> Result<Fields, Refusal> {
    let mut found = Vec::new();
    let mut lines = lines.iter().take_while(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.ok_or_else(Refusal::header)?);
        check_name(name, rules, limits)?;
        let value = &value[1..];
        let start = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let mut value = value[start.count()..].to_vec();
        let mut folded = false;
        while let Some(more) = lines.next_if(|line| matches!(line[0], b' ' | b'\t')) {
            folded = true;
            value.extend_from_slice(more);
            check_value(value.len(), limits)?;
        }
        if !folded && limits.lines.is_none() {
            check_value(value.len(), limits)?;
        }
        let value = strip_blanks(&value);
        if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(Refusal::header());
        }
        found.push((name.to_vec(), value.to_vec()));
    }
    Ok(Fields(found))
}

fn check_name(name: &[u8], rules: &ParserRules, limits: &Limits) -> Result<(), Refusal> {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return Err(match rules.name_is_token {
            true => Refusal::header(),
            false => Refusal::new("IndexError", "index out of range"),
        });
    };
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let separator = |byte: u8| byte < 0x20 || b"\x7f()<>@,;:[]={} \t\"\\".contains(&byte);
    let valid = match rules.name_is_token {
        true => name.iter().all(|byte| is_token(*byte)),
        false => !name.iter().any(|byte| separator(*byte)),
    };
    if blank(first) || blank(last) || !valid {
        return Err(Refusal::header());
    }
    if limits.lines.is_none() && name.len() > LINE {
        let part = "request header name";
        return Err(Refusal::too_long(part, name.len(), limits.brief));
    }
    Ok(())
}

fn check_value(bytes: usize, limits: &Limits) -> Result<(), Refusal> {
    match bytes > LINE {
        true => Err(Refusal::too_long(
            "request header field",
            bytes,
            limits.brief,
        )),
        false => Ok(()),
    }
}

/// The answers of `Connection`: the connection ends with the response (`None` if it
/// does not say), and it names an upgrade.
fn connection(fields: &Fields, rules: &ParserRules) -> (Option<bool>, bool) {
    let is = |value: &[u8], word: &str| value.eq_ignore_ascii_case(word.as_bytes());
    if rules.connection_is_list {
        let has = |word: &str| {
            let options = fields.all("connection");
            let mut options = options.flat_map(|value| value.split(|byte| *byte == b','));
            options.any(|option| is(strip_blanks(option), word))
        };
        let close = match (has("close"), has("keep-alive")) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        return (close, has("upgrade"));
    }
    let value = fields.first("connection").unwrap_or_default();
    let close = is(value, "close");
    let kept = is(value, "keep-alive");
    ((close || kept).then_some(close), is(value, "upgrade"))
}

fn transfer_encoding(fields: &Fields, rules: &ParserRules) -> Result<bool, Refusal> {
    let Some(value) = fields.first("transfer-encoding") else {
        return Ok(false);
    };
    let coding = match rules.only_chunked {
        true => value,
        false => strip_blanks(
            value
                .rsplit(|byte| *byte == b',')
                .next()
                .unwrap_or_default(),
        ),
    };
    // `str.lower` makes a K of the Kelvin sign.
    let coding = String::from_utf8_lossy(coding).to_lowercase();
    let chunked = coding == "chunked";
    if rules.only_chunked && !chunked {
        return Err(Refusal::message("Request has invalid `Transfer-Encoding`"));
    }
    if fields.first("content-length").is_some() {
        return Err(Refusal::message(
            "Transfer-Encoding can't be present with Content-Length",
        ));
    }
    Ok(chunked)
}

/// `Content-Length`. Python has no bound: what is beyond 64 bits never comes.
fn length(fields: &Fields) -> Result<Option<u64>, Refusal> {
    let Some(value) = fields.first("content-length") else {
        return Ok(None);
    };
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::header());
    }
    let length = std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok());
    Ok(Some(length.unwrap_or(u64::MAX)))
}
