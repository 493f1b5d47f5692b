//! The scenarios that come with the program, and scenarios from files.

use std::path::Path;

use super::{Diagnostics, Home, Scenario, nearest, parse, read::parse_at};
use crate::input;

// What the build script finds the files with.
#[cfg(test)]
#[path = "../../embed.rs"]
mod embed;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// No scenario is longer: one of a hundred faults has some 10 kB.
const LONGEST_FILE: u64 = 1 << 20;

/// The reasons why a scenario cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The catalogue has no such name.
    #[error("no scenario is called `{name}`{}; a path contains a slash or ends in .toml",
        suggestion(.nearest))]
    Unknown {
        /// The requested name.
        name: String,
        /// Up to three names that are like it.
        nearest: Vec<String>,
    },
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Its path as given.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is no scenario file.
    #[error("{path} is longer than 1 MiB, the limit for a scenario file")]
    TooLong {
        /// Its path as given.
        path: String,
    },
    /// The file is wrong.
    #[error("{0}")]
    Invalid(Diagnostics),
}

/// Name and text of every scenario in the catalogue, by name, numbers in it by
/// value.
pub fn catalogue() -> &'static [(&'static str, &'static str)] {
    CATALOGUE
}

/// Name and text of every case of the suites, which are played by themselves and are no
/// part of the catalogue; by name. The folder of a case is its suite.
pub fn cases() -> &'static [(&'static str, &'static str)] {
    SUITE_CATALOGUE
}

/// The suites with the names of their cases, in order.
pub fn suites() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut suites: Vec<(&str, Vec<&str>)> = Vec::new();
    for ((name, _), path) in SUITE_CATALOGUE.iter().zip(SUITE_PATHS) {
        let suite = path.split('/').nth(1).unwrap_or_default();
        match suites.iter_mut().find(|(known, _)| *known == suite) {
            Some((_, cases)) => cases.push(name),
            None => suites.push((suite, vec![name])),
        }
    }
    suites
}

/// Loads a scenario: by its name in the catalogue or in a suite, or from a file where the
/// argument has a slash in it or ends in `.toml`.
///
/// # Errors
/// An unknown name (with similar ones), a file that cannot be read, or every
/// error in it.
pub fn load(name_or_path: &str) -> Result<Scenario, LoadError> {
    if name_or_path.ends_with(".toml") || name_or_path.contains(std::path::is_separator) {
        return load_file(Path::new(name_or_path));
    }
    let found = CATALOGUE.iter().zip(PATHS);
    let found = found.chain(SUITE_CATALOGUE.iter().zip(SUITE_PATHS));
    let Some(((name, text), path)) = found
        .into_iter()
        .find(|((name, _), _)| *name == name_or_path)
    else {
        let names = CATALOGUE.iter().chain(SUITE_CATALOGUE);
        let names = names.map(|(name, _)| *name);
        return Err(LoadError::Unknown {
            name: name_or_path.into(),
            nearest: nearest::several(name_or_path, names)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        });
    };
    parse(name, path, text).map_err(LoadError::Invalid)
}

