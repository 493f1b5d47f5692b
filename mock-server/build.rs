//! Embeds the catalogue: an array of the name and the text of every
//! `../scenarios/*.toml`, by name.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&manifest).join("../scenarios");
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
    files.sort_by_key(|path| path.file_stem().map(ToOwned::to_owned));

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
