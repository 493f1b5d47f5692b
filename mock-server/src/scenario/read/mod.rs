//! Reads a scenario file: TOML with places, key by key. It notes every error and
//! reads on.

mod alias;
mod body;
mod client;
mod expect;
mod fault;
mod link;
mod response;
mod selector;
mod table;
mod value;

use std::path::Path;

use toml::de::DeTable;

use self::{alias::reads_otherwise, table::Table};
use super::{Diagnostics, Home, Problem, Report, Scenario, validate::validate_at};

pub(super) use alias::{can_be_stated, is_free};

/// Reads the scenario `name` from `text`; `file` is the path that messages
/// show.
///
/// Three passes, each only if the one before found nothing: the TOML, its keys
/// and values, what contradicts what. Each pass reports all its errors.
///
/// Its object cannot be a real file: whoever wrote it might be a stranger.
///
/// # Errors
/// Every error of the pass, with line, column and what would be accepted.
pub fn parse(name: &str, file: &str, text: &str) -> Result<Scenario, Diagnostics> {
    parse_at(name, file, text, None, Home::Named)
}

/// As [`parse`], for a query that was written down as a file.
pub(super) fn parse_query(name: &str, text: &str) -> Result<Scenario, Diagnostics> {
    parse_at(name, "query", text, None, Home::Url)
}

/// As [`parse`], for a scenario of this machine: `folder` is the one that relative paths
/// in it begin in.
pub(super) fn parse_at(
    name: &str,
    file: &str,
    text: &str,
    folder: Option<&Path>,
    home: Home,
) -> Result<Scenario, Diagnostics> {
    let mut report = Report::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        let help = (error.message() == "duplicate key")
            .then(|| "each key and each [table] is written once; lists repeat [[table]]".into());
        report.error(span, error.message(), help);
    }
    if report.failed() {
        return Err(report.finish(file, text));
    }

    let mut scenario = read(&mut report, name, document.get_ref());
    if !report.failed()
        && let Some(problem) = look(&mut scenario, folder)
    {
        report.problem(problem);
    }
    if !report.failed() {
        for problem in validate_at(&scenario, |key| report.has(key), home) {
            report.problem(problem);
        }
    }
    if report.failed() {
        return Err(report.finish(file, text));
    }
    scenario.text = text.into();
    #[cfg(test)]
    super::schema::tests::holds_for(text);
    Ok(scenario)
}

/// Looks at the file that the object is, whose size then counts.
fn look(scenario: &mut Scenario, folder: Option<&Path>) -> Option<Problem> {
    let named = scenario.body.file.as_ref()?;
    let problem = |message: String, help: &str| {
        Some(Problem {
            key: "body.file".into(),
            message,
            help: Some(help.into()),
        })
    };
    let Some(folder) = folder else {
        return problem(
            "a scenario that is no file of this machine cannot read one".into(),
            "a stranger must not read files: write it into a file, and start the server with \
             that, or with --file",
        );
    };
    match named.look(folder) {
        Ok(file) => {
            scenario.body.size = crate::units::ByteSize(file.size);
            scenario.body.file = Some(file);
            None
        }
        Err(error) => problem(
            format!("cannot read `{}`: {error}", named.path.display()),
            "a relative path begins in the folder of the scenario",
        ),
    }
}

/// Line and column, both from 1, of the key `path` (`fault[0].when`) in the `text` of a
/// scenario file; where it leaves that key out, of the table around it. `None` where it
/// has neither.
pub fn place_of(text: &str, path: &str) -> Option<(usize, usize)> {
    let mut report = Report::default();
    let (document, _) = DeTable::parse_recoverable(text);
    read(&mut report, "", document.get_ref());
    report.place_of(path, text)
}

/// True if the first two passes find nothing.
#[cfg(test)]
pub(super) fn is_read(text: &str) -> bool {
    let mut report = Report::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    read(&mut report, "name", document.get_ref());
    errors.is_empty() && !report.failed()
}

fn read(report: &mut Report, name: &str, document: &DeTable<'_>) -> Scenario {
    let root = Table::root(report, document);
    let title = root.require(report, "title", "\"what the user sees\"", value::text);
    let cause = root.require(report, "cause", "\"the cause in a few words\"", value::text);
    let texts = |report: &mut Report, key| {
        let read = |report: &mut Report, item: &_| value::list(report, item, value::text);
        root.get(report, key, read).unwrap_or_default()
    };
    let sources = texts(report, "sources");
    let decisive = texts(report, "decisive");
    let response = response::read(report, &root);
    Scenario {
        name: name.into(),
        title: title.unwrap_or_default(),
        cause: cause.unwrap_or_default(),
        why: root.get(report, "why", value::text).unwrap_or_default(),
        sources,
        decisive,
        alias: root.get(report, "alias", alias::read).unwrap_or_default(),
        body: body::read(report, &root, response.page.is_some()),
        answers: response::answers(report, &root, &response),
        versions: response::versions(report, &root),
        response,
        link: link::read(report, &root),
        sockets: link::sockets(report, &root),
        faults: fault::read(report, &root),
        client: client::read(report, &root),
        sink: client::sink(report, &root),
        tcp: client::tcp(report, &root),
        plan: expect::plan(report, &root),
        expect: expect::read(report, &root),
        ..Scenario::default()
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wrong_files;
