// no setting: a loop with Range and If-Range; compare, then rename
// [dependencies] reqwest = "0.13", tokio = { version = "1", features = ["full"] }
use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{Seek, Write},
    time::{Duration, SystemTime},
};

use reqwest::{Client, Version, header};

/// What there is of the object. Without a strong tag nothing says that the rest would be
/// of the same one.
struct Known {
    out: File,
    size: u64,
    total: Option<u64>,
    tag: Option<String>,
}

enum Failed {
    /// Another attempt may help, after a pause that the server may name.
    Again(Box<dyn Error>, Option<Duration>),
    Final(Box<dyn Error>),
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        Self::Again(error.into(), None)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Final(error.into())
    }
}

impl Known {
    /// Adds what one answer brings. True if that is all.
    async fn attempt(&mut self, client: &Client, url: &str) -> Result<bool, Failed> {
        let asked = self.tag.clone().filter(|_| self.size > 0);
        if asked.is_some() && self.total == Some(self.size) {
            return Ok(true);
        }
        // A range is one of the coded bytes.
        let mut request = client.get(url).header(header::ACCEPT_ENCODING, "identity");
        if let Some(tag) = &asked {
            request = request.header(header::RANGE, format!("bytes={}-", self.size));
            request = request.header(header::IF_RANGE, tag);
        }
        let mut answer = request.send().await?;
        let field = |name| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let (range, tag) = (field(header::CONTENT_RANGE), field(header::ETAG));
        let range = range.unwrap_or_default();
        match (answer.status().as_u16(), asked) {
            (416, Some(_)) if range == format!("bytes */{}", self.size) => return Ok(true),
            (206, Some(asked)) => {
                let all = range.rsplit('/').next().and_then(|all| all.parse().ok());
                let all = if range.ends_with("/*") { self.total } else { all };
                let begins = range.starts_with(&format!("bytes {}-", self.size));
                let other = self.total.is_some() && self.total != all;
                if !begins || other || tag != Some(asked) {
                    self.tag = None;
                    return Err(Failed::Again(format!("another range: {range}").into(), None));
                }
                self.total = all;
            }
            (200, _) => {
                self.out.rewind()?;
                self.out.set_len(0)?;
                self.size = 0;
                self.tag = tag.filter(|tag| tag.starts_with('"'));
                self.total = field(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
                // A chunked body and a stream of HTTP/2 tell their end.
                let tells = field(header::TRANSFER_ENCODING).is_some()
                    || answer.version() > Version::HTTP_11;
                if self.total.is_none() && !tells {
                    return Err(Failed::Final("no length says that the file is whole".into()));
                }
            }
            (status @ (408 | 416 | 425 | 429 | 500 | 502 | 503 | 504), _) => {
                if status == 416 {
                    self.tag = None;
                }
                let after = field(header::RETRY_AFTER).and_then(|text| text.parse().ok());
                let after = after.map(|seconds: u64| Duration::from_secs(seconds.min(120)));
                return Err(Failed::Again(format!("status {status}").into(), after));
            }
            (status, _) => return Err(Failed::Final(format!("status {status}").into())),
        }
        while let Some(piece) = answer.chunk().await? {
            self.out.write_all(&piece)?;
            self.size += piece.len() as u64;
        }
        if self.total.is_some_and(|total| self.size > total) {
            self.tag = None;
        }
        // Without a length the last chunk has come.
        Ok(self.total.map_or(answer.status() == 200, |total| self.size == total))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let part = format!("{}.part", words[2]);
    let client = Client::builder()
        .connect_timeout(Duration::from_secs(30))
        .read_timeout(Duration::from_secs(60))
        .build()?;
    let (out, mut failed, mut most) = (File::create(&part)?, 0, 0);
    let mut known = Known { out, size: 0, total: None, tag: None };
    loop {
        let chance = SystemTime::UNIX_EPOCH.elapsed()?.subsec_millis();
        let mut pause = Duration::from_secs(30.min(1 << failed)) * chance / 1000;
        let mut why: Box<dyn Error> = "not whole".into();
        match known.attempt(&client, &words[1]).await {
            Ok(true) => break,
            Ok(false) => pause = Duration::ZERO,
            Err(Failed::Again(error, after)) => (why, pause) = (error, after.unwrap_or(pause)),
            Err(Failed::Final(error)) => return Err(error),
        }
        // Who gets any further may go on.
        failed = if known.size > most { 0 } else { failed + 1 };
        most = most.max(known.size);
        if failed > 5 {
            return Err(why);
        }
        tokio::time::sleep(pause).await;
    }
    fs::rename(part, &words[2])?;
    Ok(())
}
