// retry::for_host is for the head alone: a loop that begins anew
// [dependencies] reqwest = "0.13", tokio = { version = "1", features = ["full"] }
use std::{env, error::Error, fs::File, io::Write, time::{Duration, SystemTime}};

use reqwest::{Client, header::RETRY_AFTER};

/// The error, and the pause before the next attempt if one may help.
struct Failed(Box<dyn Error>, Option<Duration>);

async fn attempt(client: &Client, url: &str, file: &str, failed: u32) -> Result<(), Failed> {
    let chance = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |now| now.subsec_millis());
    let pause = Duration::from_secs(30.min(1 << failed)) * chance / 1000;
    let again = |error: reqwest::Error| Failed(error.into(), Some(pause));
    let here = |error: std::io::Error| Failed(error.into(), None);
    let mut answer = client.get(url).send().await.map_err(again)?;
    if let Err(error) = answer.error_for_status_ref() {
        let busy = [408, 425, 429, 500, 502, 503, 504].contains(&answer.status().as_u16());
        let after = answer.headers().get(RETRY_AFTER);
        let after = after.and_then(|text| text.to_str().ok()?.parse::<u64>().ok());
        let after = after.map(|seconds| Duration::from_secs(seconds.min(120)));
        return Err(Failed(error.into(), busy.then(|| after.unwrap_or(pause))));
    }
    let mut out = File::create(file).map_err(here)?;
    while let Some(piece) = answer.chunk().await.map_err(again)? {
        out.write_all(&piece).map_err(here)?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let client = Client::builder()
        .connect_timeout(Duration::from_secs(30))
        .read_timeout(Duration::from_secs(60))
        .build()?;
    for failed in 0.. {
        match attempt(&client, &words[1], &words[2], failed).await {
            Ok(()) => break,
            Err(Failed(_, Some(pause))) if failed < 5 => tokio::time::sleep(pause).await,
            Err(Failed(error, _)) => return Err(error),
        }
    }
    Ok(())
}
