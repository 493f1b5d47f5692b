//! Writes a query as a scenario file, and puts the messages about it back into
//! the spelling of URLs.

use super::{fault, part::Part};
use crate::scenario::grammar::{self, Key, Value};

/// The form of a value in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, as sizes, rates, durations and words are.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A text, or several with commas between them.
    Texts,
}

fn takes_a_list(key: Option<&Key>) -> bool {
    let mut values = key.into_iter().flat_map(|key| key.values);
    values.any(|value| matches!(value, Value::List(_) | Value::NotEmpty(_)))
}

impl Kind {
    /// The form of the key `name` of `table`, from the grammar.
    pub(super) fn of(table: &str, name: &str) -> Self {
        let key =
            grammar::at(table).and_then(|table| table.keys.iter().find(|key| key.name == name));
        match key.and_then(|key| key.values.first()) {
            Some(Value::Whole(..)) => Self::Whole,
            Some(Value::Number(..)) => Self::Number,
            Some(Value::Flag) => Self::Flag,
            Some(_) if takes_a_list(key) => Self::Texts,
            _ => Self::Text,
        }
    }
}

/// True if the key `name` of `table` may be a list, which a URL writes with commas.
pub(super) fn may_be_a_list(table: &str, name: &str) -> bool {
    let key = grammar::at(table).and_then(|table| table.keys.iter().find(|key| key.name == name));
    let is_list = |value: &Value| matches!(value, Value::List(_) | Value::Ascending(_));
    key.is_some_and(|key| key.values.iter().any(is_list))
}

/// Each table's lines, with the parameters that they come from.
#[derive(Debug, Default)]
pub(super) struct Lines {
    tables: [Vec<(String, String)>; 5],
    raws: Vec<(String, String)>,
    parts: Vec<(String, String)>,
    faults: Vec<(String, String)>,
    headers: Vec<String>,
}

/// The tables, in the order of the file.
const TABLES: [&str; 5] = ["body", "response", "response.headers", "link", "sockets"];

impl Lines {
    /// Adds a key. `sent` is the parameter as it was sent.
    pub(super) fn add(&mut self, table: &str, key: &str, kind: Kind, value: &str, sent: &str) {
        let Some(index) = TABLES.iter().position(|known| *known == table) else {
            return;
        };
        let lines = &mut self.tables[index];
        // The second of two is noted by who calls.
        let start = format!("{key} = ");
        if !lines.iter().any(|(line, _)| line.starts_with(&start)) {
            lines.push((start + &token(kind, value), sent.to_owned()));
        }
    }

    /// Adds a header field, `Name:value`.
    pub(super) fn header(&mut self, field: &str) -> Result<(), fault::Wrong> {
        let (name, line) = header(field)?;
        if self.headers.iter().any(|known| known == name) {
            return Err((
                format!("the field `{name}` is given twice"),
                "keep one of them".into(),
            ));
        }
        self.headers.push(name.into());
        self.tables[2].push((line, format!("header={field}")));
        Ok(())
    }

    /// Adds raw bytes, `PLACE:BYTES`. The place is a body offset, `head@17` or `end`.
    pub(super) fn raw(&mut self, value: &str) -> Result<(), fault::Wrong> {
        let Some((place, bytes)) = value.split_once(':') else {
            return Err((
                "this has a place but no bytes".into(),
                format!("write raw={value}:BYTES, each byte that is no letter as %XX"),
            ));
        };
        let at = match (place, place.split_once('@')) {
            ("end", _) => quoted("end"),
            (_, Some(("head", at))) => format!("{{ head = {} }}", quoted(at)),
            _ => format!("{{ body = {} }}", quoted(place)),
        };
        let sent = format!("raw={value}");
        self.raws.extend([
            ("[[response.raw]]".to_owned(), sent.clone()),
            (format!("at = {at}"), sent.clone()),
            (format!("bytes = {}", quoted(bytes)), sent),
        ]);
        Ok(())
    }

