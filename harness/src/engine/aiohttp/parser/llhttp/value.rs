//! The values of fields and of trailers. lenient_headers takes every byte but CR and
//! LF, and folded lines.

use super::{At, Llhttp, Name, Refusal, Step, flags::HeaderState};

const OPTIONS: [(&[u8], HeaderState); 3] = [
    (b"close", HeaderState::Close),
    (b"upgrade", HeaderState::ConnectionUpgrade),
    (b"keep-alive", HeaderState::KeepAlive),
];
const CHUNKED: &[u8] = b"chunked";

/// The next byte is ...
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// ... in the spaces before the value.
    Spaces,
    /// ... behind a CR there.
    SpacesLf,
    /// ... behind that line end: folded, or the value is empty.
    EmptyFold,
    /// ... the first of the value, or of a folded line.
    Start,
    General,
    /// ... this one of `chunked`.
    Coding(usize),
    /// ... behind it.
    CodingEnd,
    /// ... of another coding.
    OtherCoding,
    /// ... behind a comma.
    CodingSpaces,
    Length,
    LengthEnd,
    /// ... in the spaces before an option of `Connection`.
    Option,
    /// ... this one of a known option.
    OptionWord(usize, usize),
    OptionEnd,
    OtherOption,
    /// ... the LF.
    Lf,
    /// ... the first of the next line.
    Fold,
}

impl Value {
    /// True where a span is open: its bytes are told.
    pub(super) fn is_span(self) -> bool {
        !matches!(
            self,
            Self::Spaces | Self::SpacesLf | Self::EmptyFold | Self::Lf | Self::Fold
        )
    }
}

impl Llhttp {
    pub(super) fn value(&mut self, value: Value, byte: u8) -> Result<Step, Refusal> {
        use Value::*;
        match (value, byte) {
            (Spaces, b' ' | b'\t') => Ok(take(Spaces)),
            (Spaces, b'\r') => Ok(take(SpacesLf)),
            (Spaces, b'\n') | (SpacesLf, b'\n') => Ok(take(EmptyFold)),
            // lenient_headers takes a CR alone.
            (SpacesLf, _) => Ok(leave(EmptyFold)),
            (Spaces, _) => Ok(leave(Start)),
            (EmptyFold, b' ' | b'\t') => Ok(take(Spaces)),
            (EmptyFold, _) => self.empty_value(),
            (Start, _) => self.start_of_value(),
            (General, _) => self.general(byte),
            (Coding(_) | CodingEnd | OtherCoding | CodingSpaces, _) => Ok(self.coding(value, byte)),
            (Length | LengthEnd, _) => self.length(value, byte),
            (Option | OptionWord(..) | OptionEnd | OtherOption, _) => Ok(self.option(value, byte)),
            (Lf, b'\n') => Ok(take(Fold)),
            (Lf, _) => Err(Refusal::message("Missing expected LF after header value")),
            (Fold, b' ' | b'\t') => {
                if self.fields.state == HeaderState::Chunked {
                    self.fields.state = HeaderState::General;
                }
                Ok(leave(Start))
            }
            (Fold, _) => {
                self.fields.state = self.fields.state.set(&mut self.flags);
                Ok(Step::Leave(At::Name(Name::Start)))
            }
        }
    }

    fn empty_value(&mut self) -> Result<Step, Refusal> {
        if self.fields.state == HeaderState::ContentLength {
            return Err(Refusal::message("Empty Content-Length"));
        }
        self.fields.state = self.fields.state.set(&mut self.flags);
        self.value_told()?;
        Ok(Step::Leave(At::Name(Name::Start)))
    }

    /// `header_value_start`
    fn start_of_value(&mut self) -> Result<Step, Refusal> {
        Ok(leave(match self.fields.state {
            HeaderState::Upgrade => {
                self.flags.upgrade = true;
                self.fields.state = HeaderState::General;
                Value::General
            }
            HeaderState::TransferEncoding => {
                self.flags.transfer_encoding = true;
                self.flags.chunked = false;
                Value::Coding(0)
            }
            HeaderState::ContentLength if self.flags.content_length => {
                return Err(Refusal::message("Duplicate Content-Length"));
            }
            HeaderState::ContentLength => Value::Length,
            HeaderState::Connection => Value::Option,
            _ => Value::General,
        }))
    }

