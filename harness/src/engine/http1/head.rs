//! Response heads, by httparse, and the body that they announce (RFC 9112,
//! section 6.3).

use bytes::{Buf as _, Bytes, BytesMut};
use shortread_server::scenario::Framing;

use crate::client::{Fields, Head, digits};

/// Most bytes of one head, which nobody needs: hyper takes some 400 KiB.
const LIMIT: usize = 2 << 20;
/// Room for fields at the first try.
const FIELDS: usize = 128;

/// What `response` says.
fn read(response: &httparse::Response<'_, '_>) -> Result<Head, NoHead> {
    let status = response.code.unwrap_or_default();
    let (mut chunked, mut declared) = (false, None);
    let mut fields = Fields::default();
    for field in response.headers.iter() {
        fields.keep(field.name.as_bytes(), field.value);
        let value = field.value.trim_ascii();
        if field.name.eq_ignore_ascii_case("transfer-encoding") {
            // The last coding decides; a list may come in several fields.
            chunked = last_of_list(value).eq_ignore_ascii_case(b"chunked");
        } else if field.name.eq_ignore_ascii_case("content-length") {
            let length = digits(value).ok_or(NoHead)?;
            if declared.is_some_and(|earlier| earlier != length) {
                return Err(NoHead);
            }
            declared = Some(length);
        }
    }
    let bodiless = status < 200 || matches!(status, 204 | 304);
    let (framing, declared) = if bodiless {
        (Framing::ContentLength, Some(0))
    } else if chunked {
        (Framing::Chunked, None)
    } else if declared.is_some() {
        (Framing::ContentLength, declared)
    } else {
        (Framing::Close, None)
    };
    Ok(Head {
        status,
        framing,
        declared,
        fields,
    })
}

/// The bytes cannot become a response head: they are not HTTP/1.1 (RFC 9112), their
/// `Content-Length` is not one number, or they have no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no response head")]
pub struct NoHead;

/// Collects bytes until a head is whole. Interim responses (1xx) are skipped.
#[derive(Debug, Default)]
pub struct HeadReader {
    buffer: BytesMut,
}

impl HeadReader {
    /// Adds `bytes`. Returns the head, once whole, with the bytes behind it.
    ///
    /// # Errors
    /// [`NoHead`] where this cannot become a head.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<(Head, Bytes)>, NoHead> {
        // Parsing starts from the front each time. A head that comes byte by
        // byte is parsed once a line; its start at once, to notice what is no
        // HTTP at all.
        let worth_it = self.buffer.len() < 16 || bytes.contains(&b'\n');
        self.buffer.extend_from_slice(bytes);
        if worth_it {
            while let Some((head, length)) = self.parse()? {
                self.buffer.advance(length);
                // 101 is final: it ends HTTP on this connection.
                if head.status >= 200 || head.status == 101 {
                    return Ok(Some((head, std::mem::take(&mut self.buffer).freeze())));
                }
            }
        }
        if self.buffer.len() > LIMIT {
            return Err(NoHead);
        }
        Ok(None)
    }

    /// The head in front, if it is whole, and its length in bytes.
    fn parse(&self) -> Result<Option<(Head, usize)>, NoHead> {
        match self.parse_fields(FIELDS) {
            Err(httparse::Error::TooManyHeaders) => {
                let lines = self.buffer.iter().filter(|byte| **byte == b'\n').count();
                self.parse_fields(lines.max(FIELDS) + 1)
                    .unwrap_or(Err(NoHead))
            }
            parsed => parsed.unwrap_or(Err(NoHead)),
        }
    }

    fn parse_fields(
        &self,
        most: usize,
    ) -> Result<Result<Option<(Head, usize)>, NoHead>, httparse::Error> {
        let mut fields = vec![httparse::EMPTY_HEADER; most];
        let mut response = httparse::Response::new(&mut fields);
        Ok(match response.parse(&self.buffer)? {
            httparse::Status::Complete(length) => read(&response).map(|head| Some((head, length))),
            httparse::Status::Partial => Ok(None),
        })
    }
}

fn last_of_list(value: &[u8]) -> &[u8] {
    value
        .rsplit(|byte| *byte == b',')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(wire: &str) -> Result<Option<(Head, Bytes)>, NoHead> {
        HeadReader::default().push(wire.as_bytes())
    }

    fn framing(fields: &str) -> (Framing, Option<u64>) {
        let head = parsed(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"));
        let (head, _) = head.unwrap().unwrap();
        (head.framing, head.declared)
    }

    #[test]
    fn the_fields_say_how_the_body_ends() {
        assert_eq!(framing(""), (Framing::Close, None));
        assert_eq!(
            framing("content-length: 5\r\nContent-Length: 5\r\n"),
            (Framing::ContentLength, Some(5))
        );
        assert_eq!(
            framing("Content-Length: 5\r\nTransfer-Encoding: gzip, Chunked\r\n"),
            (Framing::Chunked, None)
        );
    }

    #[test]
    fn a_status_without_a_body_has_an_empty_one() {
        let (head, _) = parsed("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
            .unwrap()
            .unwrap();
        assert_eq!((head.status, head.declared), (304, Some(0)));
    }

    #[test]
    fn lengths_that_contradict_each_other_are_refused() {
        for fields in [
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
        ] {
            let wire = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
            assert_eq!(parsed(&wire), Err(NoHead), "{fields}");
        }
    }

    #[test]
    fn what_is_not_http_is_noticed_at_once_and_endless_heads_at_the_limit() {
        assert!(parsed("SSH-2.0-OpenSSH").is_err());
        let mut reader = HeadReader::default();
        assert_eq!(reader.push(b"HTTP/1.1 200 OK\r\nX: "), Ok(None));
        assert_eq!(reader.push(&[b'x'; LIMIT]), Err(NoHead));
    }

    #[test]
    fn a_head_may_have_more_fields_than_there_is_room_for_at_first() {
        let fields = "X: y\r\n".repeat(3 * FIELDS);
        assert_eq!(
            framing(&format!("{fields}Content-Length: 5\r\n")),
            (Framing::ContentLength, Some(5))
        );
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_head_behind_interim_ones(cuts in prop::collection::vec(any::<usize>(), 0..8)) {
            let wire = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
                HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc";
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % wire.len()).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let mut reader = HeadReader::default();
            let mut found: Option<(Head, Vec<u8>)> = None;
            for pair in cuts.windows(2) {
                let piece = &wire[pair[0]..pair[1]];
                if let Some((_, rest)) = &mut found {
                    rest.extend_from_slice(piece);
                } else if let Some((head, rest)) = reader.push(piece).unwrap() {
                    found = Some((head, rest.to_vec()));
                }
            }
            let (head, rest) = found.unwrap();
            prop_assert_eq!((head.status, head.declared, rest), (206, Some(3), b"abc".to_vec()));
        }

        #[test]
        fn no_input_panics(wire in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = HeadReader::default().push(&wire);
        }
    }
}
