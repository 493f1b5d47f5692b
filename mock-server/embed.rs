//! Finds the files of the catalogue, for the build script and the tests.

use std::{
    collections::BTreeMap,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

/// The files of the folders in `catalogue`, by name: that of a file without `.toml`.
/// Numbers in names sort by value.
///
/// # Errors
/// A folder that cannot be read; a scenario that is in none of the folders, whose name is
/// not UTF-8, or whose name another folder has too: a scenario is asked for by its name
/// alone.
pub(crate) fn files(catalogue: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let mut found: BTreeMap<Vec<(String, u64)>, (String, PathBuf)> = BTreeMap::new();
    for entry in entries(catalogue)? {
        if is_scenario(&entry) {
            return Err(format!("{} is in no folder of a cause", entry.display()).into());
        }
        if !entry.is_dir() {
            continue;
        }
        for path in entries(&entry)?
            .into_iter()
            .filter(|path| is_scenario(path))
        {
            let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
                return Err(format!("{} is not UTF-8", path.display()).into());
            };
            let file = (name.to_owned(), path.clone());
            if let Some((_, other)) = found.insert(natural(name), file) {
                let (one, two) = (other.display(), path.display());
                return Err(format!("{one} and {two} have one name").into());
            }
        }
    }
    Ok(found.into_values().collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect()
    };
    read().map_err(|error| format!("{}: {error}", folder.display()).into())
}

fn is_scenario(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "toml")
}

/// A key that sorts numbers by value: `2mbps` before `20mbps`.
fn natural(text: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (number, tail) = tail.split_at(end);
        parts.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = tail;
    }
    parts
}
