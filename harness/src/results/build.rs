//! Makes the record of a trial from the facts of both sides.

use std::{collections::BTreeMap, time::Duration};

use shortread_server::{
    clock::Instant,
    journal::{Event, Fact, acked_bytes},
    scenario::{Kind, Scenario, Tcp, World},
};

use super::{
    Buffers, DownloadRecord, Expected, FaultRecord, Memory, Record, RemedyFacts, Scaled,
    ServerFacts, difference, expectation, promise,
};
use crate::{
    client::{Account, ClientReport, Download},
    measure::Summary,
    outcome::{FiredFault, Judgement, Outcome, Rule, classify, classify_download, judge_trial},
    plan::Trial,
};

/// The record of `trial`, which ran `scaled`, its scenario as the world scaled
/// it. `report` is what the client side says, or why the tool has no such
/// report; `events` is the server's journal of this trial.
pub fn build(
    trial: &Trial,
    scaled: &Scenario,
    report: Result<&ClientReport, &str>,
    events: &[Event],
) -> Record {
    let mut record = empty(trial, scaled);
    let zero = match report {
        Ok(report) => {
            fill(&mut record, scaled, report, events);
            report.started
        }
        Err(why) => {
            record.outcome.error.push(why.to_owned().into());
            // Without the client's zero, the journal's own.
            events.first().map_or(Instant(0), |event| event.at_ns)
        }
    };
    add_journal(&mut record, events, zero);

    let profile = record.profile.as_deref();
    // What a file expects is of a client without remedies.
    let plain = trial.recipe.is_none();
    record.expected = expectation(scaled, trial.strategy, profile, trial.world)
        .filter(|_| plain)
        .map(Expected::from);
    if let Some(expected) = &record.expected {
        record.difference = difference(
            expected,
            &record.outcome,
            record.delivered_bytes,
            record.received_bytes,
        );
        record.as_expected = Some(record.difference.is_none());
    }
    record.any = report
        .ok()
        .and_then(|report| any(scaled, report, events, record.server.requests));
    // An outcome that a list predicts for a known library remains expected.
    if let (None, Some(any)) = (&record.expected, &record.any)
        && plain
        && !any.accepted
    {
        record.as_expected = Some(false);
        record.difference.clone_from(&any.why);
    }
    // What a recipe promises it must keep in every scenario.
    let broken = trial.recipe.as_deref();
    if let Some(why) = broken.and_then(|recipe| promise::broken(recipe, &record)) {
        record.as_expected = Some(false);
        record.difference = Some(why);
    }
    record
}

/// Adds the server's journal, in times from `zero`.
pub(super) fn add_journal(record: &mut Record, events: &[Event], zero: Instant) {
    record.server = server_facts(events, zero);
    record.buffers.server = events
        .iter()
        .find_map(|event| match &event.fact {
            Fact::Accepted { sockets, .. } => Some(sockets.clone()),
            _ => None,
        })
        .unwrap_or_default();
}

/// The trial's identity, and a tool error for an outcome.
fn empty(trial: &Trial, scaled: &Scenario) -> Record {
    let requests = u64::from(scaled.all_requests());
    let factors = trial.scaled.then_some(&trial.scenario.tcp);
    Record {
        strategy: Some(trial.strategy.name),
        chunk_size: trial.strategy.chunk_size.map(|size| size as u64),
        profile: trial.profile.map(|profile| profile.to_string()),
        recipe: trial.recipe.as_ref().map(|recipe| recipe.name.clone()),
        repetition: trial.repetition,
        seed: trial.seed,
        expected_bytes: scaled.body.size.0.saturating_mul(requests),
        ..unread(&trial.id, &scaled.name, trial.world, factors)
    }
}

