//! The server on its own thread, under any runtime or none.

use std::{
    io::{self, Read},
    panic,
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
    journal::{Kept, TestJournal},
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
    pub fn download(&self, bytes: u64) -> Download {
        Download::new(&self.url, bytes)
    }

    /// The journal of the test whose requests carry this key. Blocks until a request
    /// has come and none is under way. If none comes within 10 s the journal is empty.
    ///
    /// # Panics
    /// The server has panicked.
    #[track_caller]
    pub fn journal(&self, key: &str) -> Journal {
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
    /// The server has panicked.
    pub async fn journal_async(&self, key: &str) -> Journal {
        let (answer, told) = oneshot::channel();
        self.ask(key, move |journal| {
            let _ = answer.send(journal);
        });
        match told.await {
            Ok(told) => Journal::new(key, told),
            Err(_) => panic!("{ENDED}"),
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
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_that_no_request_carried_has_an_empty_journal_and_hangs_nobody() {
        let told = heard(&Kept::default(), "misspelt").await;
        let journal = Journal::new("misspelt", told);
        assert_eq!(journal.requests(), 0);
        assert!(journal.to_string().contains("no request carried this key"));
    }
}
