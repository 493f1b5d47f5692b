//! The client side of Shortread: downloads with every read strategy from a server
//! that breaks, and reports what was lost, when, and who ended it.
//!
//! The way of the data: a plan lists trials, and a world runs each. A client
//! reads through a stream reader and a strategy into a sink, and every byte is
//! compared. The facts of both sides make the outcome and one record per trial,
//! and reports show them.

pub mod advise;
pub mod cli;
pub mod client;
pub mod command;
pub mod compare;
pub mod diagnose;
pub mod engine;
pub mod exit;
pub mod explain;
pub mod measure;
pub mod outcome;
pub mod plan;
pub mod remedy;
pub mod report;
pub mod results;
pub mod sink;
pub mod stats;
pub mod strategy;
pub mod suite;
pub mod verify;
pub mod warning;
pub mod world;
