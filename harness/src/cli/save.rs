//! `--save`: the folder before anything runs, and what was not saved behind it.

use std::{fs, io, io::Write, path::Path};

use shortread_server::{scenario::Kind, text::printable};

use super::{
    args::{RunArgs, WorldArg},
    failure::Failure,
};
use crate::{client::Left, report::RunView, results::Record, sink::Target};

/// The most trials whose files are told of one by one.
const SHOWN: usize = 20;

/// Checks that files can be saved where `args` say.
///
/// # Errors
/// There is no such folder, nothing can be saved in it, or no trial would save anything.
pub(super) fn check(args: &RunArgs) -> Result<(), Failure> {
    let Some(folder) = &args.save else {
        return Ok(());
    };
    if args.world != WorldArg::Tcp {
        return Err(Failure::usage(
            format!(
                "--save writes real files, which trials over real sockets have, so it cannot use \
                 --world {}",
                args.world.word()
            ),
            "leave out --world; with --save trials run over TCP",
        ));
    }
    let refused = |why: &dyn std::fmt::Display, help| {
        let shown = folder.display();
        Failure::usage(format!("cannot save files in `{shown}`: {why}"), help)
    };
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(refused(&"there is no such folder", "make it first"))
        }
        Err(error) => Err(refused(&error, "name a folder that can be read")),
        Ok(found) if !found.is_dir() => Err(refused(
            &"it is no folder",
            "name a folder; each trial has a file of its own in it",
        )),
        Ok(_) => Target::probe(folder)
            .map_err(|error| refused(&error, "name a folder in which files can be made")),
    }
}

/// Tells of each file in `folder` that is still a temporary one, and of each that could not
/// be written.
///
/// # Errors
/// Those of `out`.
pub(super) fn tell(view: &RunView<'_>, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    let told = |record| line(record, folder);
    let all: Vec<String> = view.records.iter().filter_map(told).collect();
    for line in all.iter().take(SHOWN) {
        writeln!(out, "{line}")?;
    }
    match all.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "and {more} more: report.md has all"),
    }
}

fn line(record: &Record, folder: &Path) -> Option<String> {
    let kind = record.outcome.kind;
    let left = record.remedy.as_ref().map(|remedy| remedy.file);
    let heading = match (kind, left) {
        (Kind::ToolError, _) => "\x1b[1;31mnot saved\x1b[0m",
        (_, Some(Left::Temporary)) => "\x1b[1;33mtemporary\x1b[0m",
        _ => return None,
    };
    let error = &record.outcome.error;
    let mut words = vec![kind.word()];
    words.extend(error.iter().map(|link| link.message.as_str()));
    let mut text = words.join(": ");
    if error.is_empty() {
        // A download that never ends has no error that could name it.
        let folder = folder.display();
        text.push_str(&format!(": what came is in a temporary file in `{folder}`"));
    }
    Some(format!("{heading}: {}: {}", record.id, printable(&text)))
}
