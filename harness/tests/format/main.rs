//! The format of results is a contract: its schema, and a run of version 1 that
//! is kept with the code.

mod damaged;
mod large;
mod reference;
mod schema;

use std::path::{Path, PathBuf};

/// The folder of results in this checkout.
fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../results")
}
