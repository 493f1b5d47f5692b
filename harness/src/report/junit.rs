//! `junit.xml`: a test suite per scenario, a test case per trial, for CI servers.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use shortread_server::{scenario::Kind, units::ByteSize};

use super::{Exporter, RunView};
use crate::results::Record;

/// JUnit XML, as Jenkins and the CI services read it. A trial fails where its
/// outcome is not the expected one, and is in error where the tool failed. Its
/// time is the trial's own, simulated in the virtual world.
#[derive(Debug, Clone, Copy, Default)]
pub struct JUnit;

impl Exporter for JUnit {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut report = Report::new("shortread");
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut suites: Vec<TestSuite> = Vec::new();
        for record in run.records {
            let at = *places.entry(&record.scenario).or_insert_with(|| {
                suites.push(TestSuite::new(legal(&record.scenario)));
                suites.len() - 1
            });
            suites[at].add_test_case(case(record));
        }
        report.add_test_suites(suites);
        report.serialize(&mut *out).map_err(io::Error::other)?;
        writeln!(out)
    }
}

fn case(record: &Record) -> TestCase {
    let mut case = TestCase::new(legal(&name(record)), status(record));
    case.set_classname(legal(&record.scenario));
    case.set_time(Duration::from_nanos(record.elapsed_ns));
    case
}

/// `content.readany(), aiohttp-3.14.5, tcp, 1`
fn name(record: &Record) -> String {
    let mut parts = vec![record.reader()];
    parts.extend(record.profile.clone());
    parts.push(record.world.to_string());
    parts.push(record.repetition.to_string());
    parts.join(", ")
}

/// Without the two characters that XML forbids (1.0, section 2.2) and the
/// writer lets through.
fn legal(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "")
}

fn status(record: &Record) -> TestCaseStatus {
    let outcome = &record.outcome;
    let (kind, message) = match (outcome.kind, &record.difference, record.passed()) {
        (Kind::ToolError, _, _) => {
            let why = outcome.error.first().map(|link| link.message.as_str());
            (NonSuccessKind::Error, why.unwrap_or("the tool failed"))
        }
        (_, difference, Some(false)) => (
            NonSuccessKind::Failure,
            difference.as_deref().unwrap_or("not as expected"),
        ),
        _ => return TestCaseStatus::success(),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_type(outcome.kind.word())
        .set_message(legal(message))
        .set_description(legal(&format!(
            "{message}\n{} of {} delivered; {}",
            ByteSize(record.delivered_bytes).human(),
            ByteSize(record.expected_bytes).human(),
            record.id
        )));
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_trial_is_a_case_and_what_is_unexpected_a_failure() {
        let mut records = vec![samples::records().remove(0), samples::records().remove(6)];
        records[1].as_expected = Some(false);
        records[1].difference = Some("kind is timed-out, expected <complete> & \u{1b}[1m".into());
        let mut broken = records[0].clone();
        broken.outcome.kind = Kind::ToolError;
        broken.as_expected = None;
        records.push(broken);
        insta::assert_snapshot!(samples::export(&JUnit, &records), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="shortread" tests="3" skipped="0" failures="1" errors="1">
            <testsuite name="healthy" tests="2" skipped="0" errors="1" failures="0">
                <testcase name="response.read(), aiohttp-3.14.5, tcp, 1" classname="healthy" time="8.000"/>
                <testcase name="response.read(), aiohttp-3.14.5, tcp, 1" classname="healthy" time="8.000">
                    <error message="the tool failed" type="tool-error">the tool failed
        1 GB of 1 GB delivered; healthy/read-all/aiohttp-3.14.5/tcp/1</error>
                </testcase>
            </testsuite>
            <testsuite name="total-2MBps" tests="1" skipped="0" errors="0" failures="1">
                <testcase name="response.read(), aiohttp-3.14.5, tcp, 1" classname="total-2MBps" time="300.200">
                    <failure message="kind is timed-out, expected &lt;complete&gt; &amp; " type="timed-out">kind is timed-out, expected &lt;complete&gt; &amp; 
        0 B of 1 GB delivered; total-2MBps/read-all/aiohttp-3.14.5/tcp/1</failure>
                </testcase>
            </testsuite>
        </testsuites>
        "#);
    }

    /// XML 1.0, section 2.2.
    #[test]
    fn no_character_that_xml_forbids_is_written() {
        let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        let all: String = ('\0'..='\u{ff}')
            .chain(['\u{fffe}', '\u{ffff}', '\u{202e}'])
            .collect();
        let mut record = samples::records().remove(0);
        record.scenario = all.clone();
        record.id = all.clone();
        record.profile = Some(all.clone());
        record.as_expected = Some(false);
        record.difference = Some(all);
        let text = samples::export(&JUnit, &[record]);
        assert!(!text.contains(forbidden), "{text:?}");
    }
}
