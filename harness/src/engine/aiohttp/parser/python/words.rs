//! Python's words: what its `str` and `bytes` call space.

/// `str.split()`
pub(super) fn is_space(character: char) -> bool {
    // Python counts the four separators of ASCII too.
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

/// `str.split(maxsplit=1)`: the first word, and the rest where there is one.
pub(super) fn split_once(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(is_space);
    let (word, rest) = text.split_once(is_space)?;
    let rest = rest.trim_start_matches(is_space);
    (!rest.is_empty()).then_some((word, rest))
}

/// `bytes.strip()`
pub(super) fn strip(mut bytes: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    while let Some((first, rest)) = bytes.split_first()
        && is_space(first)
    {
        bytes = rest;
    }
    while let Some((last, rest)) = bytes.split_last()
        && is_space(last)
    {
        bytes = rest;
    }
    bytes
}

/// `bytes.strip(b" \t")`
pub(super) fn strip_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
