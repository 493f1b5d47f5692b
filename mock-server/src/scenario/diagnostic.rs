//! Errors of a scenario file and their places: collected by the reader, rendered
//! for people, listed for machines.
//!
//! A file of 1 MiB may hold a hundred thousand errors, all in one line, so only
//! some are kept: the first ones, and of a long line the part around the error.

mod excerpt;
mod report;

use std::{fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use self::{
    excerpt::{Excerpt, Lines},
    report::Found,
};
use crate::text::{printable, unprintable};

pub(super) use report::Report;

/// So many errors are kept; a file with more is not a scenario at all.
const MOST_KEPT: usize = 100;

/// So many are rendered.
const MOST_RENDERED: usize = 50;

/// Characters of a message, or of what helps. Both quote the file.
const LONGEST_MESSAGE: usize = 600;

/// One error at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The mistake: a lowercase fragment.
    pub message: String,
    /// The accepted input.
    pub help: Option<String>,
}

/// The errors of one file, in the order of the file; of more than a hundred the
/// first hundred, and the number of all.
///
/// `Display` renders them for people: each with its line and a caret, without
/// colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    file: String,
    list: Vec<Diagnostic>,
    excerpts: Vec<Excerpt>,
    count: usize,
}

impl Diagnostics {
    /// The errors of another kind of file than a scenario: for each the bytes
    /// of `text` that it is about, what is wrong, and what would be accepted.
    /// `file` is the path that messages show.
    pub fn new(
        file: &str,
        text: &str,
        errors: impl IntoIterator<Item = (Range<usize>, String, Option<String>)>,
    ) -> Self {
        let mut report = Report::default();
        for (span, message, help) in errors {
            report.error(span, message, help);
        }
        report.finish(file, text)
    }

    /// Errors in the order in which they stand in `text`, and how many there
    /// are with those that were not kept.
    fn of(file: &str, text: &str, found: impl Iterator<Item = Found>, count: usize) -> Self {
        let mut lines = Lines::new(text);
        let (list, excerpts) = found
            .map(|found| {
                let (line, column, excerpt) = lines.place(&found.span);
                let diagnostic = Diagnostic {
                    line,
                    column,
                    message: found.message,
                    help: found.help,
                };
                (diagnostic, excerpt)
            })
            .unzip();
        Self {
            file: printable(file).into_owned(),
            list,
            excerpts,
            count,
        }
    }

    /// The errors as data, in the order of the file; never empty. Of more than
    /// a hundred the first hundred.
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// The number of errors, including those not in the list.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The path that was given for the file, safe to show.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// As `Display`, with terminal colours.
    pub fn render_coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let all = self.list.iter().zip(&self.excerpts);
        let mut rendered: Vec<_> = all
            .take(MOST_RENDERED)
            .map(|(diagnostic, excerpt)| renderer.render(&[self.group(diagnostic, excerpt)]))
            .collect();
        if let more @ 1.. = self.count.saturating_sub(MOST_RENDERED) {
            rendered.push(format!("and {more} more errors in {}", self.file));
        }
        rendered.join("\n\n")
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic, excerpt: &'a Excerpt) -> Group<'a> {
        let snippet = Snippet::source(&excerpt.text)
            .line_start(diagnostic.line)
            .annotation(AnnotationKind::Primary.span(excerpt.span.clone()));
        let title = Level::ERROR.primary_title(&diagnostic.message);
        let group = if excerpt.is_cut {
            // The excerpt does not know its own column.
            let origin = Origin::path(&self.file)
                .line(diagnostic.line)
                .char_column(diagnostic.column);
            title.element(origin).element(snippet)
        } else {
            title.element(snippet.path(&self.file))
        };
        group.elements(diagnostic.help.iter().map(|help| Level::HELP.message(help)))
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

impl std::error::Error for Diagnostics {}

/// Quotes from the file may hold anything: what is no plain character is spelt
/// out, and long ones are cut.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST_MESSAGE {
            shown.push_str("...");
            break;
        }
        if unprintable(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` errors, each at the `wrong` of a line of its own or of one line.
    fn errors(count: usize, end: &str) -> (String, Diagnostics) {
        let text = format!("wrong = 1{end}").repeat(count);
        let step = "wrong = 1".len() + end.len();
        let all = (0..count).map(|index| {
            let at = index * step;
            (at..at + 5, format!("number {index}"), None)
        });
        let errors = Diagnostics::new("it.toml", &text, all);
        (text, errors)
    }

    #[test]
    fn the_first_hundred_errors_are_kept_and_all_are_counted() {
        let (_, errors) = errors(250, "\n");
        assert_eq!((errors.count(), errors.list().len()), (250, MOST_KEPT));
        assert_eq!(errors.list()[99].line, 100);
        let shown = errors.to_string();
        assert!(shown.ends_with("and 200 more errors in it.toml"), "{shown}");
    }

    #[test]
    fn errors_that_were_found_late_and_stand_early_are_kept() {
        let text = "k = 1\n".repeat(300);
        let backwards = (0..300)
            .rev()
            .map(|line| (line * 6..line * 6 + 1, format!("line {line}"), None));
        let errors = Diagnostics::new("it.toml", &text, backwards);
        assert_eq!(errors.list()[0].message, "line 0");
        assert_eq!(errors.list()[99].message, "line 99");
    }

    /// Only a part of the line is kept for each error, however long the line.
    #[test]
    fn errors_in_one_long_line_keep_no_copy_of_it() {
        let (text, errors) = errors(20_000, ", ");
        let kept = |errors: &Diagnostics| -> usize {
            let texts = errors.excerpts.iter().map(|one| one.text.len());
            let said = errors.list.iter().map(|one| one.message.len());
            texts.chain(said).sum()
        };
        assert!(text.len() > 200_000 && kept(&errors) < 100 * 400);
        let last = &errors.list()[99];
        assert_eq!((last.line, last.column), (1, 99 * 11 + 1));
        assert!(errors.to_string().contains("it.toml:1:540"), "{errors}");
    }

    #[test]
    fn a_long_line_is_shown_around_its_error() {
        let text = format!("{}wrong{}", "é".repeat(5_000), "y".repeat(5_000));
        let error = (10_000..10_005, "this is wrong".to_owned(), None);
        let shown = Diagnostics::new("it.toml", &text, [error]).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(shown.contains("it.toml:1:5001"), "{shown}");
        let line = lines.iter().find(|line| line.contains("wrongy")).unwrap();
        assert!(line.chars().count() < 200, "{line}");
        let caret = lines.iter().find(|line| line.contains("^^^^^")).unwrap();
        let at = |line: &str, what: &str| line[..line.find(what).unwrap()].chars().count();
        assert_eq!(at(line, "wrongy"), at(caret, "^^^^^"), "{shown}");
    }

    #[test]
    fn what_is_quoted_is_bounded_and_spelt_out() {
        let long = "\u{202e}\u{1b}".repeat(2_000);
        let error = (0..1, long.clone(), Some(long));
        let errors = Diagnostics::new("a\u{1b}[2J\u{202e}.toml", "x", [error]);
        let one = &errors.list()[0];
        for text in [
            &one.message,
            one.help.as_ref().unwrap(),
            &errors.to_string(),
        ] {
            assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text:?}");
        }
        assert!(one.message.len() < LONGEST_MESSAGE * 10);
        assert_eq!(errors.file(), "a\\u{1b}[2J\\u{202e}.toml");
    }
}
