//! `etag`: what an entity tag can be.

use super::{Check, body::is_field_value};

impl Check<'_> {
    /// Notes that the `etag` at `key` is none. `instead` is where another text can stand.
    pub(super) fn etag(&mut self, key: &str, etag: Option<&str>, instead: &str) {
        let Some(etag) = etag else {
            return;
        };
        if !is_field_value(etag) {
            self.problem(key, "a field value has no line breaks", "");
        } else if !is_entity_tag(etag) {
            self.problem(
                key,
                format!("`{etag}` is not an entity tag"),
                format!(
                    "it has no quotes, spaces or control characters inside its quotes, which may \
                     be left out (RFC 9110, section 8.8.3){instead}"
                ),
            );
        }
    }
}

/// RFC 9110, section 8.8.3, with or without the quotes.
fn is_entity_tag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").filter(|rest| rest.starts_with('"'));
    let inside = match quoted.unwrap_or(text).strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"'),
        None => Some(text),
    };
    let of_a_tag = |byte: u8| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..);
    inside.is_some_and(|inside| inside.bytes().all(of_a_tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_tag_has_quotes_at_its_ends_alone() {
        for tag in ["v1", "\"v1\"", "W/\"v1\"", "\"\"", "é", "W/v1", "a,b"] {
            assert!(is_entity_tag(tag), "{tag}");
        }
        for other in [
            "a\"b",
            "\"v1",
            "v1\"",
            "\"",
            "W/\"v1",
            "a b",
            "\"a\", \"b\"",
            "a\u{1}",
        ] {
            assert!(!is_entity_tag(other), "{other}");
        }
    }
}
