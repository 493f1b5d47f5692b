//! Values that keys are probed with, and files that have one of them.

use serde_json::{Value as Json, json};

/// Values of each type and of each kind of text.
pub(super) fn probes() -> Vec<Json> {
    let texts = [
        "",
        " ",
        "x",
        "two\nlines",
        "64KiB",
        "1.5GB",
        "2MB/s",
        "100Mbit/s",
        "350s",
        "0",
        "1h 30m",
        "1s",
        "off",
        "forever",
        "end",
        "fin",
        "reset",
        "stall",
        "gzip",
        "chunked",
        "payload",
        "server",
        "after-io",
        "python",
        "c",
        "forbidden",
        "read-all",
        "tcp",
        "complete",
        "total",
        "aiohttp-3.14",
        "<aiohttp-3.14",
        "fault",
        "client.total",
        "2..",
        "every 3",
        "..30s",
        "GET",
        "/bucket/key",
        "/s/x",
        "/download",
        "/downloads",
        "/download/",
        "/download/key",
        "/simple/*",
        "/*/x",
        "/key?a=b",
        "//x",
        "1f 8b",
        "get",
        "first",
        "HTTP/1.1",
        "other-start",
        "both",
        "s3-slow-down",
    ];
    let numbers = [
        json!(0),
        json!(1),
        json!(200),
        json!(599),
        json!(127),
        json!(1000),
        json!(0.5),
        json!(-1),
    ];
    let one = texts
        .map(Json::from)
        .into_iter()
        .chain(numbers)
        .chain([json!(true)]);
    let lists = one
        .clone()
        .flat_map(|value| [json!([value]), json!([value, value])]);
    let tables = [
        json!({}),
        json!({ "body": "1MB" }),
        json!({ "body": "1MB", "wire": "1MB" }),
        json!({ "head": 7 }),
        json!({ "stall": "1s" }),
        json!({ "throttle": "1B/s" }),
        json!({ "idle": "1s" }),
        json!({ "idle": { "after": "1s", "counts": "payload" } }),
        json!({ "idle": { "counts": "payload" } }),
        json!({ "after": "1s" }),
        json!({ "unknown": 1 }),
        json!({ "X-Name": "value" }),
        json!({ "X-Name": 1 }),
    ];
    let of_tables = tables.clone().map(|table| json!([table]));
    one.chain(lists)
        .chain([json!([])])
        .chain(tables)
        .chain(of_tables)
        .collect()
}

/// A file whose only peculiarity is `value` at `path`; what must stand beside it does.
pub(super) fn file_with(path: &str, value: &Json) -> Json {
    let mut file = json!({ "title": "t", "cause": "c", "body": { "size": "1GB" } });
    if path == "body.members" {
        // Without a coding there are none.
        file["body"] = json!({ "size": "1MB", "encoding": "gzip" });
    }
    let mut at = &mut file;
    let parts: Vec<&str> = path.split('.').collect();
    let (last, above) = parts.split_last().unwrap();
    let mut reached = String::new();
    for part in above {
        reached = if reached.is_empty() {
            (*part).into()
        } else {
            format!("{reached}.{part}")
        };
        let is_list = [
            "fault",
            "answer",
            "version",
            "response.raw",
            "answer.raw",
            "expect.trial",
        ]
        .contains(&&*reached);
        let beside = match &*reached {
            "fault" => json!({ "when": { "body": 1 }, "then": "reset" }),
            "response.raw" | "answer.raw" => json!({ "at": "end" }),
            "expect.trial" => json!({ "kind": "complete", "delivered": [0, 1] }),
            "expect.any" => json!({ "success": "forbidden" }),
            "client.keepalive" => json!({ "idle": "1s" }),
            "fault.when.idle" => json!({ "after": "1s" }),
            _ => json!({}),
        };
        let slot = &mut at[*part];
        // A choice has no other key.
        if !slot.is_object()
            || [
                "fault.when",
                "response.raw.at",
                "answer.raw.at",
                "fault.then",
            ]
            .contains(&&*reached)
        {
            *slot = if is_list { json!([beside]) } else { beside };
        }
        at = if is_list { &mut slot[0] } else { slot };
    }
    at[*last] = value.clone();
    file
}

/// True if the reader takes the keys and values of a file, whatever they
/// contradict.
pub(super) fn is_read(file: &Json) -> bool {
    let text = toml_of(file);
    crate::scenario::read::is_read(&text)
}

/// JSON as an inline value of TOML.
fn inline(value: &Json) -> String {
    match value {
        Json::Object(entries) => {
            let each = entries
                .iter()
                .map(|(key, value)| format!("{key:?} = {}", inline(value)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
        Json::Array(all) => format!(
            "[{}]",
            all.iter().map(inline).collect::<Vec<_>>().join(", ")
        ),
        other => other.to_string(),
    }
}

pub(super) fn toml_of(file: &Json) -> String {
    let lines = file.as_object().unwrap().iter();
    lines
        .map(|(key, value)| format!("{key} = {}\n", inline(value)))
        .collect()
}
