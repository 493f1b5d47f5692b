//! Compares `docs/SCENARIOS.md` and other documents with the program.

use shortread_server::journal::{Fact, TcpFacts};
use shortread_server::scenario::{
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
fn every_folder_of_the_catalogue_has_a_row() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).unwrap();
    let mut folders: Vec<String> = folders
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let (_, table) = SCENARIOS.split_once("| folder of `scenarios/`").unwrap();
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    let named: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(named, folders);
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

const SERVER: &str = include_str!("../../docs/SERVER.md");

/// The names in backticks in the first column of the table behind a mark.
fn first_column(mark: &str) -> Vec<&'static str> {
    let (_, rest) = SERVER.split_once(mark).expect(mark);
    let rows = rest
        .trim_start()
        .lines()
        .take_while(|line| line.starts_with('|'));
    let cells = rows.skip(2).filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_event_and_every_field_of_tcp_info_is_documented() {
    let written = serde_json::to_value(TcpFacts::default()).unwrap();
    let mut fields: Vec<&str> = written
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut documented = first_column("<!-- tcp-info -->");
    fields.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, fields);

    let facts = [
        serde_json::json!({"event": "accepted", "peer": null, "local": null, "sockets": {}}),
        serde_json::json!({"event": "request", "number": 1, "method": "", "target": "",
            "range": "", "if_range": ""}),
        serde_json::json!({"event": "bad-request", "reason": ""}),
        serde_json::json!({"event": "fault", "index": 0, "action": "fin", "by": "server",
            "at_bytes": 0, "at_wire_bytes": 0, "in_flight_bytes": 0, "error_bound_ns": 0}),
        serde_json::json!({"event": "response-end", "body_bytes": 0, "wire_bytes": 0}),
        serde_json::json!({"event": "chosen", "answer": 0, "version": 1, "status": 503}),
        serde_json::json!({"event": "fin-sent"}),
        serde_json::json!({"event": "rst-sent"}),
        serde_json::json!({"event": "fin-received"}),
        serde_json::json!({"event": "rst-received"}),
        serde_json::json!({"event": "closed", "reason": "done", "sent_bytes": 0,
            "acked_bytes": 0, "max_unsent_bytes": 0}),
    ];
    let mut names = vec!["tcp-info"];
    for fact in &facts {
        // The reader takes it, and writes at least the same fields.
        let read: Fact = serde_json::from_value(fact.clone()).expect("a fact");
        // A new fact does not compile here until it has a line above and a row
        // in the document.
        match read {
            Fact::Accepted { .. } | Fact::Request { .. } | Fact::BadRequest { .. } => {}
            Fact::Chosen { .. } => {}
            Fact::Fault { .. } | Fact::TcpInfo(_) | Fact::ResponseEnd { .. } => {}
            Fact::FinSent {} | Fact::RstSent {} | Fact::FinReceived {} => {}
            Fact::RstReceived {} | Fact::Closed { .. } => {}
        }
        names.push(fact["event"].as_str().unwrap());
        for field in fact.as_object().unwrap().keys() {
            assert!(SERVER.contains(&format!("`{field}`")), "{field}");
        }
    }
    let mut documented = first_column("<!-- events -->");
    names.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, names);
}

#[test]
fn the_example_for_cargo_test_is_the_one_that_is_run() {
    let document = include_str!("../../docs/TESTING.md");
    let (_, shown) = document.split_once("```rust\n").unwrap();
    let (shown, _) = shown.split_once("```\n").unwrap();
    let (_, run) = include_str!("example.rs")
        .split_once("// example begins\n")
        .unwrap();
    let (run, _) = run.split_once("// example ends\n").unwrap();
    assert_eq!(shown.trim(), run.trim());
}
