//! The source of connections: it separates the client from the two worlds.

use std::net::SocketAddr;

use shortread_server::{
    clock::{Clock, Instant},
    journal::SocketFacts,
    scenario::{Client, Sockets},
};

use super::{
    connect::{connect, facts},
    report::Failure,
    transport::Transport,
};

/// Makes connections to a trial's server.
pub trait Network {
    /// The type of a connection.
    type Stream: Transport + 'static;

    /// Connects before `deadline`, with the socket options in `client` and
    /// `sockets`. Returns the socket's buffers too.
    ///
    /// # Errors
    /// A [`Failure`] of cause `Connect`, or `Deadline(Connect)`; of cause `Reset`
    /// if a connection was made and is already gone.
    fn connect(
        &self,
        client: &Client,
        sockets: &Sockets,
        clock: Clock,
        deadline: Instant,
    ) -> impl Future<Output = Result<(Self::Stream, SocketFacts), Failure>>;

    /// The server's name in the request.
    fn host(&self) -> String;
}

/// TCP to one address.
#[derive(Debug, Clone, Copy)]
pub struct Tcp(pub SocketAddr);

impl Network for Tcp {
    type Stream = tokio::net::TcpStream;

    async fn connect(
        &self,
        client: &Client,
        sockets: &Sockets,
        clock: Clock,
        deadline: Instant,
    ) -> Result<(Self::Stream, SocketFacts), Failure> {
        let stream = connect(self.0, client, sockets, clock, deadline).await?;
        let facts = facts(&stream);
        Ok((stream, facts))
    }

    fn host(&self) -> String {
        self.0.to_string()
    }
}
