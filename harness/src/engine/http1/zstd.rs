//! zstd frames (RFC 8878), as the packages for Python hand on what they decode to.

use std::fmt;

use bytes::{Buf as _, Bytes};
use zstd::{
    stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer},
    zstd_safe::get_frame_content_size,
};

use super::{
    coding::{CodingError, Members},
    output::Output,
};

/// A body of zstd that is one stream, frame after frame.
#[derive(Debug)]
pub(super) struct Frames {
    /// Made with the first bytes.
    frame: Option<Frame>,
    members: Members,
    /// The last call ended because its output was full.
    full: bool,
}

/// Pieces that are whole frames.
#[derive(Debug)]
pub(super) struct Pieces;

struct Frame {
    decoder: Decoder<'static>,
    done: bool,
}

impl Frames {
    pub(super) fn new(members: Members) -> Self {
        Self {
            frame: None,
            members,
            full: false,
        }
    }

    /// Input waits, or the output was full: the package asks for none then.
    pub(super) fn has_more(&self, input: &Bytes) -> bool {
        !input.is_empty() || self.full
    }

    pub(super) fn call(
        &mut self,
        input: &mut Bytes,
        output: &mut Output<'_>,
    ) -> Result<(), CodingError> {
        let mut frames = 1;
        loop {
            let frame = match &mut self.frame {
                Some(frame) => frame,
                none => none.insert(Frame::new()?),
            };
            if frame.done {
                return Err(CodingError::BehindFrame);
            }
            frame.decode(input, output)?;
            self.full = output.is_full() && !frame.done;
            if !frame.done {
                return Ok(());
            }
            if self.members == Members::First {
                // Bytes behind the frame are dropped unseen; later ones fail.
                input.clear();
                return Ok(());
            }
            self.frame = None;
            if input.is_empty() {
                return Ok(());
            }
            frames += 1;
            self.members.next(frames, output)?;
            if output.is_full() {
                return Ok(());
            }
        }
    }
}

impl Pieces {
    #[expect(clippy::unused_self, reason = "as the other decoders")]
    pub(super) fn call(
        &self,
        input: &mut Bytes,
        output: &mut Output<'_>,
    ) -> Result<(), CodingError> {
        let size = declared(input).ok_or(CodingError::Zstd)?;
        // A frame that says that it is empty is not looked at.
        if size > 0 {
            output.limit(size);
            let mut frame = Frame::new()?;
            frame.decode(input, output)?;
            if !frame.done || output.len() != size {
                return Err(CodingError::Zstd);
            }
        }
        input.clear();
        Ok(())
    }
}

/// The length that a frame says it comes to, as the package understands it.
fn declared(frame: &[u8]) -> Option<usize> {
    // A skippable frame comes to nothing, whatever its length; that is an error then.
    if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] = *frame {
        return usize::try_from(u32::from_le_bytes([a, b, c, d])).ok();
    }
    usize::try_from(get_frame_content_size(frame).ok()??).ok()
}

impl Frame {
    fn new() -> Result<Self, CodingError> {
        let decoder = Decoder::new().map_err(|_| CodingError::Zstd)?;
        Ok(Self {
            decoder,
            done: false,
        })
    }

    /// Decodes until the frame ends, the input is used up, or the output is full.
    fn decode(&mut self, input: &mut Bytes, output: &mut Output<'_>) -> Result<(), CodingError> {
        while let Some(block) = output.block()? {
            let begin = block.len();
            let mut from = InBuffer::around(input);
            let mut into = OutBuffer::around_pos(block, begin);
            let hint = self.decoder.run(&mut from, &mut into);
            let (read, end) = (from.pos(), into.pos());
            let filled = end == into.capacity();
            output.grew(end - begin);
            input.advance(read);
            if hint.map_err(|_| CodingError::Zstd)? == 0 {
                self.done = true;
                return Ok(());
            }
            if input.is_empty() && !filled {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
