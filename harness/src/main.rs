//! The binary `shortread`.

use harness::measure::heap::Counting;

/// Counts the heap of a trial's process.
#[global_allocator]
static HEAP: Counting = Counting;

fn main() -> std::process::ExitCode {
    harness::cli::main()
}
