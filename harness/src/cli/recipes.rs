//! The values of `--remedy` and `--recipe`.

use std::{collections::BTreeMap, path::PathBuf};

use super::failure::Failure;
use crate::remedy::{PRESETS, Preset, Recipe, RecipeFileError, UnknownName};

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
            names if names.split('+').any(|name| name == "all") => {
                return Err(UnknownName::all_beside_others());
            }
            names => vec![names.parse()?],
        }))
    }
}

/// A value of `--recipe`.
#[derive(Debug, Clone)]
pub(super) enum RecipeValue {
    /// Those of well-known clients.
    Known(Vec<Recipe>),
    /// One in a file.
    File(PathBuf),
}

impl RecipeValue {
    /// Of a client, or `all`, or of a file, whose name ends in `.toml`.
    ///
    /// # Errors
    /// No client of this name has a recipe.
    pub(super) fn parse(text: &str) -> Result<Self, UnknownName> {
        Ok(match text {
            "all" => Self::Known(PRESETS.iter().map(Preset::recipe).collect()),
            file if file.to_ascii_lowercase().ends_with(".toml") => Self::File(file.into()),
            name => Self::Known(vec![Preset::named(name)?.recipe()]),
        })
    }
}

/// All recipes of a command line, those of files last; all mistakes of all files.
pub(super) fn resolve(
    remedies: &[Recipes],
    values: &[RecipeValue],
) -> Result<Vec<Recipe>, Failure> {
    let mut found: Vec<Recipe> = remedies.iter().flat_map(|one| one.0.clone()).collect();
    let mut invalid = Vec::new();
    for value in values {
        match value {
            RecipeValue::Known(recipes) => found.extend(recipes.iter().cloned()),
            RecipeValue::File(file) => match Recipe::load(file) {
                Ok(recipe) => found.push(recipe),
                Err(RecipeFileError::Invalid(errors)) => invalid.push(errors),
                Err(other) => {
                    let help = "`--recipe` takes the name of a client, or the path of a file";
                    return Err(Failure::usage(other.to_string(), help));
                }
            },
        }
    }
    if !invalid.is_empty() {
        return Err(Failure::Invalid(invalid));
    }
    // Files of two folders may be called the same, and columns of one name say nothing.
    let mut names = BTreeMap::new();
    for recipe in &found {
        let first = names.entry(&recipe.name).or_insert(recipe);
        if *first != recipe {
            let message = format!("two recipes are called `{}`", recipe.name);
            return Err(Failure::usage(message, "rename one of the files"));
        }
    }
    Ok(found)
}
