//! `shortread schema`: the JSON Schema of scenario files.

use super::{Done, Out, exit};

pub(super) fn run(out: Out<'_>) -> Done {
    out.write_all(shortread_server::scenario::schema().as_bytes())?;
    Ok(exit::DONE)
}
