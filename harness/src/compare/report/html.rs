//! The comparison as one page that opens offline.

use askama::Template;

use super::{
    rows::word,
    told::{ComparisonText, tell},
};
use crate::compare::{ChangeVerdict, Comparison};

#[derive(Template)]
#[template(path = "compare.html")]
struct Page {
    told: ComparisonText,
    version: &'static str,
}

impl Page {
    /// The mark before a row, by its verdict.
    fn mark(&self, verdict: &Option<ChangeVerdict>) -> &'static str {
        verdict.map_or("", word)
    }
}

/// Tells `comparison` to a browser.
///
/// # Errors
/// A template that cannot be filled in.
pub fn html(comparison: &Comparison) -> Result<String, askama::Error> {
    let page = Page {
        told: tell(comparison),
        version: env!("CARGO_PKG_VERSION"),
    };
    page.render().map(|text| text + "\n")
}
