//! The scenario grammar: turns files into plain data, with diagnostics that point
//! at the key.
//!
//! [`load`] finds a scenario by name or path, and [`parse`] reads it.
//! [`validate`] finds contradictions. [`Scenario::scaled`] makes its numbers
//! small enough for the TCP world. `forecast` works out their effect, such as
//! [`Scenario::give_up`], the time that a trial may take.

mod action;
mod any;
mod as_text;
mod catalogue;
pub(crate) mod coded;
mod diagnostic;
mod forecast;
mod grammar;
pub(crate) mod landmark;
mod model;
pub(crate) mod nearest;
mod numbers;

pub mod query;
mod read;
mod releases;
pub(crate) mod room;
mod scale;
mod schema;
mod selector;
mod served_file;
mod store_page;
mod validate;
mod vocabulary;
mod whole;

use diagnostic::Report;
use validate::Home;

pub use action::{Action, Ending, ProbeFate};
pub use any::ExpectAny;
pub use catalogue::{LoadError, cases, catalogue, load, load_file, suites};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use forecast::{Bound, Pace, Suffices};
pub use landmark::{ChunkPart, Landmark, LandmarkError};
pub use model::{
    Answer, Body, Client, Expect, ExpectTrial, Fault, Keepalive, Limit, Link, Plan, Raw, RawAt,
    Response, Scenario, Sink, Sockets, Tcp, Trigger, Version,
};
pub use nearest::{all_of, either, nearest};
pub use numbers::Amount;

pub use read::{parse, place_of};
pub use releases::selects;
pub use room::{MOST_BYTES, MOST_PIECES};
pub use scale::{Clash, Moment, ScaleError};
pub use schema::schema;
pub use selector::{
    Ordinals, OrdinalsError, PathPattern, PathPatternError, RequestFacts, Selector, Span, SpanError,
};
pub use validate::{Problem, validate};
pub use vocabulary::{
    Accept, Attempt, Coding, Counts, Deadline, Digest, Framing, Kind, Parser, Partial, Party,
    Protocol, StorePage, StrategyName, Success, TimerOrder, Validators, World,
};
