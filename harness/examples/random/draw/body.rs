//! `[body]` and `[response]`

use super::Drawing;
use crate::draft::Draft;

/// Chunks cost time each, on real sockets some 10 us: for all downloads together
/// there are no more of them.
pub(super) const MOST_CHUNKS: u64 = 3000;

/// Compressing takes as long as all else together.
const MOST_GZIP: u64 = 200 << 10;

/// Fields that say what the server did not mean.
const FIELDS: &[(&str, &str)] = &[
    ("Cache-Control", "no-store"),
    ("Content-Type", "application/zip"),
    ("Connection", "close"),
    ("Content-Length", "5"),
    ("Content-Length", "99999999999999999999"),
    ("Transfer-Encoding", "chunked"),
    ("Transfer-Encoding", "gzip, chunked"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "deflate"),
    ("Content-Range", "bytes 0-4/5"),
    ("X-Empty", ""),
];

/// Unexpected texts, as TOML spells them.
const ALIEN: &[&str] = &[
    "x",
    "\\u0000",
    "\\r\\n",
    "\\n",
    "\\r\\n\\r\\n",
    "0\\r\\n\\r\\n",
    "5\\r\\nhello\\r\\n",
    "ffffffffffffffffff\\r\\n",
    "HTTP/1.1 200 OK\\r\\n",
    "HTTP/1.1 100 Continue\\r\\n\\r\\n",
    "Content-Length: 3\\r\\n",
];

impl Drawing {
    pub(super) fn body(&mut self, draft: &mut Draft) {
        let dice = &mut self.dice;
        self.gzip = dice.percent(12);
        let most = match self.gzip {
            true => MOST_GZIP,
            false => self.scope.most_bytes,
        };
        let played = match dice.between(0, 99) {
            0..3 => 0,
            3..10 => dice.between(1, 100),
            10..75 => dice.magnitude(100, most / 8),
            _ => dice.magnitude(1000, most),
        };
        self.bytes = (played as f64 / self.size) as u64;
        let table = draft.table("[body]");
        table.text("size", format_args!("{}B", self.bytes));
        match dice.between(0, 9) {
            0..4 => self.counted = true,
            4 => {
                self.counted = true;
                table.text("framing", "content-length");
            }
            5..8 => {
                self.chunked = true;
                table.text("framing", "chunked");
                if dice.percent(70) {
                    let chunk = dice.magnitude((played / MOST_CHUNKS).max(1), 256 << 10);
                    self.chunks = played.div_ceil(chunk).max(1);
                    table.text("chunk", format_args!("{chunk}B"));
                }
            }
            _ => table.text("framing", "close"),
        }
        if dice.percent(5) {
            table.set("version", dice.between(1, 64));
        }
        if dice.percent(10) {
            table.set("ratio", dice.magnitude(1, 1000));
        }
        if self.gzip {
            table.text("encoding", "gzip");
            if dice.percent(15) {
                table.set("members", dice.between(1, 4));
            }
            if dice.percent(10) {
                table.text("garbage", format_args!("{}B", dice.magnitude(1, 1000)));
            }
            if dice.percent(10) {
                table.text("declared_encoding", dice.pick(&["identity", "deflate"]));
            }
            if dice.percent(10) {
                table.text("accept", "honour");
            }
            if dice.percent(30) {
                table.text(
                    "truncate_at",
                    format_args!("{}B", dice.between(0, self.bytes)),
                );
            }
        }
        if self.counted && dice.percent(12) {
            let declared = match dice.between(0, 3) {
                0 => 0,
                1 => dice.between(0, self.bytes),
                _ => self.bytes + dice.magnitude(1, 100_000),
            };
            table.text("declared_size", format_args!("{declared}B"));
        }
    }

    pub(super) fn response(&mut self, draft: &mut Draft) {
        let pause = self.time(5);
        let delay = self.time(300);
        let dice = &mut self.dice;
        let table = draft.table("[response]");
        match dice.between(0, 29) {
            0 => table.set("status", dice.between(200, 599)),
            1 => table.set("status", dice.pick(&[204, 206, 304, 404, 416, 500, 503])),
            _ => {}
        }
        if dice.percent(10) {
            table.text("head_delay", delay);
        }
        if dice.percent(5) {
            table.text("head_pause", pause);
        }
        if !self.gzip && dice.percent(5) {
            let words = "sorry ".repeat(dice.between(0, 300) as usize);
            table.text("page", format_args!("<p>{words}</p>"));
        }
        if dice.percent(5) {
            table.set("ranges", false);
        }
        if dice.percent(3) {
            table.text("etag", "v1");
        }
        // These are for requests that a trial does not make: it asks for no range.
        if dice.percent(3) {
            let words = ["honour", "ignore", "other-start", "whole", "multipart"];
            table.text("range", dice.pick(&words));
        }
        if dice.percent(3) {
            let words = ["both", "etag", "last-modified", "none"];
            table.text("validators", dice.pick(&words));
        }
        if dice.percent(3) {
            table.text("digest", dice.pick(&["sha-256", "sha-512", "wrong"]));
        }
        if dice.percent(10) {
            let table = draft.table("[response.headers]");
            let (name, value) = dice.pick(FIELDS);
            table.text(name, value);
        }
        if dice.percent(10) {
            for _ in 0..dice.between(1, 2) {
                self.raw(draft);
            }
        }
    }

    fn raw(&mut self, draft: &mut Draft) {
        let place = self.place();
        let dice = &mut self.dice;
        let table = draft.table("[[response.raw]]");
        let replaces = match dice.between(0, 9) {
            0..4 => {
                table.set("at", format_args!("{{ head = {} }}", dice.between(0, 250)));
                dice.percent(40)
            }
            4..9 => {
                table.set("at", format_args!("{{ body = \"{place}B\" }}"));
                dice.percent(40)
            }
            _ => {
                table.text("at", "end");
                false
            }
        };
        if !replaces || dice.percent(60) {
            match dice.percent(80) {
                true => table.text("bytes", dice.pick(ALIEN)),
                false => table.text("bytes_hex", dice.pick(&["00", "1f 8b 08", "ff"])),
            }
        }
        if replaces {
            table.text("replace", format_args!("{}B", dice.magnitude(1, 5000)));
        }
    }
}
