//! Content coding: the object as its coders write it.

use std::{cell::RefCell, io, io::Write, ops::Range, rc::Rc};

#[cfg(feature = "codings")]
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{
    Compression, GzBuilder,
    write::{GzEncoder, ZlibEncoder},
};

use crate::{
    body::{Object, OpenFile},
    scenario::{Body, Coding, coded},
};

/// The window of the coders that could have a larger one: 512 KiB. In a window of
/// more than 1 MiB they would find that the template begins again.
#[cfg(feature = "codings")]
const WINDOW_LOG: u32 = 19;

/// Bytes that go through brotli at a time.
#[cfg(feature = "codings")]
const BROTLI_BUFFER: usize = 64 << 10;

/// The quality of brotli: the lowest that finds all of a repeated block.
#[cfg(feature = "codings")]
const BROTLI_QUALITY: i32 = 3;

/// The level of zstd, its fastest that is no compromise.
#[cfg(feature = "codings")]
const ZSTD_LEVEL: i32 = 1;

/// The bytes behind a coded body, again and again.
const GARBAGE: &[u8; 8] = b"garbage!";

/// The coded body: coded, cut, and with what is put behind it. It encodes no more of
/// the object than that takes, and the same body gives the same bytes.
pub(super) fn encode(body: &Body, file: Option<&OpenFile>) -> Bytes {
    let limit = body.truncate_at.map_or(u64::MAX, |size| size.0);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let longest = usize::try_from(coded::longest(body)).unwrap_or(usize::MAX);
    let whole = Rc::new(RefCell::new(CutBuffer {
        // A buffer that grows while it is filled takes up to three times as much.
        bytes: Vec::with_capacity(longest.min(limit)),
        limit,
    }));
    let parts = u64::from(body.members.max(1));
    for part in 0..parts {
        // Writing to memory cannot fail.
        let _ = code(body, file, part, parts, &whole);
    }
    let mut bytes = std::mem::take(&mut whole.borrow_mut().bytes);
    let garbage = usize::try_from(body.garbage.0).unwrap_or(usize::MAX);
    bytes.extend(GARBAGE.iter().cycle().take(garbage));
    bytes.into()
}

/// Writes one of `parts` equal parts of the object as a member of its own.
fn code(
    body: &Body,
    file: Option<&OpenFile>,
    part: u64,
    parts: u64,
    whole: &Rc<RefCell<CutBuffer>>,
) -> io::Result<()> {
    if whole.borrow().is_full() {
        return Ok(());
    }
    let Object { size, pattern } = body.object();
    let bound = |part: u64| {
        let bound = u128::from(size) * u128::from(part) / u128::from(parts);
        u64::try_from(bound).unwrap_or(size)
    };
    let mut stage: Box<dyn Stage> = Box::new(Shared(Rc::clone(whole)));
    for coding in body.encoding.iter().rev() {
        stage = coder(*coding, stage, pattern.is_plain())?;
    }
    let range = bound(part)..bound(part + 1);
    let slices: Box<dyn Iterator<Item = Bytes>> = match file {
        Some(file) => Box::new(slices_of(file, range)),
        None => Box::new(pattern.slices(range)),
    };
    for slice in slices {
        if whole.borrow().is_full() {
            return Ok(());
        }
        stage.write_all(&slice)?;
    }
    stage.end()
}

/// A range of a file, as far as the file goes.
fn slices_of(file: &OpenFile, range: Range<u64>) -> impl Iterator<Item = Bytes> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let slice = file.bytes_at(at, range.end - at);
        at += slice.len() as u64;
        (!slice.is_empty()).then_some(slice)
    })
}

/// A coder that writes into the next one, or the buffer at the end.
trait Stage: Write {
    /// Writes what is missing, here and behind it.
    fn end(self: Box<Self>) -> io::Result<()>;
}

/// The coder of `coding` before `next`.
fn coder(coding: Coding, next: Box<dyn Stage>, plain: bool) -> io::Result<Box<dyn Stage>> {
    // A search is not worth it where nothing compresses.
    let level = match plain {
        true => Compression::fast(),
        false => Compression::best(),
    };
    Ok(match coding {
        // The header carries no time (RFC 1952: MTIME 0) and no operating system (255).
        Coding::Gzip => Box::new(
            GzBuilder::new()
                .mtime(0)
                .operating_system(255)
                .write(next, level),
        ),
        Coding::Deflate => Box::new(ZlibEncoder::new(next, level)),
        #[cfg(feature = "codings")]
        Coding::Br => {
            let params = BrotliEncoderParams {
                quality: BROTLI_QUALITY,
                lgwin: WINDOW_LOG as i32,
                ..BrotliEncoderParams::default()
            };
            Box::new(brotli::CompressorWriter::with_params(
                next,
                BROTLI_BUFFER,
                &params,
            ))
        }
        #[cfg(feature = "codings")]
        Coding::Zstd => {
            let mut coder = zstd::Encoder::new(next, ZSTD_LEVEL)?;
            coder.window_log(WINDOW_LOG)?;
            coder.include_checksum(true)?;
            Box::new(coder)
        }
        // Such a body was refused.
        #[cfg(not(feature = "codings"))]
        Coding::Br | Coding::Zstd => return Err(io::ErrorKind::Unsupported.into()),
        Coding::Identity => next,
    })
}

impl Stage for GzEncoder<Box<dyn Stage>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.end()
    }
}

impl Stage for ZlibEncoder<Box<dyn Stage>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.end()
    }
}

#[cfg(feature = "codings")]
impl Stage for brotli::CompressorWriter<Box<dyn Stage>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.into_inner().end()
    }
}

#[cfg(feature = "codings")]
impl Stage for zstd::Encoder<'static, Box<dyn Stage>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.end()
    }
}

/// The last stage.
struct Shared(Rc<RefCell<CutBuffer>>);

impl Stage for Shared {
    fn end(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().keep(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps the first `limit` bytes and forgets the rest.
struct CutBuffer {
    bytes: Vec<u8>,
    limit: usize,
}

impl CutBuffer {
    fn is_full(&self) -> bool {
        self.bytes.len() >= self.limit
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.limit - self.bytes.len();
        self.bytes
            .extend_from_slice(&bytes[..room.min(bytes.len())]);
    }
}

#[cfg(all(test, feature = "codings"))]
#[path = "coding_tests.rs"]
mod tests;
