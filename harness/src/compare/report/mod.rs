//! Reports of a comparison: for a terminal, as Markdown, as a page, as JSON.
//! `told` works out the content once; a format only lays it out.

mod html;
mod json;
mod markdown;
mod rows;
mod text;
mod told;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::text;

#[cfg(test)]
mod tests;
