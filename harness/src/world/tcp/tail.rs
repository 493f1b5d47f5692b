//! The last lines of a client's standard error, however much it writes.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Most lines kept.
const LINES: usize = 10;

/// Most characters of a line.
const COLUMNS: usize = 300;

/// Most bytes kept: lines of more bytes would be cut anyway.
const KEPT: usize = LINES * COLUMNS * 4;

/// The error output of a client.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LastLines {
    /// The last lines, without control characters and empty ones.
    pub(super) lines: Vec<String>,
    /// All bytes.
    pub(super) bytes: u64,
}

/// Reads `pipe` to its end, so that the writer is never blocked.
pub(super) async fn read(pipe: Option<impl AsyncRead + Unpin>) -> LastLines {
    let Some(mut pipe) = pipe else {
        return LastLines::default();
    };
    let mut kept = VecDeque::new();
    let mut bytes = 0;
    let mut block = [0; 8192];
    // An error of reading counts as the end.
    while let Ok(count @ 1..) = pipe.read(&mut block).await {
        bytes += count as u64;
        kept.extend(&block[..count]);
        let excess = kept.len().saturating_sub(KEPT);
        kept.drain(..excess);
    }
    LastLines {
        lines: last_lines(kept.make_contiguous()),
        bytes,
    }
}

/// A carriage return also ends a line, since progress bars use it.
fn last_lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let plain = anstream::adapter::strip_str(&text).to_string();
    let mut lines: Vec<String> = plain
        .split(['\n', '\r'])
        .map(|line| {
            let shown = line.trim().chars().filter(|c| !c.is_control());
            shown.take(COLUMNS).collect()
        })
        .filter(|line: &String| !line.is_empty())
        .collect();
    let excess = lines.len().saturating_sub(LINES);
    lines.drain(..excess);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn said(bytes: &[u8]) -> LastLines {
        read(Some(bytes)).await
    }

    #[tokio::test]
    async fn the_last_lines_are_kept_and_all_bytes_counted() {
        let text: String = (0..100_000).map(|n| format!("line {n}\n")).collect();
        let said = said(text.as_bytes()).await;
        assert_eq!(said.bytes, text.len() as u64);
        assert_eq!(said.lines.len(), LINES);
        assert_eq!(said.lines.last().unwrap(), "line 99999");
    }

    #[tokio::test]
    async fn colours_bars_and_bytes_that_are_no_text_do_no_harm() {
        let said = said(b"\x1b[31mred\x1b[0m\r 10%\r 20%\n\n\x07bell \xff\n").await;
        assert_eq!(said.lines, ["red", "10%", "20%", "bell \u{fffd}"]);
        let long = super::read(Some(&[b'x'; 1 << 20][..])).await;
        assert_eq!(long.lines, ["x".repeat(COLUMNS)]);
    }
}
