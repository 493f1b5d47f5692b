//! aiohttp's callbacks: what the fields of a head come to.

use shortread_server::scenario::Framing;

use super::{At, Chunk, Event, Flags, Llhttp, Refusal, flags::HeaderState};
use crate::{
    client,
    engine::aiohttp::{
        coding::Coding,
        parser::{LINE, Message},
    },
};

/// The header field that is read, and the facts that the earlier ones told.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) state: HeaderState,
    /// The last field whose name was told.
    pub(super) name: Vec<u8>,
    value: Vec<u8>,
    pub(super) has_value: bool,
    /// Bytes of the name that count towards the limit of its value.
    name_size: usize,
    count: u32,
    coding: Option<Vec<u8>>,
    kept: client::Fields,
    old_websocket: bool,
}

impl Llhttp {
    /// `cb_on_message_begin`. Names and values are the parser's and stay.
    pub(super) fn begin_message(&mut self) {
        self.fields.count = 0;
        self.fields.coding = None;
        self.fields.kept = client::Fields::default();
        self.fields.old_websocket = false;
        self.reason = 0;
    }

    /// `cb_on_header_field`: the span so far. The length of a name that was told
    /// before it counts too, as in the library.
    pub(super) fn name_told(&mut self) -> Result<(), Refusal> {
        let size = self.fields.name.len() + self.span.len();
        if size > LINE {
            return Err(self.too_long("Header name", size));
        }
        self.fields.name_size = size;
        if self.fields.has_value {
            self.process_field()?;
        }
        self.fields.name.append(&mut self.span);
        Ok(())
    }

    /// `cb_on_header_value`
    pub(super) fn value_told(&mut self) -> Result<(), Refusal> {
        let size = self.fields.value.len() + self.span.len();
        let name = match self.limits.name_and_value {
            true => self.fields.name_size,
            false => 0,
        };
        if name + size > LINE {
            return Err(self.too_long("Header value", size));
        }
        self.fields.value.append(&mut self.span);
        self.fields.has_value = true;
        Ok(())
    }

    /// `_process_header`
    fn process_field(&mut self) -> Result<(), Refusal> {
        let fields = &mut self.fields;
        if fields.name.is_empty() {
            return Ok(());
        }
        // A refused field stays, and is met again when the connection is lost.
        let value = match self.rules.value_stripped {
            true => without_blanks(&fields.value),
            false => &fields.value[..],
        };
        if self.rules.nul_refused && value.contains(&0) {
            return Err(Refusal::header());
        }
        fields.count = fields.count.saturating_add(1);
        if self.limits.fields.is_some_and(|most| fields.count > most) {
            return Err(Refusal::message("Too many headers received"));
        }
        fields.kept.keep(&fields.name, value);
        if fields.name.eq_ignore_ascii_case(b"content-encoding") {
            fields.coding = Some(value.to_vec());
        } else if fields.name.eq_ignore_ascii_case(b"sec-websocket-key1") {
            fields.old_websocket = true;
        }
        fields.name.clear();
        fields.value.clear();
        fields.has_value = false;
        fields.name_size = 0;
        Ok(())
    }

    /// `_on_headers_complete`
    pub(super) fn headers_complete(&mut self) -> Result<Event, Refusal> {
        self.process_field()?;
        self.at = At::HeadersDone;
        if self.fields.old_websocket {
            return Err(Refusal::header());
        }
        let coding = self.fields.coding.take();
        let coding = Coding::of(&coding.unwrap_or_default(), &self.rules, &self.packages);
        self.declared = self.content_length;
        let kept = std::mem::take(&mut self.fields.kept);
        let message = self.message().keeping(self.should_keep_alive());
        Ok(Event::Message(message.with(kept).coded(coding)))
    }

    fn message(&self) -> Message {
        let (status, length) = (self.status, self.content_length);
        // The condition under which aiohttp makes a stream; else the caller gets the
        // empty one. 2^64 - 1 bytes are llhttp's word for none.
        let stream = (length > 0 && length < u64::MAX)
            || self.flags.chunked
            || (status >= 199 && length == 0);
        if !stream || matches!(status, 100..=199 | 204 | 304) {
            return Message::without_body(status);
        }
        if self.flags.chunked {
            Message::new(status, Framing::Chunked, None)
        } else if self.flags.content_length {
            Message::new(status, Framing::ContentLength, Some(length))
        } else {
            Message::new(status, Framing::Close, None)
        }
    }

    /// `llhttp__after_headers_complete`
    pub(super) fn after_headers(&mut self) -> At {
        match self.status {
            101 => At::Upgraded,
            100 | 102 | 103 | 204 | 304 => At::MessageDone,
            _ if self.flags.chunked => {
                self.content_length = 0;
                At::Chunk(Chunk::First)
            }
            _ if self.flags.transfer_encoding => At::UntilEof,
            _ if !self.flags.content_length => match self.needs_eof() {
                true => At::UntilEof,
                false => At::MessageDone,
            },
            _ if self.content_length == 0 => At::MessageDone,
            _ => At::Body,
        }
    }

    /// `llhttp_message_needs_eof`
    fn needs_eof(&self) -> bool {
        let Flags {
            chunked,
            content_length,
            transfer_encoding,
            ..
        } = self.flags;
        let framed = chunked || (content_length && !transfer_encoding);
        !framed && !matches!(self.status, 100..=199 | 204 | 304)
    }

    /// `llhttp_should_keep_alive`
    pub(super) fn should_keep_alive(&self) -> bool {
        let asked = match self.version {
            (1.., 1..) => !self.flags.close,
            _ => self.flags.keep_alive,
        };
        asked && !self.needs_eof()
    }
}

/// `rstrip(b" \t")`
fn without_blanks(mut value: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
