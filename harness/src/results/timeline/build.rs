//! Makes the timeline of a trial from the facts of both sides.

use shortread_server::{
    clock::Instant,
    journal::{CloseReason, Event, Fact, Progress},
    scenario::{Party, Scenario},
    units::ByteSize,
};

use super::{Mark, MarkKind, ServerSample, Timeline};
use crate::{
    client::{ClientReport, Download},
    outcome::{FiredFault, classify_download},
};

/// The timeline of a trial that ran `scaled`: `report` is the client's, `events`
/// and `progress` are the server's. Without a report, times count from the first
/// event.
pub fn timeline(
    scaled: &Scenario,
    report: Option<&ClientReport>,
    events: &[Event],
    progress: &[Progress],
) -> Timeline {
    let zero = report.map_or_else(
        || events.first().map_or(Instant(0), |event| event.at_ns),
        |report| report.started,
    );
    let mut marks: Vec<Mark> = events
        .iter()
        .filter_map(|event| of_event(event, zero))
        .collect();
    if let Some(report) = report {
        let faults: Vec<FiredFault> = events.iter().filter_map(FiredFault::from_event).collect();
        let several = report.downloads.len() > 1;
        for (index, download) in report.downloads.iter().enumerate() {
            let which = several.then_some(index + 1);
            marks.extend(of_download(download, which, scaled, &faults, zero));
        }
    }
    marks.sort_by_key(|mark| (mark.at_ns, mark.kind));
    let sample = |progress: &Progress| ServerSample {
        at_ns: since(progress.at_ns, zero),
        sent_bytes: progress.sent_bytes,
        unacked_bytes: progress.unacked_bytes,
    };
    Timeline {
        server: progress.iter().map(sample).collect(),
        client: report.map_or_else(Vec::new, |report| report.samples.clone()),
        marks,
    }
}

fn of_event(event: &Event, zero: Instant) -> Option<Mark> {
    let mut asked = None;
    let (kind, by, text) = match &event.fact {
        Fact::Accepted { .. } => {
            let text = format!("connection {}", event.connection);
            (MarkKind::Accepted, None, text)
        }
        Fact::Request {
            method,
            target,
            range,
            ..
        } => {
            asked = range.clone();
            (MarkKind::Request, None, format!("{method} {target}"))
        }
        Fact::Fault { action, by, .. } => (MarkKind::Fault, Some(*by), action.to_string()),
        Fact::ResponseEnd { body_bytes, .. } => {
            let text = ByteSize(*body_bytes).human().to_string();
            (MarkKind::ResponseEnd, None, text)
        }
        Fact::Closed { reason, .. } => (MarkKind::Closed, None, close_text(reason).into()),
        _ => return None,
    };
    Some(Mark {
        at_ns: since(event.at_ns, zero),
        kind,
        by,
        text,
        range: asked,
    })
}

/// The events of a download, which is the `which`th of several.
fn of_download(
    download: &Download,
    which: Option<usize>,
    scaled: &Scenario,
    faults: &[FiredFault],
    zero: Instant,
) -> impl Iterator<Item = Mark> {
    let outcome = classify_download(download, scaled.body.size.0, faults);
    let mark = |at, kind, by, what: String| Mark {
        at_ns: since(at, zero),
        kind,
        by,
        text: match which {
            Some(number) => format!("download {number}: {what}"),
            None => what,
        },
        range: None,
    };
    let head = download.head.map(|at| {
        let status = download.status.map(|status| status.to_string());
        mark(at, MarkKind::Head, None, status.unwrap_or_default())
    });
    let deadline = outcome.deadline.map(|deadline| {
        let by = Some(Party::Client);
        mark(
            download.ended,
            MarkKind::Deadline,
            by,
            deadline.word().into(),
        )
    });
    let end = mark(
        download.ended,
        MarkKind::End,
        outcome.ended_by,
        outcome.kind.word().into(),
    );
    head.into_iter().chain(deadline).chain([end])
}

fn close_text(reason: &CloseReason) -> &str {
    match reason {
        CloseReason::Done => "done",
        CloseReason::PeerClosed => "closed by the client",
        CloseReason::PeerReset => "reset by the client, or it is gone",
        CloseReason::Fault => "by the fault",
        CloseReason::Reaped => "out of the black hole",
        CloseReason::Shutdown => "the trial was over",
        CloseReason::BadRequest => "no request",
        CloseReason::Unable(why) | CloseReason::Error(why) => why,
    }
}

fn since(at: Instant, zero: Instant) -> u64 {
    at.0.saturating_sub(zero.0)
}
