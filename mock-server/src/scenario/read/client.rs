//! `[client]`, `[sink]` and `[tcp]`

use super::{
    table::{Item, Table},
    value,
};
use crate::scenario::{Client, Keepalive, Limit, Parser, Report, Sink, Tcp, TimerOrder};

/// Reads `[client]`.
pub(super) fn read(report: &mut Report, root: &Table<'_>) -> Client {
    let default = Client::default();
    let Some(table) = root.get(report, "client", Table::open) else {
        return default;
    };
    let deadline = |report: &mut Report, key, default: Limit| {
        let read = |report: &mut Report, item: &Item<'_>| value::limit(report, item, "off");
        table.get(report, key, read).unwrap_or(default)
    };
    Client {
        connect: deadline(report, "connect", default.connect),
        head: deadline(report, "head", default.head),
        sock_read: deadline(report, "sock_read", default.sock_read),
        total: deadline(report, "total", default.total),
        keepalive: table.get(report, "keepalive", keepalive).flatten(),
        memory: table.get(report, "memory", value::size),
        parallel: table
            .get(report, "parallel", value::whole)
            .unwrap_or(default.parallel),
        requests: table
            .get(report, "requests", value::whole)
            .unwrap_or(default.requests),
        give_up: table.get(report, "give_up", value::duration),
        timers: table
            .get(report, "timers", |report, item| {
                value::word(report, item, TimerOrder::ALL, TimerOrder::word)
            })
            .unwrap_or(default.timers),
        parser: table
            .get(report, "parser", |report, item| {
                value::word(report, item, Parser::ALL, Parser::word)
            })
            .unwrap_or(default.parser),
    }
}

/// `{ idle, interval, count }`, the idle time alone, or `off`.
fn keepalive(report: &mut Report, item: &Item<'_>) -> Option<Option<Keepalive>> {
    if !item.value.is_table() {
        return match value::limit(report, item, "off")? {
            Limit::Never => Some(None),
            Limit::After(idle) => Some(Some(Keepalive::after(idle))),
        };
    }
    let table = Table::open(report, item)?;
    let idle = table.require(report, "idle", "\"60s\"", value::duration);
    let interval = table.get(report, "interval", value::duration);
    let count = table.get(report, "count", value::whole);
    let usual = Keepalive::after(idle?);
    Some(Some(Keepalive {
        idle: usual.idle,
        interval: interval.unwrap_or(usual.interval),
        count: count.unwrap_or(usual.count),
    }))
}

/// Reads `[sink]`.
pub(super) fn sink(report: &mut Report, root: &Table<'_>) -> Sink {
    let Some(table) = root.get(report, "sink", Table::open) else {
        return Sink::default();
    };
    Sink {
        first_pause: table
            .get(report, "first_pause", value::duration)
            .unwrap_or_default(),
        pause: table
            .get(report, "pause", value::duration)
            .unwrap_or_default(),
        rate: table.get(report, "rate", value::rate),
        blocking: table
            .get(report, "blocking", value::flag)
            .unwrap_or_default(),
        file: table.get(report, "file", value::flag).unwrap_or_default(),
        capacity: table.get(report, "capacity", value::size),
    }
}

/// Reads `[tcp]`.
pub(super) fn tcp(report: &mut Report, root: &Table<'_>) -> Tcp {
    let default = Tcp::default();
    let Some(table) = root.get(report, "tcp", Table::open) else {
        return default;
    };
    Tcp {
        time: table
            .get(report, "time", value::number)
            .unwrap_or(default.time),
        size: table
            .get(report, "size", value::number)
            .unwrap_or(default.size),
        measure: table
            .get(report, "measure", value::flag)
            .unwrap_or(default.measure),
    }
}
