//! The status line.

use super::{At, Llhttp, Name, Refusal, Step};
use crate::engine::aiohttp::parser::LINE;

pub(super) const HTTP: &[u8] = b"HTTP";

/// The next byte is ...
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// ... this one of the protocol's name.
    Protocol {
        word: &'static [u8],
        read: usize,
    },
    /// ... the slash behind it.
    Slash,
    Major,
    Dot,
    Minor,
    /// ... the space behind the version.
    Space,
    /// ... a digit of the status, behind so many.
    Status(u8),
    /// ... behind the status.
    StatusEnd,
    Reason,
    /// ... the LF.
    Lf,
}

impl Llhttp {
    pub(super) fn line(&mut self, line: Line, byte: u8) -> Result<Step, Refusal> {
        use Line::*;
        let next = match (line, byte) {
            (Protocol { word, read }, byte) => return self.protocol(word, read, byte),
            (Slash, b'/') => Major,
            (Slash, _) => return Err(self.no_protocol()),
            (Major, b'0'..=b'9') => {
                self.version.0 = byte - b'0';
                Dot
            }
            (Major, _) => return Err(self.bad_line("Invalid major version")),
            (Dot, b'.') => Minor,
            (Dot, _) => return Err(self.bad_line("Expected dot")),
            (Minor, b'0'..=b'9') => {
                self.version.1 = byte - b'0';
                // `checkVersion`: so aiohttp never sets lenient_version.
                if !matches!(self.version, (0, 9) | (1, 0 | 1) | (2, 0)) {
                    return Err(self.bad_line("Invalid HTTP version"));
                }
                Space
            }
            (Minor, _) => return Err(self.bad_line("Invalid minor version")),
            (Space, b' ') => {
                self.status = 0;
                Status(0)
            }
            (Space, _) => return Err(self.bad_line("Expected space after version")),
            (Status(read), b'0'..=b'9') => {
                self.status = self.status * 10 + u16::from(byte - b'0');
                match read {
                    0 | 1 => Status(read + 1),
                    _ => StatusEnd,
                }
            }
            (Status(_), _) => return Err(self.bad_line("Invalid status code")),
            (StatusEnd, b' ') => {
                self.reason = 0;
                Reason
            }
            (StatusEnd, b'\r') => Lf,
            // lenient_optional_cr_before_lf
            (StatusEnd, b'\n') => return Ok(Step::Take(At::Name(Name::First))),
            (StatusEnd, _) => return Err(self.bad_line("Invalid response status")),
            (Reason, b'\r') => {
                self.reason_ends()?;
                Lf
            }
            (Reason, b'\n') => {
                self.reason_ends()?;
                return Ok(Step::Take(At::Name(Name::First)));
            }
            (Reason, _) => {
                self.reason += 1;
                Reason
            }
            (Lf, b'\n') => return Ok(Step::Take(At::Name(Name::First))),
            (Lf, b'\r') if self.rules.cr_ends_status_line => {
                return Ok(Step::Take(At::Name(Name::First)));
            }
            (Lf, _) => return Err(Refusal::message("Expected LF after CR")),
        };
        Ok(Step::Take(At::Line(next)))
    }

    fn protocol(&self, word: &'static [u8], read: usize, byte: u8) -> Result<Step, Refusal> {
        let others: [&'static [u8]; 2] = [b"RTSP", b"ICE"];
        let word = match read {
            0 if self.rules.other_protocols => {
                let other = others.into_iter().find(|other| other[0] == byte);
                other.unwrap_or(word)
            }
            _ => word,
        };
        if byte != word[read] {
            return Err(self.no_protocol());
        }
        let read = read + 1;
        Ok(Step::Take(At::Line(if read == word.len() {
            Line::Slash
        } else {
            Line::Protocol { word, read }
        })))
    }

    fn no_protocol(&self) -> Refusal {
        let text = match self.rules.other_protocols {
            true => "Expected HTTP/, RTSP/ or ICE/",
            false => "Expected HTTP/",
        };
        match self.limits.constant_is_status_line {
            true => self.bad_line(text),
            false => Refusal::message(text),
        }
    }

    /// A version or a status that is none.
    fn bad_line(&self, text: &str) -> Refusal {
        Refusal::new(
            "BadStatusLine",
            match self.limits.constant_is_status_line {
                true => format!("Bad status line:\n  {text}"),
                false => text.into(),
            },
        )
    }

    /// `cb_on_status`
    pub(super) fn reason_ends(&mut self) -> Result<(), Refusal> {
        let bytes = self.reason;
        if bytes > LINE {
            return Err(self.too_long("Status line", bytes));
        }
        if !self.rules.reason_limited_as_whole {
            self.reason = 0;
        }
        Ok(())
    }

    pub(super) fn too_long(&self, part: &str, bytes: usize) -> Refusal {
        let part = format!("{part} is too long");
        Refusal::too_long(&part, bytes, self.limits.brief)
    }
}
