//! The keys of each table. The reader refuses all others, and takes its
//! suggestions from here.

/// One table of the grammar.
#[derive(Debug)]
pub(super) struct Grammar {
    /// The key path of the table, without indices; empty for the top level.
    pub(super) path: &'static str,
    /// As a person writes it.
    pub(super) shown: &'static str,
    /// Its keys, tables in it included.
    pub(super) keys: &'static [&'static str],
}

const fn table(path: &'static str, shown: &'static str, keys: &'static [&'static str]) -> Grammar {
    Grammar { path, shown, keys }
}

/// Every table but `response.headers`, whose keys are free.
pub(super) const TABLES: &[Grammar] = &[
    table(
        "",
        "the top level",
        &[
            "title", "cause", "why", "sources", "decisive", "body", "response", "link", "sockets",
            "fault", "client", "sink", "tcp", "plan", "expect",
        ],
    ),
    table(
        "body",
        "[body]",
        &[
            "size",
            "framing",
            "chunk",
            "encoding",
            "truncate_at",
            "declared_size",
        ],
    ),
    table(
        "response",
        "[response]",
        &[
            "status",
            "headers",
            "head_delay",
            "head_pause",
            "page",
            "ranges",
            "etag",
            "raw",
        ],
    ),
    table(
        "response.raw",
        "[[response.raw]]",
        &["at", "bytes", "replace"],
    ),
    table("response.raw.at", "`at`", &["head", "body"]),
    table(
        "link",
        "[link]",
        &[
            "rate",
            "latency",
            "jitter",
            "segment",
            "loss",
            "connections",
            "shared",
        ],
    ),
    table(
        "sockets",
        "[sockets]",
        &[
            "server_send",
            "client_receive",
            "notsent_lowat",
            "congestion",
        ],
    ),
    table(
        "fault",
        "[[fault]]",
        &["when", "then", "by", "drain", "drain_limit", "settle"],
    ),
    table(
        "fault.when",
        "`when`",
        &[
            "body",
            "wire",
            "elapsed",
            "idle",
            "blocked",
            "request",
            "connection",
            "chance",
        ],
    ),
    table("fault.when.idle", "`idle`", &["after", "counts"]),
    table("fault.then", "`then`", &["stall", "throttle"]),
    table(
        "client",
        "[client]",
        &[
            "connect",
            "head",
            "sock_read",
            "total",
            "keepalive",
            "memory",
            "parallel",
            "give_up",
            "timers",
            "parser",
        ],
    ),
    table(
        "client.keepalive",
        "`keepalive`",
        &["idle", "interval", "count"],
    ),
    table("sink", "[sink]", &["pause", "rate", "blocking", "file"]),
    table("tcp", "[tcp]", &["time", "size", "measure"]),
    table("plan", "[plan]", &["chunk_size", "profile"]),
    table("expect", "[expect]", &["any", "trial"]),
    table("expect.any", "[expect.any]", &["success", "prefix", "hang"]),
    table(
        "expect.trial",
        "[[expect.trial]]",
        &[
            "strategy",
            "chunk_size",
            "profile",
            "world",
            "kind",
            "ended_by",
            "deadline",
            "delivered",
            "lost",
        ],
    ),
];

/// Raw pieces of a response: each splits what is sent there, so that a response
/// keeps a place for each.
const MOST_RAW: usize = 256;

/// `[[expect.trial]]`: each pair of them is compared.
const MOST_EXPECTATIONS: usize = 256;

/// Releases or sizes in a list that selects trials: each pair of expectations
/// compares them, and there are fewer releases.
const MOST_SELECTED: usize = 128;

/// Entries of any other list, and header fields. A person writes far fewer; more
/// would take the time of everything that compares entries with each other.
const MOST_ENTRIES: usize = 1000;

/// The most entries that the list or the table of header fields at `path` may
/// have.
pub(super) fn most_entries(path: &str) -> usize {
    match without_indices(path).as_str() {
        "expect.trial" => MOST_EXPECTATIONS,
        "response.raw" => MOST_RAW,
        path if path.starts_with("expect.trial.") || path.starts_with("plan.") => MOST_SELECTED,
        _ => MOST_ENTRIES,
    }
}

/// The table at `path`, whose indices (`fault[0].when`) are ignored.
pub(super) fn at(path: &str) -> Option<&'static Grammar> {
    let plain = without_indices(path);
    TABLES.iter().find(|table| table.path == plain)
}

/// `fault[0].when` -> `fault.when`.
pub(super) fn without_indices(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|c| {
            inside |= *c == '[';
            let keep = !inside;
            inside &= *c != ']';
            keep
        })
        .collect()
}

/// The tables of a file (not the inline ones) that have the key `key`, as a
/// person writes them.
pub(super) fn homes(key: &str) -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .filter(move |table| table.shown.starts_with('[') && table.keys.contains(&key))
        .map(|table| table.shown)
}

/// Every path that a scenario's failure can hang on: all settings and their
/// tables, but not what describes, scales or judges.
pub(super) fn settings() -> impl Iterator<Item = String> {
    let setting = |path: &str| {
        !path.is_empty()
            && !["tcp", "plan", "expect"].contains(&path.split('.').next().unwrap_or_default())
    };
    TABLES
        .iter()
        .filter(move |table| setting(table.path))
        .flat_map(|table| {
            let keys = table.keys.iter().map(|key| format!("{}.{key}", table.path));
            std::iter::once(table.path.to_owned()).chain(keys)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_do_not_matter() {
        assert_eq!(without_indices("fault[12].when.idle"), "fault.when.idle");
        assert_eq!(at("expect.trial[3]").unwrap().shown, "[[expect.trial]]");
        assert!(at("response.headers").is_none());
    }

    #[test]
    fn what_can_be_decisive_are_settings() {
        let all: Vec<_> = settings().collect();
        for path in [
            "fault",
            "client.total",
            "body.declared_size",
            "response.headers",
        ] {
            assert!(all.iter().any(|known| known == path), "{path}");
        }
        assert!(
            !all.iter()
                .any(|path| path.starts_with("expect") || path == "title")
        );
    }

    #[test]
    fn every_key_is_in_the_reference() {
        let reference = include_str!("../../../docs/SCENARIOS.md");
        for table in TABLES {
            for key in table.keys {
                let named = [
                    format!("`{key}`"),
                    format!("{{ {key} = "),
                    format!("[{}.{key}]", table.path),
                    format!("`{}.{key}`", table.path),
                ];
                assert!(
                    named.iter().any(|name| reference.contains(name)),
                    "`{key}` of {}",
                    table.shown
                );
            }
        }
    }
}
