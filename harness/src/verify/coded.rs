//! Decodes the body that a client saved as it was sent.

use std::io::{self, BufReader, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use shortread_server::scenario::Coding;

/// Coded bytes that go through brotli at a time.
const BUFFER: usize = 64 << 10;

/// What `from` decodes to, by `codings` in the order in which they were applied. It
/// ends at the first error of a coding: a cut, damage, or garbage.
pub(super) fn decoder<'a>(
    codings: &[Coding],
    from: impl Read + 'a,
) -> io::Result<Box<dyn Read + 'a>> {
    let mut stream: Box<dyn Read + 'a> = Box::new(BufReader::new(from));
    for coding in codings.iter().rev() {
        stream = match coding {
            Coding::Identity => stream,
            Coding::Gzip => Box::new(Decoded(MultiGzDecoder::new(stream))),
            Coding::Deflate => Box::new(Decoded(ZlibDecoder::new(stream))),
            Coding::Br => Box::new(Decoded(brotli::Decompressor::new(stream, BUFFER))),
            Coding::Zstd => Box::new(Decoded(zstd::Decoder::new(stream)?)),
        };
    }
    Ok(stream)
}

/// Ends at the first error of the coding.
struct Decoded<R>(R);

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into) {
            Err(error) if is_of_the_coding(&error) => Ok(0),
            other => other,
        }
    }
}

/// zstd's own errors are of no kind, those of a file have the number of the system.
fn is_of_the_coding(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    let kind = error.kind();
    matches!(kind, InvalidData | InvalidInput | UnexpectedEof)
        || (kind == Other && error.raw_os_error().is_none())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(codings: &[Coding], bytes: &[u8]) -> Vec<u8> {
        let mut decoded = Vec::new();
        let mut stream = decoder(codings, bytes).unwrap();
        stream.read_to_end(&mut decoded).unwrap();
        decoded
    }

    #[test]
    fn what_is_whole_decodes_and_what_is_cut_or_damaged_ends() {
        let data: Vec<u8> = (0..50_000_u32).map(|n| ((n * n) >> 7) as u8).collect();
        let zstd = zstd::encode_all(&data[..], 1).unwrap();
        let mut br = Vec::new();
        let mut coder = brotli::CompressorWriter::new(&mut br, 4096, 3, 19);
        coder.write_all(&zstd).unwrap();
        drop(coder);
        for (codings, coded) in [
            (vec![Coding::Zstd], &zstd),
            (vec![Coding::Zstd, Coding::Br], &br),
        ] {
            assert!(read(&codings, coded) == data, "{codings:?}");
            let cut = read(&codings, &coded[..coded.len() - 9]);
            assert!(data.starts_with(&cut), "{codings:?}");
            let garbage = [&coded[..], b"garbage!"].concat();
            assert!(read(&codings, &garbage) == data, "{codings:?}");
            assert!(read(&codings, b"none of these codings").is_empty());
        }
    }
}
