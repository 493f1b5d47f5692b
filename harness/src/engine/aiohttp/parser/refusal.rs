//! The exceptions of the parsers: class and text, as the library prints them but for
//! the quoted input.

/// An exception of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::aiohttp) struct Refusal {
    pub(in crate::engine::aiohttp) class: &'static str,
    pub(in crate::engine::aiohttp) text: String,
}

/// An exception, and how far it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::aiohttp) struct Fault {
    pub(in crate::engine::aiohttp) refusal: Refusal,
    /// It is set on the stream first, as it is: a read that waits gets that one.
    pub(in crate::engine::aiohttp) bare_first: bool,
    /// It is raised to the connection, which closes. Else the payload alone has it.
    pub(in crate::engine::aiohttp) raised: bool,
}

impl Refusal {
    pub(in crate::engine::aiohttp) fn new(class: &'static str, text: impl Into<String>) -> Self {
        Self {
            class,
            text: text.into(),
        }
    }

    pub(super) fn message(text: impl Into<String>) -> Self {
        Self::new("BadHttpMessage", text)
    }

    pub(super) fn header() -> Self {
        Self::new("InvalidHeader", "Invalid HTTP header")
    }

    /// A line beyond the limit. The text has the part and its length before 3.13.4.
    pub(super) fn too_long(part: &str, bytes: usize, brief: bool) -> Self {
        Self::new(
            "LineTooLong",
            match brief {
                true => "Got more than 8190 bytes when reading".into(),
                false => format!("Got more than 8190 bytes ({bytes}) when reading {part}."),
            },
        )
    }
}

impl Fault {
    pub(in crate::engine::aiohttp) fn raised(refusal: Refusal) -> Self {
        Self {
            refusal,
            bare_first: false,
            raised: true,
        }
    }

    /// Of the payload alone.
    pub(super) fn of_payload(refusal: Refusal) -> Self {
        Self {
            refusal,
            bare_first: false,
            raised: false,
        }
    }
}
