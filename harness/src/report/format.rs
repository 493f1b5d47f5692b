//! The list of formats, for a run that writes them and for `shortread report`.

use super::{ChunkCsv, Csv, CuresCsv, Exporter, Html, JUnit, Markdown, Terminal};

/// A way to tell a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The table that closes a run.
    Text,
    /// For issues and pull requests.
    Markdown,
    /// A page to look at.
    Html,
    /// A row per trial.
    Csv,
    /// A row per chunk size, where several were compared.
    ChunkSizes,
    /// A row per remedy, where several were compared.
    Remedies,
    /// A test case per trial, for CI servers.
    JUnit,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Markdown,
        Self::Html,
        Self::Csv,
        Self::ChunkSizes,
        Self::Remedies,
        Self::JUnit,
    ];

    /// As it is asked for.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::ChunkSizes => "chunk-sizes",
            Self::Remedies => "remedies",
            Self::JUnit => "junit",
        }
    }

    /// The format that is asked for by `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// The file in the run's folder; `None` for what is only printed.
    pub const fn file_name(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Markdown => Some("report.md"),
            Self::Html => Some("report.html"),
            Self::Csv => Some("trials.csv"),
            Self::ChunkSizes => Some("chunk_sizes.csv"),
            Self::Remedies => Some("remedies.csv"),
            Self::JUnit => Some("junit.xml"),
        }
    }

    /// Its exporter; for the text that is `table`.
    pub fn exporter(self, table: Terminal) -> Box<dyn Exporter> {
        match self {
            Self::Text => Box::new(table),
            Self::Markdown => Box::new(Markdown),
            Self::Html => Box::new(Html),
            Self::Csv => Box::new(Csv),
            Self::ChunkSizes => Box::new(ChunkCsv),
            Self::Remedies => Box::new(CuresCsv),
            Self::JUnit => Box::new(JUnit),
        }
    }
}
