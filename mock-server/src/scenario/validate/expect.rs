//! `[plan]` and `[expect]`

use std::time::Duration;

use super::{Check, selected::Selected};
use crate::{
    scenario::{
        Deadline, ExpectAny, ExpectTrial, Kind, Limit, Party, StrategyName, Success, Trigger,
        releases,
    },
    units::{ByteSize, print_duration},
};

/// aiohttp moves a total of 5 s or more to the next full second of its clock.
pub(super) const ROUNDED_UP: Duration = Duration::from_secs(1);

impl Check<'_> {
    pub(super) fn expect(&mut self) {
        self.any();
        let trials = &self.scenario.expect.trials;
        let selected: Vec<Selected<'_>> = trials.iter().map(Selected::of).collect();
        for (index, trial) in trials.iter().enumerate() {
            let key = format!("expect.trial[{index}]");
            let mut before = selected[..index].iter();
            if let Some(earlier) = before.position(|first| first.covers(&selected[index])) {
                self.problem(
                    &key,
                    "this never counts: an earlier one matches all its trials",
                    format!(
                        "number {} comes first; put the special cases before it",
                        earlier + 1
                    ),
                );
            }
            self.profiles(&key, trial);
            self.success(&key, trial);
            self.ending(&key, trial);
            self.delivered(&key, trial);
            self.lost(&key, trial);
        }
    }

    pub(super) fn plan(&mut self) {
        let plan = &self.scenario.plan;
        if plan.chunk_size.contains(&ByteSize(0)) {
            self.problem(
                "plan.chunk_size",
                "a chunk size of 0 B reads nothing",
                "give at least 1",
            );
        }
        for profile in &plan.profile {
            if !releases::is_release(profile) {
                self.problem(
                    "plan.profile",
                    format!("`{profile}` is not a release"),
                    "write `aiohttp-3.14.5`, or `aiohttp-3.14` for its last patch",
                );
            }
        }
    }

    /// Rules that no client can keep.
    fn any(&mut self) {
        let Some(any) = self.scenario.expect.any else {
            return;
        };
        let required = any.success == Success::Required;
        if required && any.hang {
            self.problem(
                "expect.any.hang",
                "a client that must succeed cannot hang",
                "leave `hang` out, or write `success = \"forbidden\"`",
            );
        }
        let size = self.scenario.body.size;
        let Some([least, most]) = any.prefix else {
            return;
        };
        let largest = self.scenario.largest_size();
        if most > largest {
            let help = match largest > size {
                true => format!("the largest version is {largest}"),
                false => format!("body.size is {size}"),
            };
            self.problem(
                "expect.any.prefix",
                format!("{most} are more than there are"),
                help,
            );
        } else if required && least < size {
            self.problem(
                "expect.any.prefix",
                "a client that must succeed gets all of the object",
                "leave `prefix` out",
            );
        }
    }

    fn profiles(&mut self, key: &str, trial: &ExpectTrial) {
        for profile in &trial.profile {
            if !releases::is_selector(profile) {
                self.problem(
                    format!("{key}.profile"),
                    format!("`{profile}` is not a profile"),
                    "write a release (`aiohttp-3.14.5`), a line of them (`aiohttp-3.14`), or \
                     what is before one (`<aiohttp-3.14`)",
                );
            }
        }
        if let [strategy] = trial.strategy[..]
            && !strategy.has_profiles()
            && !trial.profile.is_empty()
        {
            self.problem(
                format!("{key}.profile"),
                format!("`{strategy}` has no profile"),
                "leave `profile` out",
            );
        }
        if trial.chunk_size.contains(&ByteSize(0)) {
            self.problem(
                format!("{key}.chunk_size"),
                "a chunk size of 0 B reads nothing",
                "give at least 1",
            );
        }
        let sized = |name: &StrategyName| name.has_size();
        if !trial.chunk_size.is_empty() && !trial.strategy.iter().all(sized) {
            self.problem(
                format!("{key}.chunk_size"),
                "only `fixed-chunk` has a chunk size",
                "leave one of `strategy` and `chunk_size` out",
            );
        }
    }

    /// Compares the outcomes of this project's trials with the rule for any
    /// client.
    fn success(&mut self, key: &str, trial: &ExpectTrial) {
        let Some(ExpectAny { success: any, .. }) = self.scenario.expect.any else {
            return;
        };
        // The rule is for one request on a connection of its own.
        if self.scenario.client.requests > 1 {
            return;
        }
        // If a draw decides, both may be true.
        let drawn = |chance: Trigger| matches!(chance, Trigger::Chance(_));
        if self.scenario.faults.iter().any(|fault| drawn(fault.when)) {
            return;
        }
        let contradicts = match any {
            // The client's own limits may still end what every other client
            // completes, and a slow sink may make the server lose patience.
            // What only some releases of a library get wrong is their own fault.
            Success::Required => match trial.kind {
                Kind::SilentTruncation
                | Kind::Refused
                | Kind::Malformed
                | Kind::Corrupt
                | Kind::WrongObject => trial.profile.is_empty(),
                Kind::Truncated | Kind::Reset => {
                    let sink = &self.scenario.sink;
                    sink.rate.is_none() && sink.pause.is_zero()
                }
                _ => false,
            },
            // That a client reports success all the same is a finding. Where
            // the client's own doing decides, some do get everything.
            Success::Forbidden | Success::Undetectable => {
                trial.kind == Kind::Complete && !self.scenario.depends_on_the_client()
            }
        };
        if contradicts {
            self.problem(
                format!("{key}.kind"),
                format!(
                    "`{}` contradicts `success = \"{any}\"` in [expect.any]",
                    trial.kind
                ),
                "change one of them, or leave [expect.any] out",
            );
        }
    }

    fn ending(&mut self, key: &str, trial: &ExpectTrial) {
        let client = &self.scenario.client;
        self.ended_by(key, trial);
        self.never_comes(key, trial.kind);
        if trial.kind != Kind::TimedOut
            && let Some(deadline) = trial.deadline
        {
            self.problem(
                format!("{key}.deadline"),
                format!("no deadline ends a trial of kind `{}`", trial.kind),
                format!("write `kind = \"timed-out\"`, or leave `deadline = \"{deadline}\"` out"),
            );
            return;
        }
        let off = |limit| limit == Limit::Never;
        let unset = match trial.deadline {
            Some(Deadline::Connect) => off(client.connect).then_some("client.connect"),
            Some(Deadline::Head) => off(client.head).then_some("client.head"),
            Some(Deadline::SockRead) => off(client.sock_read).then_some("client.sock_read"),
            Some(Deadline::Total) => off(client.total).then_some("client.total"),
            Some(Deadline::Keepalive) => client.keepalive.is_none().then_some("client.keepalive"),
            None => None,
        };
        if let Some(unset) = unset {
            self.problem(
                format!("{key}.deadline"),
                format!("`{unset}` is off"),
                format!("set `{unset}`, or expect another deadline"),
            );
        } else if let Some(deadline) = trial.deadline {
            self.before_the_total(key, deadline);
        }
    }

    /// Whoever ends a trial of that kind.
    fn ended_by(&mut self, key: &str, trial: &ExpectTrial) {
        let Some(party) = trial.ended_by else {
            return;
        };
        let (message, help) = match trial.kind {
            Kind::TimedOut => (
                "a trial that times out is ended by a deadline of the client".into(),
                "write \"client\", or leave it out",
            ),
            Kind::OutOfMemory | Kind::DiskFull | Kind::Malformed | Kind::Rejected => (
                format!("the client ends a trial of kind `{}`", trial.kind),
                "write \"client\", or leave it out",
            ),
            Kind::Complete | Kind::Corrupt | Kind::WrongObject | Kind::Stalled => (
                format!("nobody ends a trial of kind `{}`", trial.kind),
                "leave it out",
            ),
            Kind::SilentTruncation
            | Kind::Truncated
            | Kind::Reset
            | Kind::Refused
            | Kind::ToolError => return,
        };
        if party != Party::Client || help == "leave it out" {
            self.problem(format!("{key}.ended_by"), message, help);
        }
    }

    /// Kinds that no trial here comes to.
    fn never_comes(&mut self, key: &str, kind: Kind) {
        let (message, help) = match kind {
            Kind::DiskFull if self.scenario.sink.capacity.is_none() => (
                "without `sink.capacity` no disk is full",
                "set `sink.capacity`",
            ),
            Kind::OutOfMemory if self.scenario.client.memory.is_none() => (
                "without `client.memory` memory never runs out",
                "set `client.memory`",
            ),
            Kind::Rejected => (
                "a client without remedies rejects nothing, and a trial with some has no \
                 expectation",
                "write another kind",
            ),
            Kind::ToolError => (
                "a trial that the tool could not play is never as expected",
                "write another kind",
            ),
            _ => return,
        };
        self.problem(format!("{key}.kind"), message, help);
    }

    /// A deadline that ends a trial comes before the client's total.
    fn before_the_total(&mut self, key: &str, deadline: Deadline) {
        let client = &self.scenario.client;
        let (name, time) = match deadline {
            Deadline::Connect => ("client.connect", client.connect.duration()),
            Deadline::Head => ("client.head", client.head.duration()),
            Deadline::SockRead => ("client.sock_read", client.sock_read.duration()),
            Deadline::Keepalive => (
                "client.keepalive",
                client.keepalive.map(|keepalive| keepalive.death()),
            ),
            Deadline::Total => return,
        };
        let total = client.total.duration();
        let Some((time, total)) = time.zip(total) else {
            return;
        };
        if time > total.saturating_add(ROUNDED_UP) {
            self.problem(
                format!("{key}.deadline"),
                format!(
                    "`client.total` comes first, after {}: `{name}` needs {}",
                    print_duration(total),
                    print_duration(time)
                ),
                format!(
                    "change one of them, or expect `deadline = \"{}\"`",
                    Deadline::Total
                ),
            );
        }
    }
}
