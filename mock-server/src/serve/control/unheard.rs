//! Answers input that is not a request. hyper answers it without a word, or not
//! at all; here it gets a sentence like any other wrong request.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use super::answer::{AnswerBody, JSON, Refusal, in_json};
use crate::{
    clock::Clock,
    http1::origin::{self, text_response},
    text::unprintable,
};

/// Time limit for the head of a request.
const HEAD_LIMIT: Duration = Duration::from_secs(30);

/// Most bytes kept since the last answer, to find the mistake in them.
const KEPT: usize = 8 << 10;

/// Most characters of a quoted line.
const QUOTED: usize = 60;

/// The time and bytes for which input is still read after the sentence: an
/// earlier close would send RST, which can overtake it.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 1 << 20);

/// Serves `stream` by `answer` to its end. Returns the status of the sentence, if
/// the input was not a request.
pub(super) async fn serve<S, F>(
    stream: S,
    clock: Clock,
    answer: impl Fn(Request<Incoming>) -> F,
) -> Option<u16>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    F: Future<Output = Result<Response<AnswerBody>, Infallible>>,
{
    let stream = TokioIo::new(Listened::new(stream));
    let service = service_fn(|request| Box::pin(answer(request)));
    let mut served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .serve_connection(stream, service);
    let ended = poll_fn(|cx| served.poll_without_shutdown(cx)).await;
    let stream = served.into_parts().io.into_inner();
    stream.end(ended, clock).await
}

/// A stream that remembers its input, and holds back hyper's own answers.
struct Listened<S> {
    stream: S,
    /// The input since the last answer.
    heard: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Listened<S> {
    fn new(stream: S) -> Self {
        let heard = Vec::new();
        Self { stream, heard }
    }

    /// Ends the connection as hyper `ended` it, with a sentence if a request
    /// could not be read. Returns the status of the sentence.
    async fn end(mut self, ended: hyper::Result<()>, clock: Clock) -> Option<u16> {
        let refusal = ended.err().and_then(|error| self.refusal(&error));
        if let Some(refusal) = &refusal {
            let body = in_json(refusal).unwrap_or_default();
            let mut script = text_response(refusal.status, JSON, body).script;
            let mut said = Vec::new();
            while script.remaining() > 0 {
                said.extend_from_slice(&script.next(usize::MAX));
            }
            // A client that has already left misses nothing.
            let _ = self.stream.write_all(&said).await;
        }
        let _ = self.stream.shutdown().await;
        if refusal.is_some() {
            let (time, bytes) = LINGER;
            let mut rest = (&mut self.stream).take(bytes);
            let mut nowhere = tokio::io::sink();
            let rest = tokio::io::copy(&mut rest, &mut nowhere);
            let _ = clock.timeout_at(clock.now() + time, rest).await;
        }
        refusal.map(|refusal| refusal.status)
    }

    /// `None` if there is nothing to say: the client is gone, has its answer, or
    /// never began a request.
    fn refusal(&self, error: &hyper::Error) -> Option<Refusal> {
        if error.is_timeout() && !self.heard.is_empty() {
            let seconds = HEAD_LIMIT.as_secs();
            let late = format!("the head of the order did not come whole within {seconds} s");
            return Some(Refusal::new(408, late).help(REMEDY));
        }
        if !error.is_parse() {
            return None;
        }
        let (status, why) = match origin::Request::parse(&self.heard) {
            Err(bad) => (bad.status(), bad.to_string()),
            // hyper is stricter, or the head is longer than the kept part.
            Ok(_) if error.is_parse_too_large() => (431, error.to_string()),
            Ok(_) => (400, error.to_string()),
        };
        let place = place(&self.heard);
        Some(Refusal::new(status, format!("{why}{place}")).help(REMEDY))
    }
}

impl<S> Listened<S> {
    /// The input counts as answered once something was written.
    fn answered<T>(&mut self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.heard = Vec::new();
        }
        written
    }
}

const REMEDY: &str = "send an order in HTTP/1.1, as curl does; GET / lists what there is";

/// The first line that spoils the head, quoted; empty if no single line does.
fn place(heard: &[u8]) -> String {
    let mut end = 0;
    let mut lines = heard.split_inclusive(|byte| *byte == b'\n').zip(1..);
    let wrong = lines.find(|(line, _)| {
        end += line.len();
        origin::Request::parse(&heard[..end]).is_err()
    });
    let Some((line, number)) = wrong else {
        return String::new();
    };
    let line = String::from_utf8_lossy(line.trim_ascii_end());
    // A line that is not text, such as a TLS handshake, would tell nobody
    // anything.
    if line.contains(unprintable) || line.contains(char::REPLACEMENT_CHARACTER) {
        return format!(", in its line {number}");
    }
    let quoted: String = line.chars().take(QUOTED).collect();
    format!(", in its line {number}: `{quoted}`")
}

/// True if `bytes` are an answer of hyper's own: ours name their content type.
fn is_wordless(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.1 4")
        && bytes.ends_with(b"\r\n\r\n")
        && !bytes
            .windows(13)
            .any(|word| word.eq_ignore_ascii_case(b"content-type:"))
}

impl<S: AsyncRead + Unpin> AsyncRead for Listened<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        let new = into.filled().get(before..).unwrap_or_default();
        let room = KEPT.saturating_sub(self.heard.len()).min(new.len());
        self.heard.extend_from_slice(&new[..room]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Listened<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        if is_wordless(from) {
            return Poll::Ready(Ok(from.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, from);
        self.answered(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [alone] = from
            && is_wordless(alone)
        {
            return Poll::Ready(Ok(alone.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, from);
        self.answered(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[path = "unheard_tests.rs"]
mod tests;
