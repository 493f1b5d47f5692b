//! Serves the control interface.

use std::{convert::Infallible, rc::Rc, time::Duration};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Request, Response, body::Incoming, header::EXPECT};
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
                        let served = connection(stream, Rc::clone(&control));
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
            let _ = whole(control, &head.headers, body).await;
            Err(refusal)
        }
        Ok(()) => whole(control, &head.headers, body).await,
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
async fn whole(control: &Control, head: &HeaderMap, body: Incoming) -> Result<Bytes, Refusal> {
    use hyper::body::Body as _;

    let announced = body.size_hint().lower();
    if announced > LONGEST_BODY as u64 && head.contains_key(EXPECT) {
        return Err(too_long());
    }
    let end = control.clock.now() + BODY_LIMIT;
    let read = control.clock.timeout_at(end, read(body)).await;
    read.unwrap_or_else(|_| {
        let seconds = BODY_LIMIT.as_secs();
        Err(Refusal::new(
            408,
            format!("the body was not complete within {seconds} s"),
        ))
    })
}

async fn read(mut body: Incoming) -> Result<Bytes, Refusal> {
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
