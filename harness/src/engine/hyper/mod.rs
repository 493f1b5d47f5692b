//! hyper's own client, the baseline: used as it is, with deadlines around it.

mod frames;
mod metered;
mod names;
#[cfg(test)]
mod odd_tests;

use std::time::Duration;

use shortread_server::clock::Instant;

use self::{frames::Connection, metered::Wire};
use crate::client::{
    Call, ConnectionEnd, Delivery, Download, Engine, Failure, Phase, Transport, guarded,
};

/// hyper, read by its body frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hyper;

impl Engine for Hyper {
    fn whole_seconds_from(&self) -> Option<Duration> {
        None
    }

    fn asks_again(&self, _: &Download) -> bool {
        false
    }

    fn name(&self, failure: &mut Failure, _: Phase) {
        failure.name_for_hyper();
    }

    /// A pool is not hyper's but of the crates around it: each request has a
    /// connection of its own.
    fn keeps_for(&self) -> Duration {
        Duration::ZERO
    }

    async fn exchange<T: Transport + 'static>(
        &self,
        transport: T,
        call: Call<'_>,
        delivery: &mut Delivery,
        download: &mut Download,
    ) -> (ConnectionEnd, Option<(T, Instant)>) {
        let wire = Wire::new(call.clock, delivery.watched());
        let closing = read(transport, &wire, call, delivery, download).await;
        download.first_byte = wire.first_byte();
        download.received_bytes = wire.body_bytes();
        // hyper decides if there is a response, however the meter reads its head.
        let status = download.status;
        if let (Some(_), Some(head)) = (status, wire.head()) {
            head.tell(download);
        }
        download.status = status;
        (closing, None)
    }
}

async fn read<T: Transport + 'static>(
    transport: T,
    wire: &Wire,
    call: Call<'_>,
    delivery: &mut Delivery,
    download: &mut Download,
) -> ConnectionEnd {
    let (clock, limits) = (call.clock, call.limits);
    let bounds = frames::Limits {
        head: call.head_due.unwrap_or(Instant::FAR),
        total: limits.total,
        sock_read: limits.sock_read,
        order: call.scenario.client.timers,
        budget: call.budget,
        clock,
    };
    let mut connection = match Connection::start(transport, wire.clone(), clock).await {
        Ok(connection) => connection,
        Err(failure) => {
            download.conclude(Ok(Err(failure)), clock);
            return ConnectionEnd::default();
        }
    };
    let guard = delivery.guarded();
    let reading = connection.download(call, &bounds, delivery);
    let ended = guarded(clock, limits.give_up, guard, reading).await;
    download.conclude(ended, clock);
    download.status = connection.status();
    connection.stop().await
}