    /// Says how many bytes the raw ones before it replace.
    pub(super) fn replace(&mut self, value: &str, sent: &str) -> Result<(), fault::Wrong> {
        let replaces = |(line, _): &(String, String)| line.starts_with("replace");
        match self.raws.last() {
            None => Err((
                "`replace` belongs to the raw bytes before it, but there are none".into(),
                format!("write it behind them: raw=12KiB:BYTES&{sent}"),
            )),
            Some(last) if replaces(last) => Err((
                "`replace` is given twice for the same bytes".into(),
                "keep one of them".into(),
            )),
            Some(_) => {
                let line = format!("replace = {}", quoted(value));
                self.raws.push((line, sent.to_owned()));
                Ok(())
            }
        }
    }

    /// Adds a fault behind those before it.
    pub(super) fn fault(&mut self, fault: fault::Text) {
        self.faults.extend(fault.lines());
    }

    /// Adds an answer or a version behind those before it.
    pub(super) fn part(&mut self, part: Part) {
        self.parts.extend(part.lines());
    }

    /// The file, and for each of its lines the parameter that it comes from.
    pub(super) fn file(&self, title: &str) -> (String, Vec<String>) {
        let mut all: Vec<(String, String)> = vec![
            (format!("title = {}", quoted(title)), String::new()),
            ("cause = \"a query\"".into(), String::new()),
            // The client is not ours: nothing is known of its deadlines.
            ("[client]".into(), String::new()),
            ("total = \"off\"".into(), String::new()),
        ];
        for (table, lines) in TABLES.iter().zip(&self.tables) {
            if *table == "body" || !lines.is_empty() {
                all.push((format!("[{table}]"), String::new()));
                all.extend(lines.iter().cloned());
            }
        }
        all.extend(self.raws.iter().cloned());
        all.extend(self.parts.iter().cloned());
        all.extend(self.faults.iter().cloned());
        let (mut text, mut origins) = (String::new(), Vec::new());
        for (line, origin) in all {
            text.push_str(&line);
            text.push('\n');
            origins.push(origin);
        }
        (text, origins)
    }
}

/// The name of a header field, `Name:value`, and its line in the file.
pub(super) fn header(field: &str) -> Result<(&str, String), fault::Wrong> {
    let Some((name, value)) = field.split_once(':') else {
        return Err((
            "this has a name but no value".into(),
            format!("write header={field}:value"),
        ));
    };
    Ok((name, format!("{} = {}", quoted(name), quoted(value.trim()))))
}

/// A value as it stands in the file. What does not look like its kind becomes
/// a text, for the reader to say what it should be.
pub(super) fn token(kind: Kind, value: &str) -> String {
    let digits = |text: &str| {
        !text.is_empty()
            && text.len() <= 18
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'))
    };
    let bare = match kind {
        Kind::Text => false,
        Kind::Whole => digits(value),
        Kind::Number => match value.split_once('.') {
            None => digits(value),
            Some((whole, part)) => {
                digits(whole) && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
            }
        },
        Kind::Flag => matches!(value, "true" | "false"),
        Kind::Texts => {
            let each = value.split(',').map(|one| quoted(one.trim()));
            let each: Vec<_> = each.collect();
            return match each.as_slice() {
                [_] => quoted(value),
                _ => format!("[{}]", each.join(", ")),
            };
        }
    };
    if bare {
        value.to_owned()
    } else {
        quoted(value)
    }
}

/// A basic string of TOML; none of what it holds can end its line.
pub(in crate::scenario) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// `add { stall = "30s" }` -> `add stall:30s`; `framing = "close"` ->
/// `framing=close`.
pub(super) fn as_in_a_url(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{ ") {
        let Some((inside, behind)) = inside.split_once(" }") else {
            break;
        };
        out.push_str(before);
        out.push_str(&inside.replacen(" = ", ":", 1));
        rest = behind;
    }
    out.push_str(rest);
    out.replace(" = ", "=").replace('"', "")
}
