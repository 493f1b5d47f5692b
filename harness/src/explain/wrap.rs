//! Paragraphs broken into lines.

/// `text` in lines of at most `width` characters, each behind `indent`, the
/// last one ended too. A word that is longer, as an address may be, is not
/// broken.
pub(crate) fn paragraph(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in words(text) {
        let needed = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && needed > width {
            lines.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push_str(&format!("{indent}{line}\n"));
    lines
}

/// The words of `text`; a number and its unit are one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let unit = word.trim_end_matches(|c: char| ".,:;)".contains(c));
        match words.last_mut() {
            Some(last) if UNITS.contains(&unit) && last.ends_with(|c: char| c.is_ascii_digit()) => {
                last.push_str(&format!(" {word}"));
            }
            _ => words.push(word.into()),
        }
    }
    words
}

/// As quantities are printed.
const UNITS: [&str; 16] = [
    "B", "kB", "MB", "GB", "TB", "PB", "B/s", "kB/s", "MB/s", "GB/s", "TB/s", "us", "ms", "s",
    "min", "h",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_full_but_not_longer() {
        assert_eq!(paragraph("aa bb cc", "", 5), "aa bb\ncc\n");
        assert_eq!(paragraph("aa bb cc", " ", 6), " aa bb\n cc\n");
        assert_eq!(paragraph("aa\n  bb", "", 80), "aa bb\n");
    }

    #[test]
    fn a_number_keeps_its_unit() {
        assert_eq!(paragraph("at 2 MB/s, it", "", 6), "at\n2 MB/s,\nit\n");
        // Only a quantity: `s` may be a word, too.
        assert_eq!(paragraph("an s", "", 3), "an\ns\n");
    }

    #[test]
    fn a_long_word_keeps_its_line() {
        assert_eq!(paragraph("a https://long b", "", 5), "a\nhttps://long\nb\n");
        assert_eq!(paragraph("a b", "", 0), "a\nb\n");
    }
}
