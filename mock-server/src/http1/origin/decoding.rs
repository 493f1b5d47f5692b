//! At which coded byte a decoder can have so many bytes of the object: found by decoding.

use std::{io, io::Write};

use flate2::write::{MultiGzDecoder, ZlibDecoder};

use crate::scenario::Coding;

/// Bytes of the coded body that are decoded at a time.
const BLOCK: usize = 16 << 10;

/// The output of the brotli decoder: more than its window. What does not fit waits in it
/// for the next input, although it has it.
#[cfg(feature = "codings")]
const BROTLI_OUTPUT: usize = 1 << 20;

/// Looks for offsets of the object while the coded body passes. One decoder is a block
/// ahead; where it meets an offset, the other one takes that block byte by byte. Memory is
/// that of two chains of decoders.
pub(super) struct Finder {
    ahead: Chain,
    behind: Chain,
    /// Coded bytes that `behind` has taken.
    at: u64,
    /// Offsets of the object that are looked for, the least first.
    wanted: Vec<u64>,
    /// The coded offsets of the first of them.
    found: Vec<u64>,
}

impl Finder {
    /// `wanted` in ascending order. `None` if a coding cannot be decoded.
    pub(super) fn new(codings: &[Coding], wanted: Vec<u64>) -> Option<Self> {
        Some(Self {
            ahead: Chain::new(codings).ok()?,
            behind: Chain::new(codings).ok()?,
            at: 0,
            wanted,
            found: Vec::new(),
        })
    }

    /// Takes the next bytes of the coded body.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.note();
        for block in bytes.chunks(BLOCK) {
            let Some(next) = self.next() else {
                return;
            };
            if self.ahead.take(block) < next {
                self.behind.take(block);
                self.at += block.len() as u64;
                continue;
            }
            for byte in block {
                self.behind.take(std::slice::from_ref(byte));
                self.at += 1;
                self.note();
            }
        }
    }

    /// Each offset that was reached, and the least coded offset that brings so much.
    pub(super) fn found(&self) -> impl Iterator<Item = (u64, u64)> {
        let wanted = self.wanted.iter().copied();
        wanted.zip(self.found.iter().copied())
    }

    /// The least offset that was not reached yet.
    fn next(&self) -> Option<u64> {
        self.wanted.get(self.found.len()).copied()
    }

    /// Notes the offsets that `behind` has reached.
    fn note(&mut self) {
        while self.next().is_some_and(|next| next <= self.behind.came()) {
            self.found.push(self.at);
        }
    }
}

/// The decoders of a body, the last of its codings first.
struct Chain {
    stage: Box<dyn Stage>,
}

impl Chain {
    fn new(codings: &[Coding]) -> io::Result<Self> {
        let mut stage: Box<dyn Stage> = Box::new(Count(0));
        for coding in codings {
            stage = decoder(*coding, stage)?;
        }
        Ok(Self { stage })
    }

    /// Bytes of the object that came out.
    fn came(&self) -> u64 {
        self.stage.came()
    }

    /// Decodes `bytes` as far as they go.
    fn take(&mut self, bytes: &[u8]) -> u64 {
        // What our coders wrote can be decoded, and counting cannot fail.
        let _ = self.stage.write_all(bytes);
        let _ = self.stage.flush();
        self.came()
    }
}

/// A decoder that writes into the next one, or the count at the end.
trait Stage: Write {
    fn came(&self) -> u64;
}

/// The decoder of `coding` before `next`.
fn decoder(coding: Coding, next: Box<dyn Stage>) -> io::Result<Box<dyn Stage>> {
    Ok(match coding {
        Coding::Gzip => Box::new(MultiGzDecoder::new(next)),
        Coding::Deflate => Box::new(ZlibDecoder::new(next)),
        #[cfg(feature = "codings")]
        Coding::Br => Box::new(brotli::DecompressorWriter::new(next, BROTLI_OUTPUT)),
        #[cfg(feature = "codings")]
        Coding::Zstd => Box::new(zstd::stream::write::Decoder::new(next)?),
        #[cfg(not(feature = "codings"))]
        Coding::Br | Coding::Zstd => return Err(io::ErrorKind::Unsupported.into()),
        Coding::Identity => next,
    })
}

impl Stage for MultiGzDecoder<Box<dyn Stage>> {
    fn came(&self) -> u64 {
        self.get_ref().came()
    }
}

impl Stage for ZlibDecoder<Box<dyn Stage>> {
    fn came(&self) -> u64 {
        self.get_ref().came()
    }
}

#[cfg(feature = "codings")]
impl Stage for brotli::DecompressorWriter<Box<dyn Stage>> {
    fn came(&self) -> u64 {
        self.get_ref().came()
    }
}

#[cfg(feature = "codings")]
impl Stage for zstd::stream::write::Decoder<'static, Box<dyn Stage>> {
    fn came(&self) -> u64 {
        self.get_ref().came()
    }
}

/// The last stage.
struct Count(u64);

impl Stage for Count {
    fn came(&self) -> u64 {
        self.0
    }
}

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
