//! The binary `shortread`.

use harness::measure::heap::Counting;

/// Counts what a trial's process asks for.
#[global_allocator]
static HEAP: Counting = Counting;

fn main() -> std::process::ExitCode {
    harness::cli::main()
}
