//! The command that plays a case of a suite.

use super::*;

#[test]
fn a_case_of_a_suite_is_tried_with_the_suite() {
    let case = shortread_server::scenario::load("at-the-end").unwrap();
    let text = explain(&case, "at-the-end", 80);
    assert!(
        text.contains("  shortread run --suite resume --client COMMAND\n"),
        "{text}"
    );
    // A file of one's own that has the name is a scenario like any other.
    let other = scenario("at-the-end", "mine", "1kB", "1MB/s");
    assert!(!explain(&other, "at-the-end.toml", 80).contains("--suite"));
}
