//! The table of routes.

use super::answer::Refusal;
use crate::scenario::nearest::nearest;

/// The route of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Index,
    OpenApi,
    Metrics,
    Journal,
    Scenarios,
    GetScenario,
    PutScenario,
    DeleteScenario,
    GetFaults,
    PutFaults,
}

/// Method, path and route. `{name}` stands for one component.
pub(super) const ROUTES: &[(&str, &str, Route)] = &[
    ("GET", "/", Route::Index),
    ("GET", "/openapi.json", Route::OpenApi),
    ("GET", "/metrics", Route::Metrics),
    ("GET", "/journal", Route::Journal),
    ("GET", "/scenarios", Route::Scenarios),
    ("GET", "/scenarios/{name}", Route::GetScenario),
    ("PUT", "/scenarios/{name}", Route::PutScenario),
    ("DELETE", "/scenarios/{name}", Route::DeleteScenario),
    ("GET", "/faults", Route::GetFaults),
    ("PUT", "/faults", Route::PutFaults),
];

/// The result of looking up a method and a path.
pub(super) enum Found<'a> {
    /// A route, and the text in place of `{name}`.
    Route(Route, &'a str),
    /// There is no such route.
    Refused(Refusal),
}

impl Route {
    /// Its path in the table.
    pub(super) fn template(self) -> &'static str {
        let mut all = ROUTES.iter();
        let row = all.find(|(_, _, route)| *route == self);
        row.map_or("none", |(_, template, _)| template)
    }
}

/// Finds the route; HEAD is answered like GET.
pub(super) fn find<'a>(method: &str, path: &'a str) -> Found<'a> {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut allowed = Vec::new();
    for (known, template, route) in ROUTES {
        let Some(name) = matched(template, path) else {
            continue;
        };
        if *known == method {
            return Found::Route(*route, name);
        }
        allowed.push(*known);
    }
    Found::Refused(if allowed.is_empty() {
        unknown(path)
    } else {
        Refusal::new(405, format!("{path} does not take {method}"))
            .help(format!("it takes {}", allowed.join(", ")))
            .allow(allowed.join(", "))
    })
}

/// The text in place of `{name}`, which may be empty, if the path matches.
fn matched<'a>(template: &str, path: &'a str) -> Option<&'a str> {
    match template.strip_suffix("{name}") {
        None => (template == path).then_some(""),
        Some(folder) => path
            .strip_prefix(folder)
            .filter(|name| !name.is_empty() && !name.contains('/')),
    }
}

fn unknown(path: &str) -> Refusal {
    let paths = ROUTES.iter().map(|(_, template, _)| *template);
    let path: String = path.chars().filter(|c| !c.is_control()).take(200).collect();
    let help = match nearest(&path, paths) {
        Some(known) => format!("did you mean {known}? GET / lists all"),
        None => "GET / lists the routes".into(),
    };
    Refusal::new(404, format!("the control interface has nothing at {path}")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str) -> Result<(Route, String), (u16, String)> {
        match find(method, path) {
            Found::Route(route, name) => Ok((route, name.to_owned())),
            Found::Refused(refusal) => Err((refusal.status, refusal.help.unwrap_or_default())),
        }
    }

    #[test]
    fn each_row_of_the_table_is_found() {
        for (method, template, expected) in ROUTES {
            let path = template.replace("{name}", "x");
            assert_eq!(route(method, &path).unwrap().0, *expected);
        }
        assert_eq!(route("PUT", "/scenarios/a%20b").unwrap().1, "a%20b");
        assert_eq!(route("HEAD", "/metrics").unwrap().0, Route::Metrics);
    }

    #[test]
    fn what_is_not_there_says_what_is() {
        let said = |method, path| route(method, path).unwrap_err();
        assert_eq!(said("POST", "/faults"), (405, "it takes GET, PUT".into()));
        assert_eq!(
            said("GET", "/jurnal"),
            (404, "did you mean /journal? GET / lists all".into())
        );
        assert_eq!(said("GET", "/scenarios/").0, 404);
        assert_eq!(said("GET", "/scenarios/a/b").0, 404);
    }
}
