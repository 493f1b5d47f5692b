//! Says which platform is built for, and embeds the catalogue and the suites: of each an
//! array of the name and the text of every scenario in a folder of `scenarios`, a link to
//! the repository's, or of `suites`, by name, and one of their paths there.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

mod embed;
mod platform;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=platform.rs");
    println!("cargo::rerun-if-changed=embed.rs");
    platform::declare();
    let code = embedded("scenarios", "")? + &embedded("suites", "SUITE_")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), code)?;
    Ok(())
}

/// The two arrays for the files in the folders of `folder`; `prefix` begins their names.
fn embedded(folder: &str, prefix: &str) -> Result<String, Box<dyn Error>> {
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&manifest).join(folder);
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut texts = format!("static {prefix}CATALOGUE: &[(&str, &str)] = &[\n");
    let mut paths = format!("static {prefix}PATHS: &[&str] = &[\n");
    for (name, path) in embed::files(&folder)? {
        let shown = path.strip_prefix(&manifest)?.to_owned();
        let file = fs::canonicalize(path)?;
        let (Some(shown), Some(file)) = (shown.to_str(), file.to_str()) else {
            return Err(format!("{} is not UTF-8", file.display()).into());
        };
        println!("cargo::rerun-if-changed={file}");
        writeln!(texts, "    ({name:?}, include_str!({file:?})),")?;
        writeln!(paths, "    {shown:?},")?;
    }
    Ok(format!("{texts}];\n{paths}];\n"))
}
