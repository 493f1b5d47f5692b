//! Requests to the control interface: complete ones, wrong ones, and abandoned
//! ones.

use std::{
    io::{self, Read as _},
    net::SocketAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use shortread_server::clock::Clock;

use crate::{Done, clients::PATIENCE, http, server::Server};

const SCENARIO: &[u8] = b"title = \"a soak\"\ncause = \"a soak\"\nbody.size = \"1KiB\"\n";

/// A thread that gives orders until it is to stop.
pub(crate) fn start(
    server: &Server,
    seed: u64,
    done: &Arc<Done>,
) -> io::Result<thread::JoinHandle<()>> {
    let (control, site, done) = (server.control, server.site, Arc::clone(done));
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    thread::Builder::new().name("orders".into()).spawn(move || {
        while !done.stop.load(Relaxed) {
            // An order may be refused, and late; only its remains count.
            let _ = order(control, site, &mut rng);
            done.orders.fetch_add(1, Relaxed);
        }
    })
}

fn order(control: SocketAddr, site: SocketAddr, rng: &mut Pcg64Mcg) -> io::Result<()> {
    let key = format!("soak-{}", rng.random_range(0..6_000));
    let ask = |method: &str, target: &str, body: &[u8]| {
        http::ask(control, method, target, body, PATIENCE).map(drop)
    };
    let begin = |target: &str| http::send(control, "GET", target, b"", PATIENCE);
    match rng.random_range(0..11) {
        0 => ask("GET", "/metrics", b""),
        1 => ask("GET", &format!("/journal?key={key}"), b""),
        2 => ask(
            "GET",
            &format!("/journal?key={key}&wait=end&timeout=100ms"),
            b"",
        ),
        // Megabytes that nobody reads, then a few, then none.
        3 => begin("/journal").map(drop),
        4 => begin("/journal")?.read(&mut [0; 1000]).map(drop),
        5 => {
            let stream = begin("/journal?stream=true")?;
            Clock::real().block(Duration::from_millis(rng.random_range(1..200)));
            drop(stream);
            Ok(())
        }
        6 => begin(&format!("/journal?key={key}&wait=end")).map(drop),
        7 => {
            let name = format!("/scenarios/soak-{}", rng.random_range(0..20));
            ask("PUT", &name, SCENARIO)?;
            http::get(site, &name.replace("/scenarios", "/s"), PATIENCE)?;
            ask("GET", &name, b"")?;
            ask("DELETE", &name, b"")
        }
        8 => {
            let say = |enabled: bool| format!("{{\"enabled\": {enabled}, \"key\": \"{key}\"}}");
            ask("PUT", "/faults", say(false).as_bytes())?;
            ask("PUT", "/faults", say(true).as_bytes())
        }
        9 => ask("PUT", "/scenarios/wrong", b"titel = 1\n[body\n"),
        _ => ask("PUT", "/scenarios/large", &vec![b'#'; (1 << 20) + 1]),
    }
}
