//! The file of one timeline: lines of JSON, the header first, compressed with
//! gzip. The same timeline makes the same bytes.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};

use flate2::{Compression, GzBuilder, read::GzDecoder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ClientSample, Mark, ServerSample, Timeline};
use crate::results::SCHEMA_VERSION;

/// Bytes of a timeline, not compressed. It has some hundred samples; a longer one
/// is a bomb, and its last line is cut.
const LONGEST_TIMELINE: u64 = 16 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineHeader {
    /// The version of the results format.
    pub schema_version: u32,
    /// The trial, as in its record.
    pub id: String,
}

/// Each further line, in the order of time: a sample of a side, or something
/// that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// The server's side at one moment.
    Server(ServerSample),
    /// The client's side at one moment.
    Client(ClientSample),
    /// Something that happened.
    Mark(Mark),
}

/// The reasons why a file is not a timeline.
#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    /// It is cut off, or not compressed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// A line of it is something else.
    #[error("line {line}: {source}")]
    Line {
        /// Counts from 1.
        line: usize,
        /// The mismatch.
        source: serde_json::Error,
    },
}

impl Line {
    fn at_ns(&self) -> u64 {
        match self {
            Self::Server(sample) => sample.at_ns,
            Self::Client(sample) => sample.at_ns,
            Self::Mark(mark) => mark.at_ns,
        }
    }
}

/// The file of `timeline`, which is the trial `id`'s.
///
/// # Errors
/// None that memory does not make.
pub(crate) fn write(id: &str, timeline: &Timeline) -> io::Result<Vec<u8>> {
    let mut lines: Vec<Line> = timeline.server.iter().copied().map(Line::Server).collect();
    lines.extend(timeline.client.iter().copied().map(Line::Client));
    lines.extend(timeline.marks.iter().cloned().map(Line::Mark));
    lines.sort_by_key(Line::at_ns);
    let mut text = Vec::new();
    let header = TimelineHeader {
        schema_version: SCHEMA_VERSION,
        id: id.into(),
    };
    serde_json::to_writer(&mut text, &header)?;
    text.push(b'\n');
    for line in &lines {
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
    }
    // No time and no name: the bytes are those of the content alone.
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::default());
    gzip.write_all(&text)?;
    gzip.finish()
}

/// The trial's id and the timeline in a file.
///
/// # Errors
/// It is not compressed, or cut off, or a line is not of this format.
pub(crate) fn read(file: impl Read) -> Result<(String, Timeline), TimelineError> {
    let text = GzDecoder::new(file).take(LONGEST_TIMELINE);
    let mut lines = BufReader::new(text).lines().enumerate();
    let malformed = |index| {
        move |source| TimelineError::Line {
            line: index + 1,
            source,
        }
    };
    let (index, first) = lines.next().unwrap_or((0, Ok(String::new())));
    let header: TimelineHeader = serde_json::from_str(&first?).map_err(malformed(index))?;
    let mut timeline = Timeline::default();
    for (index, line) in lines {
        match serde_json::from_str(&line?).map_err(malformed(index))? {
            Line::Server(sample) => timeline.server.push(sample),
            Line::Client(sample) => timeline.client.push(sample),
            Line::Mark(mark) => timeline.marks.push(mark),
        }
    }
    Ok((header.id, timeline))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples;

    #[test]
    fn a_timeline_comes_back_as_it_was_and_its_lines_are_in_the_order_of_time() {
        let timeline = samples::timeline();
        let file = write("a/readany", &timeline).unwrap();
        assert_eq!(
            read(file.as_slice()).unwrap(),
            ("a/readany".into(), timeline)
        );
        let mut text = String::new();
        GzDecoder::new(file.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        insta::assert_snapshot!(text, @r#"
        {"schema_version":1,"id":"a/readany"}
        {"client":{"at_ns":0,"queued_bytes":0,"received_bytes":0,"delivered_bytes":0,"heap_bytes":0}}
        {"server":{"at_ns":1000,"sent_bytes":0,"unacked_bytes":0}}
        {"mark":{"at_ns":1000,"kind":"accepted","by":null,"text":"connection 1"}}
        {"server":{"at_ns":2000000,"sent_bytes":600,"unacked_bytes":200}}
        {"client":{"at_ns":2000000,"queued_bytes":100,"received_bytes":300,"delivered_bytes":100,"heap_bytes":200}}
        {"mark":{"at_ns":2000000,"kind":"fault","by":"network","text":"reset"}}
        {"client":{"at_ns":3000000,"queued_bytes":0,"received_bytes":400,"delivered_bytes":100,"heap_bytes":300}}
        {"mark":{"at_ns":3000000,"kind":"end","by":"network","text":"reset"}}
        "#);
    }

    #[test]
    fn the_bytes_tell_no_time_of_writing() {
        let file = write("a", &samples::timeline()).unwrap();
        assert_eq!(file, write("a", &samples::timeline()).unwrap());
        // RFC 1952, section 2.3.1: MTIME of zero means that there is none.
        assert_eq!(file[4..8], [0; 4]);
    }

    #[test]
    fn what_is_no_timeline_is_an_error_that_names_the_line() {
        let file = write("a", &samples::timeline()).unwrap();
        let cut = read(&file[..file.len() - 9]).unwrap_err();
        assert!(matches!(cut, TimelineError::Read(_)), "{cut}");
        assert!(matches!(read(&b"{}"[..]), Err(TimelineError::Read(_))));
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        gzip.write_all(b"{\"schema_version\":1,\"id\":\"a\"}\n{\"client\":{}}\n")
            .unwrap();
        let odd = read(gzip.finish().unwrap().as_slice()).unwrap_err();
        assert!(
            odd.to_string().starts_with("line 2: missing field"),
            "{odd}"
        );
    }

    #[test]
    fn of_a_file_that_never_ends_so_much_is_read_and_no_more() {
        let file = write("a/readany", &Timeline::default()).unwrap();
        let mut header = Vec::new();
        GzDecoder::new(file.as_slice())
            .read_to_end(&mut header)
            .unwrap();
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        gzip.write_all(header.trim_ascii()).unwrap();
        for _ in 0..LONGEST_TIMELINE >> 20 {
            gzip.write_all(&[b' '; 1 << 20]).unwrap();
        }
        gzip.write_all(b"\nno line of a timeline").unwrap();
        let file = gzip.finish().unwrap();
        // The wrong bytes stand behind the limit.
        assert!(read(file.as_slice()).is_ok());
    }
}
