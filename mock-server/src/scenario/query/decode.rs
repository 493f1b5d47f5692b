//! Percent-encoding and forms (RFC 3986, section 2.1; the URL Standard,
//! `application/x-www-form-urlencoded`), read strictly: input that cannot be
//! decoded is an error, not a guess.

/// The reasons why a part of a URL cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// A `%` without two hexadecimal digits.
    #[error("a `%` is not followed by two hexadecimal digits; write %25 for a percent sign")]
    Percent,
    /// The result is not text.
    #[error("the decoded bytes are not UTF-8")]
    Utf8,
}

/// Decodes a part of a query; `+` is a space, as forms and most libraries
/// write it.
///
/// # Errors
/// [`Undecodable`].
pub fn form(text: &str) -> Result<String, Undecodable> {
    percent(&text.replace('+', " "))
}

/// Decodes a part of a path; `+` is itself.
///
/// # Errors
/// [`Undecodable`].
pub fn percent(text: &str) -> Result<String, Undecodable> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = char::from(rest.next().unwrap_or_default()).to_digit(16);
            digit.ok_or(Undecodable::Percent)
        };
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).map_err(|_| Undecodable::Utf8)
}

/// A text as one part of a path: all but what RFC 3986 calls unreserved (section 2.3) is
/// encoded, so that no URL parser, shell or `curl` (which takes `[1-3]` for a range of
/// URLs) makes anything else of it.
pub fn encoded(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                all.push(char::from(byte));
            }
            _ => all.push_str(&format!("%{byte:02X}")),
        }
    }
    all
}

/// The pieces of a query, in their order, as they were sent: name and value,
/// the value `None` where there is no `=`. Empty pieces are skipped.
pub fn pieces(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| match piece.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (piece, None),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_encoded_byte_by_byte_comes_back(text in any::<String>()) {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(percent(&encoded), Ok(text.clone()));
            prop_assert_eq!(form(&encoded), Ok(text));
        }

        #[test]
        fn a_part_of_a_path_comes_back_and_is_safe_anywhere(text in any::<String>()) {
            let part = encoded(&text);
            prop_assert!(part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
            prop_assert_eq!(percent(&part), Ok(text.clone()));
            prop_assert_eq!(form(&part), Ok(text));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = form(&text);
            let _ = pieces(&text).count();
        }
    }

    #[test]
    fn plus_is_a_space_in_a_query_and_itself_in_a_path() {
        assert_eq!(form("a+b%2Bc"), Ok("a b+c".to_owned()));
        assert_eq!(percent("a+b"), Ok("a+b".to_owned()));
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for (text, error) in [
            ("%", Undecodable::Percent),
            ("%2", Undecodable::Percent),
            ("%2g", Undecodable::Percent),
            ("100%", Undecodable::Percent),
            ("%é", Undecodable::Percent),
            ("%ff", Undecodable::Utf8),
        ] {
            assert_eq!(form(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_value_may_hold_the_sign_that_ends_its_name() {
        let all: Vec<_> = pieces("&a=b=c&&d&=e&").collect();
        assert_eq!(all, [("a", Some("b=c")), ("d", None), ("", Some("e"))]);
    }
}
