//! The names of fields and of trailers, and the end of both.

use super::{At, Event, Llhttp, Refusal, Step, Value, flags::HeaderState};
use crate::engine::aiohttp::parser::is_token;

/// The next byte is ...
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// ... the first behind the status line.
    First,
    /// ... the first of a line.
    Start,
    /// ... in a name.
    Field,
    /// ... behind spaces that follow the name of a field that llhttp knows: those
    /// lenient_headers lets pass.
    Spaces,
    /// ... the LF of the empty line.
    EndLf,
}

impl Llhttp {
    pub(super) fn name(&mut self, name: Name, byte: u8) -> Result<Step, Refusal> {
        let to = |name| At::Name(name);
        match (name, byte) {
            // `headers_start`: lenient_headers
            (Name::First, b' ') => Ok(Step::Take(to(Name::Start))),
            (Name::First, _) => Ok(Step::Leave(to(Name::Start))),
            (Name::Start, b'\r') => Ok(Step::Take(to(Name::EndLf))),
            // lenient_optional_cr_before_lf
            (Name::Start | Name::EndLf, b'\n') => Ok(self.fields_end()),
            (Name::EndLf, _) => Err(Refusal::message("Expected LF after headers")),
            (Name::Start, b':') if !self.rules.empty_names => Err(no_token()),
            (Name::Start, _) => {
                self.fields.state = HeaderState::General;
                Ok(Step::Leave(to(Name::Field)))
            }
            (Name::Field, b':') => {
                if self.fields.state == HeaderState::General {
                    self.fields.state = HeaderState::of_name(&self.whole_name());
                }
                self.name_ends()
            }
            (Name::Spaces, b':') => self.name_ends(),
            (Name::Field, b' ') => {
                self.fields.state = HeaderState::of_name(&self.whole_name());
                if self.fields.state == HeaderState::General {
                    return Err(no_token());
                }
                self.span.push(byte);
                Ok(Step::Take(to(Name::Spaces)))
            }
            (Name::Spaces, b' ') => {
                self.span.push(byte);
                Ok(Step::Take(to(Name::Spaces)))
            }
            (Name::Spaces, _) => {
                // `Content-Length x` is a field, and none that is known.
                self.fields.state = HeaderState::General;
                Ok(Step::Leave(to(Name::Field)))
            }
            (Name::Field, byte) if is_token(byte) => {
                self.span.push(byte);
                Ok(Step::Take(to(Name::Field)))
            }
            (Name::Field, _) => Err(no_token()),
        }
    }

    /// All of the name, told or not.
    fn whole_name(&self) -> Vec<u8> {
        match self.fields.has_value {
            true => self.span.clone(),
            false => [&self.fields.name[..], &self.span].concat(),
        }
    }

    fn name_ends(&mut self) -> Result<Step, Refusal> {
        self.name_told()?;
        let (length, coding) = (self.flags.content_length, self.flags.transfer_encoding);
        match self.fields.state {
            HeaderState::TransferEncoding if length => Err(Refusal::message(
                "Transfer-Encoding can't be present with Content-Length",
            )),
            HeaderState::ContentLength if coding => Err(Refusal::message(
                "Content-Length can't be present with Transfer-Encoding",
            )),
            _ => Ok(Step::Take(At::Value(Value::Spaces))),
        }
    }

    /// The empty line: of the head, or of the trailers.
    fn fields_end(&self) -> Step {
        match self.flags.trailing {
            true => Step::Tell(At::MessageDone, Event::ChunkEnd),
            false => Step::Headers,
        }
    }
}

fn no_token() -> Refusal {
    Refusal::message("Invalid header token")
}
