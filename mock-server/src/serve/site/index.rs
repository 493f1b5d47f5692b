//! The page at `/`: HTML for browsers, text for everybody else.

use std::{collections::VecDeque, fmt::Write as _, net::SocketAddr, rc::Rc};

use askama::Template;

use super::{Named, TEXT};
use crate::{
    http1::origin::{Request, Response, text_response},
    scenario::{
        cases,
        query::{PARAMETERS, Parameter},
    },
    text::printable,
};

/// Most characters of a title or a cause.
const MOST_SHOWN: usize = 300;

/// Example queries, and what each one does.
pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    ("size=64MiB&rate=20MB/s", "a healthy download"),
    (
        "size=64MiB&rate=20MB/s&framing=chunked&fault=reset@12MiB",
        "an RST after 12 MiB of this response; object:12MiB counts from the start of the object, also in the answer to a Range request",
    ),
    (
        "size=1MiB&framing=close&fault=fin@500KiB",
        "a short file without any error",
    ),
    (
        "size=1MiB&framing=chunked&chunk=64KiB&fault=fin@chunk-3",
        "FIN between the third chunk and the fourth",
    ),
    (
        "size=1MiB&fault=stall:3s@500KiB",
        "three seconds of silence in the middle",
    ),
    (
        "size=1MiB&fault=fin@500KiB&on=first",
        "a cut first attempt, whole when it is resumed",
    ),
    (
        "size=1MiB&answer=503&on=1..2&retry_after=2s&key=busy",
        "busy twice, then the object; counted per key",
    ),
    (
        "size=1MiB&fault=reset@request:1&key=retry",
        "an RST for the first request, then a whole file; counted per key",
    ),
];

#[derive(Template)]
#[template(path = "index.html")]
struct Page<'a> {
    base: &'a str,
    version: &'static str,
    examples: &'static [(&'static str, &'static str)],
    parameters: &'static [Parameter],
    scenarios: Vec<IndexRow>,
    cases: Vec<CaseRow<'a>>,
}

/// A case of a suite, which is asked for at its alias.
struct CaseRow<'a> {
    path: &'a str,
    title: String,
}

struct IndexRow {
    path: String,
    title: String,
    cause: String,
}

/// A title or cause for a list: safe for a terminal, and short enough to read.
pub(in crate::serve) fn shown(text: &str) -> String {
    let mut start: String = text.chars().take(MOST_SHOWN).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    printable(&start).into_owned()
}

/// Forms of the page that are kept: text and HTML, under a few host names.
const FORMS: usize = 4;

/// The latest pages, until the list changes. Thousands of clients share them,
/// instead of holding one each.
#[derive(Debug, Default)]
pub(super) struct Pages(VecDeque<(Form, Response)>);

/// The properties of a page beside the list.
#[derive(Debug, PartialEq)]
struct Form {
    base: String,
    html: bool,
}

impl Pages {
    /// Drops the pages, since the list has changed.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The answer to `GET /`, as text or HTML as the client prefers.
    pub(super) fn answer(
        &mut self,
        scenarios: &[Rc<Named>],
        addr: SocketAddr,
        request: &Request,
    ) -> Response {
        let form = Form {
            base: base(addr, request),
            html: request.accepts_html(),
        };
        if let Some((_, made)) = self.0.iter().find(|(kept, _)| *kept == form) {
            return made.clone();
        }
        let made = index(scenarios, &form);
        self.0.truncate(FORMS - 1);
        self.0.push_front((form, made.clone()));
        made
    }
}

fn index(scenarios: &[Rc<Named>], Form { base, html }: &Form) -> Response {
    if *html {
        let page = Page {
            base,
            version: env!("CARGO_PKG_VERSION"),
            examples: EXAMPLES,
            parameters: PARAMETERS,
            scenarios: scenarios
                .iter()
                .filter(|named| case_path(named).is_none())
                .map(|named| IndexRow {
                    path: named.scenario().path(),
                    title: shown(&named.scenario().title),
                    cause: shown(&named.scenario().cause),
                })
                .collect(),
            cases: scenarios
                .iter()
                .filter_map(|named| {
                    Some(CaseRow {
                        path: case_path(named)?,
                        title: shown(&named.scenario().title),
                    })
                })
                .collect(),
        };
        // Writing into memory does not fail.
        if let Ok(html) = page.render() {
            return text_response(200, "text/html; charset=utf-8", html);
        }
    }
    text_response(200, TEXT, text(base, scenarios))
}

/// The path of a case of a suite; `None` for any other scenario.
fn case_path(named: &Named) -> Option<&str> {
    let name = named.scenario().name.as_str();
    let is_case = cases().iter().any(|(case, _)| *case == name);
    let path = named.scenario().alias.first().filter(|_| is_case);
    path.map(String::as_str)
}

/// The server's URL as the client sees it: its `Host` field if that is valid,
/// otherwise the listener's address.
fn base(addr: SocketAddr, request: &Request) -> String {
    let is_host = |host: &&String| {
        let ok = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        (1..=255).contains(&host.len()) && host.bytes().all(ok)
    };
    match request.host.as_ref().filter(is_host) {
        Some(host) => format!("http://{host}"),
        None => format!("http://{addr}"),
    }
}

fn text(base: &str, scenarios: &[Rc<Named>]) -> String {
    let mut text = String::from(
        "A server that breaks downloads on purpose. The body is a pattern by offset.\n\n",
    );
    let mut say = |line: std::fmt::Arguments<'_>| {
        // Writing into memory does not fail.
        let _ = text.write_fmt(line);
    };
    say(format_args!("Scenarios from a query (parameters below):\n"));
    for (query, meaning) in EXAMPLES {
        say(format_args!(
            "  curl -o file '{base}/download?{query}'\n      {meaning}\n"
        ));
    }
    say(format_args!(
        "\nThe same object without faults, to compare with:\n  \
         curl -o whole '{base}/expected?size=64MiB'\n  \
         curl -o whole '{base}/expected/s/NAME'\n"
    ));
    say(format_args!(
        "\nScenarios: curl -o file '{base}/s/NAME' ('?key=TEST' for separate counters)\n\
         A file name may follow: curl -O '{base}/s/NAME/file.zip'\n"
    ));
    let is_case = |named: &&Rc<Named>| case_path(named).is_some();
    for named in scenarios.iter().filter(|named| !is_case(named)) {
        let (path, title) = (named.scenario().path(), shown(&named.scenario().title));
        say(format_args!("  {path:31} {title}\n"));
    }
    let mut cases = scenarios.iter().filter(is_case).peekable();
    if cases.peek().is_some() {
        say(format_args!(
            "\nCases for clients that resume: \
             curl -r 0-1048575 -o file '{base}/expected/resume/CASE' for the first part, then\n\
             curl -C - -o file '{base}/resume/CASE' ('?key=TEST' for separate counters)\n"
        ));
    }
    for named in cases {
        let title = shown(&named.scenario().title);
        let path = case_path(named).unwrap_or_default();
        say(format_args!("  {path:31} {title}\n"));
    }
    say(format_args!("\nParameters of /download and /expected:\n"));
    for Parameter {
        name,
        example,
        meaning,
        ..
    } in PARAMETERS
    {
        say(format_args!(
            "  {:28} {meaning}\n",
            format!("{name}={example}")
        ));
    }
    text
}
