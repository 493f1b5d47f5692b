//! reqwest: each URL into its FILE, as its documentation shows it.

use std::{env, error::Error, fs::File};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let client = reqwest::blocking::Client::new();
    for pair in words.chunks(2) {
        let [url, file] = pair else {
            return Err("URL FILE [URL FILE]".into());
        };
        let mut response = client.get(url).send()?.error_for_status()?;
        response.copy_to(&mut File::create(file)?)?;
    }
    Ok(())
}
