//! The binary `shortread`.

use shortread::measure::heap::Counting;

/// Counts the heap of a trial's process.
#[global_allocator]
static HEAP: Counting = Counting;

fn main() -> std::process::ExitCode {
    shortread::cli::main()
}
