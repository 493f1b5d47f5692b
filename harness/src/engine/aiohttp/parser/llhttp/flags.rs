//! The state that llhttp keeps of a message: its flags, and the kind of field that
//! it reads.

/// `FLAGS`. They fall with the message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) keep_alive: bool,
    pub(super) close: bool,
    pub(super) connection_upgrade: bool,
    pub(super) chunked: bool,
    pub(super) upgrade: bool,
    pub(super) content_length: bool,
    pub(super) trailing: bool,
    pub(super) transfer_encoding: bool,
}

/// `HEADER_STATE`: the field that is read, or what its value has said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum HeaderState {
    #[default]
    General,
    Connection,
    ContentLength,
    TransferEncoding,
    Upgrade,
    KeepAlive,
    Close,
    ConnectionUpgrade,
    Chunked,
}

impl HeaderState {
    /// `SPECIAL_HEADERS`
    pub(super) fn of_name(name: &[u8]) -> Self {
        let is = |special: &str| name.eq_ignore_ascii_case(special.as_bytes());
        if is("connection") || is("proxy-connection") {
            Self::Connection
        } else if is("content-length") {
            Self::ContentLength
        } else if is("transfer-encoding") {
            Self::TransferEncoding
        } else if is("upgrade") {
            Self::Upgrade
        } else {
            Self::General
        }
    }

    /// `setHeaderFlags`: the state behind it.
    pub(super) fn set(self, flags: &mut Flags) -> Self {
        match self {
            Self::KeepAlive => flags.keep_alive = true,
            Self::Close => flags.close = true,
            Self::ConnectionUpgrade => flags.connection_upgrade = true,
            Self::Chunked => {
                flags.chunked = true;
                return self;
            }
            other => return other,
        }
        Self::Connection
    }
}
