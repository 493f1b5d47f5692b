//! Rules for every record, whatever the scenario.

use std::{collections::BTreeMap, time::Duration};

use shortread::{
    explain::without_effect,
    results::{Detail, FaultRecord, Record},
};
use shortread_server::scenario::{
    Attempt, Deadline, Fault, Framing, Kind, Landmark, Limit, Ordinals, Protocol, Scenario,
    Selector, Trigger, World,
};

use crate::place;

/// The contradictions in `record`, the trial of `scenario` with the numbers that it
/// was played with.
pub(crate) fn faults_of(record: &Record, detail: &Detail, scenario: &Scenario) -> Vec<String> {
    let mut wrong = Wrong(Vec::new());
    wrong.outcome(record, scenario);
    wrong.sums(record, scenario);
    wrong.server(record, scenario);
    wrong.times(record, scenario);
    wrong.timeline(record, detail);
    wrong.warnings(record, scenario);
    wrong.0
}

struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.0.push(otherwise());
        }
    }

    fn outcome(&mut self, record: &Record, scenario: &Scenario) {
        let outcome = &record.outcome;
        let kind = outcome.kind;
        self.unless(kind != Kind::ToolError, || {
            format!("it ended as tool-error: {:?}", outcome.error)
        });
        let whole = record.delivered_bytes == record.expected_bytes;
        let right = record.first_bad_offset.is_none();
        self.unless(kind != Kind::Complete || (whole && right), || {
            format!(
                "complete with {} of {} bytes, the first wrong one at {:?}",
                record.delivered_bytes, record.expected_bytes, record.first_bad_offset
            )
        });
        let alone = record.downloads == 1;
        self.unless(
            !alone
                || kind != Kind::SilentTruncation
                || record.delivered_bytes < record.expected_bytes,
            || "silent-truncation of the whole object".into(),
        );
        for one in &record.each {
            let size = scenario.body.size.0;
            self.unless(
                one.kind != Kind::Complete || one.delivered_bytes == size,
                || format!("a complete download with {} bytes", one.delivered_bytes),
            );
        }
        self.unless(
            kind != Kind::OutOfMemory || scenario.client.memory.is_some(),
            || "out of a memory without limit".into(),
        );
        self.unless(
            kind != Kind::DiskFull || scenario.sink.capacity.is_some(),
            || "a disk without a limit is full".into(),
        );
        self.unless(
            (kind == Kind::TimedOut) == outcome.deadline.is_some(),
            || format!("{kind} by the deadline {:?}", outcome.deadline),
        );
        self.unless(kind != Kind::Stalled || may_stall(scenario), || {
            "it stalled although its total comes first".into()
        });
        let fired = |index| {
            record
                .server
                .faults
                .iter()
                .any(|fault| fault.index == index)
        };
        self.unless(outcome.cause.is_none_or(fired), || {
            format!("its cause {:?} never fired", outcome.cause)
        });
    }

    /// What `validate` warns of is so. Real sockets take their time, and where requests
    /// get several responses a warning may be of one alone.
    fn warnings(&mut self, record: &Record, scenario: &Scenario) {
        let is_same = scenario.answers.is_empty() && scenario.versions.is_empty();
        if record.world != World::Virtual || !is_same {
            return;
        }
        for note in without_effect(scenario) {
            let mut faults = record.server.faults.iter();
            let fired = faults.any(|fault| note.key == format!("fault[{}].when", fault.index));
            let is_full = note.key == "sink.capacity" && record.outcome.kind == Kind::DiskFull;
            self.unless(!fired && !is_full, || {
                format!("in spite of the warning {:?}", note.told)
            });
        }
    }

    fn sums(&mut self, record: &Record, scenario: &Scenario) {
        let downloads = u64::from(scenario.all_requests());
        self.unless(record.downloads == downloads, || {
            format!("{} downloads instead of {downloads}", record.downloads)
        });
        let by_kind: u64 = record.downloads_by_kind.values().sum();
        self.unless(by_kind == record.downloads, || {
            format!("{by_kind} kinds of {} downloads", record.downloads)
        });
        if downloads > 1 {
            let delivered: u64 = record.each.iter().map(|one| one.delivered_bytes).sum();
            let received: u64 = record.each.iter().map(|one| one.received_bytes).sum();
            let sums = (delivered, received);
            self.unless(
                sums == (record.delivered_bytes, record.received_bytes),
                || format!("the downloads' bytes {sums:?} are not the record's"),
            );
        }
        let chunks = record.chunk_bytes.count;
        self.unless(record.gap_ns.count == chunks, || {
            format!("{} gaps before {chunks} chunks", record.gap_ns.count)
        });
        self.unless(
            record.chunk_bytes.max.max(chunks) <= record.delivered_bytes,
            || format!("{chunks} chunks of {} bytes", record.delivered_bytes),
        );
        if is_plain(scenario) {
            self.unless(record.delivered_bytes <= record.received_bytes, || {
                format!(
                    "{} bytes delivered and {} received",
                    record.delivered_bytes, record.received_bytes
                )
            });
            self.unless(record.received_bytes <= record.server.sent_bytes, || {
                format!(
                    "{} bytes received and {} sent",
                    record.received_bytes, record.server.sent_bytes
                )
            });
        }
    }

    fn server(&mut self, record: &Record, scenario: &Scenario) {
        let server = &record.server;
        self.unless(server.acked_bytes <= Some(server.sent_bytes), || {
            format!(
                "{:?} bytes acknowledged and {} sent",
                server.acked_bytes, server.sent_bytes
            )
        });
        // Some releases ask once more where a connection ended before the head.
        let most = 2 * record.downloads;
        // A connection has one request, unless the client keeps it for the next.
        let asked = match scenario.client.requests {
            1 => server.connections,
            _ => most,
        };
        self.unless(
            server.requests <= asked && server.connections <= most,
            || {
                format!(
                    "{} requests on {} connections of {most}",
                    server.requests, server.connections
                )
            },
        );
        let mut seen: BTreeMap<(usize, u32), u32> = BTreeMap::new();
        for fired in &server.faults {
            let at = (fired.index, fired.connection);
            let times = seen.entry(at).or_default();
            *times += 1;
            // One that is for some requests fires for each of them.
            let most = match scenario.faults.get(fired.index) {
                Some(fault) if !fault.on.is_all() => scenario.client.requests,
                _ => 1,
            };
            self.unless(*times <= most, || {
                format!("fault {at:?} fired {times} times")
            });
            let Some(fault) = scenario.faults.get(fired.index) else {
                self.0.push(format!("there is no fault {at:?}"));
                continue;
            };
            let selected = is_selected(&fault.on, server.requests, scenario.client.requests);
            self.unless(selected, || format!("fault {at:?} is for other requests"));
            self.place(fired, fault, scenario);
            self.unless(fired.by == fault.by, || {
                format!("fault {at:?} is {}'s", fired.by)
            });
            self.unless(
                fired.at_bytes <= fired.at_wire_bytes && fired.at_bytes <= server.sent_bytes,
                || format!("fault {at:?} fired behind more than was sent"),
            );
        }
    }

    /// That a fault at a place fired there. An answer to no Range request begins at the
    /// object's start.
    fn place(&mut self, fired: &FaultRecord, fault: &Fault, scenario: &Scenario) {
        let exact = match fault.when {
            // Of a coded body it is an offset of what is decoded.
            Trigger::Object(_) if scenario.body.is_coded() => true,
            Trigger::Body(place) | Trigger::Object(place) => fired.at_bytes == place.0,
            Trigger::Wire(place) => fired.at_wire_bytes == place.0,
            Trigger::Place(Landmark::Head) => fired.at_bytes == 0,
            _ => true,
        };
        self.unless(exact, || {
            format!("{:?} fired behind {} bytes", fault.when, fired.at_bytes)
        });
        let Some(before) = place::before(scenario, fault.when) else {
            return;
        };
        let fired = (fired.at_bytes, Some(fired.at_wire_bytes));
        let head_len = place::head_len(scenario);
        let expected = (before.body, head_len.map(|head| head + before.framed));
        self.unless(fired == expected, || {
            format!(
                "{:?} fired behind {fired:?} bytes of body and response instead of {expected:?}",
                fault.when
            )
        });
    }

    fn times(&mut self, record: &Record, scenario: &Scenario) {
        let first = record.time_to_first_byte_ns.unwrap_or_default();
        let last = record.last_progress_ns.unwrap_or(first);
        self.unless(first <= last && last <= record.elapsed_ns, || {
            format!(
                "first byte at {first}, last at {last}, end at {}",
                record.elapsed_ns
            )
        });
        let client = &scenario.client;
        let limit = match record.outcome.deadline {
            Some(Deadline::Connect) => client.connect,
            Some(Deadline::Head) => client.head,
            Some(Deadline::SockRead) => client.sock_read,
            Some(Deadline::Total) => client.total,
            Some(Deadline::Keepalive) => client
                .keepalive
                .map_or(Limit::Never, |keepalive| Limit::After(keepalive.death())),
            None => return,
        };
        let limit = limit.duration().map(|time| time.as_nanos());
        self.unless(
            limit.is_some_and(|limit| limit <= u128::from(record.elapsed_ns)),
            || {
                format!(
                    "its deadline of {limit:?} ns fired after {}",
                    record.elapsed_ns
                )
            },
        );
    }

    fn timeline(&mut self, record: &Record, detail: &Detail) {
        let client = &detail.timeline.client;
        let server = &detail.timeline.server;
        let grows = client.is_sorted_by_key(|sample| sample.at_ns)
            && client.is_sorted_by_key(|sample| sample.delivered_bytes)
            && server.is_sorted_by_key(|sample| sample.at_ns)
            && server.is_sorted_by_key(|sample| sample.sent_bytes);
        self.unless(grows, || "its timeline goes back".into());
        let last = client.last().map_or(0, |sample| sample.delivered_bytes);
        self.unless(last <= record.delivered_bytes, || {
            format!(
                "its timeline ends with {last} bytes of {}",
                record.delivered_bytes
            )
        });
        let sent = server.last().map_or(0, |sample| sample.sent_bytes);
        self.unless(sent <= record.server.sent_bytes, || {
            format!(
                "its timeline ends with {sent} bytes sent of {}",
                record.server.sent_bytes
            )
        });
        self.unless(
            detail.timeline.marks.is_sorted_by_key(|mark| mark.at_ns),
            || "its marks are out of order".into(),
        );
    }
}

