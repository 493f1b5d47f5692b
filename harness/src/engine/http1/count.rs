//! Counts the body among the bytes behind a response head (RFC 9112, sections 6
//! and 7).

use shortread_server::scenario::Framing;

use super::Head;

/// Tells body bytes from framing bytes, whatever the pieces they come in.
#[derive(Debug, Clone)]
pub struct BodyCounter(State);

#[derive(Debug, Clone, Copy)]
enum State {
    /// So many bytes of a body with a length are still to come.
    Length(u64),
    /// The body ends with the connection.
    Close,
    Chunked(Chunked),
}

/// The next byte of the chunked coding is ...
#[derive(Debug, Clone, Copy)]
enum Chunked {
    /// ... a digit of the size; `None` before the first.
    Size(Option<u64>),
    /// ... in an extension behind the size.
    Extension(u64),
    /// ... the LF of the size line.
    SizeLf(u64),
    /// ... data, so many bytes of it.
    Data(u64),
    /// ... the CR, then the LF behind the data.
    DataCr,
    DataLf,
    /// ... not counted: the last chunk has begun, or the framing is broken.
    Over,
}

impl BodyCounter {
    /// A counter for the body behind `head`.
    pub fn of(head: &Head) -> Self {
        Self(match (head.framing, head.declared) {
            (Framing::Chunked, _) => State::Chunked(Chunked::Size(None)),
            (Framing::ContentLength, Some(length)) => State::Length(length),
            (Framing::ContentLength | Framing::Close, _) => State::Close,
        })
    }

    /// The number of body bytes in `input`. Nothing counts behind the end of the
    /// body, nor behind a chunk that breaks the coding.
    pub fn count(&mut self, input: &[u8]) -> u64 {
        match &mut self.0 {
            State::Length(left) => {
                let bytes = (input.len() as u64).min(*left);
                *left -= bytes;
                bytes
            }
            State::Close => input.len() as u64,
            State::Chunked(at) => count_chunked(at, input),
        }
    }
}

fn count_chunked(at: &mut Chunked, mut input: &[u8]) -> u64 {
    let mut body = 0;
    while let Some((&byte, rest)) = input.split_first() {
        let Chunked::Data(left) = *at else {
            *at = behind(*at, byte);
            input = rest;
            continue;
        };
        let bytes = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        body += bytes as u64;
        input = &input[bytes..];
        *at = match left - bytes as u64 {
            0 => Chunked::DataCr,
            left => Chunked::Data(left),
        };
    }
    body
}

/// The state behind a byte that is not data.
fn behind(at: Chunked, byte: u8) -> Chunked {
    use Chunked::*;
    match (at, byte) {
        (Size(size), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
            let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
            match size.unwrap_or_default() {
                // One more digit would not fit into 64 bits.
                size if size >> 60 != 0 => Over,
                size => Size(Some(size << 4 | digit)),
            }
        }
        (Size(Some(size)) | Extension(size), b'\r') => SizeLf(size),
        (Size(Some(size)), b';' | b' ' | b'\t') => Extension(size),
        (Extension(size), other) if other != b'\n' => Extension(size),
        (SizeLf(size), b'\n') if size > 0 => Data(size),
        (DataCr, b'\r') => DataLf,
        (DataLf, b'\n') => Size(None),
        (Size(_) | Extension(_) | SizeLf(_) | Data(_) | DataCr | DataLf | Over, _) => Over,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counter(framing: Framing, declared: Option<u64>) -> BodyCounter {
        BodyCounter::of(&Head {
            status: 200,
            framing,
            declared,
            fields: Default::default(),
        })
    }

    fn split<'a>(wire: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (wire.len() + 1)).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        cuts.windows(2)
            .map(|pair| &wire[pair[0]..pair[1]])
            .collect()
    }

    fn count(mut counter: BodyCounter, pieces: &[&[u8]]) -> u64 {
        pieces.iter().map(|piece| counter.count(piece)).sum()
    }

    /// Sixteen body bytes, extensions, a trailer, and what another response might
    /// be.
    const CHUNKED: &[u8] =
        b"5\r\nhello\r\n1;name=value\r\n \r\nA \t\r\n0123456789\r\n0;last\r\n5: 1\r\nX: y\r\n\r\n5\r\nOTHER\r\n";

    proptest! {
        #[test]
        fn any_split_of_a_chunked_body_gives_the_same(cuts in prop::collection::vec(any::<usize>(), 0..12)) {
            let pieces = split(CHUNKED, &cuts);
            prop_assert_eq!(count(counter(Framing::Chunked, None), &pieces), 16);
        }

        #[test]
        fn any_split_of_a_body_with_a_length_gives_the_same(
            cuts in prop::collection::vec(any::<usize>(), 0..12), length in 0u64..50,
        ) {
            let pieces = split(&[7; 40], &cuts);
            let counted = count(counter(Framing::ContentLength, Some(length)), &pieces);
            prop_assert_eq!(counted, length.min(40));
            prop_assert_eq!(count(counter(Framing::Close, None), &pieces), 40);
        }

        #[test]
        fn no_input_panics_or_counts_more_than_it_has(wire in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(count(counter(Framing::Chunked, None), &[&wire]) <= wire.len() as u64);
        }
    }

    #[test]
    fn nothing_counts_behind_broken_framing() {
        for broken in [
            "xyz\r\n",
            "\r\n",
            "10000000000000000\r\n",
            "5\n",
            "5\rx",
            "5;x\n",
            "\r",
        ] {
            let wire = format!("2\r\nab\r\n{broken}5\r\nhello\r\n");
            let counted = count(counter(Framing::Chunked, None), &[wire.as_bytes()]);
            assert_eq!(counted, 2, "{broken:?}");
        }
        for end in ["ab", "\rx"] {
            let wire = format!("2\r\nab{end}5\r\nhello\r\n");
            // In two pieces: a later one does not begin anew.
            let (first, second) = wire.as_bytes().split_at(wire.len() - 10);
            let counted = count(counter(Framing::Chunked, None), &[first, second]);
            assert_eq!(counted, 2, "{end:?}");
        }
    }
}