/// A tool error that nothing is known of. `factors` are those by which the
/// scenario was scaled.
pub(super) fn unread(id: &str, scenario: &str, world: World, factors: Option<&Tcp>) -> Record {
    let scaled = factors.filter(|factors| factors.time != 1.0 || factors.size != 1.0);
    Record {
        id: id.into(),
        scenario: scenario.into(),
        strategy: None,
        chunk_size: None,
        profile: None,
        recipe: None,
        world,
        repetition: 1,
        seed: 0,
        outcome: Outcome {
            kind: Kind::ToolError,
            ended_by: None,
            deadline: None,
            cause: None,
            error: Vec::new(),
            exception: None,
        },
        expected: None,
        as_expected: None,
        difference: None,
        any: None,
        expected_bytes: 0,
        received_bytes: 0,
        delivered_bytes: 0,
        kernel_unread_bytes: None,
        first_bad_offset: None,
        arrived_offset: None,
        elapsed_ns: 0,
        time_to_first_byte_ns: None,
        last_progress_ns: None,
        gap_ns: Summary::default(),
        read_call_ns: Summary::default(),
        chunk_bytes: Summary::default(),
        flowing_ns: 0,
        transport_reads: 0,
        sink_writes: 0,
        cpu_ns: None,
        peak_heap_bytes: None,
        vm_hwm_bytes: None,
        memory: match world {
            World::Tcp => Memory::Measured,
            World::Virtual => Memory::Modelled,
        },
        max_receive_queue_bytes: None,
        downloads: 0,
        downloads_by_kind: BTreeMap::new(),
        each: Vec::new(),
        remedy: None,
        client: None,
        server: server_facts(&[], Instant(0)),
        buffers: Buffers::default(),
        scaled: scaled.map(|factors| Scaled {
            time: factors.time,
            size: factors.size,
        }),
    }
}

fn fill(record: &mut Record, scaled: &Scenario, report: &ClientReport, events: &[Event]) {
    let since_start = |at: Instant| nanos(at, report.started);
    let downloads = &report.downloads;
    let faults: Vec<FiredFault> = events.iter().filter_map(FiredFault::from_event).collect();
    let size = scaled.body.size.0;
    record.outcome = classify(report, size, &faults);
    for download in downloads {
        let outcome = classify_download(download, size, &faults);
        *record.downloads_by_kind.entry(outcome.kind).or_default() += 1;
        if downloads.len() > 1 {
            record.each.push(DownloadRecord {
                kind: outcome.kind,
                ended_by: outcome.ended_by,
                deadline: outcome.deadline,
                delivered_bytes: download.delivered_bytes,
                received_bytes: download.earlier_bytes + download.received_bytes,
                elapsed_ns: since_start(download.ended),
                connection: download.connection,
                reused: download.reused,
            });
        }
    }
    record.downloads = downloads.len() as u64;
    let received = downloads.iter().map(|d| d.earlier_bytes + d.received_bytes);
    record.received_bytes = received.sum();
    record.delivered_bytes = downloads.iter().map(|d| d.delivered_bytes).sum();
    record.kernel_unread_bytes = downloads
        .iter()
        .filter_map(|d| d.kernel_unread_bytes)
        .reduce(|sum, bytes| sum + bytes);
    if let Some(bad) = downloads.iter().find(|d| d.first_bad_offset.is_some()) {
        record.first_bad_offset = bad.first_bad_offset;
        record.arrived_offset = bad.arrived_offset;
    }
    record.remedy = remedy(downloads);
    record.elapsed_ns = since_start(report.ended);
    let first_byte = downloads.iter().filter_map(|d| d.first_byte).min();
    record.time_to_first_byte_ns = first_byte.map(since_start);
    let last_progress = downloads.iter().filter_map(|d| d.last_progress).max();
    record.last_progress_ns = last_progress.map(since_start);
    record.gap_ns = report.gap_ns;
    record.read_call_ns = report.read_call_ns;
    record.chunk_bytes = report.chunk_bytes;
    record.flowing_ns = report.flowing_ns;
    record.transport_reads = report.transport_reads;
    record.sink_writes = report.sink_writes;
    record.cpu_ns = report.cpu_ns;
    record.peak_heap_bytes = report.peak_heap_bytes;
    record.vm_hwm_bytes = report.vm_hwm_bytes;
    record.max_receive_queue_bytes = report.max_receive_queue_bytes;
    record.buffers.client = report.sockets.clone();
}

