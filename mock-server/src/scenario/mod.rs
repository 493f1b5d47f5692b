//! The scenario grammar: files in, plain data out, with diagnostics that point
//! at the key.

mod model;
mod vocabulary;

pub use model::{
    Action, Body, Client, Expect, ExpectTrial, Fault, Keepalive, Limit, Link, Raw, RawAt, Response,
    Scenario, Sink, Sockets, Tcp, Trigger,
};
pub use vocabulary::{
    Counts, Deadline, Framing, Kind, Party, StrategyName, Success, TimerOrder, World,
};
