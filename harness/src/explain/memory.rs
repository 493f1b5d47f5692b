//! The memory of each way to read, compared with the budget.

use shortread_server::{scenario::Scenario, units::ByteSize};

/// The most that a stream reader of the newest profile buffers: twice its
/// `read_bufsize` of 256 KiB, and one more read of 256 KiB on top.
const STREAM_BUFFER: u64 = 786_432;

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let Some(budget) = scenario.client.memory else {
        return Vec::new();
    };
    let parallel = u64::from(scenario.downloads());
    let kept = ByteSize(scenario.body.size.0.saturating_mul(parallel));
    let joined = ByteSize(kept.0.saturating_mul(2));
    let verdict = |needed: ByteSize| match needed > budget {
        true => "more",
        false => "less",
    };
    let many = match parallel {
        1 => String::new(),
        n => format!(
            " of each of the {n} downloads at a time, {n} x {} = {},",
            scenario.body.size.human(),
            kept.human()
        ),
    };
    let streamed = ByteSize(STREAM_BUFFER.saturating_mul(parallel));
    vec![format!(
        "The client may use {}. `response.read()` keeps the whole body{many} in pieces, and \
         twice while it joins them: {}, {} than that. The other ways keep one buffer per \
         download, at most {} together, and the piece in hand: {} than that, whatever the size \
         of the file.",
        budget.human(),
        joined.human(),
        verdict(joined),
        streamed.human(),
        verdict(streamed),
    )]
}
