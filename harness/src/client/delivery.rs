//! Hands chunks to the application: times, compares and stores each.

use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

use shortread_server::clock::{Clock, Instant};

use super::{
    course::{Course, Place},
    head::Head,
    report::Failure,
    traffic::{Guarded, Traffic},
    truth::Truth,
};
use crate::{
    measure::{Recorder, Watch},
    sink::{Sink, TargetFile},
};

/// Progress of a running trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryProgress {
    /// The number of the download, from 0.
    pub download: usize,
    /// Bytes handed to the application so far.
    pub delivered_bytes: u64,
    /// The time.
    pub at: Instant,
}

/// The records of all downloads of a trial.
pub(crate) struct Meter {
    pub(crate) gap_ns: Recorder,
    pub(crate) read_call_ns: Recorder,
    pub(crate) chunk_bytes: Recorder,
    pub(crate) watch: Watch,
    progress: Box<dyn FnMut(DeliveryProgress)>,
}

impl Meter {
    /// A meter for a trial of this many downloads.
    pub(crate) fn new(downloads: usize, progress: impl FnMut(DeliveryProgress) + 'static) -> Self {
        Self {
            gap_ns: Recorder::nanoseconds(),
            read_call_ns: Recorder::nanoseconds(),
            chunk_bytes: Recorder::bytes(),
            watch: Watch::new(downloads),
            progress: Box::new(progress),
        }
    }
}

/// Tells the progress of one download's connection.
#[derive(Clone)]
pub(crate) struct Watched {
    download: usize,
    traffic: Rc<Cell<Traffic>>,
    /// Body bytes of the attempts before.
    earlier_bytes: u64,
    meter: Rc<RefCell<Meter>>,
}

impl Watched {
    /// The receive queue now holds `queued` bytes, and `received_bytes` body
    /// bytes were taken off the transport.
    pub(crate) fn transport(&self, at: Instant, queued: Option<u64>, received_bytes: u64) {
        let mut meter = self.meter.borrow_mut();
        let mut traffic = self.traffic.get();
        traffic.receive(at, received_bytes);
        self.traffic.set(traffic);
        let received = self.earlier_bytes + received_bytes;
        meter.watch.transport(at, self.download, queued, received);
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watched({})", self.download)
    }
}

/// The application's side of one download.
pub(crate) struct Delivery {
    download: usize,
    meter: Rc<RefCell<Meter>>,
    truth: Rc<RefCell<Truth>>,
    course: Box<dyn Course>,
    traffic: Rc<Cell<Traffic>>,
    sink: Sink,
    clock: Clock,
    /// Body bytes of the attempts before.
    earlier_bytes: u64,
    /// The offset in the file at which its part begins.
    start: u64,
    /// Bytes of the parts before on the same connection.
    before: u64,
    /// The offset in the file up to which it is there.
    bytes: u64,
    /// Bytes of the current body: to be dropped first, and to be taken behind those.
    window: (u64, u64),
    /// Bytes of it behind those.
    surplus: u64,
    /// Bytes of it that were compared and not handed over yet.
    compared: u64,
    head: Option<Instant>,
    /// The head of the last response.
    response: Option<Head>,
    /// The time of the last chunk; before the first, the end of the head.
    last: Instant,
    last_progress: Option<Instant>,
}

impl Delivery {
    pub(crate) fn new(
        download: usize,
        meter: Rc<RefCell<Meter>>,
        truth: Rc<RefCell<Truth>>,
        course: Box<dyn Course>,
        sink: Sink,
        clock: Clock,
    ) -> Self {
        Self {
            download,
            meter,
            truth,
            course,
            traffic: Rc::default(),
            sink,
            clock,
            earlier_bytes: 0,
            start: 0,
            before: 0,
            bytes: 0,
            window: (0, u64::MAX),
            surplus: 0,
            compared: 0,
            head: None,
            response: None,
            last: clock.now(),
            last_progress: None,
        }
    }

