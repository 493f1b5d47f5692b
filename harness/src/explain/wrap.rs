//! Paragraphs broken into lines.

/// `text` in lines of at most `width` characters, each behind `indent`, the
/// last one ended too. A word that is longer, as an address may be, is not
/// broken.
pub(super) fn paragraph(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let needed = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && needed > width {
            lines.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(&format!("{indent}{line}\n"));
    lines
}

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
    fn a_long_word_keeps_its_line() {
        assert_eq!(paragraph("a https://long b", "", 5), "a\nhttps://long\nb\n");
        assert_eq!(paragraph("a b", "", 0), "a\nb\n");
    }
}
