//! `shortread report`: prints a kept run again.

use std::path::Path;

use super::{Done, Out, args::ReportArgs, exit, failure::Failure, heard, on_screen};
use crate::{
    report::{Format, RunView, Terminal},
    results::agree::Agreement,
    results::{FolderError, StoredRun, replace},
};

pub(super) fn run(args: &ReportArgs, out: Out<'_>) -> Done {
    let stored = StoredRun::open(&args.run, &args.out)?;
    let agreement = Agreement::of(&stored.records);
    let mut view = RunView::of(&stored, agreement.as_ref());
    if args.write {
        write_files(&view, &stored.path)?;
        let names: Vec<&str> = Format::ALL
            .into_iter()
            .filter_map(Format::file_name)
            .collect();
        let line = writeln!(
            out,
            "wrote {} into {}",
            names.join(", "),
            stored.path.display()
        );
        return heard(line.map_err(Failure::from), exit::DONE);
    }
    if !stored.path.join("report.html").exists() {
        // There is no page to point to.
        view.folder = None;
    }
    let mut text = Vec::new();
    let exporter = args.format.exporter(on_screen(args.wide));
    let told = exporter.export(&view, &mut text);
    told.map_err(|error| Failure::Tool(format!("cannot write the report: {error}")))?;
    heard(out.write_all(&text).map_err(Failure::from), exit::DONE)
}

/// Writes the files of all formats into the run's `folder`.
pub(super) fn write_files(view: &RunView<'_>, folder: &Path) -> Result<(), Failure> {
    for format in Format::ALL {
        let Some(name) = format.file_name() else {
            continue;
        };
        let mut text = Vec::new();
        format
            .exporter(Terminal::default())
            .export(view, &mut text)
            .map_err(|error| Failure::Tool(format!("cannot make {name}: {error}")))?;
        replace(folder, name, &text).map_err(|error: FolderError| Failure::from(error))?;
    }
    Ok(())
}