    /// The same for the part of the file from `start` on, behind others that got `before`
    /// bytes and took `received` off their transports.
    pub(crate) fn of_part(mut self, start: u64, before: u64, received: u64) -> Self {
        (self.start, self.bytes, self.before) = (start, start, before);
        self.earlier_bytes = received;
        self
    }

    /// The response head is complete: the first gap begins. Takes the application's
    /// time before its first read.
    ///
    /// # Errors
    /// The client around the library does not want this body, or its file cannot be
    /// written from another place on.
    pub(crate) async fn head_done(&mut self, head: &Head) -> Result<(), Failure> {
        self.last = self.clock.now();
        self.head.get_or_insert(self.last);
        let mut head = head.clone();
        // As RFC 9110 asks of who keeps a response that came without one (section 6.6.1).
        head.fields.date_at_receipt(self.clock.date());
        let place = self.course.head(&head);
        self.response = Some(head);
        let Place { at, skip, most } = place?;
        if at != self.bytes {
            let bytes = self.bytes;
            self.sink
                .rewind(bytes)
                .map_err(|error| Failure::sink(&error))?;
            self.bytes = at;
        }
        self.sink.begin().map_err(|error| Failure::sink(&error))?;
        // Other parts begin when the first one has ended, and stay where they are.
        if self.start == 0 {
            self.truth.borrow_mut().resume(at);
        }
        self.window = (
            skip,
            most.map_or(u64::MAX, |most| most.saturating_sub(skip)),
        );
        self.compared = 0;
        let mut traffic = self.traffic.get();
        traffic.head();
        self.traffic.set(traffic);
        self.is_busy(true);
        self.sink.first_pause().await;
        self.is_busy(false);
        Ok(())
    }

    /// An attempt's exchange begins on a connection: its traffic, and its guard.
    pub(crate) fn guarded(&mut self) -> Guarded {
        self.traffic.set(Traffic::begin(self.clock.now()));
        Guarded {
            traffic: Rc::clone(&self.traffic),
            guard: self.course.guard(),
        }
    }

    /// The application is busy with what came, or waits for more.
    fn is_busy(&self, busy: bool) {
        let mut traffic = self.traffic.get();
        traffic.busy(self.clock.now(), busy);
        self.traffic.set(traffic);
    }

    /// The course of the download.
    pub(crate) fn course(&mut self) -> &mut dyn Course {
        self.course.as_mut()
    }

    /// The head of the last response.
    pub(crate) fn response(&self) -> Option<Head> {
        self.response.clone()
    }

    /// Bytes of the last body that its place does not take.
    pub(crate) fn surplus(&self) -> u64 {
        self.surplus
    }

