//! Real files by their names: the list, the paths, and the control interface.

use std::path::PathBuf;

use shortread_server::{
    flow::Urgency,
    journal::{CloseReason, Fact},
    scenario::Scenario,
    serve::{Serving, Standalone, StandaloneError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::run;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A file that holds its name.
    fn file(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, name).unwrap();
        path
    }

    fn scenarios(&self, names: &[&str]) -> Vec<Scenario> {
        let of = |name: &&str| Scenario::of_file(&self.file(name)).unwrap();
        names.iter().map(of).collect()
    }
}

async fn serve(scenarios: Vec<Scenario>) -> Serving {
    let settings = Standalone {
        scenarios,
        ..Standalone::default()
    };
    settings.start().await.unwrap()
}

async fn end(server: Serving) {
    server.close(Urgency::Now);
    server.join().await;
}

/// Status and body of what `method` gets at a path of the server at `url`.
async fn ask(url: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let addr = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    let all = String::from_utf8_lossy(&all);
    let (head, body) = all.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

async fn get(url: &str, path: &str) -> (u16, String) {
    ask(url, "GET", path, "").await
}

const NAMES: [&str; 12] = [
    "plain.whl",
    "a b.whl",
    "a+b",
    "a?b",
    "a#b",
    "100%25",
    "new\nline",
    "it's",
    "[1-3]{a,b}",
    "\u{1b}[2J",
    "download",
    "s",
];

#[test]
fn each_path_of_the_list_gets_its_file() {
    run(async {
        let folder = Folder::new();
        let server = serve(folder.scenarios(&NAMES)).await;
        let url = server.url();
        let (_, list) = get(&url, "/").await;
        let rows = list.split("separate counters)\n").nth(1).unwrap();
        let paths: Vec<&str> = rows
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .map(|line| line.split_whitespace().next().unwrap())
            .collect();
        assert_eq!(paths.len(), NAMES.len(), "{list}");
        for (name, path) in NAMES.into_iter().zip(paths) {
            assert_eq!(get(&url, path).await, (200, name.to_owned()), "{path}");
            let is_short = !["download", "s"].contains(&name);
            assert_eq!(is_short, !path.starts_with("/s/"), "{path}");
            let last = path.rsplit('/').next().unwrap();
            for long in [format!("/s/{last}"), format!("/expected/s/{last}")] {
                assert_eq!(get(&url, &long).await, (200, name.to_owned()), "{long}");
            }
        }
        let (_, rows) = get(&server.control().unwrap(), "/scenarios").await;
        let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
        let rows = rows["scenarios"].as_array().unwrap();
        assert_eq!(rows.len(), NAMES.len());
        for (name, row) in NAMES.into_iter().zip(rows) {
            let path = row["url"].as_str().unwrap().strip_prefix(&url).unwrap();
            assert_eq!(get(&url, path).await, (200, name.to_owned()), "{path}");
        }
        end(server).await;
    });
}

#[test]
fn two_scenarios_of_one_name_are_not_served() {
    run(async {
        let folder = Folder::new();
        let other = Folder::new();
        let scenarios = [folder.scenarios(&["x"]), other.scenarios(&["x"])].concat();
        let settings = Standalone {
            scenarios,
            ..Standalone::default()
        };
        match settings.start().await {
            Err(StandaloneError::Name(name)) => assert_eq!(name, "x"),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("both are served"),
        }
    });
}

#[test]
fn the_control_interface_tells_a_file_as_a_scenario_and_does_not_replace_it() {
    run(async {
        let folder = Folder::new();
        let server = serve(folder.scenarios(&["a.whl"])).await;
        let (url, control) = (server.url(), server.control().unwrap());
        let (status, text) = get(&control, "/scenarios/a.whl").await;
        assert_eq!(status, 200);
        let path = folder.0.path().join("a.whl");
        let file = format!("file = \"{}\"", path.display());
        assert!(
            text.contains(&file) && text.contains("alias = \"/a.whl\""),
            "{text}"
        );
        let toml = "title = \"t\"\ncause = \"c\"\nbody.size = \"7B\"\n";
        let put = |name: &'static str| {
            let control = control.clone();
            async move { ask(&control, "PUT", &format!("/scenarios/{name}"), toml).await }
        };
        let (status, said) = put("a.whl").await;
        assert_eq!(status, 409, "{said}");
        assert!(
            said.contains("a real file") && said.contains("DELETE"),
            "{said}"
        );
        for path in ["/a.whl", "/s/a.whl"] {
            assert_eq!(get(&url, path).await, (200, "a.whl".into()), "{path}");
        }
        assert_eq!(put("b.whl").await.0, 201);
        assert_eq!(ask(&control, "DELETE", "/scenarios/a.whl", "").await.0, 204);
        assert_eq!(get(&url, "/a.whl").await.0, 404);
        assert_eq!(put("a.whl").await.0, 201);
        let (status, now) = get(&url, "/s/a.whl").await;
        assert!(status == 200 && now != "a.whl", "{now}");
        end(server).await;
    });
}

#[test]
fn a_file_that_has_changed_is_refused_at_each_of_its_paths() {
    run(async {
        let folder = Folder::new();
        let [mut coded, plain, late]: [Scenario; 3] = folder
            .scenarios(&["coded", "plain", "late"])
            .try_into()
            .unwrap();
        coded.body.encoding = vec![shortread_server::scenario::Coding::Gzip];
        let server = serve(vec![coded, plain, late]).await;
        let url = server.url();
        let paths = |name: &str| {
            [
                format!("/{name}"),
                format!("/s/{name}"),
                format!("/expected/s/{name}"),
            ]
        };
        for path in paths("plain") {
            assert_eq!(get(&url, &path).await.0, 200);
        }
        for name in ["coded", "plain", "late"] {
            std::fs::write(folder.0.path().join(name), "something else").unwrap();
            for path in paths(name) {
                // With and without counters of its own.
                for path in [path.clone(), path + "?key=k"] {
                    let (status, said) = get(&url, &path).await;
                    assert_eq!(status, 500, "{path}: {said}");
                    assert!(said.contains("it has changed"), "{path}: {said}");
                    assert!(!said.contains(folder.0.path().to_str().unwrap()), "{said}");
                }
            }
        }
        let events = server.journal().end_of(Some("k")).await.events;
        let reasons: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.fact {
                Fact::Closed { reason, .. } => Some(reason),
                _ => None,
            })
            .collect();
        assert_eq!(reasons.len(), 9);
        for reason in reasons {
            assert!(
                matches!(reason, CloseReason::Error(why) if why.contains("it has changed")),
                "{reason:?}"
            );
        }
        end(server).await;
    });
}
