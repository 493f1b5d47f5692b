//! `on=SELECTOR`: the requests that the fault, answer or version before it is for.

use super::{fault::Wrong, toml::quoted};
use crate::scenario::{Attempt, Ordinals, grammar, nearest};

/// The forms of a selector, for whoever wrote another.
const FORMS: &str = "write on=first, on=resumption, on=2.., or KEY:VALUE such as on=position:2..; \
                     several, joined by commas, must all hold";

/// The text behind `on=`, as the table of a scenario file.
///
/// A number or a range alone is the request's, and a word alone an attempt.
pub(super) fn table(text: &str) -> Result<String, Wrong> {
    let mut keys: Vec<&str> = Vec::new();
    let mut entries = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (key, value) = match part.split_once(':') {
            Some((key, value)) => (key, value),
            None if Attempt::from_word(part).is_some() => ("attempt", part),
            None if part.parse::<Ordinals>().is_ok() => ("request", part),
            None => return Err((format!("`{part}` is not a selector"), FORMS.into())),
        };
        let known = || {
            grammar::at("fault.on")
                .into_iter()
                .flat_map(|table| table.names())
        };
        let Some(key) = known().find(|known| *known == key) else {
            let help = match nearest::nearest(key, known()) {
                Some(near) => format!("did you mean on={near}:{value}?"),
                None => format!("a selector has {}", nearest::either(known())),
            };
            return Err((format!("`{key}` is not a key of a selector"), help));
        };
        if keys.contains(&key) {
            return Err((format!("`{key}` is given twice"), "keep one of them".into()));
        }
        keys.push(key);
        entries.push(format!("{key} = {}", quoted(value)));
    }
    Ok(format!("{{ {} }}", entries.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_a_word_and_pairs_are_keys_of_a_table() {
        for (text, is) in [
            ("1", "{ request = \"1\" }"),
            ("2..", "{ request = \"2..\" }"),
            ("every-3", "{ request = \"every-3\" }"),
            ("first", "{ attempt = \"first\" }"),
            (
                "resumption,method:GET",
                "{ attempt = \"resumption\", method = \"GET\" }",
            ),
            (
                "time:1h..,protocol:HTTP/1.0",
                "{ time = \"1h..\", protocol = \"HTTP/1.0\" }",
            ),
        ] {
            assert_eq!(table(text), Ok(is.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_selector_says_what_is() {
        let says = |text: &str| {
            let (message, help) = table(text).unwrap_err();
            format!("{message}; {help}")
        };
        assert!(says("frist").contains("`frist` is not a selector; write on=first"));
        assert!(says("").contains("`` is not a selector"));
        assert!(says("positon:2..").contains("did you mean on=position:2..?"));
        assert!(says("1,request:2").contains("`request` is given twice"));
    }
}
