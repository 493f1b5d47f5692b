//! `on`, `[[answer]]` and `[[version]]`: what is for some requests only.

use super::Drawing;
use crate::draft::Draft;

impl Drawing {
    /// A selector as TOML.
    pub(super) fn on(&mut self) -> String {
        let time = self.time(500);
        let dice = &mut self.dice;
        let one = match dice.between(0, 10) {
            0 => "request = 1".into(),
            1 => format!("request = \"{}..\"", dice.between(1, 3)),
            2 => "request = \"every 2\"".into(),
            3 => "connection = \"1..2\"".into(),
            4 => format!("position = \"{}..\"", dice.between(1, 2)),
            5 => format!("attempt = \"{}\"", dice.pick(&["first", "resumption"])),
            6 => format!("method = \"{}\"", dice.pick(&["GET", "HEAD"])),
            7 => format!("protocol = \"{}\"", dice.pick(&["HTTP/1.1", "HTTP/1.0"])),
            8 => format!("path = \"{}\"", dice.pick(&["/", "/*", "/s/*"])),
            9 => format!("time = \"{time}..\""),
            _ => format!("time = \"..{time}\""),
        };
        format!("{{ {one} }}")
    }

    pub(super) fn answers(&mut self, draft: &mut Draft) {
        if self.dice.percent(8) {
            let on = self.on();
            let table = draft.table("[[answer]]");
            table.set("on", on);
            let dice = &mut self.dice;
            match dice.between(0, 3) {
                0 => {
                    table.set("status", dice.pick(&[403, 429, 503]));
                    table.text("page", "busy ");
                    table.text("page_type", "text/plain");
                    table.text("page_size", format_args!("{}B", dice.magnitude(1, 100_000)));
                }
                1 => {
                    let store = dice.pick(&["s3-slow-down", "gcs-expired", "azure-server-busy"]);
                    table.text("page_of", store);
                }
                2 => {
                    table.set("status", 302);
                    table.text("redirect", dice.pick(&["self", "/elsewhere"]));
                }
                _ => table.text("etag", "other"),
            }
            if dice.percent(50) {
                let form = dice.pick(&["retry_after", "retry_after_date"]);
                table.text(form, format_args!("{}s", dice.between(0, 100)));
            }
        }
        if self.dice.percent(8) {
            let (on, place) = (self.on(), self.place());
            let table = draft.table("[[version]]");
            table.set("on", on);
            let dice = &mut self.dice;
            if dice.percent(50) {
                table.text("size", format_args!("{place}B"));
            }
            if dice.percent(30) {
                table.text("last_modified", "Fri, 02 Jan 2026 00:00:00 GMT");
            }
        }
    }
}
