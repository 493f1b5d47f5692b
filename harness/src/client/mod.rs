//! The downloading side: connection, deadlines, body sources.
//!
//! One task owns each connection (`pump`), as an event loop does: it reads at
//! most 256 KiB at a time and hands them to a response on its way
//! ([`Incoming`]), where a [`BodySource`] feeds the stream reader through an
//! [`Intake`]. The reading task (a strategy) takes bytes out of the reader and
//! gives them to the sink. [`run`] does all of a trial.

mod connect;
mod decode;
pub(crate) mod delivery;
mod download;
pub(crate) mod event_loop;
mod failure;
mod head;
mod incoming;
pub(crate) mod intake;
mod limits;
pub(crate) mod metered;
mod network;
mod protocol;
pub(crate) mod pump;
mod report;
pub(crate) mod source;
mod trial;

pub use connect::{connect, facts};
pub use decode::{Cut, DecodeError, Decoder, Item};
pub use delivery::Progress;
pub use failure::Phase;
pub use head::{Head, HeadError, HeadReader, HeadRules};
pub use incoming::Incoming;
pub use intake::{Facts, Intake};
pub use network::{Network, Tcp};
pub(crate) use protocol::Decoding;
pub use protocol::{CodingError, ContentCoding, MemberError, Protocol};
pub use pump::Transport;
pub use report::{ClientReport, Download, ErrorLink, Failure, FailureCause, Verdict};
pub use source::BodySource;
pub use trial::{TrialSpec, run};
