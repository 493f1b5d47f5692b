//! The state of a trial's client over time, for pictures, not for verdicts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Instant,
    sampler::{Sample, Sampler},
};

use super::heap;

/// Buckets of a series: at most 512 samples.
const BUCKETS: usize = 64;

/// The state of the client at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientSample {
    /// The time.
    pub at_ns: u64,
    /// Bytes in the kernel's receive queue; null if that is unknown.
    pub queued_bytes: Option<u64>,
    /// Bytes taken off the transport, before content decoding.
    pub received_bytes: u64,
    /// Bytes handed to the application, after content decoding.
    pub delivered_bytes: u64,
    /// Heap in use above that at the start; null if it is not counted.
    pub heap_bytes: Option<u64>,
}

/// The bytes waiting in the kernel, those waiting in the client, and its memory.
impl Sample<3> for ClientSample {
    fn at(&self) -> Instant {
        Instant(self.at_ns)
    }

    fn levels(&self) -> [u64; 3] {
        [
            self.queued_bytes.unwrap_or_default(),
            // With a content coding, more may be delivered than was received.
            self.received_bytes.saturating_sub(self.delivered_bytes),
            self.heap_bytes.unwrap_or_default(),
        ]
    }
}

/// Watches all downloads of a trial together. It only allocates when it is made,
/// so the heap that it reports is the client's.
#[derive(Debug)]
pub(crate) struct Watch {
    sampler: Sampler<ClientSample, 3>,
    started: Instant,
    heap_before: Option<u64>,
    each: Vec<Download>,
    all: ClientSample,
}

#[derive(Debug, Clone, Copy, Default)]
struct Download {
    queued: Option<u64>,
    received: u64,
    delivered: u64,
}

impl Watch {
    /// The watch of a trial with this many downloads.
    pub(crate) fn new(downloads: usize) -> Self {
        Self {
            sampler: Sampler::new(BUCKETS),
            started: Instant::default(),
            heap_before: None,
            each: vec![Download::default(); downloads],
            all: ClientSample::default(),
        }
    }

    /// Starts the trial, with `heap` bytes in use.
    pub(crate) fn begin(&mut self, started: Instant, heap: Option<u64>) {
        self.started = started;
        self.heap_before = heap;
        self.sample(started);
    }

    /// The receive queue of `download` holds `queued` bytes, and `received` body
    /// bytes were taken off the transport.
    pub(crate) fn transport(
        &mut self,
        at: Instant,
        download: usize,
        queued: Option<u64>,
        received: u64,
    ) {
        if let Some(one) = self.each.get_mut(download) {
            let before = one.queued.unwrap_or_default();
            let sum = self.all.queued_bytes.unwrap_or_default();
            let sum = (sum + queued.unwrap_or_default()).saturating_sub(before);
            self.all.queued_bytes = queued.map(|_| sum);
            self.all.received_bytes =
                (self.all.received_bytes + received).saturating_sub(one.received);
            (one.queued, one.received) = (queued, received);
        }
        self.sample(at);
    }

    /// The application has `delivered` bytes of `download`.
    pub(crate) fn application(&mut self, at: Instant, download: usize, delivered: u64) {
        if let Some(one) = self.each.get_mut(download) {
            self.all.delivered_bytes =
                (self.all.delivered_bytes + delivered).saturating_sub(one.delivered);
            one.delivered = delivered;
        }
        self.sample(at);
    }

    /// The samples kept.
    pub(crate) fn kept(&self) -> Vec<ClientSample> {
        self.sampler.kept()
    }

    fn sample(&mut self, at: Instant) {
        self.all.at_ns = at.0.saturating_sub(self.started.0);
        let heap = heap::live().zip(self.heap_before);
        self.all.heap_bytes = heap.map(|(live, before)| live.saturating_sub(before));
        self.sampler.add(self.all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_are_added_up_and_one_whose_queue_emptied_no_longer_counts() {
        let mut watch = Watch::new(2);
        watch.begin(Instant(1_000), None);
        watch.transport(Instant(1_100), 0, Some(70), 0);
        watch.transport(Instant(1_200), 1, Some(30), 5);
        watch.transport(Instant(1_300), 0, Some(0), 70);
        watch.application(Instant(1_400), 0, 70);
        let sample = |at_ns, queued_bytes, received_bytes, delivered_bytes| ClientSample {
            at_ns,
            queued_bytes,
            received_bytes,
            delivered_bytes,
            heap_bytes: None,
        };
        let want = [
            sample(0, None, 0, 0),
            sample(100, Some(70), 0, 0),
            sample(200, Some(100), 5, 0),
            sample(300, Some(30), 75, 0),
            sample(400, Some(30), 75, 70),
        ];
        assert_eq!(watch.kept(), want);
    }

    #[test]
    fn watching_allocates_nothing_after_the_start() {
        let mut watch = Watch::new(1);
        heap::open_account();
        {
            let _scope = heap::Scope::enter();
            watch.begin(Instant(0), heap::live());
            for at in 0..100_000 {
                watch.transport(Instant(at * at), 0, Some(at % 97), at);
                watch.application(Instant(at * at), 0, at);
            }
        }
        let peak = heap::peak();
        heap::close_account();
        assert_eq!(peak, Some(0));
    }
}
