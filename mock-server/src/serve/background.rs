//! The server on a thread of its own, for tests whose client blocks.

use std::{panic, sync::mpsc as blocking, thread};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{LocalSet, spawn_local},
};

use super::{Serving, Standalone, StandaloneError};
use crate::{flow::Closing, journal::Told};

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Background {
    url: String,
    control: Option<String>,
    /// Its end ends the server.
    questions: Option<UnboundedSender<Question>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What is known of a test once it is final, and where to tell it.
struct Question {
    key: String,
    answer: blocking::Sender<Told>,
}

impl Standalone {
    /// Serves on a thread of its own. Nothing is printed, and signals are left
    /// alone.
    ///
    /// # Errors
    /// When an address or a scenario cannot be served.
    pub fn spawn(self) -> Result<Background, StandaloneError> {
        let (questions, asked) = unbounded_channel();
        let (started, start) = blocking::channel();
        let thread = thread::Builder::new()
            .name("mock-server".into())
            .spawn(move || {
                let serving = run(self, asked, &started);
                if let Err(error) = serving {
                    // Whoever started it waits for this.
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
        serving.close(Closing::Now);
        serving.join().await;
        Ok(())
    })
}

fn answer(serving: &Serving, question: Question) {
    let journal = serving.journal();
    spawn_local(async move {
        let told = journal.end_of(Some(&question.key)).await;
        // Who asked may be gone.
        let _ = question.answer.send(told);
    });
}

impl Background {
    /// Where it listens, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the control interface, where there is one.
    pub fn control(&self) -> Option<&str> {
        self.control.as_deref()
    }

    /// What happened for the test that its requests name with `?key=`, once
    /// that is final: waits until something was asked for, and nothing of it is
    /// under way.
    ///
    /// # Panics
    /// When the server has panicked.
    pub fn end_of(&self, key: &str) -> Told {
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
