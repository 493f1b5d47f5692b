//! Serving the control interface.

use std::{convert::Infallible, rc::Rc, time::Duration};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{
    Request, Response, body::Incoming, header::CONTENT_LENGTH, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    super::tasks,
    Control, LONGEST_BODY, Order,
    answer::{Answer, Body, Refusal},
};

/// So many connections at a time; further ones wait.
const MOST_CONNECTIONS: usize = 256;

/// How long an order's head may take.
const HEAD_LIMIT: Duration = Duration::from_secs(30);

/// Answers orders until it is dropped, and with it whatever is under way.
pub(in crate::serve) async fn serve(listener: TcpListener, control: Rc<Control>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            // A panic in here is a bug of the server, and is to be seen.
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended
                    && let Ok(panic) = error.try_into_panic()
                {
                    std::panic::resume_unwind(panic);
                }
            }
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => {
                        let served = connection(stream, Rc::clone(&control));
                        connections.spawn_local(tasks::counted(served));
                    }
                    // Out of descriptors, or a client that is gone already.
                    Err(_) => control.clock.sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, control: Rc<Control>) {
    let service = service_fn(|request| answer(&control, request));
    // What is no HTTP, or goes away, is nobody's loss: hyper has answered what
    // can be answered.
    let _: Result<(), hyper::Error> = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    control: &Control,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let announced = head.headers.get(CONTENT_LENGTH);
    let too_large = announced
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .is_some_and(|length| length > LONGEST_BODY as u64);
    let body = if too_large {
        Err(too_long())
    } else {
        let whole = Limited::new(body, LONGEST_BODY).collect().await;
        whole.map(|whole| whole.to_bytes()).map_err(unread)
    };
    let answer = match body {
        Err(refusal) => Answer::from(refusal),
        Ok(body) => {
            control
                .answer(Order {
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

fn unread(error: Box<dyn std::error::Error + Send + Sync>) -> Refusal {
    match error.is::<LengthLimitError>() {
        true => too_long(),
        false => Refusal::new(400, format!("the body did not come whole: {error}")),
    }
}

fn too_long() -> Refusal {
    Refusal::new(
        413,
        "the body is longer than 1 MiB, and so than any scenario file",
    )
}
