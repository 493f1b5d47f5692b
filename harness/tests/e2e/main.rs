//! The built program from outside: its processes, its exit codes, its output,
//! and what another client makes of its server.
//!
//! Real sockets and real processes, so nothing here waits for a time to pass:
//! it waits for something to be so, and [`support::HANG`] is a failure.
#![cfg(shortread_linux)]

mod browser;
mod cli;
mod clients;
mod clocks;
mod compare;
mod completions;
mod curl;
mod ends;
mod files;
mod inputs;
mod kills;
mod pasted;
mod pattern;
mod profiles;
mod remedies;
mod reports;
mod save;
mod server;
mod strip;
mod suite;
mod support;
