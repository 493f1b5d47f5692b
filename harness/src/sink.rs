//! The application's storage for what it reads: nothing, or a file, at its own
//! pace, on a disk that may become full.

mod target;

use std::{
    cell::{Cell, RefCell},
    fs::{self, File},
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use shortread_server::{
    clock::{Clock, Instant},
    scenario,
};

pub use target::{Target, TargetFile};

/// The time that a sink with a rate may catch up after a pause: the grain of
/// timers, not the buffer of a disk.
const CATCH_UP: Duration = Duration::from_millis(20);

/// The disk of a trial's downloads, all of which write to it.
#[derive(Debug, Clone)]
pub struct Disk {
    /// Bytes that it still takes; `None` is no end.
    room: Option<Rc<Cell<u64>>>,
}

impl Disk {
    /// A disk that is as large as `settings` say.
    pub fn new(settings: &scenario::Sink) -> Self {
        let room = settings.capacity.map(|size| Rc::new(Cell::new(size.0)));
        Self { room }
    }

    /// Has the room of `bytes` again, that were taken off it.
    fn give_back(&self, bytes: u64) {
        if let Some(room) = &self.room {
            room.set(room.get().saturating_add(bytes));
        }
    }

    /// Takes up to `bytes` off its room, as write(2) does; returns their number.
    fn take(&self, bytes: u64) -> u64 {
        let Some(room) = &self.room else {
            return bytes;
        };
        let taken = bytes.min(room.get());
        room.set(room.get() - taken);
        taken
    }
}

/// The place of the bytes.
#[derive(Debug)]
enum Store {
    /// They are dropped.
    Nowhere,
    /// A file of the run, without a name.
    Nameless(File),
    /// A file that the user has asked for.
    Target(TargetFile),
    /// A file that several write, each at a place of its own.
    Shared(Rc<RefCell<Store>>),
}

impl Store {
    fn begin(&mut self) -> io::Result<()> {
        match self {
            Self::Target(file) => file.begin(),
            Self::Shared(store) => store.borrow_mut().begin(),
            Self::Nowhere | Self::Nameless(_) => Ok(()),
        }
    }

    fn write_at(&mut self, offset: u64, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Nameless(file) => {
                file.seek(io::SeekFrom::Start(offset))?;
                file.write_all(chunk)
            }
            Self::Target(file) => file.write_at(offset, chunk),
            Self::Shared(store) => store.borrow_mut().write_at(offset, chunk),
        }
    }
}

/// Takes chunks, as slowly as the scenario says.
#[derive(Debug)]
pub struct Sink {
    settings: scenario::Sink,
    disk: Disk,
    clock: Clock,
    store: Store,
    /// Others write to it too, and it is not this one's to take.
    is_part: bool,
    /// Bytes in it.
    length: u64,
    /// The time at which a sink with a rate has finished its work.
    busy_until: Rc<Cell<Instant>>,
    writes: u64,
}

impl Sink {
    /// A sink with these `settings` on `disk`. Its file, if it has one, has the name
    /// `path` only for the moment in which it is created.
    ///
    /// # Errors
    /// The file cannot be created, or a file needs a path and there is none.
    pub fn open(
        settings: scenario::Sink,
        disk: Disk,
        path: Option<PathBuf>,
        clock: Clock,
    ) -> io::Result<Self> {
        let store = if settings.file {
            let path = path.ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "`sink.file` is set and the trial was given no path",
                )
            })?;
            Store::Nameless(nameless(&path)?)
        } else {
            Store::Nowhere
        };
        Ok(Self {
            settings,
            disk,
            clock,
            store,
            is_part: false,
            length: 0,
            busy_until: Rc::default(),
            writes: 0,
        })
    }

    /// The same, whose bytes go to `target`.
    pub fn saving(mut self, target: Target) -> Self {
        self.store = Store::Target(TargetFile::new(target));
        self
    }

    /// Another writer to the same file, from `offset` on, at the pace that both share.
    pub fn part(&mut self, offset: u64) -> Self {
        let store = match std::mem::replace(&mut self.store, Store::Nowhere) {
            Store::Shared(store) => store,
            own => Rc::new(RefCell::new(own)),
        };
        self.store = Store::Shared(Rc::clone(&store));
        Self {
            settings: self.settings.clone(),
            disk: self.disk.clone(),
            clock: self.clock,
            store: Store::Shared(store),
            is_part: true,
            length: offset,
            busy_until: Rc::clone(&self.busy_until),
            writes: 0,
        }
    }

    /// Bytes are about to come: a file that the user has asked for is made.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn begin(&mut self) -> io::Result<()> {
        self.store.begin()
    }

    /// The file that the user has asked for, unless it is another writer's; what comes behind
    /// it is dropped.
    pub fn take_target(&mut self) -> Option<TargetFile> {
        if self.is_part {
            return None;
        }
        match std::mem::replace(&mut self.store, Store::Nowhere) {
            Store::Target(file) => Some(file),
            Store::Shared(store) => match store.replace(Store::Nowhere) {
                Store::Target(file) => Some(file),
                _ => None,
            },
            other => {
                self.store = other;
                None
            }
        }
    }

    /// Takes room on the disk for a chunk of `bytes`; fewer fit on one that is
    /// becoming full, and none on one that is.
    pub fn room_for(&self, bytes: u64) -> u64 {
        self.disk.take(bytes)
    }

    /// Takes `chunk`, for which there is room. A blocking sink blocks the whole event loop, like a
    /// synchronous write in a coroutine.
    ///
    /// # Errors
    /// Writing to the file fails.
    pub async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        // Like Python's unbuffered file object: one write(2) per chunk, on the event loop's
        // thread. It takes the application's time, as there.
        match &mut self.store {
            // Its place is where the last chunk has ended.
            Store::Nameless(file) => file.write_all(chunk)?,
            store => store.write_at(self.length, chunk)?,
        }
        self.length += chunk.len() as u64;
        self.take(chunk.len()).await;
        Ok(())
    }

    /// Begins the file anew: nothing of the `bytes` that were written stays.
    ///
    /// # Errors
    /// The file cannot be cut or positioned.
    pub fn rewind(&mut self, bytes: u64) -> io::Result<()> {
        self.disk.give_back(bytes);
        self.length = 0;
        match &mut self.store {
            Store::Nowhere => Ok(()),
            Store::Nameless(file) => file.set_len(0).and_then(|()| file.rewind()),
            Store::Target(file) => file.cut(0),
            // A part is not begun anew.
            Store::Shared(_) => Ok(()),
        }
    }

    /// Takes the time between the response head and the first read.
    pub async fn first_pause(&self) {
        self.wait(self.settings.first_pause).await;
    }

    /// Takes the time of a chunk of `size` bytes, without the bytes.
    pub async fn take(&mut self, size: usize) {
        self.writes += 1;
        let time = self.time_for(size);
        self.wait(time).await;
    }

    async fn wait(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        if self.settings.blocking {
            self.clock.block(time);
        } else {
            self.clock.sleep(time).await;
        }
    }

    /// Chunks taken.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// The time that `bytes` keep it busy from now on.
    fn time_for(&mut self, bytes: usize) -> Duration {
        let Some(rate) = self.settings.rate else {
            return self.settings.pause;
        };
        // This follows the clock, not the chunks, so a sleep that was too long
        // shortens the next one.
        let now = self.clock.now();
        let begin = self.busy_until.get().max(now - CATCH_UP);
        let until = begin + rate.time_for(bytes as u64);
        self.busy_until.set(until);
        until.since(now) + self.settings.pause
    }
}

