//! aiohttp, re-implemented by release: its stream reader, its parsers and errors,
//! the calls of its users, and the task that owns a connection like asyncio's
//! event loop.
//!
//! That task (`pump`) reads at most 256 KiB at a time and passes them to the
//! current response ([`Incoming`]). There a [`BodySource`] feeds the stream
//! reader through an [`Intake`]. The reading task (a strategy, `calls`) takes
//! bytes out of the reader and gives them to the application.

mod calls;
mod coding;
mod incoming;
mod intake;
mod names;
mod parser;
mod protocol;
mod pump;
pub mod reader;
mod source;

use std::{rc::Rc, time::Duration};

pub(crate) use calls::Read;
pub use incoming::Incoming;
pub use intake::{Facts, Intake};
pub use parser::ParserRules;
pub use protocol::Protocol;
pub use source::BodySource;

use self::{
    pump::{Deadlines, pump},
    reader::Rules,
    source::Exchange,
};
use crate::client::{
    Ask, Call, ConnectionEnd, Delivery, Download, Engine, Failure, FailureCause, Phase, Transport,
    Verdict, event_loop::on_loop, guarded,
};
use shortread_server::{clock::Instant, scenario::Deadline};

/// `ceil_threshold`: many deadlines of so much and more share a wake-up.
const CEIL_FROM: Duration = Duration::from_secs(5);

/// `keepalive_timeout` of the connector, the same from 3.7.0 to 3.14.5.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A release, read with one of its calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aiohttp {
    pub(crate) rules: Rules,
    pub(crate) read: Read,
}

impl Engine for Aiohttp {
    fn whole_seconds_from(&self) -> Option<Duration> {
        Some(CEIL_FROM)
    }

    /// GET is idempotent, and a connection was there that ended before the
    /// head. A fresh connection counts as much as a pooled one; failing to
    /// connect does not.
    fn asks_again(&self, ended: &Download) -> bool {
        let lost = match &ended.verdict {
            Verdict::Failure(failure) => matches!(
                failure.cause,
                FailureCause::Reset
                    | FailureCause::ClosedEarly
                    | FailureCause::Io
                    | FailureCause::Deadline(Deadline::Keepalive)
            ),
            Verdict::Success | Verdict::GaveUp => false,
        };
        self.rules.retries_once && ended.status.is_none() && lost
    }

    fn name(&self, failure: &mut Failure, phase: Phase) {
        failure.name_by(&self.rules, phase);
    }

    fn keeps_for(&self) -> Duration {
        KEEPALIVE
    }

    async fn exchange<T: Transport + 'static>(
        &self,
        transport: T,
        call: Call<'_>,
        delivery: &mut Delivery,
        download: &mut Download,
    ) -> (ConnectionEnd, Option<(T, Instant)>) {
        let (clock, limits) = (call.clock, call.limits);
        let client = &call.scenario.client;
        let facts = Facts::new(clock, limits.sock_read, call.budget).watched(delivery.watched());
        let protocol = Box::new(Protocol::new(client.parser));
        let exchange = Exchange::new(protocol, &self.rules, facts);
        let deadlines = Deadlines {
            head: call.head_due,
            total: Some(limits.total),
            order: client.timers,
        };
        let request = request(call.host, call.ask, &self.rules);
        let owner = tokio::task::spawn_local(on_loop(clock, {
            let exchange = Rc::clone(&exchange);
            async move { pump(transport, request.as_bytes(), &exchange, deadlines, clock).await }
        }));
        let guard = delivery.guarded();
        let reading = async {
            let head = exchange.head().await?;
            delivery.head_done(&head).await?;
            self.read.body(&exchange, delivery).await
        };
        download.conclude(guarded(clock, limits.give_up, guard, reading).await, clock);
        exchange.stop();
        let (closing, transport) = match owner.await {
            Ok(ended) => ended,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let facts = exchange.facts();
        download.first_byte = facts.first_byte;
        download.received_bytes = facts.received_bytes;
        if let Some(head) = &facts.head {
            head.tell(download);
        }
        let kept = transport.zip(facts.kept_from());
        (
            closing,
            kept.filter(|_| download.verdict == Verdict::Success),
        )
    }
}

/// As the release asks where the packages of its extra `speedups` are installed.
fn request(host: &str, ask: &Ask, rules: &Rules) -> String {
    let fields = ask.fields().into_iter();
    let fields: String = fields
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nAccept-Encoding: {}\r\n\
         User-Agent: shortread/{}\r\n{fields}\r\n",
        rules.accept_encoding,
        env!("CARGO_PKG_VERSION")
    )
}
