//! Remedies by name, with the settings that they have unless told otherwise.

use std::str::FromStr;

use super::{
    Atomic, Deadlines, Progress, Recipe, Resume, Retry, Segments, Stall, UnknownName, Verify,
};

/// A remedy that the command line knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// Compares the bytes with the length that was announced.
    Progress,
    /// `sock_read` in place of `total`.
    Deadlines,
    /// Ends an attempt whose bytes stop or trickle.
    Stall,
    /// Tries again, from zero.
    Retry,
    /// Tries again, from where the attempt before has ended.
    Resume,
    /// Fetches parts side by side, each of which resumes.
    Segments,
    /// Says what the result rests on, and refuses less than a length.
    Verify,
    /// The file has its name when it is whole.
    Atomic,
}

/// The name of the recipe of [`Named::SAFE`].
const SAFE: &str = "safe";

impl Named {
    /// All, in the order in which a download meets them.
    pub const ALL: [Self; 8] = [
        Self::Progress,
        Self::Deadlines,
        Self::Stall,
        Self::Retry,
        Self::Resume,
        Self::Segments,
        Self::Verify,
        Self::Atomic,
    ];

    /// Those that together cure most and never save a wrong file without saying on how
    /// little it rests.
    pub const SAFE: [Self; 4] = [Self::Deadlines, Self::Resume, Self::Verify, Self::Atomic];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Progress => "progress",
            Self::Deadlines => "deadlines",
            Self::Stall => "stall",
            Self::Retry => "retry",
            Self::Resume => "resume",
            Self::Segments => "segments",
            Self::Verify => "verify",
            Self::Atomic => "atomic",
        }
    }

    /// The remedy of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn from_word(word: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.into_iter().find(|named| named.word() == word);
        let known = || [&Self::ALL.map(Self::word)[..], &[SAFE]].concat();
        found.ok_or_else(|| UnknownName::new("remedy", word, &known()))
    }

    fn add(self, recipe: &mut Recipe) {
        match self {
            Self::Progress => recipe.progress = Some(Progress::default()),
            Self::Deadlines => recipe.deadlines = Some(Deadlines::usual()),
            Self::Stall => recipe.stall = Some(Stall::default()),
            Self::Retry => recipe.retry = Some(Retry::default()),
            Self::Resume => {
                recipe.retry.get_or_insert_with(Retry::default);
                recipe.resume = Some(Resume::default());
            }
            Self::Segments => {
                Self::Resume.add(recipe);
                recipe.segments = Some(Segments::default());
            }
            Self::Verify => recipe.verify = Some(Verify::default()),
            Self::Atomic => recipe.atomic = Some(Atomic::default()),
        }
    }
}

impl FromStr for Recipe {
    type Err = UnknownName;

    /// Names joined by `+`, in any order; `safe` stands for those of [`Named::SAFE`].
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let mut names = Vec::new();
        for word in text.split('+') {
            match word {
                SAFE => names.extend(Named::SAFE),
                word => names.push(Named::from_word(word)?),
            }
        }
        Ok(Self::of(&names))
    }
}

impl Recipe {
    /// Every remedy alone, and the ones that together never save a wrong file.
    pub fn all() -> Vec<Self> {
        let alone = Named::ALL.into_iter().map(|named| Self::of(&[named]));
        alone.chain([Self::safe()]).collect()
    }

    /// The remedies of [`Named::SAFE`].
    pub fn safe() -> Self {
        Self::of(&Named::SAFE)
    }

    /// The remedies of these names together, each with its usual settings. What one needs
    /// comes with it: `resume` tries again. The name is the same in whatever order they
    /// are given.
    pub fn of(names: &[Named]) -> Self {
        let mut recipe = Self {
            name: name(names),
            ..Self::default()
        };
        for named in names {
            named.add(&mut recipe);
        }
        recipe
    }
}

/// The one name of these remedies together: in the order of [`Named::ALL`], those of
/// [`Named::SAFE`] as one word, without what another brings with it.
fn name(names: &[Named]) -> String {
    let has = |named: &Named| names.contains(named);
    let brought = |named: &Named| match named {
        Named::Retry => has(&Named::Resume) || has(&Named::Segments),
        Named::Resume => has(&Named::Segments),
        _ => false,
    };
    let is_safe = Named::SAFE.iter().all(has);
    let alone = |named: &Named| !(is_safe && Named::SAFE.contains(named));
    let kept = Named::ALL.iter().filter(|one| has(one) && !brought(one));
    let words = kept.filter(|one| alone(one)).map(|named| named.word());
    let words: Vec<&str> = is_safe.then_some(SAFE).into_iter().chain(words).collect();
    words.join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_one_remedy_and_resume_brings_what_it_needs() {
        for named in Named::ALL {
            assert_eq!(Named::from_word(named.word()), Ok(named));
            let recipe = Recipe::of(&[named]);
            assert_eq!(recipe.check(), Ok(()));
            assert_ne!(
                recipe,
                Recipe {
                    name: recipe.name.clone(),
                    ..Recipe::default()
                }
            );
        }
        assert!(Recipe::of(&[Named::Resume]).retry.is_some());
        assert!(Named::from_word("resum").is_err());
        assert_eq!("safe".parse(), Ok(Recipe::safe()));
        let more: Recipe = "safe+progress".parse().unwrap();
        assert!(more.progress.is_some() && more.atomic.is_some());
    }

    #[test]
    fn the_same_remedies_have_one_name_in_whatever_order_they_are_given() {
        let named = |text: &str| text.parse::<Recipe>().unwrap();
        for (text, name) in [
            ("verify+retry", "retry+verify"),
            ("retry+verify+retry", "retry+verify"),
            ("resume+retry", "resume"),
            ("atomic+verify+resume+deadlines", "safe"),
            ("progress+safe", "safe+progress"),
            ("safe+resume", "safe"),
        ] {
            assert_eq!(named(text).name, name, "{text}");
            assert_eq!(named(text), named(name), "{text}");
        }
    }
}
