//! Makes text from outside safe to show.
//!
//! Titles, file names, queries and the output of clients end up on terminals, in
//! Markdown and in HTML. A control character there can move the cursor or clear
//! the screen, and a bidirectional one can show text in a false order ("Trojan
//! Source", CVE-2021-42574). Both are spelt out.

use std::borrow::Cow;

/// `text` with each [`unprintable`] character spelt out, as in `\u{1b}`; borrowed
/// if there is none.
pub fn printable(text: &str) -> Cow<'_, str> {
    spelt(text, |_| false)
}

/// As [`printable`], for text with several lines: line feeds and tabs stay.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    spelt(text, |c| matches!(c, '\n' | '\t'))
}

/// As [`printable`], for JSON. Its meaning stays the same, since JSON has such
/// escapes too.
pub fn json_line(json: &str) -> Cow<'_, str> {
    in_json(json, unprintable)
}

/// As [`json_line`], for JSON in several lines: a line feed in it is none of a
/// string's, which has it as an escape.
pub fn json_lines(json: &str) -> Cow<'_, str> {
    in_json(json, |c| c != '\n' && unprintable(c))
}

fn in_json(json: &str, acts: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut spelt = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match acts(c) {
            // All of these characters fit into four hex digits.
            true => spelt.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => spelt.push(c),
        }
    }
    Cow::Owned(spelt)
}

/// Is `c` a control character (C0, DEL, C1), a separator of lines (U+2028,
/// U+2029) or one that changes the direction of writing (Unicode, UAX #9: the
/// marks, embeddings, overrides and isolates)?
pub fn unprintable(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

fn spelt(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hidden = |c: char| unprintable(c) && !stays(c);
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut spelt = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match hidden(c) {
            true => spelt.extend(c.escape_unicode()),
            false => spelt.push(c),
        }
    }
    Cow::Owned(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_or_turns_the_writing_is_spelt_out() {
        assert_eq!(printable("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(printable("a\nb\tc"), "a\\u{a}b\\u{9}c");
        let hidden = [
            0, 0x1f, 0x7f, 0x80, 0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e,
            0x2066, 0x2069,
        ];
        for code in hidden {
            let text = char::from_u32(code).unwrap().to_string();
            assert_eq!(printable(&text), format!("\\u{{{code:x}}}"));
        }
    }

    #[test]
    fn json_says_the_same_with_nothing_hidden() {
        let text = "a\u{202e}b\u{9b}c\u{1b}";
        let line = serde_json::to_string(text).unwrap();
        let spelt = json_line(&line);
        assert_eq!(spelt, r#""a\u202eb\u009bc\u001b""#);
        assert_eq!(serde_json::from_str::<String>(&spelt).unwrap(), text);
        let lines = serde_json::to_string_pretty(&["a\n", text]).unwrap();
        let spelt = json_lines(&lines);
        assert_eq!(spelt.lines().count(), 4);
        assert!(!spelt.contains('\u{202e}'));
        assert_eq!(
            serde_json::from_str::<[String; 2]>(&spelt).unwrap()[1],
            text
        );
    }

    #[test]
    fn everything_else_stays_and_is_not_copied() {
        let text = "a b~ \u{a0}ä日本\u{200d}\u{202f}\u{2065}\u{206a}\\u{1b}";
        assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn lines_keep_their_ends_and_nothing_else() {
        assert_eq!(printable_lines("a\n\tb\r\u{1b}"), "a\n\tb\\u{d}\\u{1b}");
    }
}
