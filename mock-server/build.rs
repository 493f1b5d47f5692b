//! Says which platform is built for, and embeds the catalogue: an array of the name and the text of every
//! `scenarios/*.toml`, a link to the folder of the repository, by name.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

mod platform;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=platform.rs");
    platform::declare();
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&manifest).join("scenarios");
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(fs::canonicalize(path)?);
        }
    }
    files.sort_by_cached_key(|path| natural(&path.to_string_lossy()));

    let mut code = String::from("static CATALOGUE: &[(&str, &str)] = &[\n");
    for path in files {
        let (Some(name), Some(file)) = (path.file_stem().and_then(|s| s.to_str()), path.to_str())
        else {
            return Err(format!("{} is not UTF-8", path.display()).into());
        };
        println!("cargo::rerun-if-changed={file}");
        writeln!(code, "    ({name:?}, include_str!({file:?})),")?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), code)?;
    Ok(())
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
