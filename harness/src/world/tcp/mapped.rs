//! Watches if the processes of a client that use sockets have a library mapped.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use shortread_server::clock::Clock;

/// The time between the first looks: a client may end soon.
const OFTEN: Duration = Duration::from_millis(10);

/// The number of these looks.
const FIRST_LOOKS: u32 = 20;

/// The time between the later ones, which cost a look at all of /proc.
const LATER: Duration = Duration::from_millis(200);

/// The findings so far: `Some(false)` once any process lacked the library.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<bool>>>);

impl Seen {
    pub(super) fn get(&self) -> Option<bool> {
        self.0.lock().map_or(None, |seen| *seen)
    }

    fn note(&self, mapped: bool) {
        if let Ok(mut seen) = self.0.lock() {
            *seen = Some(mapped && *seen != Some(false));
        }
    }
}

/// Looks at the process group `group` again and again, until it is dropped.
pub(super) async fn watch(group: u32, library: PathBuf, seen: Seen) {
    let clock = Clock::real();
    let mut looks = 0_u32;
    loop {
        let pause = if looks < FIRST_LOOKS { OFTEN } else { LATER };
        clock.sleep_until(clock.now() + pause).await;
        looks = looks.saturating_add(1);
        for pid in members(group) {
            if has_socket(pid)
                && let Some(mapped) = has_mapped(pid, &library)
            {
                seen.note(mapped);
            }
        }
    }
}

/// The processes of a group, from /proc (proc(5)).
fn members(group: u32) -> Vec<u32> {
    let group_of = |pid: u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name is in parentheses and may contain anything; state, parent and
        // group follow.
        let (_, rest) = text.rsplit_once(')')?;
        rest.split_ascii_whitespace().nth(2)?.parse::<u32>().ok()
    };
    let Ok(all) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| group_of(*pid) == Some(group))
        .collect()
}

fn has_socket(pid: u32) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .any(|target| target.to_string_lossy().starts_with("socket:"))
}

/// `None` if the process has ended. It may do so between two reads of its map, so
/// that only its start is here: the stack is mapped above all libraries.
fn has_mapped(pid: u32, library: &Path) -> Option<bool> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let library = fs::canonicalize(library).unwrap_or_else(|_| library.to_owned());
    let library = library.to_string_lossy();
    in_map(&maps, &library)
}

fn in_map(maps: &str, library: &str) -> Option<bool> {
    let ends_with = |end: &str| maps.lines().any(|line| line.ends_with(end));
    match ends_with(library) {
        true => Some(true),
        false => ends_with("[stack]").then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_map_does_not_show_that_a_library_is_missing() {
        let start = "5581-5582 r-xp 0 fe:00 7 /usr/bin/wget\n";
        assert_eq!(in_map("", "/lib.so"), None);
        assert_eq!(in_map(start, "/lib.so"), None);
        let all = format!("{start}7ffc-7ffd rw-p 0 00:00 0 [stack]\n");
        assert_eq!(in_map(&all, "/lib.so"), Some(false));
        assert_eq!(in_map(&all, "/usr/bin/wget"), Some(true));
    }

    #[test]
    fn one_process_without_the_library_counts_for_all() {
        let seen = Seen::default();
        assert_eq!(seen.get(), None);
        for (mapped, told) in [(true, true), (false, false), (true, false)] {
            seen.note(mapped);
            assert_eq!(seen.get(), Some(told));
        }
    }

    #[test]
    fn the_map_of_a_process_names_its_files() {
        let own = std::process::id();
        let program = std::env::current_exe().unwrap();
        assert_eq!(has_mapped(own, &program), Some(true));
        assert_eq!(has_mapped(own, Path::new("/no/such.so")), Some(false));
        let group = rustix::process::getpgrp().as_raw_nonzero().get();
        assert!(members(group.unsigned_abs()).contains(&own));
    }

    #[test]
    fn a_process_with_a_socket_is_told() {
        let _socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(has_socket(std::process::id()));
    }
}
