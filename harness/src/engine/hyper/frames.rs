//! hyper's own client, read by its body frames: the baseline, with the same
//! deadlines as the other strategies.

use std::{future::Future, rc::Rc};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use shortread_server::{
    clock::{Clock, Instant},
    scenario::{Deadline, Framing, TimerOrder},
};
use tokio::sync::Notify;

use super::metered::{Metered, Wire};
use crate::{
    client::{
        Call, ConnectionEnd, Delivery, Failure, Fields, Head, Phase, Transport, event_loop::on_loop,
    },
    engine::http1::{ContentCoding, Decoding, Inflate, Members},
    measure::heap::Budget,
};

/// Most bytes that one step of inflating gives.
const INFLATE_STEP: usize = 256 << 10;

/// The limits of a download by frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) head: Instant,
    pub(crate) total: Instant,
    pub(crate) sock_read: Option<std::time::Duration>,
    pub(crate) order: TimerOrder,
    pub(crate) budget: Option<Budget>,
    pub(crate) clock: Clock,
}

/// hyper's connection, driven by its own task.
pub(crate) struct Connection {
    sender: http1::SendRequest<Empty<Bytes>>,
    stop: Rc<Notify>,
    driver: tokio::task::JoinHandle<ConnectionEnd>,
    /// The status of the response, once hyper has its head.
    status: Option<u16>,
}

impl Connection {
    /// Sets up hyper on `transport`; `wire` sees every byte that it reads.
    pub(crate) async fn start<T: Transport + 'static>(
        transport: T,
        wire: Wire,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let io = TokioIo::new(Metered::new(transport, wire));
        let (sender, connection) = http1::handshake(io)
            .await
            .map_err(|error| Failure::hyper(Phase::Head, &error))?;
        let stop = Rc::new(Notify::new());
        let stopped = Rc::clone(&stop);
        let driver = tokio::task::spawn_local(on_loop(clock, async move {
            let mut connection = connection;
            // Its error also goes to the caller that waits for the response.
            tokio::select! {
                biased;
                () = stopped.notified() => {}
                _ = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)) => {
                    stopped.notified().await;
                }
            }
            connection.into_parts().io.into_inner().closing()
        }));
        Ok(Self {
            sender,
            stop,
            driver,
            status: None,
        })
    }

    /// The status of the response, if there is one.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status
    }

    /// Sends the request and reads the whole body.
    pub(crate) async fn download(
        &mut self,
        call: Call<'_>,
        limits: &Limits,
        delivery: &mut Delivery,
    ) -> Result<(), Failure> {
        let mut request = Request::new(Empty::new());
        let host = (header::HOST, call.host.to_owned());
        let asked = call.ask.fields().into_iter();
        let asked = asked.filter_map(|(name, value)| Some((name.parse().ok()?, value)));
        for (name, value) in std::iter::once(host).chain(asked) {
            if let Ok(value) = header::HeaderValue::from_str(&value) {
                request.headers_mut().insert(name, value);
            }
        }
        let sending = self.sender.send_request(request);
        let (due, deadline) = earlier((limits.head, Deadline::Head), limits);
        let response = limits
            .wait(sending, due, deadline)
            .await?
            .map_err(|error| Failure::hyper(Phase::Head, &error))?;
        self.status = Some(response.status().as_u16());
        delivery.head_done(&head_of(&response)).await?;
        let gzip = response
            .headers()
            .get(header::CONTENT_ENCODING)
            .is_some_and(|coding| coding == "gzip");
        let mut body = response.into_body();
        let mut decoding = gzip.then(any_gzip);
        loop {
            let begun = delivery.begin_read();
            let data = next(&mut body, limits).await;
            delivery.end_read(begun);
            let Some(data) = data? else {
                return Ok(());
            };
            if let Some(budget) = &limits.budget {
                budget.check(0).map_err(|over| Failure::memory(&over))?;
            }
            let Some(decoding) = &mut decoding else {
                delivery.deliver(&data).await?;
                continue;
            };
            let mut data = Some(data);
            while data.is_some() || decoding.has_more() {
                let piece = decoding
                    .feed(data.take().unwrap_or_default(), INFLATE_STEP, &|_| Ok(()))
                    .map_err(|error| Failure::malformed(&error))?;
                if !piece.is_empty() {
                    delivery.deliver(&piece).await?;
                }
            }
        }
    }

    /// Releases the connection.
    pub(crate) async fn stop(self) -> ConnectionEnd {
        self.stop.notify_one();
        match self.driver.await {
            Ok(closing) => closing,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// The head as the application sees it.
fn head_of(response: &Response<Incoming>) -> Head {
    let mut fields = Fields::default();
    for (name, value) in response.headers() {
        fields.keep(name.as_str().as_bytes(), value.as_bytes());
    }
    let declared = response.body().size_hint().exact();
    let chunked = response.headers().contains_key(header::TRANSFER_ENCODING);
    Head {
        status: response.status().as_u16(),
        framing: match (declared, chunked) {
            (Some(_), _) => Framing::ContentLength,
            (None, true) => Framing::Chunked,
            (None, false) => Framing::Close,
        },
        declared,
        fields,
    }
}

/// The next non-empty data frame; `None` at the end of the body.
async fn next(body: &mut Incoming, limits: &Limits) -> Result<Option<Bytes>, Failure> {
    loop {
        // A body that always has a frame ready never waits, so the clock is
        // checked here too, until the end is parsed.
        if !body.is_end_stream() && limits.clock.now() >= limits.total {
            return Err(Failure::deadline(Deadline::Total));
        }
        // The time counts from the moment the application wants bytes: while
        // nobody reads, the peer's silence means nothing.
        let sock_read = limits
            .sock_read
            .map_or(Instant::FAR, |time| limits.clock.now() + time);
        let (due, deadline) = earlier((sock_read, Deadline::SockRead), limits);
        match limits.wait(body.frame(), due, deadline).await? {
            None => return Ok(None),
            Some(Err(error)) => return Err(Failure::hyper(Phase::Body, &error)),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Ok(Some(data)),
                // Nothing, or trailers.
                _ => {}
            },
        }
    }
}

fn earlier(other: (Instant, Deadline), limits: &Limits) -> (Instant, Deadline) {
    if other.0 < limits.total {
        other
    } else {
        (limits.total, Deadline::Total)
    }
}

impl Limits {
    async fn wait<F: Future>(
        &self,
        work: F,
        due: Instant,
        deadline: Deadline,
    ) -> Result<F::Output, Failure> {
        let failure = || Failure::deadline(deadline);
        match self.order {
            TimerOrder::AfterIo => self
                .clock
                .timeout_at(due, work)
                .await
                .map_err(|_| failure()),
            TimerOrder::BeforeIo => tokio::select! {
                biased;
                () = self.clock.sleep_until(due) => Err(failure()),
                output = work => Ok(output),
            },
        }
    }
}

/// A user's decoder of gzip, which has no limits of its own.
fn any_gzip() -> Decoding {
    Decoding::new(
        ContentCoding::Gzip,
        Inflate::Stepwise,
        Members::AtMost(u32::MAX),
    )
}
