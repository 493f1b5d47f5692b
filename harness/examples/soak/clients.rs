//! Clients: some read their whole download, most vanish in one way or another.

use std::{
    env,
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    process::{Command, Stdio},
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use shortread_server::clock::Clock;
use socket2::SockRef;

use crate::{Args, Done, faults, http, server::Server};

/// No client waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The behaviour of a client after its request.
#[derive(Debug, Clone, Copy)]
enum Manner {
    ReadsAll,
    ReadsSlowly,
    NeverReads,
    ClosesAtOnce,
    HalfCloses,
    HalfClosesAndGoes,
    Resets,
    SendsHalfAHead,
    SendsNoise,
    Pipelines,
    IsKilled,
}

const MANNERS: [Manner; 11] = [
    Manner::ReadsAll,
    Manner::ReadsSlowly,
    Manner::NeverReads,
    Manner::ClosesAtOnce,
    Manner::HalfCloses,
    Manner::HalfClosesAndGoes,
    Manner::Resets,
    Manner::SendsHalfAHead,
    Manner::SendsNoise,
    Manner::Pipelines,
    Manner::IsKilled,
];

/// Threads of clients, one behind the other on each, until they are to stop.
pub(crate) fn start(
    server: &Server,
    args: &Args,
    done: &Arc<Done>,
) -> io::Result<Vec<thread::JoinHandle<()>>> {
    let one = |number: u64| {
        let (addr, done) = (server.site, Arc::clone(done));
        let mut rng = Pcg64Mcg::seed_from_u64(args.seed.wrapping_mul(1 << 20) + number);
        let run = move || {
            while !done.stop.load(Relaxed) {
                let manner = MANNERS[rng.random_range(0..MANNERS.len())];
                // Most of what happens here are errors, and meant.
                let _ = behave(manner, addr, &mut rng, &done);
                done.clients.fetch_add(1, Relaxed);
            }
        };
        thread::Builder::new()
            .name(format!("client-{number}"))
            .spawn(run)
    };
    (0..args.clients).map(one).collect()
}

fn behave(manner: Manner, addr: SocketAddr, rng: &mut Pcg64Mcg, done: &Done) -> io::Result<()> {
    let target = faults::target(rng);
    let ask = || http::send(addr, "GET", &target, b"", PATIENCE);
    let a_while = Duration::from_millis(rng.random_range(1..800));
    match manner {
        Manner::ReadsAll => read(&mut ask()?, PATIENCE, Duration::ZERO),
        Manner::ReadsSlowly => read(&mut ask()?, a_while, Duration::from_millis(20)),
        Manner::NeverReads => hold(ask()?, a_while),
        Manner::ClosesAtOnce => drop(ask()?),
        Manner::HalfCloses => {
            let mut stream = ask()?;
            stream.shutdown(Shutdown::Write)?;
            read(&mut stream, a_while, Duration::ZERO);
        }
        Manner::HalfClosesAndGoes => ask()?.shutdown(Shutdown::Write)?,
        Manner::Resets => {
            let mut stream = ask()?;
            let _ = stream.read(&mut [0; 100]);
            reset(stream)?;
        }
        Manner::SendsHalfAHead => {
            let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
            stream.write_all(b"GET /download?size=1 HTTP/1.1\r\nHo")?;
            hold(stream, a_while);
        }
        Manner::SendsNoise => {
            let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
            stream.write_all(&faults::noise(rng))?;
            read(&mut stream, a_while, Duration::ZERO);
        }
        Manner::Pipelines => {
            let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
            let head = format!("GET {target} HTTP/1.1\r\nHost: {addr}\r\n\r\n");
            stream.write_all(head.repeat(5).as_bytes())?;
            read(&mut stream, a_while, Duration::ZERO);
        }
        Manner::IsKilled => {
            kill(addr, &target, a_while)?;
            done.killed.fetch_add(1, Relaxed);
        }
    }
    Ok(())
}

/// Reads to the end, for so long at most, with a pause behind each read.
fn read(stream: &mut TcpStream, most: Duration, pause: Duration) {
    let clock = Clock::real();
    let late = clock.now() + most;
    let mut part = [0; 16 << 10];
    loop {
        let left = late.since(clock.now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return;
        }
        match stream.read(&mut part) {
            Ok(1..) => clock.block(pause),
            Ok(0) | Err(_) => return,
        }
    }
}

fn hold(stream: TcpStream, time: Duration) {
    Clock::real().block(time);
    drop(stream);
}

/// Closes with RST: SO_LINGER with a time of zero.
fn reset(stream: TcpStream) -> io::Result<()> {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))
}

/// A process of its own that is killed while it reads.
fn kill(addr: SocketAddr, target: &str, after: Duration) -> io::Result<()> {
    let mut victim = Command::new(env::current_exe()?)
        .args(["--victim", &addr.to_string(), target])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Clock::real().block(after);
    victim.kill()?;
    victim.wait().map(drop)
}

/// The work of the process that is to be killed: it asks and reads slowly.
pub(crate) fn be_killed(addr: &str, target: &str) {
    let Ok(addr) = addr.parse() else { return };
    if let Ok(mut stream) = http::send(addr, "GET", target, b"", PATIENCE) {
        read(&mut stream, 4 * PATIENCE, Duration::from_millis(5));
        Clock::real().block(PATIENCE);
    }
}
