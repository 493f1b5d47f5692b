//! The server as curl sees it: exit codes, and counts that agree to the byte.

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::Receiver,
};

use shortread_server::{
    body::{Pattern, Verifier},
    journal::{Event, Fact},
    scenario::{Scenario, parse},
    serve::protocol::{self, Reply},
};

use crate::support::{Ended, Folder, HANG, Program, is_there, lines};

/// curl's own names are in curl(1), section EXIT CODES.
const PARTIAL_FILE: i32 = 18;
const OPERATION_TIMEDOUT: i32 = 28;
const GOT_NOTHING: i32 = 52;
const RECV_ERROR: i32 = 56;

/// Bytes of every object here.
const SIZE: u64 = 300_000;

#[test]
fn curl_names_each_way_to_break() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    let mut names = Vec::new();
    let mut files = Vec::new();
    for (name, body, fault) in [
        ("whole", "", ""),
        ("fin", "", r#"when = { body = "200000B" }; then = "fin""#),
        (
            "fin-chunked",
            r#"framing = "chunked""#,
            r#"when = { body = "200000B" }; then = "fin""#,
        ),
        (
            "fin-close",
            r#"framing = "close""#,
            r#"when = { body = "200000B" }; then = "fin""#,
        ),
        (
            "stall",
            "",
            r#"when = { body = "200000B" }; then = { stall = "forever" }"#,
        ),
        ("empty", "", r#"when = { wire = "0B" }; then = "fin""#),
        (
            "reset",
            "",
            r#"when = { body = "200000B" }; then = "reset""#,
        ),
    ] {
        names.push(name);
        files.push(folder.scenario(name, &scenario(body, fault)));
    }
    let server = Served::start(&folder, &files);
    let codes: Vec<(&str, i32)> = names
        .into_iter()
        .map(|name| {
            // The one that never ends is ended; the others have all the time
            // that a loaded machine may need.
            let limit = if name == "stall" { "3" } else { "100" };
            let url = server.url(name);
            let ended = curl(&folder, &["--max-time", limit, "-o", "got", &url]);
            (name, ended.code.unwrap())
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("whole", 0),
            ("fin", PARTIAL_FILE),
            ("fin-chunked", PARTIAL_FILE),
            // Nobody can tell.
            ("fin-close", 0),
            ("stall", OPERATION_TIMEDOUT),
            ("empty", GOT_NOTHING),
            ("reset", RECV_ERROR),
        ]
    );
}

#[test]
fn journal_count_and_file_agree_on_where_a_drained_cut_was() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    let mut server = Supervised::start(&folder);
    for framing in ["content-length", "chunked", "close"] {
        for action in ["fin", "reset"] {
            // One byte; the edge of a chunk; anywhere; the last byte but one.
            for cut in [1, 65_536, 123_457, SIZE - 1] {
                let what = format!("{action} at {cut}, {framing}");
                let text = scenario(
                    &format!("framing = \"{framing}\""),
                    &format!("when = {{ body = \"{cut}B\" }}; then = \"{action}\""),
                );
                let addr = server.open(&what, parse(&what, &what, &text).unwrap());
                let file = folder.path().join("cut");
                let got = fetch(&folder, &format!("http://{addr}/"), &file, &[]);
                let code = match (action, framing) {
                    ("reset", _) => RECV_ERROR,
                    (_, "close") => 0,
                    _ => PARTIAL_FILE,
                };
                assert_eq!(got, (code, 200, cut), "{what}");
                assert_prefix(&file, cut, &what);

                let events = server.close(&what);
                let fault = events.iter().find_map(|event| match &event.fact {
                    Fact::Fault {
                        at_bytes,
                        in_flight_bytes,
                        ..
                    } => Some((*at_bytes, *in_flight_bytes)),
                    _ => None,
                });
                assert_eq!(fault, Some((cut, 0)), "{what}: {events:?}");
                let sent = events.iter().find_map(|event| match &event.fact {
                    Fact::Closed {
                        sent_bytes,
                        acked_bytes,
                        ..
                    } => Some((*sent_bytes, *acked_bytes)),
                    _ => None,
                });
                assert_eq!(sent, Some((cut, Some(cut))), "{what}: {events:?}");
            }
        }
    }
}

#[test]
fn a_cut_download_is_resumed_and_every_byte_is_there() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    // The rest after the cut is shorter than the part before it, so the second
    // response ends before its own cut.
    let cut = 200_000;
    let text = scenario("", r#"when = { body = "200000B" }; then = "reset""#);
    let file = folder.scenario("flaky", &text);
    let server = Served::start(&folder, &[file]);
    let (url, file) = (server.url("flaky"), folder.path().join("flaky.bin"));
    assert_eq!(fetch(&folder, &url, &file, &[]), (RECV_ERROR, 200, cut));
    assert_prefix(&file, cut, "before the resume");
    let resumed = fetch(&folder, &url, &file, &["-C", "-"]);
    assert_eq!(resumed, (0, 206, SIZE - cut));
    let mut verifier = Verifier::new(SIZE);
    verifier.check(&fs::read(&file).unwrap());
    assert!(verifier.is_whole(), "{verifier:?}");
}

