//! What the compiler knows of a fault and of a download.
//!
//! Nobody makes a value of these types. They stand in [`Fault`](super::Fault)
//! `<P, N>`, for `P` the pause that may still be set and `N` the framing that it needs,
//! in [`FaultAction`](super::FaultAction) `<K>`, for `K` a [`Kind`], and in
//! [`Download`](super::Download) `<F>`, for `F` how the body ends.

/// A kind of action: what it needs, and what may be set for it.
pub trait Kind: sealed::Sealed {
    /// The pause that may be set where there is something to wait for: at an offset,
    /// a place or a time of the response.
    type Pause;
    /// The framing that it needs.
    type Needs;
}

/// A kind of action that needs no response: it may come when a connection is accepted.
pub trait Anytime: Kind {}

/// A need of a fault which a download has whose body ends by `F`.
#[diagnostic::on_unimplemented(
    message = "a fault that needs `{Self}` is none for a download with `{F}`",
    label = "this fault needs another framing",
    note = "call `.chunked()` or `.chunks_of(...)` before `.fault(...)`; for `Fault::end()`, \
            `.close_delimited()` will do"
)]
pub trait MetBy<F>: sealed::Sealed {}

/// Types that only name something, and what they name.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
    )+ };
}

names! {
    /// An action: RST or FIN.
    Closing
    /// An action: silence of the network.
    Silencing
    /// An action: a stall or another rate, after which the response goes on.
    Lasting
    /// An action: the end of a body as if it were whole.
    Ending

    /// A pause: the fault may wait for acknowledgements, and then let the client read.
    Settles
    /// A pause: the fault may wait for acknowledgements.
    Drains
    /// A pause: none, or it is set.
    Fixed

    /// A need: none.
    AnyFraming
    /// A need: a body that can end early and look whole.
    NoLength
    /// A need: the chunked coding.
    Chunks

    /// The body has as many bytes as its `Content-Length` says.
    WithLength
    /// The body has a `Content-Length` that is not true.
    FalseLength
    /// The body comes in chunks (RFC 9112, section 7.1).
    Chunked
    /// The body ends with the connection.
    UntilClose
}

/// Kinds: the pause and the need of each.
macro_rules! kinds {
    ($($name:ident: $pause:ident $needs:ident;)+) => { $(
        impl Kind for $name {
            type Pause = $pause;
            type Needs = $needs;
        }
    )+ };
}

kinds! {
    Closing: Settles AnyFraming;
    Silencing: Drains AnyFraming;
    Lasting: Fixed AnyFraming;
    Ending: Fixed NoLength;
}

impl Anytime for Closing {}
impl Anytime for Silencing {}
impl Anytime for Lasting {}

impl<F> MetBy<F> for AnyFraming {}
impl MetBy<Chunked> for NoLength {}
impl MetBy<UntilClose> for NoLength {}
impl MetBy<Chunked> for Chunks {}

mod sealed {
    /// Only the types of this file.
    pub trait Sealed {}
}
