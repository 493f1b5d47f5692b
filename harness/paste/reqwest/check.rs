// no setting: refuse an answer without a length, compare, then rename
// [dependencies] reqwest = "0.13", tokio = { version = "1", features = ["full"] }
use std::{env, error::Error, fs::{self, File}, io::Write};

use reqwest::{Client, Version, header::{ACCEPT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING}};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let part = format!("{}.part", words[2]);
    // A coded body has another length.
    let request = Client::new().get(&words[1]).header(ACCEPT_ENCODING, "identity");
    let mut answer = request.send().await?.error_for_status()?;
    let length = answer.headers().get(CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|text| text.to_str().ok()?.parse().ok());
    // A chunked body and a stream of HTTP/2 tell their end.
    let tells = answer.headers().contains_key(TRANSFER_ENCODING)
        || answer.version() > Version::HTTP_11;
    if length.is_none() && !tells {
        return Err("no length: nothing would say that the file is whole".into());
    }
    let (mut out, mut size) = (File::create(&part)?, 0);
    while let Some(piece) = answer.chunk().await? {
        out.write_all(&piece)?;
        size += piece.len() as u64;
    }
    if length.is_some_and(|length| length != size) {
        return Err(format!("{size} bytes of {length:?}").into());
    }
    fs::rename(part, &words[2])?;
    Ok(())
}
