//! Adds the report to the summary of a GitHub Actions job.

use std::{
    env,
    io::{self, Write as _},
    path::Path,
};

use shortread_server::{input, text::printable};

use crate::report::{Exporter as _, Markdown, RunView};

/// The limit of a job summary in bytes, for all commands of a step together
/// (docs.github.com, workflow commands, adding a job summary). GitHub shows no
/// longer ones.
const MOST: u64 = 1 << 20;

/// The end of a report that was cut.
const NOTE: &str = "\n\n(The rest did not fit into this summary: report.md has it.)\n";

/// Appends the report to the file in `GITHUB_STEP_SUMMARY`, if it is set. A file
/// that cannot be written only causes a warning.
pub(super) fn append(view: &RunView<'_>) {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return;
    };
    if let Err(error) = append_to(Path::new(&path), view) {
        let name = printable(&path.to_string_lossy()).into_owned();
        let line = format!(
            "\x1b[1;33mwarning\x1b[0m: cannot append the report to GITHUB_STEP_SUMMARY, {name}: {error}"
        );
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
}

fn append_to(path: &Path, view: &RunView<'_>) -> io::Result<()> {
    let mut file = input::append(path)?;
    let mut text = Vec::new();
    Markdown.export(view, &mut text)?;
    let room = MOST.saturating_sub(file.metadata()?.len());
    file.write_all(&fitted(text, usize::try_from(room).unwrap_or(usize::MAX)))
}

/// `text`, cut after a line if it has more than `room` bytes.
fn fitted(mut text: Vec<u8>, room: usize) -> Vec<u8> {
    if text.len() <= room {
        return text;
    }
    let end = room.saturating_sub(NOTE.len());
    let line = text[..end].iter().rposition(|byte| *byte == b'\n');
    text.truncate(line.map_or(0, |at| at + 1));
    if room >= NOTE.len() {
        text.extend_from_slice(NOTE.as_bytes());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_behind_a_line_and_said_to_be() {
        let text = b"one\ntwo\nthree\n".to_vec();
        assert_eq!(fitted(text.clone(), 14), text);
        let long = "a line of forty characters, more or less\n"
            .repeat(10)
            .into_bytes();
        let cut = String::from_utf8(fitted(long, 200)).unwrap();
        assert!(cut.len() <= 200 && cut.ends_with(NOTE), "{cut}");
        assert!(
            cut.starts_with("a line") && cut.contains("less\n\n\n("),
            "{cut}"
        );
        assert_eq!(fitted(text, 5), b"");
    }
}
