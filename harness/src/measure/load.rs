//! The load of the machine by others. It comes from /proc (proc(5), and "Pressure
//! Stall Information" of the kernel's documentation); without /proc it is
//! unknown.

use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::clock::{Clock, Instant};

/// CPU time over a span, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// Length of the span.
    pub real_ns: u64,
    /// CPUs of the machine.
    pub cpus: u64,
    /// CPU time of this process and of its children that have ended.
    pub own_cpu_ns: u64,
    /// CPU time of everybody else.
    pub others_cpu_ns: u64,
    /// CPU time that the host of the machine gave to other machines.
    pub stolen_ns: u64,
    /// Time in which something runnable waited for a CPU; null if the kernel does
    /// not count it.
    pub waiting_ns: Option<u64>,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Counters {
    at: Instant,
    machine: Machine,
    own_ticks: u64,
    waiting_us: Option<u64>,
}

/// The `cpu` lines of /proc/stat, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Machine {
    cpus: u64,
    all: u64,
    idle: u64,
    stolen: u64,
}

impl Counters {
    /// The current counters; `None` if /proc does not tell.
    pub fn now() -> Option<Self> {
        let read = |path| fs::read_to_string(path).ok();
        Some(Self {
            at: Clock::real().now(),
            machine: machine(&read("/proc/stat")?)?,
            own_ticks: own_ticks(&read("/proc/self/stat")?)?,
            waiting_us: read("/proc/pressure/cpu").and_then(|text| waiting_us(&text)),
        })
    }

    /// The load between `earlier` and this.
    pub fn since(self, earlier: Self) -> Load {
        let real_ns = u64::try_from(self.at.since(earlier.at).as_nanos()).unwrap_or(u64::MAX);
        let (now, then) = (self.machine, earlier.machine);
        let all = now.all.saturating_sub(then.all).max(1);
        // The length of a tick is unknown; all ticks together are the time of all
        // CPUs.
        let time = |ticks: u64| {
            let whole = u128::from(real_ns) * u128::from(now.cpus);
            u64::try_from(whole * u128::from(ticks.min(all)) / u128::from(all)).unwrap_or(u64::MAX)
        };
        let stolen = now.stolen.saturating_sub(then.stolen);
        let idle = now.idle.saturating_sub(then.idle);
        let own = self.own_ticks.saturating_sub(earlier.own_ticks);
        let waiting = (self.waiting_us.zip(earlier.waiting_us))
            .map(|(now, then)| now.saturating_sub(then).saturating_mul(1000).min(real_ns));
        Load {
            real_ns,
            cpus: now.cpus,
            own_cpu_ns: time(own),
            others_cpu_ns: time(all.saturating_sub(idle + stolen + own)),
            stolen_ns: time(stolen),
            waiting_ns: waiting,
        }
    }
}

fn machine(stat: &str) -> Option<Machine> {
    let cpus = stat
        .lines()
        .filter(|line| line.starts_with("cpu") && !line.starts_with("cpu "));
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    // user nice system idle iowait irq softirq steal; guests are in user.
    let ticks: Vec<u64> = line
        .split_ascii_whitespace()
        .take(8)
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [_, _, _, idle, iowait, _, _, stolen] = ticks[..] else {
        return None;
    };
    Some(Machine {
        cpus: cpus.count().max(1) as u64,
        all: ticks.iter().sum(),
        idle: idle + iowait,
        stolen,
    })
}

/// User and system time of the process and its children that were waited for.
fn own_ticks(stat: &str) -> Option<u64> {
    // The program's name is in parentheses and may contain anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let times = rest.split_ascii_whitespace().skip(11).take(4);
    let times: Vec<u64> = times
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    (times.len() == 4).then(|| times.iter().sum())
}

fn waiting_us(pressure: &str) -> Option<u64> {
    let line = pressure.lines().find(|line| line.starts_with("some "))?;
    line.rsplit_once("total=")?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  100 5 50 800 20 5 10 10 7 0\ncpu0 50 0 0 0\ncpu1 50 0 0 0\nintr 1\n";

    #[test]
    fn the_counters_of_the_kernel_are_read() {
        let read = machine(STAT).unwrap();
        let right = Machine {
            cpus: 2,
            all: 1000,
            idle: 820,
            stolen: 10,
        };
        assert_eq!(read, right);
        assert_eq!(machine("cpu  1 2\n"), None);
        assert_eq!(machine(""), None);
        let own = "7 (a ) b) S 1 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 5 6 7";
        assert_eq!(own_ticks(own), Some(100));
        assert_eq!(own_ticks("7 (a) S 1"), None);
        let pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234\nfull avg10=0 total=5\n";
        assert_eq!(waiting_us(pressure), Some(1234));
        assert_eq!(waiting_us(""), None);
    }

    #[test]
    fn what_neither_idled_nor_was_ours_or_stolen_was_used_by_others() {
        let at = |at, all, idle, stolen, own_ticks| Counters {
            at: Instant(at),
            machine: Machine {
                cpus: 2,
                all,
                idle,
                stolen,
            },
            own_ticks,
            waiting_us: Some(own_ticks),
        };
        // Ten seconds of two CPUs are 2000 ticks of 10 ms.
        let load = at(10_000_000_000, 2000, 1000, 100, 300).since(at(0, 0, 0, 0, 0));
        assert_eq!(
            load,
            Load {
                real_ns: 10_000_000_000,
                cpus: 2,
                own_cpu_ns: 3_000_000_000,
                others_cpu_ns: 6_000_000_000,
                stolen_ns: 1_000_000_000,
                waiting_ns: Some(300_000),
            }
        );
    }

    #[cfg(shortread_linux)]
    #[test]
    fn this_machine_has_counters() {
        let earlier = Counters::now().unwrap();
        let load = Counters::now().unwrap().since(earlier);
        assert!(load.cpus > 0);
    }
}
