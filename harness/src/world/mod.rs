//! Where trials run.

pub mod tcp;
