//! Bytes that the application of a trial can be given, and expectations of others.

use super::Check;
use crate::{
    scenario::{Body, ExpectTrial, Kind, Response, coded},
    units::{ByteSize, counted},
};

impl Check<'_> {
    /// Bounds that no trial of that kind can meet.
    pub(super) fn delivered(&mut self, key: &str, trial: &ExpectTrial) {
        let [least, most] = trial.delivered;
        let at = format!("{key}.delivered");
        if let Some(capacity) = self.scenario.sink.capacity.filter(|most| least > *most) {
            let message = format!("{least} are more than the disk takes");
            return self.problem(at, message, format!("sink.capacity is {capacity}"));
        }
        if let Some(all) = self.most_of_a_trial().filter(|all| least > *all) {
            let message = format!("{least} are more than there are");
            return self.problem(at, message, self.all_in_words(all));
        }
        match trial.kind {
            Kind::Complete => self.complete(key, [least, most]),
            Kind::DiskFull => self.disk_full(&at, [least, most]),
            Kind::Refused if self.scenario.all_requests() == 1 && least.0 > 0 => self.problem(
                at,
                "a refused download has no byte of a response",
                "write [\"0B\", \"0B\"], or another kind",
            ),
            Kind::SilentTruncation if self.scenario.all_requests() == 1 => self.short(&at, least),
            _ => {}
        }
    }

    /// Every download of a complete trial has all of its object, which the disk has to
    /// take.
    fn complete(&mut self, key: &str, [least, most]: [ByteSize; 2]) {
        let scenario = self.scenario;
        let requests = scenario.all_requests();
        let of_all = |size: ByteSize| ByteSize(size.0.saturating_mul(u64::from(requests)));
        let smallest = scenario.sizes().min().unwrap_or_default();
        let (from, to) = (of_all(smallest), of_all(scenario.largest_size()));
        if let Some(capacity) = scenario.sink.capacity.filter(|most| *most < from) {
            self.problem(
                format!("{key}.kind"),
                format!("no trial is complete: the disk takes {capacity} of {from}"),
                "write `kind = \"disk-full\"`, or change `sink.capacity`",
            );
        } else if most < from || least > to {
            let each = match requests {
                1 => String::new(),
                _ => format!(", {smallest} for each of {requests} requests"),
            };
            self.problem(
                format!("{key}.delivered"),
                format!("a complete trial delivers all {from}{each}"),
                format!("write [\"{from}\", \"{to}\"]"),
            );
        }
    }

    /// A disk is full when it has taken all that it can, of all downloads together.
    fn disk_full(&mut self, at: &str, [least, most]: [ByteSize; 2]) {
        let Some(capacity) = self.scenario.sink.capacity else {
            return;
        };
        if !(least..=most).contains(&capacity) {
            self.problem(
                at,
                format!("a disk that is full has taken {capacity}"),
                format!("write [\"{capacity}\", \"{capacity}\"]"),
            );
        }
    }

    /// A download that ends early has less than its object.
    fn short(&mut self, at: &str, least: ByteSize) {
        let largest = self.scenario.largest_size();
        if least >= largest {
            self.problem(
                at,
                format!("a download that is short has less than {largest}"),
                "write a smaller least, or another kind",
            );
        }
    }

    /// Received bytes count before decoding, delivered bytes after it.
    pub(super) fn lost(&mut self, key: &str, trial: &ExpectTrial) {
        let Some([lost, _]) = trial.lost else {
            return;
        };
        let at = format!("{key}.lost");
        let least = trial.delivered[0];
        let together = ByteSize(lost.0.saturating_add(least.0));
        if self.scenario.body.is_coded() {
            self.problem(
                at,
                "with a content coding, received and delivered bytes cannot be compared",
                "leave `lost` out",
            );
        } else if let Some(all) = self.most_of_a_trial().filter(|all| together > *all) {
            let message = match least.0 {
                0 => format!("{lost} are more than there are"),
                _ => format!("{lost} beside the {least} delivered are more than there are"),
            };
            self.problem(at, message, self.all_in_words(all));
        }
    }

    /// `all` bytes, and where they come from.
    fn all_in_words(&self, all: ByteSize) -> String {
        match self.scenario.all_requests() {
            1 => format!("the response brings {}", self.brought(all)),
            several => format!(
                "{} bring {} together",
                counted(several as usize, "request"),
                self.brought(all)
            ),
        }
    }

    /// That many bytes; of a coded body, which nobody has coded, about that many.
    pub(super) fn brought(&self, bytes: ByteSize) -> String {
        match self.scenario.body.is_coded() {
            true => format!("at most about {}", bytes.human()),
            false => bytes.to_string(),
        }
    }

    /// The most bytes that the application of a trial of this project can be given: it
    /// asks as often as `[client]` says. `None` where raw bytes may become some of it.
    fn most_of_a_trial(&self) -> Option<ByteSize> {
        let scenario = self.scenario;
        if scenario.all_requests() > 1 {
            return self.most_delivered();
        }
        most_of(
            scenario.first_response(),
            &Body {
                size: scenario.first_size(),
                ..scenario.body.clone()
            },
        )
        .map(ByteSize)
    }

    /// The most bytes that the application can be given by all downloads together,
    /// whichever answers and versions they get.
    pub(super) fn most_delivered(&self) -> Option<ByteSize> {
        let scenario = self.scenario;
        let of_all = scenario.answers.iter().any(|answer| answer.on.is_all());
        let responses = scenario.responses().skip(usize::from(of_all));
        let body = scenario.largest_body();
        let mut one = 0;
        for response in responses {
            one = one.max(most_of(response, &body)?);
        }
        let downloads = u64::from(scenario.all_requests());
        Some(ByteSize(one.saturating_mul(downloads)))
    }
}

/// The most bytes that a client makes of such a response. One that does not decode a
/// coding hands it on as it came.
fn most_of(response: &Response, body: &Body) -> Option<u64> {
    if !response.raw.is_empty() {
        return None;
    }
    if response.page.is_some() {
        return Some(response.page_len());
    }
    // Nobody knows what a decoder makes of bytes that were never coded so.
    if body.declared_encoding.is_some() {
        return None;
    }
    let coded = match body.is_coded() {
        true => coded::longest_cut(body),
        false => 0,
    };
    Some(body.size.0.max(coded))
}
