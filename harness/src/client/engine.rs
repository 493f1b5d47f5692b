//! The seam between a download and the client library that carries it out.

use mock_server::{clock::Clock, scenario::Scenario};

use super::{
    delivery::Delivery,
    limits::Limits,
    report::{Download, Failure},
    transport::{Closing, Transport},
};
use crate::measure::heap::Budget;

/// A client library: what it does with a connection, and what is its own in
/// how it counts and names things. Everything around a request (connecting,
/// deadlines, what the application gets, what is measured) is the download's.
pub(crate) trait Engine {
    /// Whether a deadline of some seconds falls on a whole second of the
    /// loop's clock.
    fn rounds_deadlines(&self) -> bool;

    /// Whether the request is sent once more, over a new connection, after
    /// the download came to this.
    fn asks_again(&self, ended: &Download) -> bool;

    /// Names what its caller gets for a failure, where that has no name yet or
    /// another library's.
    fn name(&self, failure: &mut Failure);

    /// Downloads over a connection that is there, and fills in `download`;
    /// what is known of the connection once it is let go.
    fn exchange<T: Transport + 'static>(
        &self,
        transport: T,
        call: Call<'_>,
        delivery: &mut Delivery,
        download: &mut Download,
    ) -> impl Future<Output = Closing>;
}

/// One request on one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The server's name.
    pub(crate) host: &'a str,
    /// With the numbers that are played.
    pub(crate) scenario: &'a Scenario,
    /// Its deadlines, the one for the head as a point in time.
    pub(crate) limits: &'a Limits,
    pub(crate) head_due: Option<mock_server::clock::Instant>,
    pub(crate) budget: Option<Budget>,
    pub(crate) clock: Clock,
}
