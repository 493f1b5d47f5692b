//! What `docs/SCENARIOS.md` says of scenario files is what the program takes.

use mock_server::scenario::{
    Counts, Deadline, Framing, Kind, Parser, Party, StrategyName, Success, TimerOrder, World, parse,
};

const SCENARIOS: &str = include_str!("../../docs/SCENARIOS.md");

/// The blocks that begin with `# NAME.toml: a complete file`: name and text.
fn complete_files() -> Vec<(String, &'static str)> {
    SCENARIOS
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| {
            let block = rest.split("```").next()?;
            let mark = block.lines().next()?;
            let name = mark
                .strip_prefix("# ")?
                .strip_suffix(".toml: a complete file")?;
            Some((name.to_owned(), block))
        })
        .collect()
}

#[test]
fn every_complete_file_in_the_document_is_a_valid_scenario() {
    let files = complete_files();
    assert!(!files.is_empty(), "no block is marked as a complete file");
    for (name, text) in files {
        if let Err(errors) = parse(&name, "docs/SCENARIOS.md", text) {
            panic!("{errors}");
        }
    }
}

#[test]
fn every_word_of_the_grammar_is_in_the_document() {
    fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|one| word(*one)).collect()
    }
    let words = [
        words(Kind::ALL, Kind::word),
        words(Party::ALL, Party::word),
        words(Deadline::ALL, Deadline::word),
        words(StrategyName::ALL, StrategyName::word),
        words(World::ALL, World::word),
        words(Framing::ALL, Framing::word),
        words(Counts::ALL, Counts::word),
        words(TimerOrder::ALL, TimerOrder::word),
        words(Parser::ALL, Parser::word),
        words(Success::ALL, Success::word),
    ];
    for word in words.concat() {
        assert!(SCENARIOS.contains(&format!("`{word}`")), "`{word}`");
    }
}
