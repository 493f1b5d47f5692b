//! Reports: the same records in different formats, one file per format.

mod advice;
mod chunk_csv;
mod chunk_sizes;
mod chunk_table;
mod csv;
mod cures;
mod format;
mod homes;
mod html;
mod junit;
mod markdown;
mod overview;
mod rows;
pub mod scoreboard;
mod shown;
mod suited;
mod terminal;
mod told;
mod view;

use std::io::{self, Write};

pub use advice::advice_for;
pub use chunk_csv::ChunkCsv;
pub use csv::Csv;
pub(crate) use cures::Cure;
pub use cures::{Best, CuresCsv};
pub use format::Format;
pub use html::Html;
pub use junit::JUnit;
pub use markdown::Markdown;
pub(crate) use rows::class;
pub use scoreboard::Scoreboard;
pub(crate) use shown::spelt;
pub use terminal::Terminal;
pub(crate) use told::recipe_option;
pub use view::RunView;

/// Writes a run in one format.
pub trait Exporter {
    /// Writes all of `run` to `out`.
    ///
    /// # Errors
    /// Errors of writing to `out`; nothing else can fail.
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()>;
}

#[cfg(test)]
mod client_samples;
#[cfg(test)]
mod samples;
