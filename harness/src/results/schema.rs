//! JSON Schema of the results format, made from the types that write it.
//!
//! It requires the fields that this program needs to read a file, so a run of an
//! earlier version without later fields is valid too.

use schemars::{JsonSchema, Schema, schema_for};

use super::{Line, Record, RunInfo, RunSummary, TimelineHeader};

/// Every schema, by the name of its file in `results/schema/`.
pub fn all() -> [(&'static str, String); 5] {
    [
        ("run.schema.json", text::<RunInfo>()),
        ("trial.schema.json", text::<Record>()),
        ("summary.schema.json", text::<RunSummary>()),
        ("timeline-header.schema.json", text::<TimelineHeader>()),
        ("timeline-line.schema.json", text::<Line>()),
    ]
}

/// As it is checked in.
fn text<T: JsonSchema>() -> String {
    let schema: Schema = schema_for!(T);
    format!("{:#}\n", schema.as_value())
}
