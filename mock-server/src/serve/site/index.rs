//! The page at `/`: HTML for browsers, text for everybody else.

use std::{collections::VecDeque, fmt::Write as _, net::SocketAddr, rc::Rc};

use askama::Template;

use super::TEXT;
use crate::{
    http1::{
        Played,
        origin::{Request, Response, text_response},
    },
    scenario::query::{PARAMETERS, Parameter},
    text::printable,
};

/// Characters of a title or a cause.
const MOST_SHOWN: usize = 300;

/// Queries that show what can be asked for, and what they come to.
pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    ("size=64MiB&rate=20MB/s", "a healthy download"),
    (
        "size=64MiB&rate=20MB/s&framing=chunked&fault=reset@12MiB",
        "an RST after 12 MiB of a chunked body",
    ),
    (
        "size=1MiB&framing=close&fault=fin@500KiB",
        "a file that is short, and nothing tells",
    ),
    (
        "size=1MiB&fault=stall:3s@500KiB",
        "three seconds of silence in the middle",
    ),
    (
        "size=1MiB&fault=reset@request:1&key=retry",
        "an RST for the first request, then a whole file; counted for the key alone",
    ),
];

#[derive(Template)]
#[template(path = "index.html")]
struct Page<'a> {
    base: &'a str,
    version: &'static str,
    examples: &'static [(&'static str, &'static str)],
    parameters: &'static [Parameter],
    scenarios: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    title: String,
    cause: String,
}

/// A line of a file in a list: nothing that acts on a terminal, and no more
/// than one reads.
pub(in crate::serve) fn shown(text: &str) -> String {
    let mut start: String = text.chars().take(MOST_SHOWN).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    printable(&start).into_owned()
}

/// So many forms of the page are kept: text and HTML, under a few names.
const FORMS: usize = 4;

/// The pages that were made last, until what they list changes: of thousands
/// that ask, none makes its own, nor holds one until it has read it.
#[derive(Debug, Default)]
pub(super) struct Pages(VecDeque<(Form, Response)>);

/// What a page depends on beside what it lists.
#[derive(Debug, PartialEq)]
struct Form {
    base: String,
    html: bool,
}

impl Pages {
    /// What they list has changed.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The answer to `GET /`, in the form that the client asks for.
    pub(super) fn answer(
        &mut self,
        scenarios: &[Rc<Played>],
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

fn index(scenarios: &[Rc<Played>], Form { base, html }: &Form) -> Response {
    if *html {
        let page = Page {
            base,
            version: env!("CARGO_PKG_VERSION"),
            examples: EXAMPLES,
            parameters: PARAMETERS,
            scenarios: scenarios
                .iter()
                .map(|played| Row {
                    name: &played.scenario.name,
                    title: shown(&played.scenario.title),
                    cause: shown(&played.scenario.cause),
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

/// Where the client found the server: what it says in `Host`, if that can be
/// one; else where the server listens.
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

fn text(base: &str, scenarios: &[Rc<Played>]) -> String {
    let mut text = String::from(
        "A server that breaks downloads on purpose. The body is a pattern by offset.\n\n",
    );
    let mut say = |line: std::fmt::Arguments<'_>| {
        // Writing into memory does not fail.
        let _ = text.write_fmt(line);
    };
    say(format_args!(
        "Made from a query (the parameters are below):\n"
    ));
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
        "\nScenarios: curl -o file '{base}/s/NAME' ('?key=TEST' gives counters of its own)\n"
    ));
    for played in scenarios {
        let (name, title) = (&played.scenario.name, shown(&played.scenario.title));
        say(format_args!("  /s/{name:28} {title}\n"));
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
