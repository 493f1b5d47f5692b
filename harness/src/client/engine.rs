//! The seam between a download and the client library that carries it out.

use std::time::Duration;

use shortread_server::{
    clock::{Clock, Instant},
    scenario::Scenario,
};

use super::{
    course::Ask,
    delivery::Delivery,
    failure::Phase,
    limits::Limits,
    report::{Download, Failure},
    transport::{ConnectionEnd, Transport},
};
use crate::measure::heap::Budget;

/// A client library: its behaviour on a connection, and its own way to count and
/// name things. The download does everything around a request: connecting,
/// deadlines, delivery, measurement.
pub(crate) trait Engine {
    /// The length from which a deadline falls on a whole second of the loop's clock.
    fn whole_seconds_from(&self) -> Option<Duration>;

    /// True if the library sends the request again, over a new connection, after
    /// this end.
    fn asks_again(&self, ended: &Download) -> bool;

    /// Sets the exception, and what the library says there, of a failure that came
    /// from around the exchange and has none yet.
    fn name(&self, failure: &mut Failure, phase: Phase);

    /// The time for which it keeps a connection that nothing is asked on.
    fn keeps_for(&self) -> Duration;

    /// Downloads over an open connection, and fills in `download`. Returns the
    /// state of the connection when it is released, and the connection itself if
    /// another request may follow, with the time from which it is idle.
    fn exchange<T: Transport + 'static>(
        &self,
        transport: T,
        call: Call<'_>,
        delivery: &mut Delivery,
        download: &mut Download,
    ) -> impl Future<Output = (ConnectionEnd, Option<(T, Instant)>)>;
}

/// One request on one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The server's name.
    pub(crate) host: &'a str,
    /// The part of the object that is asked for.
    pub(crate) ask: &'a Ask,
    /// The scenario with the numbers to play.
    pub(crate) scenario: &'a Scenario,
    /// Its deadlines, with a point in time for the head.
    pub(crate) limits: &'a Limits,
    pub(crate) head_due: Option<Instant>,
    pub(crate) budget: Option<Budget>,
    pub(crate) clock: Clock,
}