#[test]
fn a_head_request_gets_the_head_of_the_response_and_nothing_else() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    // The fault is in the body, and there is none.
    let text = scenario("", r#"when = { body = "1B" }; then = "reset""#);
    let file = folder.scenario("asked", &text);
    let server = Served::start(&folder, &[file]);
    let ended = curl(&folder, &["--head", &server.url("asked")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let head = ended.out.to_ascii_lowercase();
    for line in [
        "http/1.1 200 ok\r\n",
        "content-length: 300000\r\n",
        "accept-ranges: bytes\r\n",
        "etag: ",
        "last-modified: ",
    ] {
        assert!(head.contains(line), "{line:?} is not in {head:?}");
    }
    assert!(head.ends_with("\r\n\r\n"), "{head:?}");
}

/// A scenario with `body` keys and one fault, its keys separated by `; `.
fn scenario(body: &str, fault: &str) -> String {
    let fault = match fault {
        "" => String::new(),
        keys => format!("[[fault]]\n{}\n", keys.replace("; ", "\n")),
    };
    format!(
        "title = \"for curl\"\ncause = \"a test\"\n\n[body]\nsize = \"{SIZE}B\"\n{body}\n\n{fault}"
    )
}

/// Runs curl, whatever this machine's own settings of it are.
fn curl(folder: &Folder, args: &[&str]) -> Ended {
    let mut command = Command::new("curl");
    command
        .args(["-q", "-sS", "--noproxy", "*"])
        .args(args)
        .current_dir(folder.path());
    Program::start(folder.path(), command).end()
}

/// Downloads into `file`; exit code, status, and body bytes as curl counts them.
fn fetch(folder: &Folder, url: &str, file: &Path, more: &[&str]) -> (i32, u16, u64) {
    let mut args = vec!["-w", "%{http_code} %{size_download}"];
    args.extend(["--max-time", "100", "-o", file.to_str().unwrap()]);
    args.extend(more);
    args.push(url);
    let ended = curl(folder, &args);
    let (status, bytes) = ended.out.split_once(' ').expect("two numbers");
    (
        ended.code.expect("curl ends by itself"),
        status.parse().unwrap(),
        bytes.parse().unwrap(),
    )
}

/// `file` holds the first `size` bytes of the object, and no more.
fn assert_prefix(file: &Path, size: u64, what: &str) {
    let got = fs::read(file).unwrap();
    let object: Vec<u8> = Pattern::PLAIN.slices(0..size).collect::<Vec<_>>().concat();
    assert_eq!(got.len(), object.len(), "{what}");
    assert!(got == object, "{what}: wrong bytes");
}

/// `shortread serve` with scenario files.
pub(crate) struct Served {
    _program: Program,
    base: String,
    control: String,
}

impl Served {
    pub(crate) fn start(folder: &Folder, files: &[String]) -> Self {
        let mut args = vec!["serve"];
        args.extend(files.iter().map(String::as_str));
        // Its output stays apart from that of the programs that ask it.
        let place = folder.path().join("server");
        fs::create_dir(&place).unwrap();
        let program = Program::start(&place, folder.command(&args));
        let ready = program.ready();
        Self {
            base: ready.url,
            control: ready.control.unwrap(),
            _program: program,
        }
    }

    /// `http://` and the address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The same of its control interface.
    pub(crate) fn control(&self) -> &str {
        &self.control
    }

    fn url(&self, name: &str) -> String {
        format!("{}/s/{name}", self.base)
    }
}

/// `shortread serve --supervised`, for its journal.
struct Supervised {
    child: Child,
    input: ChildStdin,
    replies: Receiver<String>,
}

impl Supervised {
    fn start(folder: &Folder) -> Self {
        let mut child = folder
            .command(&["serve", "--supervised"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            replies: lines(child.stdout.take().unwrap()),
            child,
        }
    }

    fn open(&mut self, trial: &str, scenario: Scenario) -> SocketAddr {
        self.tell(&protocol::Command::Open {
            trial: trial.into(),
            scenario: Box::new(scenario),
            seed: 1,
        });
        match self.reply() {
            Reply::Opened { addr, .. } => addr,
            other => panic!("{other:?}"),
        }
    }

    fn close(&mut self, trial: &str) -> Vec<Event> {
        self.tell(&protocol::Command::Close {
            trial: trial.into(),
        });
        let mut events = Vec::new();
        loop {
            match self.reply() {
                Reply::Event { event, .. } => events.push(event),
                Reply::Progress { .. } => {}
                Reply::Closed { count, .. } => {
                    assert_eq!(count, events.len());
                    return events;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn tell(&mut self, command: &protocol::Command) {
        let line = serde_json::to_string(command).unwrap();
        writeln!(self.input, "{line}").unwrap();
    }

    fn reply(&self) -> Reply {
        let line = self.replies.recv_timeout(HANG).expect("a reply");
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // It would end with its input as well, but a test that failed must not
        // wait for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
