//! The bytes before a place of a response, counted chunk by chunk: another way than
//! the server's, which has a closed form.

use shortread_server::{
    http1::origin::{Origin, Request},
    scenario::{ChunkPart, Framing, Landmark, Scenario, Trigger},
};

/// Bytes before a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Before {
    /// Of the body.
    pub(crate) body: u64,
    /// Of the body in its transfer coding.
    pub(crate) framed: u64,
}

/// The place at which `when` fires in the answer to a request for all of the object.
/// `None` for a trigger that names no place, and where raw bytes move it or the length
/// of the body is that of a coding, or not the same for all requests.
pub(crate) fn before(scenario: &Scenario, when: Trigger) -> Option<Before> {
    let body = &scenario.body;
    let size = match &scenario.response.page {
        Some(page) => page.len() as u64,
        None if body.is_coded() => return None,
        None => body.size.0,
    };
    // Which answer or version a request gets, the time may decide.
    let one_response = scenario.answers.is_empty() && scenario.versions.is_empty();
    if !scenario.response.raw.is_empty() || !one_response {
        return None;
    }
    let chunk = (body.framing == Framing::Chunked).then_some(body.chunk.0);
    match when {
        Trigger::Body(at) | Trigger::Object(at) => offset(size, chunk, at.0),
        Trigger::Place(Landmark::Head) => offset(size, chunk, 0),
        Trigger::Place(Landmark::Share(share)) => {
            offset(size, chunk, (share * size as f64).floor() as u64)
        }
        Trigger::Place(place) => walk(size, chunk?, Wanted::Place(place)),
        _ => None,
    }
}

/// Bytes of the head of that answer, which the server alone knows.
pub(crate) fn head_len(scenario: &Scenario) -> Option<u64> {
    let (request, _) = Request::parse(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok()??;
    let origin = Origin::new(scenario).ok()?;
    Some(origin.respond(&request).script.head_len())
}

fn offset(size: u64, chunk: Option<u64>, at: u64) -> Option<Before> {
    match chunk {
        Some(chunk) if at > 0 => walk(size, chunk, Wanted::Byte(at)),
        _ => (at <= size).then_some(Before {
            body: at,
            framed: at,
        }),
    }
}

enum Wanted {
    /// Behind this byte of the body, counted from 1.
    Byte(u64),
    Place(Landmark),
}

/// `SIZE CRLF` data `CRLF`, again and again, then the last chunk.
fn walk(size: u64, chunk: u64, wanted: Wanted) -> Option<Before> {
    let line_of = |len: u64| format!("{len:x}\r\n").len() as u64;
    let full_line = line_of(chunk);
    let at = |body, framed| Some(Before { body, framed });
    let (mut body, mut framed) = (0, 0);
    for number in 1.. {
        let len = chunk.min(size - body);
        if len == 0 {
            return match wanted {
                Wanted::Place(Landmark::LastChunk) => at(body, framed),
                _ => None,
            };
        }
        let line = if len == chunk {
            full_line
        } else {
            line_of(len)
        };
        match wanted {
            Wanted::Byte(byte) if byte <= body + len => {
                return at(byte, framed + line + (byte - body));
            }
            Wanted::Place(Landmark::Chunk(this, part)) if this == number => {
                return match part {
                    ChunkPart::Size => at(body, framed + 1),
                    ChunkPart::Data => at(body + len, framed + line + len),
                    ChunkPart::End => at(body + len, framed + line + len + 2),
                };
            }
            _ => {}
        }
        body += len;
        framed += line + len + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use shortread_server::units::ByteSize;

    use super::*;

    #[test]
    fn twenty_five_bytes_in_chunks_of_ten_are_counted_by_hand() {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(25);
        scenario.body.chunk = ByteSize(10);
        scenario.body.framing = Framing::Chunked;
        for (place, body, framed) in [
            ("head", 0, 0),
            ("44%", 11, 19),
            ("100%", 25, 38),
            ("chunk-3-size", 20, 31),
            ("chunk-3-data", 25, 38),
            ("chunk-2", 20, 30),
            ("last-chunk", 25, 40),
        ] {
            let when = Trigger::Place(place.parse().unwrap());
            let expected = Some(Before { body, framed });
            assert_eq!(before(&scenario, when), expected, "{place}");
        }
        let beyond = Trigger::Place(Landmark::Chunk(4, ChunkPart::Size));
        assert_eq!(before(&scenario, beyond), None);
    }
}
