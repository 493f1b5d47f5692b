//! The parts of a text with a grammar: sections with entries, each with a key.

/// The structure of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Scenario files: tables of keys.
    Toml,
    /// A URL's query: parameters, and the faults with theirs.
    Query,
    /// HTTP: messages of fields.
    Http,
    /// JSON: lines of keys.
    Json,
}

/// A table, a fault, a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// Its first line: `[body]`, a request line, or nothing.
    pub(crate) head: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
}

/// A key with its value, a parameter, a field; without a key what ends a section.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u8>,
    pub(crate) text: Vec<u8>,
}

impl Section {
    fn of(head: Vec<u8>) -> Self {
        let entries = Vec::new();
        Self { head, entries }
    }

    pub(crate) fn has(&self, key: &[u8]) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }
}

impl Syntax {
    /// The sections of `text`; comments and empty lines are left out.
    pub(crate) fn split(self, text: &[u8]) -> Vec<Section> {
        match self {
            Self::Toml => toml(text),
            Self::Query => query(text),
            Self::Http => http(text),
            Self::Json => json(text),
        }
    }

    pub(crate) fn join(self, sections: &[Section]) -> Vec<u8> {
        let texts = |entries: &mut dyn Iterator<Item = &Entry>, between: u8| {
            let texts: Vec<Vec<u8>> = entries.map(|entry| entry.text.clone()).collect();
            texts.join(&between)
        };
        match self {
            Self::Query => {
                let mut all = sections.iter().flat_map(|section| &section.entries);
                return texts(&mut all, b'&');
            }
            Self::Json => {
                let lines = sections.iter();
                let lines = lines.map(|line| texts(&mut line.entries.iter(), b','));
                return lines.collect::<Vec<_>>().join(&b'\n');
            }
            Self::Toml | Self::Http => {}
        }
        let mut text = Vec::new();
        for section in sections {
            text.extend_from_slice(&section.head);
            let entries = section.entries.iter();
            entries.for_each(|entry| text.extend_from_slice(&entry.text));
        }
        text
    }

    /// The kind of `section`: sections of one kind take the same keys.
    pub(crate) fn kind(self, section: &Section) -> &[u8] {
        match self {
            Self::Toml => section.head.trim_ascii(),
            Self::Query => &section.head,
            Self::Http | Self::Json => b"",
        }
    }

    /// True if a text may have several sections of that kind.
    pub(crate) fn repeats(self, kind: &[u8]) -> bool {
        match self {
            Self::Toml => kind.starts_with(b"[["),
            Self::Query => !kind.is_empty(),
            Self::Http | Self::Json => true,
        }
    }
}

fn toml(text: &[u8]) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut begun: Option<Entry> = None;
    for line in text.split(|byte| *byte == b'\n') {
        let line = [line, b"\n"].concat();
        if let Some(entry) = &mut begun {
            entry.text.extend(line);
        } else if line.starts_with(b"[") {
            sections.push(Section::of(line));
        } else if let Some(at) = line.iter().position(|byte| *byte == b'=')
            && !line.starts_with(b"#")
        {
            let key = line[..at].trim_ascii().to_vec();
            begun = Some(Entry { key, text: line });
        }
        if let Some(entry) = begun.take_if(|entry| !is_open(&entry.text))
            && let Some(section) = sections.last_mut()
        {
            section.entries.push(entry);
        }
    }
    sections
}

/// The parts between commas. A part's key is everything but its value, with the
/// brackets that it opens and closes, so that another value of the same key is JSON
/// too.
fn json(text: &[u8]) -> Vec<Section> {
    let entry = |text: &[u8]| {
        let start = text.iter().rposition(|byte| *byte == b':').unwrap_or(0);
        let closing = |byte: &u8| b"]} \r".contains(byte);
        let end = text.iter().rposition(|byte| !closing(byte)).unwrap_or(0);
        let end = text.len().min(end.max(start) + 1);
        Entry {
            key: [&text[..start], &text[end..]].concat(),
            text: text.to_vec(),
        }
    };
    let lines = text.split(|byte| *byte == b'\n');
    let line = |line: &[u8]| Section {
        head: Vec::new(),
        entries: line.split(|byte| *byte == b',').map(entry).collect(),
    };
    lines.map(line).collect()
}