/// What the clients around the library did, together.
fn remedy(downloads: &[Download]) -> Option<RemedyFacts> {
    let all: Vec<Account> = downloads.iter().filter_map(|one| one.account).collect();
    if all.is_empty() {
        return None;
    }
    let waited: Duration = all.iter().map(|one| one.waited).sum();
    Some(RemedyFacts {
        attempts: all.iter().map(|one| u64::from(one.attempts)).sum(),
        resumed: all.iter().map(|one| u64::from(one.resumed)).sum(),
        waited_ns: u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX),
        rests_on: all.iter().map(|one| one.rests_on).min().flatten(),
        file: all.iter().map(|one| one.file).max().unwrap_or_default(),
        parts: all.iter().map(|one| u64::from(one.parts)).sum(),
        at_a_time: all
            .iter()
            .map(|one| u64::from(one.at_a_time))
            .max()
            .unwrap_or_default(),
    })
}

/// The judgement of this client by the rule for any client.
fn any(
    scaled: &Scenario,
    report: &ClientReport,
    events: &[Event],
    requests: u64,
) -> Option<Judgement> {
    let rule = Rule::of(scaled)?;
    let faults: Vec<FiredFault> = events.iter().filter_map(FiredFault::from_event).collect();
    let downloads: Vec<(&Download, Kind)> = report
        .downloads
        .iter()
        // The rule is for one request on a connection of its own.
        .filter(|download| !download.reused)
        .map(|download| {
            let outcome = classify_download(download, rule.object, &faults);
            (download, outcome.kind)
        })
        .collect();
    let sink = &scaled.sink;
    let slow_sink = sink.rate.is_some() || !sink.pause.is_zero() || !sink.first_pause.is_zero();
    judge_trial(&rule, &downloads, slow_sink, requests)
}

fn server_facts(events: &[Event], zero: Instant) -> ServerFacts {
    let mut facts = ServerFacts {
        acked_bytes: acked_bytes(events),
        ..ServerFacts::default()
    };
    for event in events {
        match &event.fact {
            Fact::Accepted { .. } => facts.connections += 1,
            Fact::Request { .. } => facts.requests += 1,
            Fact::Fault {
                index,
                action,
                by,
                at_bytes,
                at_wire_bytes,
                in_flight_bytes,
                error_bound_ns,
            } => facts.faults.push(FaultRecord {
                index: *index,
                connection: event.connection,
                action: action.to_string(),
                by: *by,
                at_bytes: *at_bytes,
                at_wire_bytes: *at_wire_bytes,
                at_ns: nanos(event.at_ns, zero),
                in_flight_bytes: *in_flight_bytes,
                error_bound_ns: *error_bound_ns,
            }),
            Fact::Closed {
                sent_bytes,
                max_unsent_bytes,
                ..
            } => {
                facts.sent_bytes += sent_bytes;
                facts.max_unsent_bytes = facts.max_unsent_bytes.max(*max_unsent_bytes);
            }
            Fact::BadRequest { .. }
            | Fact::Chosen { .. }
            | Fact::ResponseEnd { .. }
            | Fact::TcpInfo(_)
            | Fact::FinSent {}
            | Fact::RstSent {}
            | Fact::FinReceived {}
            | Fact::RstReceived {} => {}
        }
    }
    facts
}

pub(super) fn nanos(at: Instant, zero: Instant) -> u64 {
    at.0.saturating_sub(zero.0)
}

#[cfg(test)]
mod tests;
