//! `/scenarios`: lists, adds, replaces and removes the named scenarios.

use std::rc::Rc;

use serde::Serialize;

use super::{
    Control, ControlRequest,
    answer::{Answer, JSON, Problem, Refusal, in_json},
    telling::AT_ONCE,
};
use crate::{
    body::MOST_VERSIONS,
    scenario::{Scenario, nearest::nearest, parse, query::pieces},
    serve::site::{MakeError, Named, shown},
    units::ByteSize,
};

/// Most scenarios served by name.
const MOST_SCENARIOS: usize = 4096;

/// The largest body that can be encoded before it is sent.
const LARGEST_CODED: ByteSize = ByteSize::mib(256);

#[derive(Debug, Serialize)]
pub(super) struct Scenarios {
    pub(super) scenarios: Vec<ListedScenario>,
}

/// One scenario.
#[derive(Debug, Serialize)]
pub(super) struct ListedScenario {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) cause: String,
    /// Its URL.
    pub(super) url: String,
    /// Connections and requests without a key that played it.
    pub(super) connections: u32,
    pub(super) requests: u32,
}

impl Control {
    fn row(&self, named: &Named) -> ListedScenario {
        let (connections, requests) = named.counts();
        let scenario = named.scenario();
        ListedScenario {
            url: self.url.clone() + &scenario.path(),
            name: scenario.name.clone(),
            title: shown(&scenario.title),
            cause: shown(&scenario.cause),
            connections,
            requests,
        }
    }

    pub(super) async fn list_scenarios(&self) -> Result<Answer, Refusal> {
        let turn = match self.site.count() <= AT_ONCE {
            true => None,
            false => Some(self.telling.turn().await),
        };
        let all = self.site.scenarios();
        let scenarios = all.iter().map(|named| self.row(named)).collect();
        let write = move || in_json(&Scenarios { scenarios });
        self.telling.answer(turn, JSON, write).await
    }

    /// The file of a scenario.
    pub(super) async fn tell_scenario(&self, name: &str) -> Result<Answer, Refusal> {
        let named = self.site.scenario(name).ok_or_else(|| self.unknown(name))?;
        let text = named.scenario().text.to_string();
        let write = move || Ok(text);
        self.telling.answer(None, "application/toml", write).await
    }

    pub(super) async fn put_scenario(
        &self,
        name: &str,
        order: &ControlRequest<'_>,
    ) -> Result<Answer, Refusal> {
        check_name(name)?;
        self.check_no_file(name)?;
        let scaled = scaled(order.query)?;
        let text = std::str::from_utf8(order.body).map_err(|error| {
            Refusal::new(400, format!("the body is not UTF-8: {error}"))
                .help("the body is the text of a scenario file")
        })?;
        let (name, text) = (name.to_owned(), text.to_owned());
        // Neither reading nor encoding may block downloads.
        let turn = self.site.turn().await;
        let (turn, scenario) = turn.run(move || read(&name, &text, scaled)).await;
        let mut scenario = scenario?;
        self.check_room(&scenario)?;
        self.check_aliases(&scenario)?;
        if let Some(before) = self.site.scenario(&scenario.name) {
            become_next_version(&mut scenario, before.scenario());
        }
        let (_turn, played) = self.site.make(turn, scenario).await;
        let played = played.map_err(|error| match error {
            MakeError::NoRoom(full) => Refusal::new(507, full.to_string())
                .help("DELETE scenarios, or wait until what is being sent has ended"),
            MakeError::Unplayable(_) => Refusal::new(422, error.to_string()),
        })?;
        let named = Named::of(played);
        let replaced = self.site.put(Rc::clone(&named));
        Answer::json(if replaced { 200 } else { 201 }, &self.row(&named))
    }

    pub(super) fn delete_scenario(&self, name: &str) -> Result<Answer, Refusal> {
        match self.site.remove(name) {
            true => Ok(Answer::text(204, JSON, "")),
            false => Err(self.unknown(name)),
        }
    }

