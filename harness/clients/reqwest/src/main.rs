//! reqwest: URL into FILE, as its documentation shows it.

use std::{env, error::Error, fs::File};

fn main() -> Result<(), Box<dyn Error>> {
    let [url, file] = env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "URL FILE")?;
    let mut response = reqwest::blocking::get(url)?.error_for_status()?;
    response.copy_to(&mut File::create(file)?)?;
    Ok(())
}
