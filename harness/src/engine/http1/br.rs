//! A brotli stream (RFC 7932), as the packages for Python hand on what it decodes to.

use std::fmt;

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, HeapAlloc, HuffmanCode};
use bytes::{Buf as _, Bytes};

use super::{
    coding::{BehindBr, CodingError},
    output::Output,
};

/// The first of the package's blocks, in bytes. Each further one is twice as large
/// up to [`LARGEST_BLOCK`], and each is smaller by the head of an object.
const FIRST_BLOCK: usize = 32 << 10;
/// The largest of its blocks, in bytes (Brotli 1.2.1).
const LARGEST_BLOCK: usize = 16 << 20;
/// What an object's head takes off each block, in bytes.
const HEAD: usize = 16;

type State = BrotliState<HeapAlloc<u8>, HeapAlloc<u32>, HeapAlloc<HuffmanCode>>;

/// A body of brotli.
pub(super) struct Br {
    state: Box<State>,
    behind: BehindBr,
    finished: bool,
}

impl Br {
    pub(super) fn new(behind: BehindBr) -> Self {
        Self {
            state: Box::new(State::new(
                HeapAlloc::default(),
                HeapAlloc::default(),
                HeapAlloc::default(),
            )),
            behind,
            finished: false,
        }
    }

    /// What a call brings that is to stop at `most` bytes: `Decompressor.process` looks
    /// at its `output_buffer_limit` when it needs another block, and fills that.
    pub(super) fn room(most: usize) -> usize {
        if most == usize::MAX {
            return most;
        }
        let (mut room, mut number) = (0, 0);
        while room < most {
            room += Self::block_size(number);
            number += 1;
        }
        room
    }

    /// The size of a block by its number, in bytes. It shows: what does not fit into a
    /// block in which the input ends waits for the next call, and is lost if none comes.
    pub(super) fn block_size(number: usize) -> usize {
        (FIRST_BLOCK << number.min(16)).min(LARGEST_BLOCK) - HEAD
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    pub(super) fn call(
        &mut self,
        input: &mut Bytes,
        output: &mut Output<'_>,
    ) -> Result<(), CodingError> {
        while !self.finished {
            let Some(block) = output.block()? else {
                return Ok(());
            };
            let begin = block.len();
            block.resize(block.capacity(), 0);
            let (mut left, mut read) = (input.len(), 0);
            let (mut room, mut end, mut total) = (block.len() - begin, begin, 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut read,
                input,
                &mut room,
                &mut end,
                block,
                &mut total,
                &mut self.state,
            );
            block.truncate(end);
            output.grew(end - begin);
            input.advance(read);
            match result {
                BrotliResult::ResultFailure => return Err(CodingError::Br),
                BrotliResult::NeedsMoreInput => return Ok(()),
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::ResultSuccess => self.finished = true,
            }
        }
        match self.behind {
            _ if input.is_empty() => Ok(()),
            BehindBr::Refused => Err(CodingError::Br),
            BehindBr::Dropped => {
                input.clear();
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Br {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Br")
            .field("behind", &self.behind)
            .field("finished", &self.finished)
            .finish_non_exhaustive()
    }
}