    /// A scenario that comes over the network has no file, so none could bring back the one
    /// that it replaces.
    fn check_no_file(&self, name: &str) -> Result<(), Refusal> {
        let before = self.site.scenario(name);
        if before.is_none_or(|before| before.scenario().body.file.is_none()) {
            return Ok(());
        }
        let message = format!("`{name}` is a real file, which the server was started with");
        Err(Refusal::new(409, message).help("take another name, or DELETE that one first"))
    }

    /// An alias leads to one scenario.
    fn check_aliases(&self, scenario: &Scenario) -> Result<(), Refusal> {
        for path in &scenario.alias {
            if let Some(other) = self.site.alias(path)
                && other.scenario().name != scenario.name
            {
                let message = format!("{path} is an alias of `{}`", other.scenario().name);
                return Err(
                    Refusal::new(409, message).help("DELETE that one, or take another path")
                );
            }
        }
        Ok(())
    }

    fn check_room(&self, scenario: &Scenario) -> Result<(), Refusal> {
        if scenario.body.is_coded() && scenario.body.size > LARGEST_CODED {
            return Err(
                Refusal::new(422, "a coded body is gone over before it is sent")
                    .help("at most 256MiB; any other body may have any size"),
            );
        }
        let known = self.site.scenario(&scenario.name).is_some();
        if !known && self.site.count() >= MOST_SCENARIOS {
            return Err(Refusal::new(
                507,
                format!("the limit of {MOST_SCENARIOS} named scenarios is reached"),
            )
            .help("DELETE some, or use /download, which takes any number of queries"));
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> Refusal {
        let all = self.site.scenarios();
        let names = all.iter().map(|named| named.scenario().name.as_str());
        let help = match nearest(name, names) {
            Some(known) => format!("did you mean `{known}`? GET /scenarios lists all"),
            None => "GET /scenarios lists all".into(),
        };
        let name: String = name.chars().take(100).collect();
        Refusal::new(404, format!("no scenario is called `{name}`")).help(help)
    }
}

/// Makes `scenario` the next version of the object of `before`, whose name it has, if both
/// say which object theirs is by an `etag`, and these differ: bytes with another validator
/// are others.
fn become_next_version(scenario: &mut Scenario, before: &Scenario) {
    let differ = match (&scenario.response.etag, &before.response.etag) {
        (Some(now), Some(then)) => now != then,
        _ => false,
    };
    if differ && scenario.body.version == 1 {
        scenario.body.version = before.body.version % MOST_VERSIONS + 1;
    }
}

/// The scenario in `text`, scaled if requested.
fn read(name: &str, text: &str, scaled: bool) -> Result<Scenario, Refusal> {
    let scenario = parse(name, &format!("{name}.toml"), text).map_err(invalid)?;
    if !scaled {
        return Ok(scenario);
    }
    scenario
        .scaled()
        .map_err(|error| Refusal::new(422, format!("the scenario cannot be scaled: {error}")))
}

/// Checks a name, which has to fit into paths and file names.
fn check_name(name: &str) -> Result<(), Refusal> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.len() <= 128 && name.chars().all(good) && !name.starts_with('.') {
        return Ok(());
    }
    Err(Refusal::new(400, "this is not the name of a scenario")
        .help("accepted: up to 128 ASCII letters, digits, `-`, `_` and `.`, not first a `.`"))
}

fn scaled(query: &str) -> Result<bool, Refusal> {
    let mut scaled = false;
    for piece in pieces(query) {
        scaled = match piece {
            ("scaled", Some("true")) => true,
            ("scaled", Some("false")) => false,
            (name, _) => {
                let name: String = name.chars().take(100).collect();
                return Err(
                    Refusal::new(400, format!("`{name}` is not a parameter here"))
                        .help("accepted: scaled=true, scaled=false"),
                );
            }
        };
    }
    Ok(scaled)
}

fn invalid(diagnostics: crate::scenario::Diagnostics) -> Refusal {
    let problems: Vec<Problem> = diagnostics
        .list()
        .iter()
        .map(|one| Problem {
            line: one.line,
            column: one.column,
            message: one.message.clone(),
            help: one.help.clone(),
        })
        .collect();
    let count = diagnostics.count();
    let noun = if count == 1 { "error" } else { "errors" };
    let mut refusal = Refusal::new(422, format!("{count} {noun} in the scenario"));
    refusal.problems = problems;
    refusal
}
