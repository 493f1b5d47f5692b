//! The program `shortread-server` as a test suite starts it, and a crowd of clients
//! that mean it no good.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdin, Command, Stdio},
};

use shortread_server::{
    body::Verifier,
    serve::{
        Ready,
        protocol::{Command as Order, Reply},
    },
};

use crate::support::{HANG, scenario};

const PROGRAM: &str = env!("CARGO_BIN_EXE_shortread-server");

/// Ended with its input, and at the latest when a test is over.
struct Process {
    child: Child,
    ready: Ready,
}

impl Process {
    fn start() -> Self {
        Self::of(&mut Command::new(PROGRAM), Stdio::null())
    }

    fn of(command: &mut Command, stderr: Stdio) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--exit-with-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        Self {
            ready: serde_json::from_str(&line).expect(&line),
            child,
        }
    }

    /// A connection on which `bytes` were sent.
    fn ask(&self, bytes: &[u8]) -> TcpStream {
        let addr = self.ready.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        // A server that refused already may have closed.
        let _ = stream.write_all(bytes);
        stream
    }

    /// Everything that is answered to a GET.
    fn get(&self, target: &str) -> Vec<u8> {
        let head = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
        let mut all = Vec::new();
        let mut stream = self.ask(head.as_bytes());
        stream.read_to_end(&mut all).unwrap();
        all
    }

    /// Everything that the control interface answers to an order.
    fn order(&self, bytes: &[u8]) -> String {
        let control = self.ready.control.as_deref().unwrap();
        let mut stream = TcpStream::connect(control.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.write_all(bytes).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        all
    }

    /// The value of `/metrics` under this name.
    fn count(&self, name: &str) -> u64 {
        let order = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let all = self.order(order);
        let start = format!("shortread_{name} ");
        let line = all.lines().find_map(|line| line.strip_prefix(&start));
        line.expect(&all).parse().unwrap()
    }

    /// The most memory that the process ever had, in bytes.
    fn most_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        1024 * kib.parse::<u64>().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_ready_line_is_true_and_the_end_of_its_input_ends_the_server() {
    let mut process = Process::start();
    assert!(process.ready.ready);
    assert_eq!(process.ready.pid, process.child.id());
    let control = process.ready.control.as_deref().unwrap();
    assert!(control.starts_with("http://127.0.0.1:"), "{control}");
    let answer = process.get("/");
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    // A response under way does not hold it up.
    let mut stream = process.ask(b"GET /download?size=1TiB HTTP/1.1\r\n\r\n");
    stream.read_exact(&mut [0; 1000]).unwrap();
    drop(process.child.stdin.take());
    let status = process.child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
}

/// Not one that grows with the file, and none that is outside of what is served.
#[test]
fn a_file_is_served_at_its_name_and_nothing_beside_it() {
    const SIZE: u64 = 1 << 30;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.tar");
    fs::File::create(&path).unwrap().set_len(SIZE).unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    let process = Process::of(
        Command::new(PROGRAM).arg("--file").arg(&path),
        Stdio::null(),
    );
    process.get("/");
    let before = process.most_memory();
    let ask = b"GET /large.tar HTTP/1.1\r\nConnection: close\r\n\r\n";
    let mut stream = process.ask(ask);
    let (mut count, mut buffer) = (0, vec![0; 1 << 20]);
    while let read @ 1.. = stream.read(&mut buffer).unwrap() {
        count += read as u64;
        if count > 256 << 20 {
            break;
        }
    }
    assert!(count > 256 << 20, "{count}");
    let grown = process.most_memory() - before;
    assert!(grown < 32 << 20, "{grown}");
    let mut range =
        process.ask(b"GET /s/large.tar HTTP/1.1\r\nRange: bytes=0-9\r\nConnection: close\r\n\r\n");
    let mut head = Vec::new();
    range.read_to_end(&mut head).unwrap();
    let head = String::from_utf8_lossy(&head);
    assert!(
        head.contains("Content-Range: bytes 0-9/1073741824"),
        "{head}"
    );
    for target in [
        "/secret",
        "/s/secret",
        "/large.tar/../secret",
        "/..%2fsecret",
        "/s/..%2fsecret",
        "/download?file=secret",
        "/download?size=9&file=%2fetc%2fpasswd",
    ] {
        let answer = process.get(target);
        let head = String::from_utf8_lossy(&answer[..answer.len().min(4096)]).into_owned();
        assert!(head.starts_with("HTTP/1.1 4"), "{target}: {head}");
        assert!(
            !head.contains("secret\n") && !answer.ends_with(b"secret"),
            "{target}"
        );
    }
}

#[test]
fn a_thousand_slow_and_vanishing_clients_leave_the_server_small_and_answering() {
    let process = Process::start();
    process.get("/");
    let before = process.most_memory();
    let mut held = Vec::new();
    for number in 0..400 {
        held.push(process.ask(b"GET / HTTP/1.1\r\nX: never ends"));
        let ask = format!("GET /download?size=1TiB&key={number} HTTP/1.1\r\n\r\n");
        // Takes one byte, and then nothing for ever.
        let mut slow = process.ask(ask.as_bytes());
        slow.read_exact(&mut [0]).unwrap();
        held.push(slow);
        if number % 2 == 0 {
            let mut gone = process.ask(ask.as_bytes());
            gone.read_exact(&mut [0]).unwrap();
        }
    }
    let answer = process.get("/expected?size=100KB");
    let at = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let mut verifier = Verifier::new(100_000);
    verifier.check(&answer[at..]);
    assert!(verifier.is_whole(), "{verifier:?}");
    // A connection takes about 10 KiB; a buffer of 64 KiB for each of the 1000
    // would make 60 MB.
    let grown = process.most_memory() - before;
    assert!(grown < 32_000_000, "{grown} bytes");
}

#[test]
fn what_is_absurd_is_refused_in_a_sentence_and_the_next_is_answered() {
    let process = Process::start();
    let long = |bytes: usize| "a".repeat(bytes);
    for (asked, status, says) in [
        (format!("GET /{} HTTP/1.1\r\n\r\n", long(9000)), 414, "8192"),
        (
            format!("GET / HTTP/1.1\r\nX: {}", long(70_000)),
            431,
            "65536",
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(101)),
            431,
            "100 fields",
        ),
        ("hello\r\n\r\n".into(), 400, "request line"),
        ("\x16\x03\x01\x02\r\n\r\n".into(), 400, "TLS"),
        (
            format!("GET /download?{} HTTP/1.1\r\n\r\n", "a&".repeat(4000)),
            400,
            "more than 64 parameters",
        ),
        (
            format!("GET /download?size={} HTTP/1.1\r\n\r\n", long(8000)),
            400,
            "size=aaa",
        ),
        (
            "GET /download?size=9223372036854775808 HTTP/1.1\r\n\r\n".into(),
            400,
            "size=9223372036854775808: ",
        ),
        ("GET /%00%ff HTTP/1.1\r\n\r\n".into(), 400, "not UTF-8"),
    ] {
        let mut stream = process.ask(asked.as_bytes());
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        // Unread bytes may turn the end into RST.
        while let Ok(n @ 1..) = stream.read(&mut buffer) {
            answer.extend_from_slice(&buffer[..n]);
        }
        let answer = String::from_utf8(answer).unwrap();
        let what: String = asked.chars().take(60).collect();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(says),
            "{what}: {answer}"
        );
        assert!(answer.len() < 10_000, "{what}: {} bytes", answer.len());
    }
    let answer = process.get("/expected?size=1");
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn ranges_and_heads_are_for_downloads_too() {
    let process = Process::start();
    let target = "/download?size=1000&fault=fin@500";
    let head = format!("HEAD {target} HTTP/1.1\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    process
        .ask(head.as_bytes())
        .read_to_string(&mut answer)
        .unwrap();
    assert!(answer.contains("Content-Length: 1000\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");

    let range = format!("GET {target} HTTP/1.1\r\nRange: bytes=990-\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    process
        .ask(range.as_bytes())
        .read_to_end(&mut answer)
        .unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.starts_with("HTTP/1.1 206 "), "{text}");
    assert!(
        text.contains("Content-Range: bytes 990-999/1000\r\n"),
        "{text}"
    );
}

/// Reads answers with one byte, and asks again for each, so many times.
fn ask_again(stream: &mut TcpStream, head: &str, times: usize) {
    for number in 0..times {
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{number}");
        stream.read_exact(&mut [0]).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
    }
}

#[test]
fn a_standard_error_that_nobody_reads_holds_up_neither_downloads_nor_the_end() {
    let mut process = Process::of(&mut Command::new(PROGRAM), Stdio::piped());
    // 8 KB of journal each: more than a pipe and the queue take.
    let target = format!("/download?size=1{}", "&".repeat(8_000));
    let head = format!("GET {target} HTTP/1.1\r\n\r\n");
    let mut stream = process.ask(head.as_bytes());
    ask_again(&mut stream, &head, 700);
    assert!(process.count("log_dropped_lines") > 0);
    drop(process.child.stdin.take());
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

#[cfg(shortread_linux)]
#[test]
fn with_few_descriptors_connections_wait_and_control_answers() {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\"", PROGRAM]);
    let process = Process::of(&mut few, Stdio::null());
    assert_eq!(process.ready.connections, 44);
    let mut held: Vec<_> = (0..60)
        .map(|_| process.ask(b"GET /download?size=1 HTTP/1.1\r\n\r\n"))
        .collect();
    for stream in &mut held[..44] {
        stream.read_exact(&mut [0]).unwrap();
    }
    assert_eq!(process.count("connections_waiting"), 16);
    assert_eq!(process.count("connections_open"), 44);
    held.drain(..44);
    for stream in &mut held {
        stream.read_exact(&mut [0]).unwrap();
    }
    assert_eq!(process.count("connections_waiting"), 0);
}

#[cfg(shortread_linux)]
#[test]
fn the_soft_limit_on_descriptors_is_raised_to_the_hard_one() {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -Sn 64; exec \"$0\" \"$@\"", PROGRAM]);
    let process = Process::of(&mut few, Stdio::null());
    assert!(process.ready.connections > 44, "{:?}", process.ready);
}

