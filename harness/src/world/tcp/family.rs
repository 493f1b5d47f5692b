//! Adopts and ends the processes that a client leaves behind.
//!
//! An orphan becomes a child of the nearest ancestor that adopts
//! (PR_SET_CHILD_SUBREAPER, prctl(2)): of the client's keeper or, if the client
//! has killed that, of the run.

use std::{cell::RefCell, collections::BTreeSet, fs};

use rustix::process::{Pid, Signal, WaitOptions};

/// Most rounds against processes that fork faster than they are killed; each
/// round kills all of them.
const MOST_ROUNDS: usize = 10_000;

/// The children that this process has started itself.
#[derive(Debug, Default)]
pub(super) struct Family(RefCell<BTreeSet<u32>>);

impl Family {
    /// Notes that this process started the child `pid`.
    pub(super) fn started(&self, pid: Option<u32>) {
        self.0.borrow_mut().extend(pid);
    }

    /// Notes that the child `pid` has ended; its number may be used again.
    pub(super) fn ended(&self, pid: Option<u32>) {
        if let Some(pid) = pid {
            self.0.borrow_mut().remove(&pid);
        }
    }

    /// Kills every child that this process did not start: the remains of a client
    /// without a keeper. Nobody has waited for these, so their numbers are still
    /// theirs.
    pub(super) fn end_strangers(&self) {
        let own = self.0.borrow();
        end(|pid| !own.contains(&(pid.as_raw_nonzero().get().unsigned_abs())));
    }
}

/// Makes orphans below this process its children.
pub(super) fn adopt_orphans() {
    #[cfg(shortread_linux)]
    // Without this, processes that leave the client's group are not found.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Continues the child `pid` if it was stopped. Nobody may have waited for it.
pub(super) fn resume(pid: Option<u32>) {
    let pid = pid.and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // The child may just have ended.
        let _ = rustix::process::kill_process(pid, Signal::CONT);
    }
}

/// Kills everything that a client left behind. Each is a child of this process
/// that nobody has waited for, so its number is still its own.
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
            // Its own children are adopted when it ends, and come next.
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::empty());
        }
    }
}

/// The children of this process, from /proc (proc(5)).
fn children() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let parent = |pid: i32| {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name is in parentheses and may contain anything; state and parent
        // follow.
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
