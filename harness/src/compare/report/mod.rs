//! A comparison told: for a terminal, as Markdown, as a page, as JSON. What is
//! said is worked out once, in `told`; a format only sets it.

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
