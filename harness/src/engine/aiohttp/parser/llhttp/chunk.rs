//! The chunked coding.

use super::{At, Event, Llhttp, Name, Refusal, Step};
use crate::engine::aiohttp::parser::is_token;

/// The next byte is ...
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// ... the first digit of a size.
    First,
    Size,
    /// ... behind the size.
    SizeEnd,
    /// ... behind a semicolon.
    Extension,
    ExtensionName,
    ExtensionValue,
    Quoted,
    /// ... behind a backslash.
    QuotedPair,
    QuotedEnd,
    /// ... the LF of the size line.
    Lf,
    /// ... data: so many bytes as `content_length` says.
    Data,
    /// ... behind the data, or behind the CR there.
    DataEnd {
        cr: bool,
    },
}

impl Llhttp {
    pub(super) fn chunk(&mut self, chunk: Chunk, byte: u8) -> Result<Step, Refusal> {
        use Chunk::*;
        let next = match (chunk, byte) {
            (First | Size, _) if byte.is_ascii_hexdigit() => {
                self.digit(byte)?;
                Size
            }
            (First, _) => return Err(Refusal::message("Invalid character in chunk size")),
            (Size, _) => return Ok(Step::Leave(At::Chunk(SizeEnd))),
            // lenient_spaces_after_chunk_size
            (SizeEnd, b' ' | b'\t') => SizeEnd,
            // lenient_optional_cr_before_lf takes the LF, and waits for one all the
            // same: `5 LF` is refused unless another follows.
            (SizeEnd, b'\r' | b'\n') => Lf,
            (SizeEnd, b';') => Extension,
            (SizeEnd, _) => return Err(Refusal::message("Invalid character in chunk size")),
            (Lf, b'\n') => return Ok(self.size_ends()),
            (Lf, _) => return Err(Refusal::message("Expected LF after chunk size")),
            (DataEnd { cr: false }, b'\r') => DataEnd { cr: true },
            (DataEnd { .. }, b'\n') => {
                self.content_length = 0;
                return Ok(Step::Tell(At::Chunk(First), Event::ChunkEnd));
            }
            (DataEnd { .. }, _) => return Err(Refusal::message("Expected LF after chunk data")),
            (Data, _) => Data,
            _ => return self.extension(chunk, byte),
        };
        Ok(Step::Take(At::Chunk(next)))
    }

    fn extension(&mut self, chunk: Chunk, byte: u8) -> Result<Step, Refusal> {
        use Chunk::*;
        let refused = |text: &str| Err(Refusal::message(format!("Invalid {text}")));
        let next = match (chunk, byte) {
            (Extension, b' ' | b'\r') => return refused("character in chunk extensions"),
            (Extension, _) => return Ok(Step::Leave(At::Chunk(ExtensionName))),
            (ExtensionName | ExtensionValue, _) if is_token(byte) => chunk,
            (ExtensionName, b'=') => ExtensionValue,
            (ExtensionValue, b'"') => Quoted,
            (ExtensionName | ExtensionValue | QuotedEnd, b';') => Extension,
            (ExtensionName | ExtensionValue | QuotedEnd, b'\r') => Lf,
            // lenient_optional_cr_before_lf
            (ExtensionName | ExtensionValue | QuotedEnd, b'\n') => {
                return Ok(Step::Leave(At::Chunk(Lf)));
            }
            (ExtensionName, _) => return refused("character in chunk extensions name"),
            (ExtensionValue, _) => return refused("character in chunk extensions value"),
            (Quoted, b'"') => QuotedEnd,
            (Quoted, b'\\') => QuotedPair,
            (Quoted, 0x7f) if self.rules.del_in_quotes => Quoted,
            (Quoted, _) if is_text(byte) => Quoted,
            (Quoted, _) => return refused("character in chunk extensions quoted value"),
            (QuotedPair, _) if is_text(byte) => Quoted,
            (QuotedPair, _) => {
                return refused("quoted-pair in chunk extensions quoted value");
            }
            _ => return refused("character in chunk extensions quote value"),
        };
        Ok(Step::Take(At::Chunk(next)))
    }

    fn digit(&mut self, byte: u8) -> Result<(), Refusal> {
        let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
        if self.content_length >> 60 != 0 {
            return Err(Refusal::message("Chunk size overflow"));
        }
        self.content_length = self.content_length << 4 | digit;
        Ok(())
    }

    /// `on_chunk_header`
    fn size_ends(&mut self) -> Step {
        let next = match self.content_length {
            0 => {
                self.flags.trailing = true;
                At::Name(Name::Start)
            }
            _ => At::Chunk(Chunk::Data),
        };
        Step::Tell(next, Event::ChunkBegin)
    }
}

/// `HTAB_SP_VCHAR_OBS_TEXT`
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}
