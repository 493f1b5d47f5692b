//! `shortread validate`: shows every error of every file, and warns of settings without
//! effect and of files that no server can have together.

use std::{collections::BTreeMap, path::Path};

use shortread_server::{
    scenario::{LoadError, Scenario, load, load_file, place_of},
    text::printable,
};

use super::{Done, Out, args::ValidateArgs, exit, failure::Failure, heard};
use crate::{
    explain::{Note, without_effect},
    plan::planned_profiles,
};

pub(super) fn run(args: &ValidateArgs, out: Out<'_>) -> Done {
    let (mut valid, mut invalid) = (String::new(), Vec::new());
    let mut aliases: BTreeMap<String, String> = BTreeMap::new();
    for file in &args.files {
        match read(file).map_err(Failure::from) {
            Ok(scenario) => {
                planned_profiles(&scenario)?;
                let name = file.to_string_lossy();
                valid.push_str(&format!("{}: valid\n", printable(&name)));
                let mut warnings = without_effect(&scenario);
                warnings.extend(twice(&scenario, &name, &mut aliases));
                valid.push_str(&told(&scenario, &warnings));
            }
            Err(Failure::Invalid(diagnostics)) => invalid.extend(diagnostics),
            Err(other) => return Err(other),
        }
    }
    let printed = out.write_all(valid.as_bytes()).map_err(Failure::from);
    match invalid.is_empty() {
        true => heard(printed, exit::DONE),
        // Invalid files set the exit code, even if nobody reads the list of valid
        // ones.
        false => Err(Failure::Invalid(invalid)),
    }
}

/// A path of `scenario`, which is the file `name`, that another file has too. `known` are
/// those of the files before, and gets its own.
fn twice(scenario: &Scenario, name: &str, known: &mut BTreeMap<String, String>) -> Vec<Note> {
    let mut twice = Vec::new();
    for path in &scenario.alias {
        let first = known.entry(path.clone()).or_insert_with(|| name.to_owned());
        if first != name {
            twice.push(Note {
                key: "alias".into(),
                told: format!("{first} is at {path} too, so no server has both"),
            });
        }
    }
    twice
}

/// Warnings as lines, each with its place, in the order of the file.
fn told(scenario: &Scenario, warnings: &[Note]) -> String {
    let placed = warnings.iter().map(|warning| {
        let place = place_of(&scenario.text, &warning.key);
        (place, printable(&warning.told))
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(place, _)| *place);
    let lines = placed.into_iter().map(|(place, told)| match place {
        Some((line, column)) => format!("  warning: {told} (line {line}, column {column})\n"),
        None => format!("  warning: {told}\n"),
    });
    lines.collect()
}

/// Reads a scenario; a bare word that is a file means that file.
fn read(file: &Path) -> Result<Scenario, LoadError> {
    let is_bare = file.parent() == Some(Path::new(""));
    match file.to_str() {
        Some(name) if !is_bare || !file.is_file() => load(name),
        // A file is read as a path, whatever its extension.
        Some(name) if !name.ends_with(".toml") => load_file(&Path::new(".").join(file)),
        _ => load_file(file),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_fault_behind_the_end_of_a_coded_body_is_warned_of() {
        let mut file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        let text = "title = \"x\"\ncause = \"y\"\nbody = { size = 1000, encoding = \"gzip\" }\n\
                    [[fault]]\nwhen = { body = 5000 }\nthen = \"fin\"\n";
        file.write_all(text.as_bytes()).unwrap();
        let args = ValidateArgs {
            files: vec![file.path().into()],
        };
        let mut out = Vec::new();
        assert_eq!(run(&args, &mut out).unwrap(), exit::DONE);
        let out = String::from_utf8(out).unwrap();
        let warning = out.lines().nth(1).unwrap();
        assert!(
            warning.starts_with("  warning: fault 1: the response to a plain GET"),
            "{out}"
        );
        assert!(warning.ends_with(" (line 5, column 1)"), "{out}");
    }

    #[test]
    fn two_files_with_one_alias_are_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, alias: &str| {
            let path = folder.path().join(name);
            let text = format!("title = \"x\"\ncause = \"y\"\nbody.size = 9\nalias = {alias}\n");
            std::fs::write(&path, text).unwrap();
            path
        };
        let files = vec![
            write("a.toml", "[\"/a\", \"/b\"]"),
            write("b.toml", "\"/c\""),
            write("c.toml", "[\"/d\", \"/b\"]"),
        ];
        let first = files[0].display().to_string();
        let mut out = Vec::new();
        assert_eq!(run(&ValidateArgs { files }, &mut out).unwrap(), exit::DONE);
        let out = String::from_utf8(out).unwrap();
        let warnings: Vec<_> = out
            .lines()
            .filter(|line| line.contains("warning"))
            .collect();
        let told =
            format!("  warning: {first} is at /b too, so no server has both (line 4, column 1)");
        assert_eq!(warnings, [told], "{out}");
    }

    #[test]
    fn valid_files_are_named_and_invalid_ones_are_all_reported() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (_, healthy) = shortread_server::scenario::catalogue()
            .iter()
            .find(|(name, _)| *name == "healthy")
            .unwrap();
        let good = write("good.toml", healthy);
        let bad = [write("bad.toml", "tilte = 1"), write("worse.toml", "= =")];

        let mut out = Vec::new();
        let valid = ValidateArgs {
            files: vec![good.clone()],
        };
        assert_eq!(run(&valid, &mut out).unwrap(), exit::DONE);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("{}: valid\n", good.display())
        );

        let mut out = Vec::new();
        let mixed = ValidateArgs {
            files: vec![bad[0].clone(), good, bad[1].clone()],
        };
        let failure = run(&mixed, &mut out).unwrap_err();
        assert_eq!(failure.code(), exit::USAGE);
        let mut text = Vec::new();
        failure.render(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(
            text.contains("bad.toml") && text.contains("worse.toml"),
            "{text}"
        );
    }
}