/// True if a value of TOML goes on in the next line.
fn is_open(text: &[u8]) -> bool {
    let (mut depth, mut at) = (0_i32, 0);
    let mut quote: &[u8] = b"";
    while let rest = &text[at..]
        && let Some(byte) = rest.first()
    {
        let mut step = 1;
        if !quote.is_empty() {
            if quote[0] == b'"' && *byte == b'\\' {
                step = 2;
            } else if rest.starts_with(quote) {
                step = quote.len();
                quote = b"";
            }
        } else {
            let quotes: [&[u8]; 4] = [b"\"\"\"", b"'''", b"\"", b"'"];
            match quotes.into_iter().find(|quote| rest.starts_with(quote)) {
                Some(found) => (quote, step) = (found, found.len()),
                None if b"[{".contains(byte) => depth += 1,
                None if b"]}".contains(byte) => depth -= 1,
                None if *byte == b'#' => {
                    step = rest.iter().take_while(|byte| **byte != b'\n').count();
                }
                None => {}
            }
        }
        at = (at + step).min(text.len());
    }
    depth > 0 || quote.len() == 3
}

/// Parameters of a fault stand behind it; the others go to the front.
fn query(text: &[u8]) -> Vec<Section> {
    const OF_A_FAULT: [&[u8]; 5] = [b"by", b"drain", b"drain_limit", b"settle", b"counts"];
    let mut sections = vec![Section::default()];
    for piece in text.split(|byte| *byte == b'&') {
        let key = piece.split(|byte| *byte == b'=').next().unwrap_or_default();
        if key == b"fault" {
            sections.push(Section::of(key.to_vec()));
        }
        let is_of_last = key == b"fault" || OF_A_FAULT.contains(&key);
        let at = if is_of_last { sections.len() - 1 } else { 0 };
        sections[at].entries.push(Entry {
            key: key.to_vec(),
            text: piece.to_vec(),
        });
    }
    sections
}

fn http(text: &[u8]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let is_start = |line: &[u8]| {
        let version = line.windows(7).position(|bytes| bytes == b"HTTP/1.");
        version.is_some_and(|at| line.len() < 200 && (at == 0 || line[at - 1] == b' '))
    };
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let in_body = |section: &Section| section.has(b"");
        let Some(section) = sections.last_mut().filter(|_| !is_start(line)) else {
            sections.push(Section::of(line.to_vec()));
            continue;
        };
        if in_body(section)
            && let Some(body) = section.entries.last_mut()
        {
            body.text.extend_from_slice(line);
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        section.entries.push(Entry {
            key: line[..colon].to_ascii_lowercase(),
            text: line.to_vec(),
        });
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, then the keys, of each section.
    fn told(syntax: Syntax, text: &str) -> Vec<String> {
        let sections = syntax.split(text.as_bytes());
        let all = sections.iter().map(|section| {
            let mut words = vec![String::from_utf8_lossy(syntax.kind(section)).into_owned()];
            let keys = section.entries.iter().map(|entry| &entry.key);
            words.extend(keys.map(|key| String::from_utf8_lossy(key).into_owned()));
            words.join(" ")
        });
        all.collect()
    }

    #[test]
    fn a_text_falls_into_what_its_grammar_has() {
        let file = "title = \"[a\" # [\n\n# x = 1\nsources = [\n  'a]',\n]\nwhy = \"\"\"\n[x]\ny = 1\"\"\"\n\
            [body]\nsize = 1\n[[fault]]\nwhen = { body = 1 }\nthen = 'fin'";
        assert_eq!(
            told(Syntax::Toml, file),
            [" title sources why", "[body] size", "[[fault]] when then"]
        );
        let query = "size=1&fault=fin@2&by=client&rate=1&fault=end@3";
        assert_eq!(
            told(Syntax::Query, query),
            [" size rate", "fault fault by", "fault fault"]
        );
        let requests = "PUT / HTTP/1.1\r\nHost: a\r\nRange: b\r\n\r\nbo\ndyGET / HTTP/1.1\r\n\r\n";
        assert_eq!(told(Syntax::Http, requests), [" host range ", " "]);
        let answers = "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nbody";
        assert_eq!(told(Syntax::Http, answers), [" ", " a "]);
        let lines = "{\"a\":1,\"b\":{\"c\":[2,3]}}\n{}";
        assert_eq!(
            told(Syntax::Json, lines),
            [" {\"a\" \"b\":{\"c\" ]}}", " }"]
        );
    }

    #[test]
    fn what_was_split_is_put_together_as_it_was() {
        for (syntax, text) in [
            (Syntax::Toml, "a = 1\n[b]\nc = [\n1]\n"),
            (Syntax::Query, "a=1&b&fault=x&by=y"),
            (Syntax::Json, "{\"a\":1,\"b\":{\"c\":[2, 3]}}\n{},\n"),
            (Syntax::Http, "GET / HTTP/1.1\r\nA: b\r\n\r\nbody\n\nX"),
        ] {
            let sections = syntax.split(text.as_bytes());
            assert_eq!(syntax.join(&sections), text.as_bytes());
        }
    }
}
