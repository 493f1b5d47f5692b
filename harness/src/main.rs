//! The binary `shortread`.
fn main() {}
