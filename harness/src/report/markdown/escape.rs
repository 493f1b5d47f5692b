//! Foreign text in Markdown: it stays text, and cannot end a cell or a code span.

/// `text` as text: nothing in it is markup, and it ends no cell of a table.
pub(in crate::report) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `text` as code, between more backticks than stand in it one behind the other.
pub(in crate::report) fn code(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let most = runs.max().unwrap_or_default();
    match most {
        0 => format!("`{text}`"),
        n => {
            let fence = "`".repeat(n + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// As [`code`], in a cell of a table, which a bar would end there too.
pub(in crate::report) fn code_in_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Prose of a scenario's author, who may write code between backticks, but no
/// tags.
pub(in crate::report) fn prose(text: &str) -> String {
    let mut parts = text.split('`').peekable();
    let mut escaped = String::with_capacity(text.len());
    let mut is_code = false;
    while let Some(part) = parts.next() {
        // A last backtick without its partner begins no code.
        match is_code && parts.peek().is_some() {
            true => escaped.push_str(part),
            false => escaped.push_str(&part.replace('<', "&lt;")),
        }
        if parts.peek().is_some() {
            escaped.push('`');
        }
        is_code = !is_code;
    }
    escaped
}

/// A source: a link where it is one that a browser follows.
pub(in crate::report) fn source(url: &str) -> String {
    let breaks = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '`' | '|');
    let is_link = url.starts_with("https://") || url.starts_with("http://");
    match is_link && !url.contains(breaks) {
        true => format!("<{url}>"),
        false => text(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_text_whatever_stands_in_it() {
        assert_eq!(
            text("a|b `c` [d](e) <img src=x> *f* \\ &lt;"),
            "a\\|b \\`c\\` \\[d\\](e) &lt;img src=x&gt; \\*f\\* \\\\ &amp;lt;"
        );
        assert_eq!(
            text("fin at 12 MiB, total_timeout"),
            "fin at 12 MiB, total_timeout"
        );
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("a|b"), "`a|b`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code_in_cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn prose_keeps_its_code_and_has_no_tags() {
        assert_eq!(prose("see `a<b>` <b>"), "see `a<b>` &lt;b>");
        assert_eq!(prose("one ` <b>"), "one ` &lt;b>");
        assert_eq!(prose("plain"), "plain");
    }

    #[test]
    fn only_a_page_of_the_web_is_a_link() {
        assert_eq!(source("https://a.org/b"), "<https://a.org/b>");
        assert_eq!(
            source("https://a> <script>"),
            "https://a&gt; &lt;script&gt;"
        );
        assert_eq!(source("javascript:x"), "javascript:x");
    }
}
