//! What one call decodes to.

use bytes::Bytes;

use crate::measure::heap::OverBudget;

/// The first block of one call's output; each further one is twice as large.
const FIRST_BLOCK: usize = 32 << 10;
/// The largest block.
const LARGEST_BLOCK: usize = 32 << 20;

/// The output of one call, in blocks that are joined at its end; during the join
/// the bytes exist twice.
pub(super) struct Output<'a> {
    blocks: Vec<Vec<u8>>,
    len: usize,
    most: usize,
    /// What `most` was before a member changed it.
    left: usize,
    /// The size of a block by its number, in bytes.
    block_size: fn(usize) -> usize,
    afford: &'a dyn Fn(usize) -> Result<(), OverBudget>,
}

impl<'a> Output<'a> {
    pub(super) fn new(most: usize, afford: &'a dyn Fn(usize) -> Result<(), OverBudget>) -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
            most: most.max(1),
            left: most.max(1),
            block_size: |number| (FIRST_BLOCK << number.min(16)).min(LARGEST_BLOCK),
            afford,
        }
    }

    /// In blocks of these sizes.
    pub(super) fn in_blocks(self, block_size: fn(usize) -> usize) -> Self {
        Self { block_size, ..self }
    }

    pub(super) fn is_full(&self) -> bool {
        self.len >= self.most
    }

    /// The block that is being filled; none when the call has its fill.
    pub(super) fn block(&mut self) -> Result<Option<&mut Vec<u8>>, OverBudget> {
        if self.is_full() {
            return Ok(None);
        }
        let spare = |block: &Vec<u8>| block.capacity() > block.len();
        if !self.blocks.last().is_some_and(spare) {
            let size = (self.block_size)(self.blocks.len()).min(self.most - self.len);
            (self.afford)(size)?;
            // Not one byte more, or the call would pass its bound.
            let mut block = Vec::new();
            block.reserve_exact(size);
            self.blocks.push(block);
        }
        Ok(self.blocks.last_mut())
    }

    /// The block grew by so many bytes.
    pub(super) fn grew(&mut self, bytes: usize) {
        self.len += bytes;
    }

    /// At most so many bytes in all.
    pub(super) fn limit(&mut self, most: usize) {
        self.most = self.most.min(most);
    }

    /// Another member begins, and what there is so far is taken off the room for it
    /// once more: what is before the last member counts again and again.
    pub(super) fn count_again(&mut self) {
        self.left = self.left.saturating_sub(self.len);
        self.limit(self.len.saturating_add(self.left));
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn join(self) -> Result<Bytes, OverBudget> {
        if let [block] = &self.blocks[..]
            && block.len() * 2 >= block.capacity()
        {
            return Ok(self.blocks.into_iter().next().unwrap_or_default().into());
        }
        (self.afford)(self.len)?;
        Ok(self.blocks.concat().into())
    }
}
