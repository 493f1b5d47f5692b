//! `[link]` and `[sockets]`

use super::{table::Table, value};
use crate::scenario::{Link, Report, Sockets};

/// Reads `[link]`.
pub(super) fn read(report: &mut Report, root: &Table<'_>) -> Link {
    let default = Link::default();
    let Some(table) = root.get(report, "link", Table::open) else {
        return default;
    };
    Link {
        rate: table
            .get(report, "rate", value::rate)
            .unwrap_or(default.rate),
        latency: table
            .get(report, "latency", value::duration)
            .unwrap_or(default.latency),
        jitter: table
            .get(report, "jitter", value::duration)
            .unwrap_or(default.jitter),
        segment: table.get(report, "segment", value::size),
        loss: table
            .get(report, "loss", value::number)
            .unwrap_or(default.loss),
        drops_above: table.get(report, "drops_above", value::size),
        connections: table.get(report, "connections", value::whole),
        shared: table
            .get(report, "shared", value::flag)
            .unwrap_or(default.shared),
    }
}

/// Reads `[sockets]`.
pub(super) fn sockets(report: &mut Report, root: &Table<'_>) -> Sockets {
    let Some(table) = root.get(report, "sockets", Table::open) else {
        return Sockets::default();
    };
    Sockets {
        server_send: table.get(report, "server_send", value::size),
        client_receive: table.get(report, "client_receive", value::size),
        notsent_lowat: table.get(report, "notsent_lowat", value::size),
        congestion: table.get(report, "congestion", value::text),
    }
}
