//! Recipes by the names that records have: what they are, how they are typed, and which
//! of two is simpler.

use crate::remedy::{Jitter, Named, PRESETS, Recipe};

/// A recipe that the command line can name.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownRecipe {
    /// The option that takes its name: `--remedy` or `--recipe`.
    pub option: &'static str,
    /// What it is.
    pub recipe: Recipe,
    /// Its place among those of its option.
    place: usize,
}

impl KnownRecipe {
    /// The recipe of this name; `None` for one that this version does not know.
    pub fn called(name: &str) -> Option<Self> {
        if let Ok(recipe) = name.parse() {
            return Some(Self {
                option: "--remedy",
                recipe,
                place: 0,
            });
        }
        let place = PRESETS.iter().position(|preset| preset.name == name)?;
        Some(Self {
            option: "--recipe",
            recipe: PRESETS[place].recipe(),
            place,
        })
    }

    /// The number of its remedies: less is simpler.
    pub fn remedies(&self) -> usize {
        remedies(&self.recipe).count()
    }

    /// Its place in the catalogue: remedies in their order, then clients in theirs.
    pub fn place(&self) -> (bool, usize, Vec<Named>) {
        let clients = self.option == "--recipe";
        let remedies: Vec<Named> = remedies(&self.recipe).collect();
        (clients, self.place, remedies)
    }
}

/// The remedies in `recipe`, in their order.
fn remedies(recipe: &Recipe) -> impl Iterator<Item = Named> + '_ {
    Named::ALL.into_iter().filter(|named| match named {
        Named::Progress => recipe.progress.is_some(),
        Named::Deadlines => recipe.deadlines.is_some(),
        Named::Stall => recipe.stall.is_some(),
        Named::Retry => recipe.retry.is_some(),
        Named::Resume => recipe.resume.is_some(),
        Named::Segments => recipe.segments.is_some(),
        Named::Verify => recipe.verify.is_some(),
        Named::Atomic => recipe.atomic.is_some(),
    })
}

/// True if waits of `recipe` are drawn, so that another seed may lead to another end.
pub fn draws_waits(recipe: &Recipe) -> bool {
    let retry = recipe.retry.as_ref();
    retry.is_some_and(|retry| retry.backoff.jitter != Jitter::None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::Preset;

    #[test]
    fn each_recipe_of_the_command_line_is_found_by_its_name() {
        let presets = PRESETS.iter().map(Preset::recipe);
        for recipe in Recipe::all().into_iter().chain(presets) {
            let known = KnownRecipe::called(&recipe.name).unwrap();
            assert_eq!(known.recipe, recipe);
        }
        assert!(KnownRecipe::called("resum").is_none());
    }

    #[test]
    fn fewer_remedies_are_simpler_and_clients_come_last() {
        let known = |name| KnownRecipe::called(name).unwrap();
        assert_eq!(known("retry").remedies(), 1);
        assert_eq!(known("resume").remedies(), 2, "it brings `retry`");
        assert_eq!(known("safe").remedies(), 5);
        assert!(known("progress").place() < known("atomic").place());
        assert!(known("atomic").place() < known("containerd").place());
        assert!(known("containerd").place() < known("wget").place());
    }
}
