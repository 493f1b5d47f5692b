//! What is wrong with a scenario file, and where: collected by the reader,
//! rendered for people, listed for machines.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Problem;

/// So many are rendered; a file with more is not a scenario at all.
const MOST_RENDERED: usize = 50;

/// One error at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// What would be accepted.
    pub help: Option<String>,
}

/// Every error of one file, in the order of the file.
///
/// `Display` renders them for people: each with its line and a caret, without
/// colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    file: String,
    list: Vec<Diagnostic>,
    places: Vec<Place>,
}

/// The line that a diagnostic points at, and the bytes of it to underline.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    text: String,
    span: Range<usize>,
}

impl Diagnostics {
    /// The errors of another kind of file than a scenario: for each the bytes
    /// of `text` that it is about, what is wrong, and what would be accepted.
    /// `file` is the path that messages show.
    pub fn new(
        file: &str,
        text: &str,
        errors: Vec<(Range<usize>, String, Option<String>)>,
    ) -> Self {
        let report = Report {
            found: errors,
            ..Report::default()
        };
        report.finish(file, text)
    }

    /// The errors as data, in the order of the file; never empty.
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// The path that was given for the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// As `Display`, with terminal colours.
    pub fn render_coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let mut rendered: Vec<_> = self
            .list
            .iter()
            .zip(&self.places)
            .take(MOST_RENDERED)
            .map(|(diagnostic, place)| {
                let snippet = Snippet::source(&place.text)
                    .path(&self.file)
                    .line_start(diagnostic.line)
                    .annotation(AnnotationKind::Primary.span(place.span.clone()));
                let group = Level::ERROR
                    .primary_title(&diagnostic.message)
                    .element(snippet)
                    .elements(diagnostic.help.iter().map(|help| Level::HELP.message(help)));
                renderer.render(&[group])
            })
            .collect();
        if let more @ 1.. = self.list.len().saturating_sub(MOST_RENDERED) {
            rendered.push(format!("and {more} more errors in {}", self.file));
        }
        rendered.join("\n\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

impl std::error::Error for Diagnostics {}

/// Collects errors while a file is read, and where each key stands.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: Vec<(Range<usize>, String, Option<String>)>,
    keys: BTreeMap<String, Range<usize>>,
    misspelt: BTreeSet<String>,
}

impl Report {
    /// Notes an error at the bytes `span`.
    pub(super) fn error(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.found.push((span, message.into(), help.into()));
    }

    /// Notes that the key `path` stands at `span`.
    pub(super) fn key(&mut self, path: &str, span: Range<usize>) {
        self.keys.insert(path.into(), span);
    }

    /// Whether the file sets the key `path`.
    pub(super) fn has(&self, path: &str) -> bool {
        self.keys.contains_key(path)
    }

    /// Notes that the key `path` was probably meant by an unknown one.
    pub(super) fn misspelt(&mut self, path: &str) {
        self.misspelt.insert(path.into());
    }

    /// Whether the key `path` was probably meant by an unknown one.
    pub(super) fn is_misspelt(&self, path: &str) -> bool {
        self.misspelt.contains(path)
    }

    /// Whether any error was noted.
    pub(super) fn failed(&self) -> bool {
        !self.found.is_empty()
    }

    /// Notes a contradiction at its key; where the file leaves that key out,
    /// at the table around it, at last at the top of the file.
    pub(super) fn problem(&mut self, problem: Problem) {
        let mut path = problem.key.as_str();
        let span = loop {
            if let Some(span) = self.keys.get(path) {
                break span.clone();
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => break 0..0,
            }
        };
        self.error(span, problem.message, problem.help);
    }

    /// The errors of `text`, which was read from `file`.
    pub(super) fn finish(mut self, file: &str, text: &str) -> Diagnostics {
        self.found.sort_by_key(|(span, ..)| span.start);
        let starts: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let (list, places) = self
            .found
            .into_iter()
            .map(|(span, message, help)| {
                let start = text.floor_char_boundary(span.start);
                let line = starts.partition_point(|begin| *begin <= start);
                let begin = starts[line - 1];
                let shown = text[begin..].lines().next().unwrap_or_default();
                // Only its first line is underlined, and at least one character
                // (behind the end of the line, where something is missing).
                let from = (start - begin).min(shown.len());
                let to = shown.floor_char_boundary(span.end.saturating_sub(begin));
                let diagnostic = Diagnostic {
                    line,
                    column: shown[..from].chars().count() + 1,
                    message: printable(&message),
                    help: help.map(|help| printable(&help)),
                };
                let place = Place {
                    text: shown.into(),
                    span: from..to.max(from),
                };
                (diagnostic, place)
            })
            .unzip();
        Diagnostics {
            file: file.into(),
            list,
            places,
        }
    }
}

/// Quotes from the file may hold anything: control characters are escaped, and
/// long ones cut.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == 600 {
            shown.push_str("...");
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}
