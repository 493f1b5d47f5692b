//! `[plan]` and `[expect]`

use super::{Check, selected::Selected};
use crate::{
    scenario::{
        Deadline, ExpectAny, ExpectTrial, Kind, Limit, Party, StrategyName, Success, Trigger,
        releases,
    },
    units::ByteSize,
};

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
        if most > size {
            self.problem(
                "expect.any.prefix",
                format!("{most} are more than there are"),
                format!("body.size is {size}"),
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
        if trial.kind == Kind::TimedOut {
            if trial.ended_by.is_some_and(|party| party != Party::Client) {
                self.problem(
                    format!("{key}.ended_by"),
                    "a trial that times out is ended by a deadline of the client",
                    "write \"client\", or leave it out",
                );
            }
        } else if let Some(deadline) = trial.deadline {
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
        }
        if trial.kind == Kind::DiskFull && self.scenario.sink.capacity.is_none() {
            self.problem(
                format!("{key}.kind"),
                "without `sink.capacity` no disk is full",
                "set `sink.capacity`",
            );
        }
        if trial.kind == Kind::OutOfMemory && client.memory.is_none() {
            self.problem(
                format!("{key}.kind"),
                "without `client.memory` memory never runs out",
                "set `client.memory`",
            );
        }
    }

    /// Bounds that no trial of that kind can meet. Where raw bytes or a page
    /// change what is delivered, nothing can be said.
    fn delivered(&mut self, key: &str, trial: &ExpectTrial) {
        let scenario = self.scenario;
        let response = &scenario.response;
        if response.page.is_some() || !response.raw.is_empty() {
            return;
        }
        let key = format!("{key}.delivered");
        let size = scenario.body.size;
        let [least, most] = trial.delivered;
        // The counts of several downloads are sums.
        let sum = ByteSize(size.0.saturating_mul(u64::from(scenario.all_requests())));
        if least > sum {
            self.problem(
                &key,
                format!("{least} are more than there are"),
                format!("body.size is {size}"),
            );
        } else if trial.kind == Kind::Complete && scenario.all_requests() == 1 && most < size {
            self.problem(
                &key,
                format!("a complete trial delivers all {size}"),
                format!("write [\"{size}\", \"{size}\"]"),
            );
        }
    }

    /// Received bytes count before decoding, delivered bytes after it.
    fn lost(&mut self, key: &str, trial: &ExpectTrial) {
        if trial.lost.is_some() && self.scenario.body.is_coded() {
            self.problem(
                format!("{key}.lost"),
                "with a content coding, received and delivered bytes cannot be compared",
                "leave `lost` out",
            );
        }
    }
}