#[test]
fn an_order_over_the_limit_is_answered_whoever_sends_it() {
    let process = Process::start();
    let body = "x".repeat(5 << 20);
    for host in ["localhost", "attacker.example"] {
        let order = format!(
            "PUT /scenarios/a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let status = if host == "localhost" { "413" } else { "421" };
        let answer = process.order(order.as_bytes());
        assert_eq!(&answer[9..12], status, "{answer}");
    }
}

/// A supervised server, where its commands go, and its replies.
fn supervised() -> (Child, ChildStdin, impl Iterator<Item = Reply> + Send) {
    let mut child = Command::new(PROGRAM)
        .arg("--supervised")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = child.stdin.take().unwrap();
    let replies = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap());
    (child, input, replies)
}

#[test]
fn a_harness_that_does_not_read_holds_up_no_trial_and_gets_every_event_later() {
    let (mut child, mut input, mut replies) = supervised();
    let mut tell = |command: &Order| {
        let line = serde_json::to_string(command).unwrap();
        writeln!(input, "{line}").unwrap();
    };
    let mut open = |trial: &str| {
        tell(&Order::Open {
            trial: trial.into(),
            scenario: Box::new(scenario(1, vec![])),
            seed: 1,
        });
        match replies.next() {
            Some(Reply::Opened { addr, .. }) => addr,
            other => panic!("{other:?}"),
        }
    };
    let (one, two) = (open("one"), open("two"));
    // Its events are more than a pipe and the server's queue take.
    let ask = |addr, times| {
        let head = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(8_000));
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        ask_again(&mut stream, &head, times);
    };
    ask(one, 700);
    tell(&Order::Close {
        trial: "one".into(),
    });
    ask(two, 10);
    let mut events = 0;
    loop {
        match replies.next() {
            Some(Reply::Event { trial, .. }) if trial == "one" => events += 1,
            Some(Reply::Progress { .. }) => {}
            Some(Reply::Closed { count, .. }) => break assert_eq!(events, count),
            other => panic!("{other:?}"),
        }
    }
    assert!(events > 1_400, "{events}");
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_trial_whose_body_is_being_encoded_holds_up_no_other() {
    let (mut child, mut input, all) = supervised();
    let (send, replies) = std::sync::mpsc::channel();
    let reading = std::thread::spawn(move || {
        for reply in all {
            let _ = send.send(reply);
        }
    });
    let mut open = |trial: &str, scenario| {
        let scenario = Box::new(scenario);
        let (trial, seed) = (trial.into(), 1);
        let line = serde_json::to_string(&Order::Open {
            trial,
            scenario,
            seed,
        });
        writeln!(input, "{}", line.unwrap()).unwrap();
    };
    open("small", scenario(1, vec![]));
    let Ok(Reply::Opened { addr, .. }) = replies.recv_timeout(HANG) else {
        panic!("it is not opened");
    };
    let mut large = scenario(64 << 20, vec![]);
    large.body.encoding = vec![shortread_server::scenario::Coding::Gzip];
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    open("large", large);
    let head = "GET / HTTP/1.1\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answered = 0;
    let reply = loop {
        ask_again(&mut stream, head, 1);
        answered += 1;
        if let Ok(reply) = replies.try_recv() {
            break reply;
        }
    };
    assert!(matches!(reply, Reply::Opened { .. }), "{reply:?}");
    // Encoding takes half a second of one core at least; what came before the
    // order was read is a few.
    assert!(answered >= 50, "{answered}");
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    reading.join().unwrap();
}

#[test]
fn a_scenario_that_is_put_and_encoded_holds_up_no_download() {
    let process = Process::start();
    let head = "GET /download?size=1 HTTP/1.1\r\n\r\n";
    let mut stream = process.ask(head.as_bytes());
    ask_again(&mut stream, head, 1);
    let file = "title = 'large'\ncause = 'a test'\nbody.size = '64MiB'\nbody.encoding = 'gzip'\n";
    let order = format!(
        "PUT /scenarios/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{file}",
        file.len()
    );
    std::thread::scope(|scope| {
        let putting = scope.spawn(|| process.order(order.as_bytes()));
        let mut answered = 0;
        while !putting.is_finished() {
            ask_again(&mut stream, head, 1);
            answered += 1;
        }
        let said = putting.join().unwrap();
        assert!(said.starts_with("HTTP/1.1 201 "), "{said}");
        // As above.
        assert!(answered >= 50, "{answered}");
    });
}
