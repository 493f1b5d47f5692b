//! Text of other modules as markup.

use super::draw::escaped;

/// `text` with what stands between backticks as code.
pub(super) fn code(text: &str) -> String {
    let mut parts = text.split('`');
    let mut markup = escaped(parts.next().unwrap_or_default());
    while let Some(inside) = parts.next() {
        match parts.next() {
            Some(behind) => {
                markup.push_str(&format!(
                    "<code>{}</code>{}",
                    escaped(inside),
                    escaped(behind)
                ));
            }
            // One that nothing closes is a backtick.
            None => markup.push_str(&format!("`{}", escaped(inside))),
        }
    }
    markup
}

/// A source: a link where it is one that a browser follows.
pub(super) fn source(text: &str) -> String {
    let safe = escaped(text);
    match text.starts_with("https://") || text.starts_with("http://") {
        true => format!("<a href=\"{safe}\" rel=\"noreferrer\">{safe}</a>"),
        false => safe,
    }
}

/// `name` as the id of an element: unique, if `index` is.
pub(super) fn id(name: &str, index: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match name.chars().all(plain) {
        true => format!("s-{name}"),
        // No plain name has a point.
        false => format!("s.{index}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_are_code_and_all_else_is_text() {
        assert_eq!(code("a `b<c>` d"), "a <code>b&lt;c&gt;</code> d");
        assert_eq!(code("one ` alone"), "one ` alone");
        assert_eq!(code(""), "");
    }

    #[test]
    fn only_a_page_of_the_web_is_a_link() {
        assert_eq!(source("RFC 9112, section 8"), "RFC 9112, section 8");
        assert_eq!(source("javascript:alert(1)"), "javascript:alert(1)");
        let link = source("https://example.org/?a=\"b\"");
        assert_eq!(
            link,
            "<a href=\"https://example.org/?a=&quot;b&quot;\" rel=\"noreferrer\">https://example.org/?a=&quot;b&quot;</a>"
        );
    }

    #[test]
    fn every_name_is_an_id_of_its_own() {
        assert_eq!(id("fin-chunked", 4), "s-fin-chunked");
        assert_eq!(id("a b", 4), "s.4");
        assert_eq!(id("a\"b", 5), "s.5");
    }
}
