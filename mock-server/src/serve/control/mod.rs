//! The control interface: HTTP with JSON on its own loopback address. It tells
//! the journal, changes the scenarios, and switches faults.
//!
//! hyper serves it, since nothing has to break here. `routes` is the table of
//! routes, `answer` has the forms of answers, and each topic has a file.
//! `openapi.json` describes it for machines; a test compares that with the table.

mod answer;
mod faults;
mod guard;
mod journal;
mod metrics;
mod patient;
mod pieces;
mod routes;
mod scenarios;
mod server;
mod telling;
mod unheard;

use std::rc::Rc;

pub(super) use guard::Guard;
pub use guard::{Token, TokenError};
pub(super) use metrics::Metrics;
pub(super) use server::serve;
pub(super) use telling::Telling;

use self::{
    answer::{Answer, Refusal},
    routes::{Found, Route, find},
};
use super::{allowed::Allowed, listener::AcceptQueue, output::Lines, site::Site};
use crate::{clock::Clock, flow::ListenerState, journal::Kept, scenario::query::form};

/// Most bytes in a request body: the longest scenario file.
const LONGEST_BODY: usize = 1 << 20;

/// The description of all routes.
const OPENAPI: &str = include_str!("../../../openapi.json");

/// The state behind the control interface.
pub(super) struct Control {
    pub(super) guard: Guard,
    pub(super) allowed: Allowed,
    pub(super) waiting: AcceptQueue,
    /// The output for people, if there is one.
    pub(super) log: Option<Lines>,
    pub(super) site: Rc<Site>,
    pub(super) state: Rc<ListenerState>,
    pub(super) journal: Rc<Kept>,
    pub(super) metrics: Rc<Metrics>,
    /// Writes long answers, and limits those that nobody reads.
    pub(super) telling: Telling,
    pub(super) clock: Clock,
    /// The URL of downloads, without a slash at its end.
    pub(super) url: String,
}

/// A request as it came.
struct ControlRequest<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    body: &'a [u8],
}

impl Control {
    /// The answer to a request, even to a wrong one.
    async fn answer(&self, order: ControlRequest<'_>) -> Answer {
        let (route, answer) = match find(order.method, order.path) {
            Found::Route(route, name) => {
                let answer = self.carry_out(route, name, &order).await;
                (route.template(), answer)
            }
            Found::Refused(refusal) => ("none", Err(refusal)),
        };
        let answer = answer.unwrap_or_else(Answer::from);
        self.metrics.asked(route, answer.status);
        answer
    }

    async fn carry_out(
        &self,
        route: Route,
        name: &str,
        order: &ControlRequest<'_>,
    ) -> Result<Answer, Refusal> {
        match route {
            Route::Index => self.index(),
            Route::OpenApi => Ok(Answer::text(200, answer::JSON, OPENAPI)),
            Route::Metrics => Ok(self.tell_metrics()),
            Route::Journal => self.tell_journal(order.query).await,
            Route::Scenarios => self.list_scenarios().await,
            Route::GetScenario => self.tell_scenario(&decoded(name)?).await,
            Route::PutScenario => self.put_scenario(&decoded(name)?, order).await,
            Route::DeleteScenario => self.delete_scenario(&decoded(name)?),
            Route::GetFaults => self.tell_faults(),
            Route::PutFaults => self.switch_faults(order.body),
        }
    }

    fn index(&self) -> Result<Answer, Refusal> {
        Answer::json(
            200,
            &answer::Index {
                url: self.url.clone(),
                version: env!("CARGO_PKG_VERSION"),
                openapi: "/openapi.json",
                routes: routes::ROUTES
                    .iter()
                    .map(|(method, template, _)| format!("{method} {template}"))
                    .collect(),
            },
        )
    }
}

/// A name in a path.
fn decoded(name: &str) -> Result<String, Refusal> {
    form(name).map_err(|error| Refusal::new(400, format!("{name}: {error}")))
}

#[cfg(test)]
mod tests;
