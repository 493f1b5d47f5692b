//! Every number of a scenario that scaling changes, under its path. This list
//! decides which numbers are scaled, what a scaling must not reorder, merge or
//! round away, and what the output reports as scaled.
//!
//! Tests compare the grammar and docs/SCENARIOS.md with it. The key, default and
//! bounds of a number concern only that number, and are in `read`,
//! `model/defaults` and `validate`.

use std::time::Duration;

use super::{Action, Answer, Limit, Raw, RawAt, Response, Scenario, Selector, Span, Trigger};
use crate::units::{ByteSize, Rate};

/// A number of a scenario, by how it scales.
#[derive(Debug)]
pub(super) enum Number<'a> {
    /// By `tcp.time`.
    Time(&'a mut Duration),
    /// By `tcp.time`, to whole seconds and at least one: the kernel's.
    Seconds(&'a mut Duration),
    /// By `tcp.size`.
    Size(&'a mut ByteSize),
    /// By `tcp.size`, and zero only where it was zero: a bound, not a place.
    Bound(&'a mut ByteSize),
    /// By `tcp.size`, but in a page, which is sent as it is written.
    Place(&'a mut ByteSize),
    /// By their quotient.
    Rate(&'a mut Rate),
}

/// The value of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A duration.
    Time(Duration),
    /// A size, or a place in the body.
    Size(ByteSize),
    /// A rate.
    Rate(Rate),
}

impl Number<'_> {
    fn amount(&self) -> Amount {
        match self {
            Self::Time(time) | Self::Seconds(time) => Amount::Time(**time),
            Self::Size(size) | Self::Bound(size) | Self::Place(size) => Amount::Size(**size),
            Self::Rate(rate) => Amount::Rate(**rate),
        }
    }
}

impl Scenario {
    /// Every number that scaling changes, with its name for people
    /// (`client.total`), faults and raw bytes counted from 1 (`fault 2: stall`).
    /// Numbers that are not set are left out, and so are the bounds of `[expect]`,
    /// which follow from the rest.
    pub fn numbers(&self) -> Vec<(String, Amount)> {
        let all = self.amounts().into_iter();
        all.map(|(path, amount)| (label(&path), amount)).collect()
    }

    /// The same under their paths, indices from 0 (`fault[1].then.stall`).
    pub(super) fn amounts(&self) -> Vec<(String, Amount)> {
        let mut found = Vec::new();
        self.without_texts()
            .each_number(&mut |path, number| found.push((path.to_owned(), number.amount())));
        found
    }

    /// A copy of what has numbers: a page and raw bytes may be long, and are not
    /// looked at.
    fn without_texts(&self) -> Self {
        let answers = self.answers.iter().map(|answer| Answer {
            on: answer.on.clone(),
            response: without_texts(&answer.response),
        });
        Self {
            body: self.body.clone(),
            response: without_texts(&self.response),
            answers: answers.collect(),
            versions: self.versions.clone(),
            link: self.link.clone(),
            faults: self.faults.clone(),
            client: self.client.clone(),
            sink: self.sink.clone(),
            ..Self::default()
        }
    }

    /// Shows `each` every such number with its path.
    pub(super) fn each_number(&mut self, each: &mut dyn FnMut(&str, Number<'_>)) {
        self.each_of_body(each);
        each_of_response(&mut self.response, "response", each);
        self.each_of_answers(each);
        self.each_of_link(each);
        self.each_of_faults(each);
        self.each_of_client(each);
        each("sink.first_pause", Number::Time(&mut self.sink.first_pause));
        each("sink.pause", Number::Time(&mut self.sink.pause));
        if let Some(rate) = &mut self.sink.rate {
            each("sink.rate", Number::Rate(rate));
        }
        if let Some(capacity) = &mut self.sink.capacity {
            each("sink.capacity", Number::Place(capacity));
        }
    }

    fn each_of_body(&mut self, each: &mut dyn FnMut(&str, Number<'_>)) {
        let body = &mut self.body;
        each("body.size", Number::Size(&mut body.size));
        for (name, size) in [
            ("body.declared_size", &mut body.declared_size),
            ("body.truncate_at", &mut body.truncate_at),
        ] {
            if let Some(size) = size {
                each(name, Number::Size(size));
            }
        }
    }

    fn each_of_answers(&mut self, each: &mut dyn FnMut(&str, Number<'_>)) {
        for (index, answer) in self.answers.iter_mut().enumerate() {
            let path = format!("answer[{index}]");
            each_of_selector(&mut answer.on, &format!("{path}.on.time"), each);
            each_of_response(&mut answer.response, &path, each);
        }
        for (index, version) in self.versions.iter_mut().enumerate() {
            let path = format!("version[{index}]");
            each_of_selector(&mut version.on, &format!("{path}.on.time"), each);
            if let Some(size) = &mut version.size {
                each(&format!("{path}.size"), Number::Size(size));
            }
        }
    }

    fn each_of_link(&mut self, each: &mut dyn FnMut(&str, Number<'_>)) {
        let link = &mut self.link;
        each("link.rate", Number::Rate(&mut link.rate));
        each("link.latency", Number::Time(&mut link.latency));
        each("link.jitter", Number::Time(&mut link.jitter));
        if let Some(segment) = &mut link.segment {
            each("link.segment", Number::Bound(segment));
        }
    }

    fn each_of_faults(&mut self, each: &mut dyn FnMut(&str, Number<'_>)) {
        for (index, fault) in self.faults.iter_mut().enumerate() {
            let path = |what: &str| format!("fault[{index}].{what}");
            each_of_selector(&mut fault.on, &path("on.time"), each);
            match &mut fault.when {
                Trigger::Body(at) => each(&path("when.body"), Number::Place(at)),
                Trigger::Wire(at) => each(&path("when.wire"), Number::Place(at)),
                Trigger::Object(at) => each(&path("when.object"), Number::Place(at)),
                Trigger::Elapsed(time) => each(&path("when.elapsed"), Number::Time(time)),
                Trigger::Blocked(time) => each(&path("when.blocked"), Number::Time(time)),
                Trigger::Idle { after, .. } => each(&path("when.idle"), Number::Time(after)),
                Trigger::Place(_)
                | Trigger::Request(_)
                | Trigger::Connection(_)
                | Trigger::Chance(_) => {}
            }
            match &mut fault.then {
                Action::Stall(Limit::After(time)) => each(&path("then.stall"), Number::Time(time)),
                Action::Throttle(rate) => each(&path("then.throttle"), Number::Rate(rate)),
                Action::Stall(Limit::Never)
                | Action::Fin
                | Action::Reset
                | Action::End
                | Action::Blackhole
                | Action::Forget => {}
            }
        }
    }

    fn each_of_client(&mut self, each: &mut dyn FnMut(&str, Number<'_>)) {
        let client = &mut self.client;
        for (name, limit) in [
            ("client.connect", &mut client.connect),
            ("client.head", &mut client.head),
            ("client.sock_read", &mut client.sock_read),
            ("client.total", &mut client.total),
        ] {
            if let Limit::After(time) = limit {
                each(name, Number::Time(time));
            }
        }
        if let Some(keepalive) = &mut client.keepalive {
            for (name, time) in [
                ("client.keepalive.idle", &mut keepalive.idle),
                ("client.keepalive.interval", &mut keepalive.interval),
            ] {
                each(name, Number::Seconds(time));
            }
        }
        if let Some(give_up) = &mut client.give_up {
            each("client.give_up", Number::Time(give_up));
        }
        if let Some(memory) = &mut client.memory {
            each("client.memory", Number::Bound(memory));
        }
    }
}

/// A copy of a response that leaves its texts out.
fn without_texts(response: &Response) -> Response {
    let raw = response.raw.iter().map(|raw| Raw {
        at: raw.at,
        bytes: Vec::new(),
        replace: raw.replace,
    });
    Response {
        head_delay: response.head_delay,
        head_pause: response.head_pause,
        retry_after: response.retry_after,
        retry_after_date: response.retry_after_date,
        page: response.page.as_ref().map(|_| String::new()),
        raw: raw.collect(),
        ..Response::default()
    }
}

/// The numbers of a response at `path`. A page is sent as it is written, so its size and
/// the places in it stay.
fn each_of_response(response: &mut Response, path: &str, each: &mut dyn FnMut(&str, Number<'_>)) {
    for (name, time) in [
        ("head_delay", &mut response.head_delay),
        ("head_pause", &mut response.head_pause),
    ] {
        each(&format!("{path}.{name}"), Number::Time(time));
    }
    for (name, time) in [
        ("retry_after", &mut response.retry_after),
        ("retry_after_date", &mut response.retry_after_date),
    ] {
        // No wait stays none.
        if let Some(time) = time.as_mut().filter(|time| !time.is_zero()) {
            each(&format!("{path}.{name}"), Number::Seconds(time));
        }
    }
    let in_object = response.page.is_none();
    for (index, raw) in response.raw.iter_mut().enumerate().filter(|_| in_object) {
        if let RawAt::Body(at) = &mut raw.at {
            each(&format!("{path}.raw[{index}].at.body"), Number::Place(at));
        }
    }
}

/// A selector's range of times.
fn each_of_selector(on: &mut Selector, path: &str, each: &mut dyn FnMut(&str, Number<'_>)) {
    let Some(Span { from, to }) = &mut on.time else {
        return;
    };
    // A range that begins at the start has no time to scale there.
    if !from.is_zero() {
        each(path, Number::Time(from));
    }
    if let Some(to) = to {
        each(path, Number::Time(to));
    }
}

/// `fault[1].then.stall` as people read it: `fault 2: stall`. An offset is `at`,
/// whatever it counts.
fn label(path: &str) -> String {
    let Some((list, rest)) = path.split_once('[') else {
        return path.into();
    };
    let Some((index, key)) = rest.split_once("].") else {
        return path.into();
    };
    let number = index.parse::<usize>().map_or(1, |index| index + 1);
    let what = match key.rsplit('.').next().unwrap_or(key) {
        "body" | "wire" => "at",
        what => what,
    };
    format!("{list} {number}: {what}")
}

#[cfg(test)]
mod tests;