/// True if the selector may be for one of the first `requests` of a trial, whose client
/// asks for no range, and at most `on_each` times on a connection.
fn is_selected(on: &Selector, requests: u64, on_each: u32) -> bool {
    let counted = |numbers: Option<Ordinals>, most: u64| {
        numbers.is_none_or(|numbers| u64::from(numbers.least()) <= most)
    };
    counted(on.request, requests)
        && counted(on.position, u64::from(on_each))
        && on.attempt != Some(Attempt::Resumption)
        && on.method.as_deref().is_none_or(|method| method == "GET")
        && on.protocol != Some(Protocol::Http10)
        && on.path.as_ref().is_none_or(|path| path.contains("/"))
}

/// True if the client takes exactly the bytes of the body for its body.
fn is_plain(scenario: &Scenario) -> bool {
    let response = &scenario.response;
    let framed = scenario.body.framing != Framing::Close || response.headers.is_empty();
    !scenario.body.is_coded()
        && response.raw.is_empty()
        && response.headers.is_empty()
        && scenario.answers.is_empty()
        && framed
}

/// True if a limit other than a total can be the last resort. A total does not end
/// a pause of the application, which learns of it at its next read.
fn may_stall(scenario: &Scenario) -> bool {
    let sink = &scenario.sink;
    // Totals are rounded up to the next second, and those of 5 s and more.
    let rounded = Duration::from_secs(1);
    let total = scenario.client.total.duration();
    total.is_none_or(|total| total + rounded >= scenario.give_up())
        || !sink.pause.is_zero()
        || !sink.first_pause.is_zero()
        || sink.rate.is_some()
}
