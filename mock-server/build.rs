//! Says which platform is built for, and embeds the catalogue: an array of the name and the text of every
//! scenario in a folder of `scenarios`, a link to the folder of the repository, by name, and one of
//! their paths there.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

mod embed;
mod platform;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=platform.rs");
    println!("cargo::rerun-if-changed=embed.rs");
    platform::declare();
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&manifest).join("scenarios");
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut catalogue = String::from("static CATALOGUE: &[(&str, &str)] = &[\n");
    let mut paths = String::from("static PATHS: &[&str] = &[\n");
    for (name, path) in embed::files(&folder)? {
        let shown = path.strip_prefix(&manifest)?.to_owned();
        let file = fs::canonicalize(path)?;
        let (Some(shown), Some(file)) = (shown.to_str(), file.to_str()) else {
            return Err(format!("{} is not UTF-8", file.display()).into());
        };
        println!("cargo::rerun-if-changed={file}");
        writeln!(catalogue, "    ({name:?}, include_str!({file:?})),")?;
        writeln!(paths, "    {shown:?},")?;
    }
    let code = format!("{catalogue}];\n{paths}];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), code)?;
    Ok(())
}
