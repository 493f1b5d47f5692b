//! The server on its own thread, under any runtime or none.

use std::{
    io::{self, Read},
    panic,
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::{LocalSet, spawn_local},
};

use super::{Download, Journal};
use crate::{
    clock::{Clock, Elapsed},
    flow::Urgency,
    input,
    journal::{Kept, TestJournal},
    scenario::query::check_key,
    serve::{Serving, Standalone, StandaloneError},
    verify::{self, Finding},
};

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    control: Option<String>,
    /// Dropping this ends the server.
    questions: Option<UnboundedSender<Question>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Something to do on the server's thread.
type Question = Box<dyn FnOnce(&Serving) + Send>;

/// The URLs of the server and of its control interface.
type Started = Result<(String, Option<String>), StandaloneError>;

impl Server {
    /// Starts a server with free ports of loopback, for code without a runtime.
    ///
    /// # Errors
    /// No port, or no thread, can be had.
    pub fn spawn() -> Result<Self, StandaloneError> {
        Self::spawn_with(Standalone::default())
    }

    /// As [`Self::spawn`], with these settings: named scenarios, an address, a seed.
    ///
    /// # Errors
    /// An address or a scenario cannot be served.
    pub fn spawn_with(settings: Standalone) -> Result<Self, StandaloneError> {
        let (started, start) = mpsc::channel();
        let begun = Begun::new(settings, move |told| {
            let _ = started.send(told);
        })?;
        begun.end(start.recv().ok())
    }

    /// Starts a server with free ports of loopback, under any runtime.
    ///
    /// # Errors
    /// No port, or no thread, can be had.
    pub async fn start() -> Result<Self, StandaloneError> {
        Self::start_with(Standalone::default()).await
    }

    /// As [`Self::start`], with these settings.
    ///
    /// # Errors
    /// An address or a scenario cannot be served.
    pub async fn start_with(settings: Standalone) -> Result<Self, StandaloneError> {
        let (started, start) = oneshot::channel();
        let begun = Begun::new(settings, |told| {
            // The caller that starts it may have given up.
            let _ = started.send(told);
        })?;
        begun.end(start.await.ok())
    }

    /// The URL of the server, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the control interface, if there is one.
    pub fn control(&self) -> Option<&str> {
        self.control.as_deref()
    }

    /// A download of an object of `bytes` bytes.
    ///
    /// # Panics
    /// They are too many: 2^63 or more.
    #[track_caller]
    pub fn download(&self, bytes: u64) -> Download {
        Download::new(&self.url, bytes)
    }

    /// The journal of the test whose requests carry this key. Blocks until a request
    /// has come and none is under way. If none comes within 10 s the journal is empty.
    ///
    /// # Panics
    /// No request can carry this key, or the server has panicked.
    #[track_caller]
    pub fn journal(&self, key: &str) -> Journal {
        assert_key(key);
        let (answer, told) = mpsc::channel();
        self.ask(key, move |journal| {
            let _ = answer.send(journal);
        });
        match told.recv() {
            Ok(told) => Journal::new(key, told),
            Err(mpsc::RecvError) => panic!("{ENDED}"),
        }
    }

    /// As [`Self::journal`], for a runtime that has to go on with the client.
    ///
    /// # Panics
    /// No request can carry this key, or the server has panicked.
    #[track_caller]
    pub fn journal_async(&self, key: &str) -> impl Future<Output = Journal> + Send {
        assert_key(key);
        async move {
            let (answer, told) = oneshot::channel();
            self.ask(key, move |journal| {
                let _ = answer.send(journal);
            });
            match told.await {
                Ok(told) => Journal::new(key, told),
                Err(_) => panic!("{ENDED}"),
            }
        }
    }

    /// Compares what was downloaded with the object of `bytes` bytes: it says if it is
    /// whole, or the first byte that is lost or wrong.
    ///
    /// # Errors
    /// Errors of reading: a slice has none.
    pub fn verify(&self, mut got: impl Read, bytes: u64) -> io::Result<Finding> {
        verify::verify(&mut got, bytes)
    }

    /// As [`Self::verify`], for the file at `path`.
    ///
    /// # Errors
    /// It cannot be read, or is no regular file; the error names `path`.
    pub fn verify_file(&self, path: impl AsRef<Path>, bytes: u64) -> io::Result<Finding> {
        let path = path.as_ref();
        let found = input::open(path).and_then(|file| verify::verify_file(&file, bytes));
        found.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }

    /// Asks for the events of a test once they are final.
    fn ask(&self, key: &str, answer: impl FnOnce(TestJournal) + Send + 'static) {
        let key = key.to_owned();
        let question: Question = Box::new(move |serving| {
            let journal = serving.journal();
            spawn_local(async move { answer(heard(&journal, &key).await) });
        });
        // If the server has ended, the answer never comes, and that is noticed there.
        let _ = self.questions.as_ref().map(|asked| asked.send(question));
    }
}

/// Panics for a key that no request can carry, whose journal would stay empty.
#[track_caller]
fn assert_key(key: &str) {
    if let Err(error) = check_key(key) {
        panic!("{error}");
    }
}

/// The events of the test once they are final; at once if after [`FIRST_REQUEST`] no
/// request has carried its key, which may be misspelt.
async fn heard(journal: &Kept, key: &str) -> TestJournal {
    let clock = Clock::real();
    let end = journal.end_of(Some(key));
    match clock.timeout_at(clock.now() + FIRST_REQUEST, end).await {
        Ok(told) => told,
        Err(Elapsed) if journal.of(key).events.is_empty() => journal.of(key),
        Err(Elapsed) => journal.end_of(Some(key)).await,
    }
}

/// The wait for the first request of a test whose journal is asked for.
const FIRST_REQUEST: Duration = Duration::from_secs(10);

const ENDED: &str = "the server has ended before the test did";

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.questions.take());
        if let Some(thread) = self.thread.take()
            && let Err(payload) = thread.join()
            && !thread::panicking()
        {
            panic::resume_unwind(payload);
        }
    }
}

/// A server that has not said yet if it listens.
struct Begun {
    questions: UnboundedSender<Question>,
    thread: thread::JoinHandle<()>,
}

impl Begun {
    fn new(
        settings: Standalone,
        started: impl FnOnce(Started) + Send + 'static,
    ) -> io::Result<Self> {
        let (questions, asked) = unbounded_channel();
        let thread = thread::Builder::new()
            .name("shortread-server".into())
            .spawn(move || serve(settings, asked, started))?;
        Ok(Self { questions, thread })
    }

    fn end(self, told: Option<Started>) -> Result<Server, StandaloneError> {
        match told {
            Some(Ok((url, control))) => Ok(Server {
                url,
                control,
                questions: Some(self.questions),
                thread: Some(self.thread),
            }),
            Some(Err(error)) => Err(error),
            // It says so, or panics.
            None => match self.thread.join() {
                Err(payload) => panic::resume_unwind(payload),
                Ok(()) => Err(io::Error::other("the server's thread has ended").into()),
            },
        }
    }
}

fn serve(
    settings: Standalone,
    mut asked: UnboundedReceiver<Question>,
    started: impl FnOnce(Started),
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return started(Err(error.into())),
    };
    LocalSet::new().block_on(&runtime, async {
        let serving = match settings.start().await {
            Ok(serving) => serving,
            Err(error) => return started(Err(error)),
        };
        started(Ok((serving.url(), serving.control())));
        while let Some(question) = asked.recv().await {
            question(&serving);
        }
        serving.close(Urgency::Now);
        serving.join().await;
    });
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{body::Pattern, testing::panics::said};

    #[tokio::test(start_paused = true)]
    async fn a_key_that_no_request_carried_has_an_empty_journal_and_hangs_nobody() {
        let told = heard(&Kept::default(), "misspelt").await;
        let journal = Journal::new("misspelt", told);
        assert_eq!(journal.requests(), 0);
        assert!(journal.to_string().contains("no request carried this key"));
    }

    #[test]
    fn a_file_is_verified_by_its_path_which_an_error_names() {
        let server = Server::spawn().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(
            &path,
            Pattern::PLAIN.slices(0..1000).collect::<Vec<_>>().concat(),
        )
        .unwrap();
        assert!(server.verify_file(&path, 1000).unwrap().is_whole());
        let short = server.verify_file(&path, 1001).unwrap();
        assert_eq!(short.true_prefix_bytes, 1000);
        for wrong in [folder.path().to_owned(), folder.path().join("absent")] {
            let error = server.verify_file(&wrong, 1000).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{}: ", wrong.display())),
                "{error}"
            );
        }
    }

    #[test]
    fn a_key_that_no_request_can_carry_is_no_key_of_a_journal() {
        let server = Server::spawn().unwrap();
        assert!(said!(server.journal("")).contains("not a valid key"));
        assert!(said!(server.journal_async("a\nb")).contains("not a valid key"));
    }
}