/// A file at `path` without a name: its space is freed when the process ends,
/// even if it is killed.
fn nameless(path: &Path) -> io::Result<File> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    fs::remove_file(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use shortread_server::units::{ByteSize, Rate};

    use super::*;

    fn settings() -> scenario::Sink {
        scenario::Sink::default()
    }

    fn endless() -> Disk {
        Disk::new(&settings())
    }

    #[test]
    fn a_disk_takes_what_fits_from_whoever_writes_and_then_nothing() {
        let small = scenario::Sink {
            capacity: Some(ByteSize(10)),
            ..settings()
        };
        let disk = Disk::new(&small);
        let of = |disk| Sink::open(small.clone(), disk, None, Clock::real()).unwrap();
        let (one, other) = (of(disk.clone()), of(disk));
        assert_eq!(one.room_for(7), 7);
        assert_eq!(other.room_for(7), 3);
        assert_eq!((one.room_for(1), other.room_for(1)), (0, 0));
    }

    #[tokio::test]
    async fn a_file_holds_every_chunk_at_once_and_has_no_name_to_leave_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("download");
        let with_file = scenario::Sink {
            file: true,
            ..settings()
        };
        let mut sink = Sink::open(with_file, endless(), Some(path), Clock::real()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        sink.write(b"one ").await.unwrap();
        assert_eq!(content(&sink), b"one ");
        sink.write(b"two").await.unwrap();
        assert_eq!(content(&sink), b"one two");
        assert_eq!(sink.writes(), 2);
    }

    fn content(sink: &Sink) -> Vec<u8> {
        let mut buffer = [0; 64];
        let Store::Nameless(file) = &sink.store else {
            panic!("{sink:?}")
        };
        let length = file.read_at(&mut buffer, 0).unwrap();
        buffer[..length].to_vec()
    }

    #[test]
    fn a_file_without_a_path_is_an_error() {
        let with_file = scenario::Sink {
            file: true,
            ..settings()
        };
        assert!(Sink::open(with_file, endless(), None, Clock::real()).is_err());
    }

    #[test]
    fn a_rate_adds_up_over_chunks_and_a_pause_comes_on_top() {
        let slow = scenario::Sink {
            rate: Rate::per_second(1_000),
            pause: Duration::from_secs(5),
            ..settings()
        };
        let mut sink = Sink::open(slow, endless(), None, Clock::real()).unwrap();
        // Nothing waits here, so the debt grows by 100 s a chunk.
        let first = sink.time_for(100_000).as_secs_f64();
        let second = sink.time_for(100_000).as_secs_f64();
        assert!((first - 105.0).abs() < 1.0, "{first}");
        assert!((second - 205.0).abs() < 1.0, "{second}");
    }

    #[test]
    fn an_idle_sink_gains_no_credit_beyond_the_grain_of_timers() {
        let slow = scenario::Sink {
            rate: Rate::per_second(1_000),
            ..settings()
        };
        let mut sink = Sink::open(slow, endless(), None, Clock::real()).unwrap();
        // Its last work ended at the clock's zero, long ago.
        let time = sink.time_for(10_000);
        assert!(time > Duration::from_secs(9) && time < Duration::from_secs(10));
    }
}
