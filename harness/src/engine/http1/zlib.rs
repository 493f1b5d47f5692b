//! Calls of a gzip or deflate body, member after member.

use bytes::Bytes;

use super::{
    coding::{CodingError, Members},
    member::{Format, Member},
    output::Output,
};

/// A body of gzip or deflate.
#[derive(Debug)]
pub(super) struct Zlib {
    member: Member,
    members: Members,
    gzip: bool,
    /// Its first byte and its end decide something: deflate.
    checked: bool,
    begun: bool,
}

impl Zlib {
    pub(super) fn gzip(members: Members) -> Self {
        Self {
            member: Member::new(Format::Gzip),
            members,
            gzip: true,
            checked: false,
            begun: false,
        }
    }

    pub(super) fn deflate(members: Members) -> Self {
        Self {
            checked: true,
            ..Self::unchecked(members)
        }
    }

    /// zlib, whatever its first byte says and wherever it ends.
    pub(super) fn unchecked(members: Members) -> Self {
        Self {
            member: Member::new(Format::Zlib),
            gzip: false,
            ..Self::gzip(members)
        }
    }

    /// The framing is complete.
    pub(super) fn end(&self) -> Result<(), CodingError> {
        match self.checked && self.begun && !self.member.is_done() {
            true => Err(CodingError::Cut),
            false => Ok(()),
        }
    }

    pub(super) fn call(
        &mut self,
        input: &mut Bytes,
        output: &mut Output<'_>,
    ) -> Result<(), CodingError> {
        if !self.begun && !input.is_empty() {
            if self.checked && input[0] & 0xf != 8 {
                self.member = Member::new(Format::Raw);
            }
            self.begun = true;
        }
        let mut members = 1;
        loop {
            if self.member.is_done() {
                if self.members == Members::First {
                    // Bytes after the first member are dropped unseen.
                    input.clear();
                }
                if input.is_empty() {
                    return Ok(());
                }
                members += 1;
                self.members.next(members, output)?;
                self.member.reset();
            }
            if output.is_full() {
                return Ok(());
            }
            self.member.inflate(input, output)?;
            if !self.member.is_done() {
                return Ok(());
            }
            // A gzip member that ends with the input leaves a fresh one, a
            // deflate stream keeps the knowledge that it ended.
            if input.is_empty() && self.gzip && self.members != Members::First {
                self.member.reset();
                return Ok(());
            }
        }
    }
}

impl Members {
    /// Another member begins in one call, this one by number.
    ///
    /// # Errors
    /// [`CodingError::Members`]
    pub(super) fn next(self, number: u32, output: &mut Output<'_>) -> Result<(), CodingError> {
        match self {
            Self::AtMost(most) if number > most => Err(CodingError::Members(most)),
            Self::First | Self::AtMost(_) => Ok(()),
            // `max_length -= len(result)` at each, where `result` is that of all.
            Self::All => {
                output.count_again();
                Ok(())
            }
        }
    }
}
