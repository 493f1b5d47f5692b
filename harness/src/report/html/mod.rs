//! `report.html`: one file without dependencies, to look at rather than read. The
//! finding comes first, then the side that ended each download, then the reason
//! why a size is a limit, then each scenario over time.
//!
//! The page works without a script: sections fold, and anchors lead to them.

mod board;
mod charts;
mod choice;
mod cures;
mod draw;
mod matrix;
mod page;
mod prose;
mod section;

use std::io::{self, Write};

use askama::Template as _;

use super::{Exporter, RunView, rows::Sharing, shown::Shown, told::tell};
use page::Page;

/// HTML with inline style and pictures. The same run comes to the same bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

impl Exporter for Html {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        if let Some(shown) = Shown::of(run) {
            return self.export(&shown.view(run), out);
        }
        let page = Page::of(&tell(run, Sharing::SameBytes));
        if let Some(error) = run.timelines.broken() {
            return Err(io::Error::other(error));
        }
        let text = page.render().map_err(io::Error::other)?;
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests;
