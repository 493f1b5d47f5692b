//! One HTTP/1.1 connection on a flow: requests in, responses out.

use std::rc::Rc;

use super::{
    Played, Routed, Router,
    origin::{Chosen, Request, text_response},
    responding::Responding,
};
use crate::{
    clock::Instant,
    flow::{End, Flow, ListenerState, Part, Urgency},
    journal::{CloseReason, Fact},
    link::Wire,
    scenario::{Attempt, Protocol, RequestFacts},
};

/// Serves one connection of `listener` to its end. The `router` chooses what it
/// plays.
pub async fn serve_connection<W: Wire>(
    wire: W,
    listener: Rc<ListenerState>,
    router: Rc<dyn Router>,
) {
    let connection = Connection {
        flow: Flow::new(wire, listener),
        router,
        played: None,
        position: 0,
        looked_at: 0,
    };
    connection.run().await;
}

/// A connection and what it plays.
pub(super) struct Connection<W: Wire> {
    pub(super) flow: Flow<W>,
    pub(super) router: Rc<dyn Router>,
    played: Option<Rc<Played>>,
    /// The number of the last request on this connection.
    position: u32,
    /// Bytes of the inbox that were searched for a request in vain.
    pub(super) looked_at: usize,
}

impl<W: Wire> Connection<W> {
    /// Serves the connection to its end.
    async fn run(mut self) {
        let ready = match self.router.at_accept() {
            Some(played) => self.play(played),
            None => Ok(()),
        };
        self.flow.write_accepted();
        let end = match ready {
            Ok(()) => self.serve().await,
            Err(end) => end,
        };
        self.flow.close(end).await;
    }

    async fn serve(&mut self) -> End {
        loop {
            match self.serve_one().await {
                Ok(true) => {}
                Ok(false) => return End::finish(CloseReason::Done),
                Err(end) => return end,
            }
        }
    }

    /// Serves one request. Returns true if another may follow.
    async fn serve_one(&mut self) -> Result<bool, End> {
        self.flow.rest();
        let request = self.next_request().await?;
        self.position = self.position.saturating_add(1);
        let arrived = self.flow.now();
        self.flow.begin(arrived);
        let answer = self.answer(&request, arrived).await?;
        let closes = !request.keep_alive || answer.response.close;
        let broken = answer.response.broken.clone();
        self.respond(answer, closes).await?;
        if let Some(why) = broken {
            return Err(End::finish(CloseReason::Error(why)));
        }
        Ok(!closes && self.flow.closing() == Urgency::No)
    }

    /// The response that the request is routed to, and the time from which its
    /// pauses count.
    async fn answer(&mut self, request: &Request, arrived: Instant) -> Result<Responding, End> {
        let mut routed = self.router.route(request);
        loop {
            routed = match routed {
                Routed::Later(routed) => self.meanwhile(routed).await?,
                Routed::Say(response) if request.is_head() => {
                    return Ok(Responding::plain(response.without_body(), arrived));
                }
                Routed::Say(response) => return Ok(Responding::plain(*response, arrived)),
                Routed::Play(played) => {
                    self.play(Rc::clone(&played))?;
                    if let Some(refusal) = played.refusal(request) {
                        return Ok(Responding::plain(refusal, arrived));
                    }
                    // Time counts from the arrival of the request, one latency later. Before
                    // it was read, its link was unknown.
                    let since = arrived + played.scenario.link.latency;
                    let path = request.path();
                    let facts = self.facts(request, &path, &played, since);
                    self.flow.asked(&facts, since);
                    let date = self.flow.clock().date();
                    let chosen = played.origin.choose(request, &facts, date);
                    let stream = match played.take_stream(&chosen.response.script) {
                        Ok(stream) => stream,
                        Err(error) => {
                            let text = format!("{error}\n");
                            let refusal = text_response(503, "text/plain; charset=utf-8", text);
                            return Ok(Responding::plain(refusal, arrived));
                        }
                    };
                    self.write_choice(&chosen);
                    return Ok(Responding {
                        response: chosen.response,
                        since,
                        _stream: stream,
                    });
                }
            };
        }
    }

    /// Writes which answer and version a request got, if it is not what all get.
    fn write_choice(&self, chosen: &Chosen) {
        if chosen.answer.is_some() || chosen.is_version {
            self.flow.write(Fact::Chosen {
                answer: chosen.answer,
                version: chosen.version,
                status: chosen.response.status,
            });
        }
    }

    /// The facts of a request that plays the scenario from `since` on.
    fn facts<'r>(
        &self,
        request: &'r Request,
        path: &'r str,
        played: &Played,
        since: Instant,
    ) -> RequestFacts<'r> {
        RequestFacts {
            request: played.next_request(),
            connection: self.flow.ordinal(),
            position: self.position,
            attempt: match request.range {
                Some(_) => Attempt::Resumption,
                None => Attempt::First,
            },
            time: since.since(played.started(since)),
            method: &request.method,
            protocol: match request.minor_version {
                0 => Protocol::Http10,
                _ => Protocol::Http11,
            },
            path,
        }
    }

    /// The result of `future`, unless the connection ends first: a client that
    /// has left gives up its place in the queue.
    async fn meanwhile<T>(&mut self, future: impl Future<Output = T>) -> Result<T, End> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                done = &mut future => return Ok(done),
                waited = self.flow.wait_out(Instant::FAR, false) => waited?,
            }
        }
    }

    /// Takes on a scenario, unless the connection has it already.
    fn play(&mut self, played: Rc<Played>) -> Result<(), End> {
        let current = self.played.as_ref();
        if current.is_some_and(|current| Rc::ptr_eq(current, &played)) {
            return Ok(());
        }
        self.flow.configure(&played.scenario.sockets)?;
        self.flow.play(Part {
            scenario: Rc::clone(&played.scenario),
            seed: played.seed,
            ordinal: played.next_connection(),
            shared: played.shared(),
        });
        self.played = Some(played);
        Ok(())
    }

    /// Plays one response to its last byte; `closes` says that the connection
    /// ends with it.
    async fn respond(&mut self, mut response: Responding, closes: bool) -> Result<(), End> {
        let sent = self.flow.send_all(&mut response).await?;
        self.flow.write(Fact::ResponseEnd {
            body_bytes: sent.body,
            wire_bytes: sent.wire,
            closes,
        });
        Ok(())
    }
}
