//! The client side of Shortread: downloads with every read strategy from a
//! server that breaks, and says what was lost, when, and who ended it.
//!
//! The way of the data: a plan of trials; a world that runs each; a client
//! that reads through a stream reader with a strategy into a sink, every byte
//! compared; an outcome from both sides' facts; one record per trial; reports.

pub mod cli;
pub mod client;
pub mod clients;
pub mod compare;
pub mod diagnose;
pub mod engine;
pub mod exit;
pub mod explain;
pub mod measure;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod results;
pub mod sink;
pub mod stats;
pub mod strategy;
pub mod verify;
pub mod warning;
pub mod world;
