//! A picture as inline SVG: its frame, its text, its axes. Colours and type are
//! classes, so that the page's style sheet decides for light, dark and print.

use std::fmt::Write as _;

use super::{Scale, Unit};

/// A picture that is being drawn.
#[derive(Debug)]
pub(in crate::report::html) struct Svg {
    text: String,
}

/// The side of its place on which text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) enum Anchor {
    /// Behind it.
    Start,
    /// Across it.
    Middle,
    /// Before it.
    End,
}

impl Svg {
    /// An empty picture of `size` pixels. `id` is unique in the page, `title`
    /// names the picture, and `description` describes it for those who do not see
    /// it.
    pub(in crate::report::html) fn new(
        id: &str,
        (width, height): (f64, f64),
        title: &str,
        description: &str,
    ) -> Self {
        let id = escaped(id);
        let text = format!(
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            escaped(title),
            escaped(description),
        );
        Self { text }
    }

    /// The markup.
    pub(in crate::report::html) fn finish(mut self) -> String {
        self.text.push_str("</svg>");
        self.text
    }

    pub(in crate::report::html) fn path(&mut self, class: &str, data: &str) {
        if !data.is_empty() {
            self.put(format_args!("<path class=\"{class}\" d=\"{data}\"/>"));
        }
    }

    /// A path that tells its name to who points at it.
    pub(in crate::report::html) fn named_path(&mut self, class: &str, data: &str, name: &str) {
        let name = escaped(name);
        self.put(format_args!(
            "<path class=\"{class}\" d=\"{data}\"><title>{name}</title></path>"
        ));
    }

    pub(in crate::report::html) fn line(
        &mut self,
        class: &str,
        (x1, y1): (f64, f64),
        (x2, y2): (f64, f64),
    ) {
        self.put(format_args!(
            "<path class=\"{class}\" d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\"/>"
        ));
    }

    pub(in crate::report::html) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.put(format_args!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>"
        ));
    }

    /// One of the page's symbols, which are 12 pixels wide, with its centre at
    /// `place`.
    pub(in crate::report::html) fn symbol(&mut self, name: &str, (x, y): (f64, f64)) {
        let (x, y) = (x - 6.0, y - 6.0);
        self.put(format_args!(
            "<use href=\"#m-{name}\" class=\"{name}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"12\" height=\"12\"/>"
        ));
    }

    pub(in crate::report::html) fn text(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        anchor: Anchor,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let text = escaped(text);
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\"{anchor}>{text}</text>"
        ));
    }

    /// Ticks with labels below `y`, and lines up to `top`.
    pub(in crate::report::html) fn axis_below(
        &mut self,
        scale: &Scale,
        (y, top): (f64, f64),
        most: usize,
        unit: Unit,
    ) {
        for (value, label) in scale.ticks(most, unit) {
            let x = scale.at(value);
            self.line("grid", (x, y), (x, top));
            self.text("tick", (x, y + 15.0), Anchor::Middle, &label);
        }
    }

    /// Ticks with labels left of `x`, and lines to `right`.
    pub(in crate::report::html) fn axis_left(
        &mut self,
        scale: &Scale,
        (x, right): (f64, f64),
        most: usize,
        unit: Unit,
    ) {
        for (value, label) in scale.ticks(most, unit) {
            let y = scale.at(value);
            self.line("grid", (x, y), (right, y));
            self.text("tick", (x - 6.0, y + 4.0), Anchor::End, &label);
        }
    }

    /// Labels behind `x`, each as near to its own height as the others allow.
    pub(in crate::report::html) fn labels(
        &mut self,
        x: f64,
        (top, bottom): (f64, f64),
        labels: &[(f64, &str, String)],
    ) {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by(|a, b| labels[*a].0.total_cmp(&labels[*b].0));
        let heights = spread(order.iter().map(|index| labels[*index].0), (top, bottom));
        for (index, y) in order.into_iter().zip(heights) {
            let (_, class, text) = &labels[index];
            self.text(class, (x, y + 4.0), Anchor::Start, text);
        }
    }

    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(arguments);
    }
}

/// About the width of a letter of a label.
const LETTER: f64 = 6.4;

/// About the width of `text` as a label, in pixels.
pub(in crate::report::html) fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// The height of a line of labels.
pub(in crate::report::html) const LINE: f64 = 13.0;

/// Heights that are at least a line apart, as near to the sorted `wanted` as
/// that allows; within the bounds, if all of them fit in there.
fn spread(wanted: impl Iterator<Item = f64>, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut heights: Vec<f64> = Vec::new();
    for y in wanted {
        let free = heights.last().map_or(top, |last| last + LINE);
        heights.push(y.max(free));
    }
    let mut limit = bottom;
    for y in heights.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - LINE;
    }
    heights
}

/// As text and as the value of an attribute.
pub(in crate::report::html) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_named_and_described_and_its_text_is_no_markup() {
        let mut svg = Svg::new("a\"b", (10.0, 20.0), "<script>", "it's & \"it\"");
        svg.text("tick", (1.0, 2.25), Anchor::End, "a<b");
        insta::assert_snapshot!(svg.finish(), @r#"<svg viewBox="0 0 10 20" role="img" aria-labelledby="a&quot;b-t a&quot;b-d"><title id="a&quot;b-t">&lt;script&gt;</title><desc id="a&quot;b-d">it's &amp; &quot;it&quot;</desc><text class="tick" x="1.0" y="2.2" text-anchor="end">a&lt;b</text></svg>"#);
    }

    #[test]
    fn labels_stand_a_line_apart_and_within_the_picture() {
        let spread = |wanted: &[f64]| spread(wanted.iter().copied(), (0.0, 100.0));
        assert_eq!(spread(&[10.0, 50.0]), [10.0, 50.0]);
        assert_eq!(spread(&[10.0, 11.0, 12.0]), [10.0, 23.0, 36.0]);
        assert_eq!(spread(&[99.0, 100.0]), [87.0, 100.0]);
        assert_eq!(spread(&[-5.0]), [0.0]);
    }
}
