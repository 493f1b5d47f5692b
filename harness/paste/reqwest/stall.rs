// .read_timeout(30 s); against a trickle none: count bytes of 30 s
// [dependencies] reqwest = "0.13", tokio = { version = "1", features = ["full"] }
use std::{env, error::Error, fs::File, io::Write, time::{Duration, Instant}};

const WINDOW: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let client = reqwest::Client::builder()
        .connect_timeout(WINDOW)
        .read_timeout(WINDOW)
        .build()?;
    let mut answer = client.get(&words[1]).send().await?.error_for_status()?;
    let mut out = File::create(&words[2])?;
    let (mut since, mut came) = (Instant::now(), 0);
    while let Some(piece) = answer.chunk().await? {
        out.write_all(&piece)?;
        came += piece.len();
        if since.elapsed() >= WINDOW {
            if came < 10 * 30 {
                return Err(format!("{came} bytes in 30 s").into());
            }
            (since, came) = (Instant::now(), 0);
        }
    }
    Ok(())
}
