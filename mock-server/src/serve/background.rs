//! The server on its own thread, for tests with a blocking client.

use std::{panic, sync::mpsc as blocking, thread};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{LocalSet, spawn_local},
};

use super::{Serving, Standalone, StandaloneError};
use crate::{flow::Urgency, journal::TestJournal};

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Background {
    url: String,
    control: Option<String>,
    /// Dropping this ends the server.
    questions: Option<UnboundedSender<Question>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Asks for the events of a test once they are final, and where to send them.
struct Question {
    key: String,
    answer: blocking::Sender<TestJournal>,
}

impl Standalone {
    /// Starts the server on its own thread. It prints nothing and leaves signals
    /// to the program.
    ///
    /// # Errors
    /// An address or a scenario cannot be served.
    pub fn spawn(self) -> Result<Background, StandaloneError> {
        let (questions, asked) = unbounded_channel();
        let (started, start) = blocking::channel();
        let thread = thread::Builder::new()
            .name("mock-server".into())
            .spawn(move || {
                let serving = run(self, asked, &started);
                if let Err(error) = serving {
                    // The caller is waiting for this.
                    let _ = started.send(Err(error));
                }
            })?;
        match start.recv() {
            Ok(Ok((url, control))) => Ok(Background {
                url,
                control,
                questions: Some(questions),
                thread: Some(thread),
            }),
            Ok(Err(error)) => Err(error),
            Err(blocking::RecvError) => propagate(thread),
        }
    }
}

type Started = Result<(String, Option<String>), StandaloneError>;

fn run(
    settings: Standalone,
    mut asked: UnboundedReceiver<Question>,
    started: &blocking::Sender<Started>,
) -> Result<(), StandaloneError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let serving = settings.start().await?;
        let _ = started.send(Ok((serving.url(), serving.control())));
        while let Some(question) = asked.recv().await {
            answer(&serving, question);
        }
        serving.close(Urgency::Now);
        serving.join().await;
        Ok(())
    })
}

fn answer(serving: &Serving, question: Question) {
    let journal = serving.journal();
    spawn_local(async move {
        let told = journal.end_of(Some(&question.key)).await;
        // The caller may be gone.
        let _ = question.answer.send(told);
    });
}

impl Background {
    /// The URL of the server, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the control interface, if there is one.
    pub fn control(&self) -> Option<&str> {
        self.control.as_deref()
    }

    /// The final events of the test whose requests carry `?key=`. Waits until a
    /// request has come and none is under way.
    ///
    /// # Panics
    /// The server has panicked.
    pub fn end_of(&self, key: &str) -> TestJournal {
        let (answer, told) = blocking::channel();
        let question = Question {
            key: key.into(),
            answer,
        };
        let asked = self.questions.as_ref().map(|asked| asked.send(question));
        match (asked, told.recv()) {
            (Some(Ok(())), Ok(told)) => told,
            _ => panic!("the mock server has ended before the test did"),
        }
    }
}

impl Drop for Background {
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

fn propagate(thread: thread::JoinHandle<()>) -> ! {
    match thread.join() {
        Err(payload) => panic::resume_unwind(payload),
        Ok(()) => unreachable!("a server that has started says so, or why not"),
    }
}
