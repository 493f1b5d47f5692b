//! The few tools for pictures: scales with ticks, paths, SVG.

pub(super) mod path;
mod scale;
mod svg;

pub(super) use scale::{Scale, Unit};
pub(super) use svg::{Anchor, LINE, Svg, escaped, width};
