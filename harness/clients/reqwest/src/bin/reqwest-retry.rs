//! reqwest with reqwest-retry, as its documentation shows it: URL into FILE.

use std::{env, error::Error, fs::File, io::Write};

use reqwest_middleware::ClientBuilder;
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [url, file] = words.as_slice() else {
        return Err("URL FILE".into());
    };
    let policy = ExponentialBackoff::builder().build_with_max_retries(5);
    let client = ClientBuilder::new(reqwest::Client::new())
        .with(RetryTransientMiddleware::new_with_policy(policy))
        .build();
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut out = File::create(file)?;
    while let Some(chunk) = response.chunk().await? {
        out.write_all(&chunk)?;
    }
    Ok(())
}
