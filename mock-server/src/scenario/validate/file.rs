//! `body.file`: what a real file cannot be.

use super::Check;

impl Check<'_> {
    pub(super) fn file(&mut self) {
        let body = &self.scenario.body;
        if body.file.is_none() {
            return;
        }
        let mut all = Vec::new();
        if self.given("body.size") {
            all.push(("body.size", "the size is the file's", "leave it out"));
        }
        for (key, given) in [
            ("body.version", body.version != 1),
            ("body.ratio", body.ratio != 1),
        ] {
            if given {
                all.push((key, "a file has bytes of its own", "leave out one of them"));
            }
        }
        if !self.scenario.versions.is_empty() {
            all.push((
                "version",
                "a file has no versions",
                "leave these out, or give the object a `size` in place of a `file`",
            ));
        }
        if (self.scenario.tcp.size - 1.0).abs() > f64::EPSILON {
            all.push((
                "tcp.size",
                "a file cannot be made smaller",
                "leave it out, and scale time alone",
            ));
        }
        for (key, message, help) in all {
            self.problem(key, message, help);
        }
    }
}
