//! The values of `--remedy` and `--recipe`.

use crate::remedy::{PRESETS, Preset, Recipe, UnknownName};

/// The recipes that one value names.
#[derive(Debug, Clone)]
pub(super) struct Recipes(pub(super) Vec<Recipe>);

impl Recipes {
    /// Of `--remedy`: remedies joined by `+`, `safe`, or `all`.
    ///
    /// # Errors
    /// A name that no remedy has.
    pub(super) fn of_remedies(text: &str) -> Result<Self, UnknownName> {
        Ok(Self(match text {
            "all" => Recipe::all(),
            names => vec![names.parse()?],
        }))
    }

    /// Of `--recipe`: a client, or `all`.
    ///
    /// # Errors
    /// No client of this name has a recipe.
    pub(super) fn of_client(text: &str) -> Result<Self, UnknownName> {
        Ok(Self(match text {
            "all" => PRESETS.iter().map(Preset::recipe).collect(),
            name => vec![Preset::named(name)?.recipe()],
        }))
    }
}
