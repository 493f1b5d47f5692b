//! The releases that a `profile` of `[[expect.trial]]` selects. Here a release is
//! only its numbers; the harness knows which releases exist.

use std::collections::BTreeSet;

/// The numbers of `3.14.5`; of a line such as `3.14` the first two.
type Numbers<'a> = Vec<&'a str>;

/// One `profile`, read.
enum Selector<'a> {
    /// `aiohttp-3.14.5`, or all patches of `aiohttp-3.14`.
    Line(Numbers<'a>),
    /// `<aiohttp-3.14`: every release before that.
    Before(Numbers<'a>),
}

/// True if `text` is a selector: `aiohttp-3.14.5`, `aiohttp-3.14` for all of its
/// patches, or either after `<` for every release before it.
pub(super) fn is_selector(text: &str) -> bool {
    read(text).is_some()
}

/// True if `text` names one release, or one line of them.
pub(super) fn is_release(text: &str) -> bool {
    matches!(read(text), Some(Selector::Line(_)))
}

/// True if `selector` selects the release `profile`, `aiohttp-3.14.5`.
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

/// The releases that several selectors select together. What is no selector
/// selects nothing.
#[derive(Debug, Default)]
pub(super) struct Releases<'a> {
    lines: BTreeSet<Numbers<'a>>,
    bounds: Vec<Numbers<'a>>,
    /// Of the bounds the last one, which selects all that the others do.
    last: Option<Numbers<'a>>,
    /// True if one of them is not a selector.
    unknown: bool,
}

impl<'a> FromIterator<&'a str> for Releases<'a> {
    fn from_iter<T: IntoIterator<Item = &'a str>>(selectors: T) -> Self {
        let mut all = Self::default();
        for selector in selectors {
            match read(selector) {
                None => all.unknown = true,
                Some(Selector::Line(line)) => drop(all.lines.insert(line)),
                Some(Selector::Before(bound)) => all.bounds.push(bound),
            }
        }
        let last = all.bounds.iter().max_by_key(|bound| three(bound));
        all.last = last.cloned();
        all
    }
}

impl Releases<'_> {
    /// True if each selector of `later` only selects releases that these select
    /// too. The time grows with the selectors in `later`, not with the pairs.
    pub(super) fn cover(&self, later: &Self) -> bool {
        let line = |line: &Numbers<'_>| {
            (1..=line.len()).any(|parts| self.lines.contains(&line[..parts]))
                // All of a line is before a bound that is not inside of it.
                || self
                    .last
                    .as_ref()
                    .is_some_and(|last| is_before(line, last) && !last.starts_with(line))
        };
        let bound = |bound: &Numbers<'_>| {
            let last = self.last.as_ref();
            last.is_some_and(|last| !is_before(last, bound))
        };
        !later.unknown && later.lines.iter().all(line) && later.bounds.iter().all(bound)
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
    three(one) < three(other)
}

fn three(numbers: &[&str]) -> [u64; 3] {
    [0, 1, 2].map(|index| {
        let number = numbers.get(index).unwrap_or(&"0");
        number.parse().unwrap_or(u64::MAX)
    })
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
            let all = |one: &'static str| Releases::from_iter([one]);
            assert_eq!(
                all(first).cover(&all(later)),
                covered,
                "{first} over {later}"
            );
        }
    }

    #[test]
    fn selectors_cover_together_what_each_of_them_does() {
        let all = |text: &'static str| text.split(' ').collect::<Releases<'_>>();
        let first = all("aiohttp-3.9 <aiohttp-3.8.2 aiohttp-3.14.5 <aiohttp-3.7");
        assert!(first.cover(&all(
            "aiohttp-3.9.1 aiohttp-3.7.3 <aiohttp-3.8 aiohttp-3.14.5"
        )));
        for later in [
            "aiohttp-3.9.1 aiohttp-3.14",
            "<aiohttp-3.8.3",
            "aiohttp-3.9 x",
        ] {
            assert!(!first.cover(&all(later)), "{later}");
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
