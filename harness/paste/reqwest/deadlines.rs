// .connect_timeout(30 s).read_timeout(60 s), without .timeout()
// [dependencies] reqwest = "0.13", tokio = { version = "1", features = ["full"] }
use std::{env, error::Error, fs::File, io::Write, time::Duration};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(30))
        .read_timeout(Duration::from_secs(60))
        .build()?;
    let mut answer = client.get(&words[1]).send().await?.error_for_status()?;
    let mut out = File::create(&words[2])?;
    while let Some(piece) = answer.chunk().await? {
        out.write_all(&piece)?;
    }
    Ok(())
}
