//! Which releases a `profile` of `[[expect.trial]]` selects. Here a release is
//! its numbers alone; which ones exist, the harness knows.

/// The numbers of `3.14.5`; of a line such as `3.14` the first two.
type Numbers<'a> = Vec<&'a str>;

/// One `profile`, read.
enum Selector<'a> {
    /// `aiohttp-3.14.5`, or all patches of `aiohttp-3.14`.
    Line(Numbers<'a>),
    /// `<aiohttp-3.14`: every release before that.
    Before(Numbers<'a>),
}

/// Whether `text` is a selector: `aiohttp-3.14.5`, `aiohttp-3.14` for all of
/// its patches, or either behind `<` for every release before it.
pub(super) fn is_selector(text: &str) -> bool {
    read(text).is_some()
}

/// Whether `text` names one release, or one line of them.
pub(super) fn is_release(text: &str) -> bool {
    matches!(read(text), Some(Selector::Line(_)))
}

/// Whether `selector` selects the release `profile`, `aiohttp-3.14.5`.
pub fn selects(selector: &str, profile: &str) -> bool {
    let Some(Selector::Line(profile)) = read(profile) else {
        return false;
    };
    match read(selector) {
        Some(Selector::Line(line)) => profile.starts_with(&line),
        Some(Selector::Before(bound)) => is_before(&profile, &bound),
        None => false,
    }
}

/// Whether `first` selects all that `later` does.
pub(super) fn covers(first: &str, later: &str) -> bool {
    match (read(first), read(later)) {
        (Some(Selector::Line(first)), Some(Selector::Line(later))) => later.starts_with(&first),
        // All of a line is before a bound that is not inside of it.
        (Some(Selector::Before(bound)), Some(Selector::Line(line))) => {
            is_before(&line, &bound) && !bound.starts_with(&line)
        }
        (Some(Selector::Before(first)), Some(Selector::Before(later))) => {
            !is_before(&first, &later)
        }
        _ => false,
    }
}

fn read(text: &str) -> Option<Selector<'_>> {
    let (before, release) = match text.strip_prefix('<') {
        Some(release) => (true, release),
        None => (false, text),
    };
    let numbers: Numbers<'_> = release.strip_prefix("aiohttp-")?.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if numbers.len() > 3 || !numbers.iter().all(number) {
        return None;
    }
    Some(match before {
        true => Selector::Before(numbers),
        false => Selector::Line(numbers),
    })
}

/// By number; what is missing counts as 0, so that 3.14 is 3.14.0.
fn is_before(one: &[&str], other: &[&str]) -> bool {
    let at = |numbers: &[&str], index: usize| -> u64 {
        let number = numbers.get(index).unwrap_or(&"0");
        number.parse().unwrap_or(u64::MAX)
    };
    let three = |numbers| [0, 1, 2].map(|index| at(numbers, index));
    three(one) < three(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_its_patches_and_nothing_else() {
        assert!(selects("aiohttp-3.14", "aiohttp-3.14.5"));
        assert!(selects("aiohttp-3.14.5", "aiohttp-3.14.5"));
        assert!(selects("aiohttp-3", "aiohttp-3.14.5"));
        assert!(!selects("aiohttp-3.1", "aiohttp-3.14.5"));
        assert!(!selects("aiohttp-3.14.5", "aiohttp-3.14.50"));
        assert!(!selects("aiohttp", "aiohttp-3.14.5"));
    }

    #[test]
    fn releases_before_a_bound_are_compared_by_number() {
        assert!(selects("<aiohttp-3.14", "aiohttp-3.13.5"));
        assert!(selects("<aiohttp-3.14", "aiohttp-3.9.0"));
        assert!(!selects("<aiohttp-3.14", "aiohttp-3.14.0"));
        assert!(!selects("<aiohttp-3.14", "aiohttp-4.0.0"));
        assert!(selects("<aiohttp-3.14.2", "aiohttp-3.14.1"));
        assert!(!selects("<aiohttp-3.14.2", "aiohttp-3.14.2"));
    }

    #[test]
    fn a_selector_covers_another_where_it_selects_all_of_it() {
        for (first, later, covered) in [
            ("aiohttp-3.14", "aiohttp-3.14.5", true),
            ("aiohttp-3.14.5", "aiohttp-3.14", false),
            ("<aiohttp-3.14", "aiohttp-3.9", true),
            ("<aiohttp-3.14", "aiohttp-3.14", false),
            // A part of the line is behind the bound.
            ("<aiohttp-3.14.2", "aiohttp-3.14", false),
            ("<aiohttp-3.14.2", "aiohttp-3.14.1", true),
            ("<aiohttp-3.14", "aiohttp-3", false),
            ("<aiohttp-3.14", "<aiohttp-3.9", true),
            ("<aiohttp-3.14", "<aiohttp-3.14.0", true),
            ("<aiohttp-3.9", "<aiohttp-3.14", false),
            ("aiohttp-3", "<aiohttp-3.14", false),
        ] {
            assert_eq!(covers(first, later), covered, "{first} over {later}");
        }
    }

    #[test]
    fn what_has_another_form_is_no_selector() {
        for text in [
            "",
            "aiohttp",
            "aiohttp-",
            "3.14",
            "<3.14",
            "<<aiohttp-3",
            "aiohttp-3.x",
            "aiohttp-3.1.2.3",
        ] {
            assert!(!is_selector(text), "{text}");
        }
        assert!(is_release("aiohttp-3.14") && !is_release("<aiohttp-3.14"));
    }
}
