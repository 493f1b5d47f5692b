//! The name that a user probably meant.

/// The candidate that is most like `word`, if one is like enough: at most a
/// third of the letters differ. `_`, `-` and case count for nothing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any name of ours; and the distance takes quadratic time.
    if word.len() > 64 {
        return None;
    }
    let word = plain(word);
    let length = word.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let count = other.chars().count();
            let most = length.max(count) / 3;
            // Each letter that one has more is a difference: most words need no
            // more than their lengths.
            if length.abs_diff(count) > most {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&word, &other);
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Up to three candidates, the most alike first.
pub(super) fn several<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    if word.len() > 64 {
        return Vec::new();
    }
    let word = plain(word);
    let mut scored: Vec<_> = candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, &plain(candidate)), candidate))
        .filter(|(score, _)| *score >= 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored
        .into_iter()
        .take(3)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// `a`, `b` or `c`, each in backquotes: of these one is meant.
pub fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    listed(words, "or")
}

/// `a`, `b` and `c`, each in backquotes: these are all.
pub fn all_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    listed(words, "and")
}

fn listed<'a>(words: impl IntoIterator<Item = &'a str>, join: &str) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {join} {last}", rest.join(", ")),
    }
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace(['_', '-', ' '], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_finds_its_word() {
        let keys = ["connect", "head", "sock_read", "total"];
        assert_eq!(nearest("sockread", keys), Some("sock_read"));
        assert_eq!(nearest("Sock-Read", keys), Some("sock_read"));
        assert_eq!(nearest("totla", keys), Some("total"));
        assert_eq!(nearest("tow", keys), None);
        assert_eq!(nearest("", keys), None);
        assert_eq!(nearest(&"total".repeat(20), keys), None);
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(either([]), "");
        assert_eq!(either(["a"]), "`a`");
        assert_eq!(either(["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(all_of(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