    /// `header_value`, `header_value_otherwise`, `header_value_lenient`
    fn general(&mut self, byte: u8) -> Result<Step, Refusal> {
        match byte {
            b'\r' => {
                self.value_told()?;
                Ok(take(Value::Lf))
            }
            b'\n' => {
                self.value_told()?;
                Ok(leave(Value::Lf))
            }
            _ => {
                self.span.push(byte);
                Ok(take(Value::General))
            }
        }
    }

    fn coding(&mut self, value: Value, byte: u8) -> Step {
        use Value::*;
        let next = match (value, byte) {
            (Coding(read), _) if byte | 0x20 == CHUNKED[read] => match read + 1 {
                read if read == CHUNKED.len() => CodingEnd,
                read => Coding(read),
            },
            (Coding(_), _) => return leave(OtherCoding),
            (CodingEnd, b' ') => CodingEnd,
            (CodingEnd, b'\r' | b'\n') => {
                self.fields.state = HeaderState::Chunked;
                return leave(General);
            }
            (CodingEnd, _) => return leave(OtherCoding),
            (OtherCoding, b',') => CodingSpaces,
            (OtherCoding, _) if is_option(byte) => OtherCoding,
            (CodingSpaces, b' ' | b'\t') => CodingSpaces,
            (CodingSpaces, _) => return leave(Coding(0)),
            _ => {
                self.fields.state = HeaderState::General;
                return leave(General);
            }
        };
        self.span.push(byte);
        take(next)
    }

    fn length(&mut self, value: Value, byte: u8) -> Result<Step, Refusal> {
        match (value, byte) {
            (Value::Length, b'0'..=b'9') => {
                let digit = u64::from(byte - b'0');
                self.content_length = self
                    .content_length
                    .checked_mul(10)
                    .and_then(|length| length.checked_add(digit))
                    .ok_or_else(|| Refusal::message("Content-Length overflow"))?;
            }
            (Value::Length, _) => return Ok(leave(Value::LengthEnd)),
            (_, b' ') => {}
            (_, b'\t') if self.rules.tab_behind_value => {}
            (_, b'\r' | b'\n') => {
                self.flags.content_length = true;
                return Ok(leave(Value::General));
            }
            _ => return Err(Refusal::message("Invalid character in Content-Length")),
        }
        self.span.push(byte);
        Ok(take(value))
    }

    fn option(&mut self, value: Value, byte: u8) -> Step {
        use Value::*;
        let lower = byte.to_ascii_lowercase();
        let next = match (value, byte) {
            (Option, b' ' | b'\t') => Option,
            (Option, _) => match OPTIONS.iter().position(|(word, _)| word[0] == lower) {
                Some(word) => OptionWord(word, 1),
                None => return leave(OtherOption),
            },
            (OptionWord(word, read), _) => match OPTIONS[word] {
                (letters, _) if letters[read] != lower => return leave(OtherOption),
                (letters, state) if read + 1 == letters.len() => {
                    self.fields.state = state;
                    OptionEnd
                }
                _ => OptionWord(word, read + 1),
            },
            (OptionEnd, b',') => {
                self.fields.state = self.fields.state.set(&mut self.flags);
                Option
            }
            (OptionEnd, b' ') => OptionEnd,
            (OptionEnd, b'\t') if self.rules.tab_behind_value => OptionEnd,
            (OptionEnd, b'\r' | b'\n') => return leave(General),
            (OptionEnd, _) => {
                self.fields.state = HeaderState::General;
                return leave(OtherOption);
            }
            (OtherOption, b',') => Option,
            (OtherOption, _) if is_option(byte) => OtherOption,
            _ => return leave(General),
        };
        self.span.push(byte);
        take(next)
    }
}

fn take(value: Value) -> Step {
    Step::Take(At::Value(value))
}

fn leave(value: Value) -> Step {
    Step::Leave(At::Value(value))
}

/// `CONNECTION_TOKEN_CHARS`: what may stand in a value, but the comma.
fn is_option(byte: u8) -> bool {
    byte != b',' && (byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
