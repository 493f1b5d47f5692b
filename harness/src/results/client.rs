//! The record of a trial of a user's client.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Instant,
    journal::{Event, Fact},
    scenario::{Kind, Scenario, World},
};

use super::{
    Record,
    build::{add_journal, nanos, unread},
};
use crate::{
    command::{CellKey, ClientClock, ClientEnd, ClientTrial, Known, Stopped},
    outcome::{FiredFault, Judgement, Said, classify_client, judge_client},
    suite::{self, FirstPart, Left, ResumeFacts, Seen},
    verify::{Finding, Place, Saved},
};

/// The record of a trial's client. Without a trial (`tool-error`), everything but
/// the command is null or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientFacts {
    /// Its name.
    pub name: String,
    /// As it was typed, with `{url}` and `{out}`.
    pub command: String,
    /// Its exit status; null if a signal ended it.
    pub exit_status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The signal that stopped it at the limit; null if it ended by itself.
    pub stopped: Option<Stopped>,
    /// The limit, in nanoseconds.
    pub limit_ns: u64,
    /// The place of its bytes.
    pub saved: Option<Place>,
    /// It saved the gzip stream as it came; figures are of what that decodes to.
    pub coded: bool,
    /// Its file, compared with the object.
    pub finding: Option<Finding>,
    /// The last lines of its standard error.
    pub stderr_tail: Vec<String>,
    /// All bytes of its standard error.
    pub stderr_bytes: u64,
    /// Its clock.
    #[serde(default)]
    pub clock: ClientClock,
    /// The reason why such a failure is accepted here, from the list of known
    /// ones.
    pub known: Option<String>,
    /// The facts about a client that had a first part; null without a suite.
    #[serde(default)]
    pub resume: Option<ResumeFacts>,
}

/// What came of a client, seen from outside.
#[derive(Debug, Clone)]
pub struct ClientCame {
    /// The end of its process.
    pub end: ClientEnd,
    /// Its file.
    pub saved: Saved,
    /// In a suite the first part that it had, and what became of it.
    pub begun: Option<(FirstPart, Left)>,
}

impl ClientFacts {
    /// The argument for `--client` to run it again.
    pub(crate) fn argument(&self) -> String {
        format!("{}={}", self.name, self.command)
    }
}

/// The record of `trial`, which played `scaled`. `came` is what became of the client, or
/// why the tool does not know; `events` is the
/// server's journal of this trial; `known` are the failures that are accepted.
pub fn build_client(
    trial: &ClientTrial,
    scaled: &Scenario,
    came: Result<&ClientCame, &str>,
    events: &[Event],
    known: &Known,
) -> Record {
    let scenario = &trial.scenario;
    let client = &trial.client;
    let mut clock = trial.clock.clone();
    if let Ok(ClientCame { end, .. }) = came {
        clock.confirm(end.library_seen);
        let first = events.iter().find(|event| is_request(event));
        clock.start_up_ns = first.map(|event| nanos(event.at_ns, end.started));
    }
    let cell = CellKey {
        client: &client.name,
        scenario: &scenario.name,
        clock: clock.kind,
    };
    let listed = known.of(&cell);
    let mut record = Record {
        repetition: trial.repetition,
        seed: trial.seed,
        expected_bytes: scaled.body.size.0,
        ..unread(&trial.id, &scenario.name, World::Tcp, Some(&trial.tcp()))
    };
    let mut facts = ClientFacts {
        name: client.name.clone(),
        command: client.command.clone(),
        limit_ns: u64::try_from(trial.limit(scaled).as_nanos()).unwrap_or(u64::MAX),
        known: listed.map(|listed| listed.why.clone()),
        clock,
        ..ClientFacts::default()
    };
    match came {
        Ok(came) => {
            let (end, saved) = (&came.end, &came.saved);
            add_journal(&mut record, events, end.started);
            fill(&mut record, &mut facts, end, saved, events);
            facts.resume = resumed(trial, came, events);
            record.any = match &facts.resume {
                Some(_) if end.said() != Said::Success && record.server.requests == 0 => None,
                Some(resume) => resume.judgement(record.outcome.kind, &saved.finding),
                None => judge_client(scaled, end.said(), saved, record.server.requests)
                    .filter(|any| !decided_by_limits(trial, &facts.clock, any)),
            };
        }
        Err(why) => {
            record.outcome.error.push(why.to_owned().into());
            let zero = events.first().map_or(Instant(0), |event| event.at_ns);
            add_journal(&mut record, events, zero);
        }
    }
    let kind = record.outcome.kind;
    let difference = match &record.any {
        Some(any) => known.difference(&cell, kind, any),
        // Else a client that cannot start would pass wherever failure is right.
        None if came.is_ok() && record.server.requests == 0 => Some(format!(
            "it asked the server for nothing: {}",
            last_words(&record)
        )),
        None => None,
    };
    record.as_expected = match (&record.any, &difference) {
        (None, None) => None,
        (_, difference) => Some(difference.is_none()),
    };
    record.difference = difference;
    record.client = Some(facts);
    record
}

