//! Content coding: the object as its coders write it.

use std::{fmt, io, io::Write, ops::Range, sync::Arc};

#[cfg(feature = "codings")]
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{
    Compression, GzBuilder,
    write::{GzEncoder, ZlibEncoder},
};

use crate::{
    body::{Object, OpenFile},
    scenario::{Body, Coding},
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

/// The object, piece by piece, or the reason why there is no next one.
type Pieces = Box<dyn Iterator<Item = io::Result<Bytes>> + Send>;

/// Codes an object piece by piece: each of its members is coded by itself, so that it can
/// begin with any of them. The same body gives the same bytes. It holds its coders and what
/// one piece of the object came to.
pub(super) struct Coder {
    body: Arc<Body>,
    /// The file that the object is, if it is none of a pattern.
    file: Option<OpenFile>,
    /// The member that is coded, from 0.
    member: u32,
    /// The coders of that member, once it has begun.
    stage: Option<Box<dyn Stage>>,
    slices: Pieces,
}

impl Coder {
    /// Begins with `member`, counted from 0.
    pub(super) fn new(body: Arc<Body>, file: Option<OpenFile>, member: u32) -> Self {
        Self {
            body,
            file,
            member,
            stage: None,
            slices: Box::new(std::iter::empty()),
        }
    }

    /// Members that are coded to their ends, with those that were left out.
    pub(super) const fn ended(&self) -> u32 {
        self.member
    }

    /// Codes the next MiB of the object, or the end of a member, and returns what came
    /// out, often nothing; `None` behind the end.
    ///
    /// # Errors
    /// The file that the object is has changed, or cannot be read: the member has no end.
    pub(super) fn step(&mut self) -> io::Result<Option<Bytes>> {
        if self.member >= self.body.members.max(1) {
            return Ok(None);
        }
        let mut stage = match self.stage.take() {
            Some(stage) => stage,
            None => self.begin()?,
        };
        Ok(Some(match self.slices.next().transpose()? {
            Some(slice) => {
                stage.write_all(&slice)?;
                let came = std::mem::take(stage.came());
                self.stage = Some(stage);
                came.into()
            }
            None => {
                self.member += 1;
                stage.end()?.into()
            }
        }))
    }

    /// The coders of the next member, which is one of equal parts of the object.
    fn begin(&mut self) -> io::Result<Box<dyn Stage>> {
        let Object { size, pattern } = self.body.object();
        let members = self.body.members.max(1);
        let bound = |member: u32| {
            let bound = u128::from(size) * u128::from(member) / u128::from(members);
            u64::try_from(bound).unwrap_or(size)
        };
        let range = bound(self.member)..bound(self.member + 1);
        self.slices = match &self.file {
            Some(file) => Box::new(slices_of(file.clone(), range)),
            None => Box::new(pattern.slices(range).map(Ok)),
        };
        let mut stage: Box<dyn Stage> = Box::new(Came(Vec::new()));
        for coding in self.body.encoding.iter().rev() {
            stage = coder(*coding, stage, pattern.is_plain())?;
        }
        Ok(stage)
    }
}

impl fmt::Debug for Coder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = self.member;
        f.debug_struct("Coder").field("member", &member).finish()
    }
}

/// The bytes behind a coded body, from `at` on of those.
pub(super) fn garbage(at: u64, len: u64) -> Bytes {
    let at = (at % GARBAGE.len() as u64) as usize;
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let bytes = GARBAGE.iter().cycle().skip(at).take(len);
    bytes.copied().collect()
}

/// Bytes of the checksum and length at the end of a member: CRC32 and ISIZE (RFC 1952,
/// section 2.3), Adler-32 (RFC 1950, section 2.2), Content_Checksum (RFC 8878, section
/// 3.1.1).
pub(super) const fn trailer_len(coding: Coding) -> Option<u64> {
    match coding {
        Coding::Gzip => Some(8),
        Coding::Deflate | Coding::Zstd => Some(4),
        Coding::Br | Coding::Identity => None,
    }
}

/// A range of a file; an error where there is none of its bytes.
fn slices_of(file: OpenFile, range: Range<u64>) -> impl Iterator<Item = io::Result<Bytes>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let left = range.end - at;
        if left == 0 {
            return None;
        }
        let slice = file.bytes_at(at, left).and_then(|slice| match slice.len() {
            // The range is within the file.
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(slice),
        });
        at += slice.as_ref().map_or(0, |slice| slice.len() as u64);
        Some(slice)
    })
}

/// A coder that writes into the next one, or the buffer at the end.
trait Stage: Write + Send {
    /// What came out behind the last stage.
    fn came(&mut self) -> &mut Vec<u8>;

    /// Writes what is missing, here and behind it, and returns what came out.
    fn end(self: Box<Self>) -> io::Result<Vec<u8>>;
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
    fn came(&mut self) -> &mut Vec<u8> {
        self.get_mut().came()
    }

    fn end(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.finish()?.end()
    }
}

impl Stage for ZlibEncoder<Box<dyn Stage>> {
    fn came(&mut self) -> &mut Vec<u8> {
        self.get_mut().came()
    }

    fn end(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.finish()?.end()
    }
}

#[cfg(feature = "codings")]
impl Stage for brotli::CompressorWriter<Box<dyn Stage>> {
    fn came(&mut self) -> &mut Vec<u8> {
        self.get_mut().came()
    }

    fn end(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.into_inner().end()
    }
}

#[cfg(feature = "codings")]
impl Stage for zstd::Encoder<'static, Box<dyn Stage>> {
    fn came(&mut self) -> &mut Vec<u8> {
        self.get_mut().came()
    }

    fn end(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.finish()?.end()
    }
}

/// The last stage: what came out and was not taken yet.
struct Came(Vec<u8>);

impl Stage for Came {
    fn came(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    fn end(self: Box<Self>) -> io::Result<Vec<u8>> {
        Ok(self.0)
    }
}

impl Write for Came {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, feature = "codings"))]
#[path = "coding_tests.rs"]
mod tests;
