//! Places in a text: their lines, their columns, and the part of a line to show.

use std::ops::Range;

/// The most bytes of a line that are shown whole.
const LONGEST_LINE: usize = 200;

/// Bytes that are shown before an error in a longer line, and from it on.
const BEFORE: usize = 40;
const BEHIND: usize = 100;

/// The mark of a cut in a line.
const CUT: &str = "...";

/// The shown part of a line, and its bytes to underline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    /// True if the line has more.
    pub(super) is_cut: bool,
}

/// A text that is asked for places from its start to its end, so that each of
/// its bytes is looked at once.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    /// The byte at which each line begins.
    starts: Vec<usize>,
    /// The place that was asked for last: line, byte, column.
    last: (usize, usize, usize),
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(behind).collect(),
            last: (1, 0, 1),
        }
    }

    /// Line and column (from 1, in characters) of the bytes `span`, which begin
    /// no earlier than those before, and what to show of them.
    pub(super) fn place(&mut self, span: &Range<usize>) -> (usize, usize, Excerpt) {
        let start = boundary_before(self.text, span.start);
        let line = self.starts.partition_point(|begin| *begin <= start);
        let begin = self.starts[line - 1];
        let end = self
            .starts
            .get(line)
            .map_or(self.text.len(), |next| next - 1);
        let shown = &self.text[begin..end];
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        // Only its first line is underlined, and at least one character
        // (behind the end of the line, where something is missing).
        let from = (start - begin).min(shown.len());
        let to = boundary_before(shown, span.end.saturating_sub(begin));
        let column = self.column(line, begin, from);
        (line, column, excerpt(shown, from..to.max(from)))
    }

    /// The column of the byte `from` of the line that begins at `begin`.
    fn column(&mut self, line: usize, begin: usize, from: usize) -> usize {
        let at = begin + from;
        let (known, byte, column) = match self.last {
            last @ (known, byte, _) if known == line && byte <= at => last,
            _ => (line, begin, 1),
        };
        let column = column + self.text[byte..at].chars().count();
        self.last = (known, at, column);
        column
    }
}

/// The last boundary between characters that is not behind `at`. (The standard
/// library has it from Rust 1.91 on.)
fn boundary_before(text: &str, at: usize) -> usize {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    (0..=at.min(text.len()))
        .rev()
        .find(is_boundary)
        .unwrap_or(0)
}

/// The first boundary that is not before `at`.
fn boundary_behind(text: &str, at: usize) -> usize {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    (at..text.len()).find(is_boundary).unwrap_or(text.len())
}

/// A short line whole, of a longer one what stands around `span`.
fn excerpt(line: &str, span: Range<usize>) -> Excerpt {
    if line.len() <= LONGEST_LINE {
        return Excerpt {
            text: line.into(),
            span,
            is_cut: false,
        };
    }
    let from = boundary_before(line, span.start.saturating_sub(BEFORE));
    let to = boundary_behind(line, span.start.saturating_add(BEHIND));
    let cut = |is_cut: bool| if is_cut { CUT } else { "" };
    let before = cut(from > 0);
    let inside = before.len()..before.len() + to - from;
    let moved = |at: usize| (at + inside.start - from).clamp(inside.start, inside.end);
    Excerpt {
        text: format!("{before}{}{}", &line[from..to], cut(to < line.len())),
        span: moved(span.start)..moved(span.end.min(to)),
        is_cut: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_characters() {
        let mut lines = Lines::new("é = 1\r\nb\n");
        let mut at = |byte: usize| {
            let (line, column, excerpt) = lines.place(&(byte..byte + 1));
            (line, column, excerpt.text)
        };
        assert_eq!(at(0), (1, 1, "é = 1".into()));
        assert_eq!(at(2), (1, 2, "é = 1".into()));
        assert_eq!(at(5), (1, 5, "é = 1".into()));
        assert_eq!(at(8), (2, 1, "b".into()));
        assert_eq!(at(10), (3, 1, String::new()));
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides_of_its_error() {
        let line = format!("{}wrong{}", "x".repeat(500), "y".repeat(500));
        let cut = excerpt(&line, 500..505);
        assert_eq!(&cut.text[cut.span.clone()], "wrong");
        assert!(cut.is_cut && cut.text.starts_with(CUT) && cut.text.ends_with(CUT));
        // One that is wrong as a whole is underlined as far as it is shown.
        let whole = excerpt(&line, 0..line.len());
        assert_eq!(whole.span, 0..BEHIND);
        assert!(whole.text.starts_with('x'));
        let last = excerpt(&line, line.len()..line.len());
        assert_eq!(last.span.start, last.text.len());
        assert!(excerpt("short", 1..2).text == "short");
    }
}
