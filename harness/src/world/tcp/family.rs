//! Processes that a client leaves behind: adopted and ended.
//!
//! Whoever loses its parent becomes a child of the nearest ancestor that adopts
//! (PR_SET_CHILD_SUBREAPER, prctl(2)): of a client's keeper, and where the
//! client has killed that, of the run.

use std::{cell::RefCell, collections::BTreeSet, fs};

use rustix::process::{Pid, Signal, WaitOptions};

/// A process that forks faster than it is killed is given up after so many
/// rounds, of which each ends all that there are.
const MOST_ROUNDS: usize = 10_000;

/// The children of this process that it has started itself.
#[derive(Debug, Default)]
pub(super) struct Family(RefCell<BTreeSet<u32>>);

impl Family {
    /// Notes that the child `pid` is its own.
    pub(super) fn started(&self, pid: Option<u32>) {
        self.0.borrow_mut().extend(pid);
    }

    /// The child `pid` has ended, and its number may become another's.
    pub(super) fn ended(&self, pid: Option<u32>) {
        if let Some(pid) = pid {
            self.0.borrow_mut().remove(&pid);
        }
    }

    /// Ends every child that is not its own: what a client left whose keeper is
    /// gone. Each has nobody who waited for it: its number is nobody else's.
    pub(super) fn end_strangers(&self) {
        let own = self.0.borrow();
        end(|pid| !own.contains(&(pid.as_raw_nonzero().get().unsigned_abs())));
    }
}

/// Whoever loses its parent below this process becomes its child.
pub(super) fn adopt_orphans() {
    #[cfg(shortread_linux)]
    // Where it cannot be had, what leaves its group is not found.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Lets the child `pid` go on if it was stopped. Nobody may have waited for it.
pub(super) fn resume(pid: Option<u32>) {
    let pid = pid.and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // It may just have ended.
        let _ = rustix::process::kill_process(pid, Signal::CONT);
    }
}

/// Kills what a client left behind, until there is nothing. Each is a child of
/// this process that nobody has waited for: its number is nobody else's.
pub(super) fn end_children() {
    end(|_| true);
}

fn end(which: impl Fn(&Pid) -> bool) {
    for _ in 0..MOST_ROUNDS {
        let children: Vec<Pid> = children().into_iter().filter(&which).collect();
        if children.is_empty() {
            return;
        }
        for pid in children {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
            // Its own children are adopted as it ends, and come next.
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::empty());
        }
    }
}

/// The children of this process, from /proc (proc(5)).
fn children() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let parent = |pid: i32| {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Its name is in parentheses and may hold anything; then state, parent.
        let (_, rest) = text.rsplit_once(')')?;
        rest.split_ascii_whitespace().nth(1)?.parse::<i32>().ok()
    };
    let Ok(all) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| parent(*pid) == Some(own))
        .filter_map(Pid::from_raw)
        .collect()
}
