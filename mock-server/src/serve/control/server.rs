//! Serves the control interface.

use std::{convert::Infallible, fmt::Display, rc::Rc, time::Duration};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{
    HeaderMap, Request, Response,
    body::{Body, Incoming},
    header::EXPECT,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    super::tasks,
    Control, ControlRequest, LONGEST_BODY,
    answer::{Answer, AnswerBody, Refusal},
    patient::Patient,
    unheard,
};
use crate::clock::Clock;

/// Time limit for the body of a request.
const BODY_LIMIT: Duration = Duration::from_secs(60);

/// Bytes of a too long body that are read and thrown away. If the server answered
/// earlier, the client would still be sending and get RST instead of the answer.
const MOST_READ: usize = 64 << 20;

/// Answers requests until it is dropped; that also drops everything under way.
pub(in crate::serve) async fn serve(listener: TcpListener, control: Rc<Control>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            // A panic here is a bug of the server, so it must show.
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended
                    && let Ok(panic) = error.try_into_panic()
                {
                    std::panic::resume_unwind(panic);
                }
            }
            accepted = listener.accept(), if connections.len() < control.allowed.control => {
                match accepted {
                    Ok((stream, _)) => {
                        let control = Rc::clone(&control);
                        let served = || connection(stream, control);
                        connections.spawn_local(tasks::counted(served));
                    }
                    // The process is out of descriptors, or the client has already left.
                    Err(_) => control.clock.sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, control: Rc<Control>) {
    let stream = Patient::new(stream, control.clock);
    let answer = |request| answer(&control, request);
    if let Some(status) = unheard::serve(stream, control.clock, answer).await {
        control.metrics.asked("none", status);
    }
}

async fn answer(
    control: &Control,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Infallible> {
    let (head, body) = request.into_parts();
    let allowed = control.guard.check(&head);
    // A client that waits for permission to send the body need not send it.
    let waits = head.headers.contains_key(EXPECT);
    let body = match allowed {
        Err(refusal) if waits => Err(refusal),
        Err(refusal) => {
            let _ = whole(control.clock, &head.headers, body).await;
            Err(refusal)
        }
        Ok(()) => whole(control.clock, &head.headers, body).await,
    };
    let answer = match body {
        Err(refusal) => {
            control.metrics.asked("none", refusal.status);
            Answer::from(refusal)
        }
        Ok(body) => {
            control
                .answer(ControlRequest {
                    method: head.method.as_str(),
                    path: head.uri.path(),
                    query: head.uri.query().unwrap_or_default(),
                    body: &body,
                })
                .await
        }
    };
    Ok(answer.into_response())
}

/// The complete body.
async fn whole<B>(clock: Clock, head: &HeaderMap, body: B) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let announced = body.size_hint().lower();
    if announced > LONGEST_BODY as u64 && head.contains_key(EXPECT) {
        return Err(too_long());
    }
    let read = clock.timeout_at(clock.now() + BODY_LIMIT, read(body)).await;
    read.unwrap_or_else(|_| {
        let seconds = BODY_LIMIT.as_secs();
        Err(Refusal::new(
            408,
            format!("the body was not complete within {seconds} s"),
        ))
    })
}

async fn read<B>(mut body: B) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Refusal::new(400, format!("the body is incomplete: {error}")))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        read += data.len();
        match read <= LONGEST_BODY {
            true => kept.extend_from_slice(&data),
            false => kept = Vec::new(),
        }
        if read > MOST_READ {
            break;
        }
    }
    match read <= LONGEST_BODY {
        true => Ok(kept.into()),
        false => Err(too_long()),
    }
}

fn too_long() -> Refusal {
    Refusal::new(
        413,
        "the body is longer than 1 MiB, the limit for a scenario file",
    )
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use hyper::body::Frame;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_whole_is_waited_for_a_minute() {
        let clock = Clock::simulated();
        let begun = clock.now();
        let refused = whole(clock, &HeaderMap::new(), Never).await;
        let refusal = refused.unwrap_err();
        assert_eq!(refusal.status, 408);
        assert_eq!(clock.now().since(begun).as_secs(), 60);
    }

    /// A body of which nothing comes.
    struct Never;

    impl Body for Never {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }
}