    /// The part of the body's next `bytes` that goes into the file.
    fn wanted<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (skip, left) = self.window;
        let length = bytes.len() as u64;
        let dropped = skip.min(length);
        let taken = left.min(length - dropped);
        self.window = (skip - dropped, left - taken);
        self.surplus += length - dropped - taken;
        // Both are at most the length.
        let from = usize::try_from(dropped).unwrap_or(usize::MAX);
        let to = usize::try_from(dropped + taken).unwrap_or(usize::MAX);
        &bytes[from..to]
    }

    /// The time at which the response head was complete.
    pub(crate) fn head(&self) -> Option<Instant> {
        self.head
    }

    pub(crate) fn watched(&self) -> Watched {
        Watched {
            download: self.download,
            traffic: Rc::clone(&self.traffic),
            earlier_bytes: self.earlier_bytes,
            meter: Rc::clone(&self.meter),
        }
    }

    /// An attempt begins, behind others that took `earlier_bytes` body bytes off their
    /// transports.
    pub(crate) fn attempt(&mut self, earlier_bytes: u64) {
        self.earlier_bytes = earlier_bytes;
        self.response = None;
        self.surplus = 0;
    }

    /// Marks the start of a read call.
    pub(crate) fn begin_read(&self) -> Instant {
        self.clock.now()
    }

    /// Marks the end of the read call that began at `begun`.
    pub(crate) fn end_read(&self, begun: Instant) {
        let time = nanos(self.clock.now(), begun);
        self.meter.borrow_mut().read_call_ns.record(time);
    }

    /// Hands `chunk` to the application.
    ///
    /// # Errors
    /// [`Failure`] of cause `Sink` if it cannot be stored; it counts as delivered
    /// anyway. Of cause `DiskFull` if no room is left for all of it; what fitted
    /// counts.
    pub(crate) async fn deliver(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let chunk = self.wanted(chunk);
        if chunk.is_empty() {
            return Ok(());
        }
        self.compare(chunk);
        let room = self.sink.room_for(chunk.len() as u64);
        let (fits, rest) = chunk.split_at(usize::try_from(room).unwrap_or(chunk.len()));
        if !fits.is_empty() {
            self.count(room);
            self.is_busy(true);
            let put_away = self.sink.write(fits).await;
            self.is_busy(false);
            put_away.map_err(|error| Failure::sink(&error))?;
        }
        full_unless(rest.is_empty())
    }

    /// Compares bytes that will be delivered together with others.
    pub(crate) fn verify(&mut self, bytes: &[u8]) {
        let bytes = self.wanted(bytes);
        self.compare(bytes);
        self.compared += bytes.len() as u64;
    }

    fn compare(&mut self, bytes: &[u8]) {
        let at = self.bytes + self.compared;
        self.truth.borrow_mut().check_at(at, bytes);
        self.course.took(bytes);
    }

    /// Hands over as one chunk what was compared since the head.
    ///
    /// # Errors
    /// [`Failure`] of cause `DiskFull`, as of [`deliver`](Self::deliver).
    pub(crate) async fn deliver_verified(&mut self) -> Result<(), Failure> {
        let size = std::mem::take(&mut self.compared);
        let room = self.sink.room_for(size);
        if room > 0 {
            self.count(room);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            self.is_busy(true);
            self.sink.take(room).await;
            self.is_busy(false);
        }
        full_unless(room == size)
    }

    fn count(&mut self, size: u64) {
        let now = self.clock.now();
        self.bytes += size;
        self.last_progress = Some(now);
        {
            let mut meter = self.meter.borrow_mut();
            meter.gap_ns.record(nanos(now, self.last));
            meter.chunk_bytes.record(size);
            let delivered = self.before + self.bytes - self.start;
            meter.watch.application(now, self.download, delivered);
            (meter.progress)(DeliveryProgress {
                download: self.download,
                delivered_bytes: delivered,
                at: now,
            });
        }
        self.last = now;
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn last_progress(&self) -> Option<Instant> {
        self.last_progress
    }

    /// The file that the user has asked for, if there is one; nothing comes any more.
    pub(crate) fn take_target(&mut self) -> Option<TargetFile> {
        self.sink.take_target()
    }

    pub(crate) fn sink_writes(&self) -> u64 {
        self.sink.writes()
    }

    /// The first wrong byte among the delivered ones.
    pub(crate) fn first_bad_offset(&self) -> Option<u64> {
        self.truth.borrow().first_bad_offset(self.bytes)
    }

    /// Bytes of the object that the file fits best.
    pub(crate) fn object_bytes(&self) -> u64 {
        self.truth.borrow().object_bytes(self.bytes)
    }

    pub(crate) fn arrived_offset(&self) -> Option<u64> {
        self.truth.borrow().arrived_offset(self.bytes)
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }
}

fn full_unless(all_fitted: bool) -> Result<(), Failure> {
    match all_fitted {
        true => Ok(()),
        false => Err(Failure::disk_full()),
    }
}

fn nanos(later: Instant, earlier: Instant) -> u64 {
    later.0.saturating_sub(earlier.0)
}