/// Loads a scenario from the regular file at `path`.
///
/// # Errors
/// It cannot be read, is too long, or every error in it.
pub fn load_file(path: &Path) -> Result<Scenario, LoadError> {
    let shown = || path.to_string_lossy().into_owned();
    let text = match input::read_text(path, LONGEST_FILE) {
        Ok(Some(text)) => text,
        Ok(None) => return Err(LoadError::TooLong { path: shown() }),
        Err(source) => {
            return Err(LoadError::Read {
                path: shown(),
                source,
            });
        }
    };
    let stem = path.file_stem().unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = stem.to_string_lossy();
    parse_at(&name, &shown(), &text, Some(folder), Home::Named).map_err(LoadError::Invalid)
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let names = nearest::either(nearest.iter().map(String::as_str));
    format!("; did you mean {names}?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_of_the_catalogue_is_valid() {
        for (name, _) in catalogue() {
            match load(name) {
                Ok(scenario) => assert_eq!(scenario.name, *name),
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn every_case_of_a_suite_is_valid_and_at_a_path_of_its_suite() {
        for (suite, cases) in suites() {
            for name in cases {
                let case = load(name).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(case.alias, [format!("/{suite}/{name}")]);
                let known = catalogue().iter().any(|(other, _)| *other == name);
                assert!(!known, "{name} is a name of the catalogue too");
            }
        }
        assert_eq!(
            suites().iter().map(|(suite, _)| *suite).collect::<Vec<_>>(),
            ["resume"]
        );
    }

    #[test]
    fn names_come_once_and_numbers_in_them_by_their_value() {
        let names: Vec<&str> = catalogue().iter().map(|(name, _)| *name).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        let place = |name| names.iter().position(|known| *known == name).unwrap();
        assert!(place("total-timeout-5mbps") < place("total-timeout-20mbps"));
        assert!(place("fin-chunked") < place("healthy"));
    }

    #[test]
    fn each_has_the_path_of_its_file_in_a_folder_of_its_cause() {
        assert_eq!(PATHS.len(), CATALOGUE.len());
        for ((name, _), path) in CATALOGUE.iter().zip(PATHS) {
            let parts: Vec<&str> = path.split('/').collect();
            assert!(
                matches!(parts[..], ["scenarios", _, file] if file == format!("{name}.toml")),
                "{name}: {path}"
            );
        }
    }

    #[test]
    fn a_name_that_two_folders_have_is_refused_and_so_is_a_file_in_none() {
        let catalogue = tempfile::tempdir().unwrap();
        let catalogue = catalogue.path();
        let write = |file: &str| {
            let path = catalogue.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        let names = || -> Vec<String> {
            let files = embed::files(catalogue).unwrap();
            files.into_iter().map(|(name, _)| name).collect()
        };
        let error = || embed::files(catalogue).unwrap_err().to_string();

        for file in ["b/a-20.toml", "a/a-3.toml", "a/notes.md", "schema.json"] {
            write(file);
        }
        assert_eq!(names(), ["a-3", "a-20"]);
        write("b/a-3.toml");
        let said = error();
        assert!(
            said.contains("a-3.toml") && said.ends_with("have one name"),
            "{said}"
        );
        std::fs::remove_dir_all(catalogue.join("b")).unwrap();
        write("lost.toml");
        assert!(
            error().ends_with("lost.toml is in no folder of a cause"),
            "{}",
            error()
        );
    }

    #[test]
    fn an_unknown_name_suggests_known_ones() {
        let error = load("heathy").unwrap_err().to_string();
        assert!(
            error.contains("no scenario is called `heathy`; did you mean `healthy`"),
            "{error}"
        );
        let error = load("zzzzzz").unwrap_err().to_string();
        assert!(!error.contains("did you mean"), "{error}");
    }

    #[test]
    fn a_file_is_named_after_its_stem_and_errors_show_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        let path = path.to_str().unwrap();
        assert!(matches!(load(path), Err(LoadError::Read { path: p, .. }) if p == path));

        let (_, healthy) = catalogue()
            .iter()
            .find(|(name, _)| *name == "healthy")
            .unwrap();
        std::fs::write(path, healthy).unwrap();
        assert_eq!(load(path).unwrap().name, "mine");

        std::fs::write(path, "tilte = 1").unwrap();
        let error = load(path).unwrap_err().to_string();
        assert!(error.contains(&format!("{path}:1:1")), "{error}");

        std::fs::write(path, " ".repeat(2 << 20)).unwrap();
        assert!(matches!(load(path), Err(LoadError::TooLong { .. })));
        std::fs::write(path, b"\xff").unwrap();
        assert!(matches!(load(path), Err(LoadError::Read { .. })));
    }
}