/// The verdict of the suite, if the trial is one of its cases.
fn resumed(trial: &ClientTrial, came: &ClientCame, events: &[Event]) -> Option<ResumeFacts> {
    let (suite, case) = trial.case?;
    let (part, left) = came.begun.as_ref()?;
    let seen = Seen {
        said: came.end.said(),
        saved: &came.saved,
        left: *left,
        events,
    };
    Some(suite::judge(suite, case, part, &seen))
}

/// The shortest default limit of a known client: httpx waits for 5 s.
const SHORTEST_LIMIT: Duration = Duration::from_secs(5);

/// True if the client came out whole only because the scenario passed in a fraction
/// of its time, and the client's own limits did not shrink with it.
fn decided_by_limits(trial: &ClientTrial, clock: &ClientClock, any: &Judgement) -> bool {
    clock.not_scaled.is_some()
        && any.accepted
        && any.kind == Kind::Complete
        && trial.scenario.likely_duration(Duration::MAX) >= SHORTEST_LIMIT
}

fn is_request(event: &Event) -> bool {
    matches!(event.fact, Fact::Request { .. })
}

fn last_words(record: &Record) -> &str {
    let error = record.outcome.error.first();
    error.map_or("it was stopped", |link| &link.message)
}

fn fill(
    record: &mut Record,
    facts: &mut ClientFacts,
    end: &ClientEnd,
    saved: &Saved,
    events: &[Event],
) {
    let faults: Vec<FiredFault> = events.iter().filter_map(FiredFault::from_event).collect();
    let failure = (end.said() == Said::Failure).then(|| end.failure());
    record.outcome = classify_client(end.said(), &saved.finding, end.ended, &faults, failure);
    record.expected_bytes = saved.finding.expected_bytes;
    record.received_bytes = record.server.acked_bytes.unwrap_or_default();
    record.delivered_bytes = saved.finding.length_bytes;
    record.first_bad_offset = saved.finding.first_bad_offset;
    record.arrived_offset = saved.finding.arrived_offset;
    record.elapsed_ns = nanos(end.ended, end.started);
    record.cpu_ns = end.cpu_ns;
    record.vm_hwm_bytes = end.peak_rss_bytes;
    record.downloads = 1;
    record.downloads_by_kind = [(record.outcome.kind, 1)].into();
    facts.exit_status = end.exit_status;
    facts.signal = end.signal;
    facts.stopped = end.stopped;
    facts.saved = Some(saved.place);
    facts.coded = saved.coded;
    facts.finding = Some(saved.finding.clone());
    facts.stderr_tail.clone_from(&end.stderr_tail);
    facts.stderr_bytes = end.stderr_bytes;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shortread_server::{
        scenario::{ExpectAny, Success},
        units::ByteSize,
    };

    use super::*;
    use crate::{
        command::{ClientCommand, ClientPlan, ClockKind},
        verify::verify,
    };

    fn trial() -> ClientTrial {
        let mut scenario = Scenario {
            name: "mine".into(),
            ..Scenario::default()
        };
        scenario.body.size = ByteSize(1000);
        scenario.expect.any = Some(ExpectAny {
            success: Success::Forbidden,
            hang: false,
            prefix: None,
        });
        let client = Arc::new(ClientCommand::parse("sh=sh {url} {out}").unwrap());
        let plan = ClientPlan::resolve(&[Arc::new(scenario)], &[client], 1, 9, None).unwrap();
        plan.trials[0].clone()
    }

    fn saved() -> Saved {
        Saved {
            finding: verify(&mut std::io::empty(), 1000).unwrap(),
            place: Place::Nowhere,
            coded: false,
        }
    }

    fn request() -> Event {
        let fact = Fact::Request {
            method: "GET".into(),
            target: "/mine".into(),
            range: None,
            if_range: None,
            number: 1,
        };
        Event {
            at_ns: Instant(7),
            utc: None,
            connection: 1,
            key: None,
            fact,
        }
    }

    fn came(end: &ClientEnd, saved: Saved) -> ClientCame {
        ClientCame {
            end: end.clone(),
            saved,
            begun: None,
        }
    }

    fn built(end: &ClientEnd, events: &[Event]) -> Record {
        let trial = trial();
        let came = came(end, saved());
        let known = Known::default();
        build_client(&trial, &trial.scenario, Ok(&came), events, &known)
    }

    #[test]
    fn without_a_trial_nothing_is_known_but_the_command() {
        let trial = trial();
        let record = build_client(
            &trial,
            &trial.scenario,
            Err("no port"),
            &[],
            &Known::default(),
        );
        assert_eq!(record.outcome.kind, Kind::ToolError);
        assert_eq!(record.outcome.error[0].message, "no port");
        assert_eq!((record.any, record.as_expected), (None, None));
        let client = record.client.unwrap();
        assert_eq!(
            (client.name.as_str(), client.command.as_str()),
            ("sh", "sh {url} {out}")
        );
        assert_eq!((client.saved, client.finding), (None, None));
    }

    #[test]
    fn a_failure_passes_where_it_must_not_succeed_if_it_asked_at_all() {
        let end = ClientEnd {
            started: Instant(5),
            ended: Instant(25),
            exit_status: Some(2),
            stderr_tail: vec!["no module named requests".into()],
            ..ClientEnd::default()
        };
        let record = built(&end, &[request()]);
        assert_eq!(record.as_expected, Some(true));
        assert_eq!((record.elapsed_ns, record.seed), (20, 9));
        assert_eq!((record.expected_bytes, record.server.requests), (1000, 1));

        let record = built(&end, &[]);
        assert_eq!((record.any, record.as_expected), (None, Some(false)));
        assert_eq!(
            record.difference.unwrap(),
            "it asked the server for nothing: exit status 2: no module named requests"
        );
    }

    #[test]
    fn whole_in_a_fraction_of_the_time_is_not_judged_if_limits_do_not_shrink_with_it() {
        let mut trial = trial();
        let scenario = Arc::make_mut(&mut trial.scenario);
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario.body.size = ByteSize(1_000_000_000);
        scenario.tcp.time = 0.02;
        scenario.expect.any = Some(ExpectAny {
            success: Success::Required,
            hang: false,
            prefix: None,
        });
        let mut played = (*trial.scenario).clone();
        played.body.size = ByteSize(0);
        let whole = Saved {
            finding: verify(&mut std::io::empty(), 0).unwrap(),
            place: Place::File,
            coded: false,
        };
        let judged = |trial: &ClientTrial, library_seen| {
            let end = ClientEnd {
                exit_status: Some(0),
                library_seen,
                ..ClientEnd::default()
            };
            let known = Known::default();
            let came = came(&end, whole.clone());
            build_client(trial, &played, Ok(&came), &[request()], &known).as_expected
        };
        let clock = |why: Option<&str>| ClientClock {
            not_scaled: why.map(Into::into),
            ..ClientClock::default()
        };
        trial.clock = clock(Some("a static program"));
        assert_eq!(judged(&trial, None), None);
        trial.clock = clock(None);
        assert_eq!(judged(&trial, None), Some(true));
        // A scaled clock that turns out not to be is the same.
        trial.clock.kind = ClockKind::Scaled;
        assert_eq!(judged(&trial, Some(true)), Some(true));
        assert_eq!(judged(&trial, Some(false)), None);
        // No limit ends what is over at once.
        trial.clock = clock(Some("a static program"));
        Arc::make_mut(&mut trial.scenario).body.size = ByteSize(1000);
        assert_eq!(judged(&trial, None), Some(true));
    }

    #[test]
    fn one_that_was_stopped_between_attempts_is_neither_expected_nor_not() {
        let end = ClientEnd {
            stopped: Some(Stopped::Term),
            signal: Some(15),
            ..ClientEnd::default()
        };
        let record = built(&end, &[request(), request()]);
        assert_eq!(record.outcome.kind, Kind::Stalled);
        assert_eq!((record.any, record.as_expected), (None, None));
    }
}
