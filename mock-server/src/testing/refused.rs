//! What does not compile. Of each pair the first does, and the second differs from it
//! in one call, so that it is that call which is refused.
//!
//! An end needs a body that can end early and look whole:
//! ```no_run
//! # use shortread_server::testing::{Fault, Server};
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).chunked().fault(Fault::end().at(5));
//! let _ = server.download(10).close_delimited().fault(Fault::end().at(5));
//! ```
//! ```compile_fail
//! # use shortread_server::testing::{Fault, Server};
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).fault(Fault::end().at(5));
//! ```
//! ```compile_fail
//! # use shortread_server::testing::{Fault, Server};
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).declared_size(20).fault(Fault::end().at(5));
//! ```
//!
//! A place of the chunked coding needs chunks:
//! ```no_run
//! # use shortread_server::testing::{Fault, Server};
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).chunked().fault(Fault::fin().at_last_chunk());
//! ```
//! ```compile_fail
//! # use shortread_server::testing::{Fault, Server};
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).close_delimited().fault(Fault::fin().at_last_chunk());
//! ```
//! ```compile_fail
//! # use shortread_server::testing::{ChunkPart, Fault, Server};
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).fault(Fault::fin().at_chunk(1, ChunkPart::Data));
//! ```
//!
//! A body ends in one way:
//! ```no_run
//! # use shortread_server::testing::Server;
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).chunked();
//! ```
//! ```compile_fail
//! # use shortread_server::testing::Server;
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).chunked().close_delimited();
//! ```
//! ```compile_fail
//! # use shortread_server::testing::Server;
//! # let server = Server::spawn().unwrap();
//! let _ = server.download(10).chunked().declared_size(20);
//! ```
//!
//! An action is no fault without its moment:
//! ```no_run
//! # use shortread_server::testing::{Fault, Server};
//! let _ = Server::spawn().unwrap().download(10).fault(Fault::fin().at(5));
//! ```
//! ```compile_fail
//! # use shortread_server::testing::{Fault, Server};
//! let _ = Server::spawn().unwrap().download(10).fault(Fault::fin());
//! ```
//!
//! There is no body to end when a connection is accepted:
//! ```no_run
//! # use shortread_server::testing::Fault;
//! let _ = (Fault::end().on_request(1), Fault::fin().on_connection(1));
//! ```
//! ```compile_fail
//! # use shortread_server::testing::Fault;
//! let _ = Fault::end().on_connection(1);
//! ```
//!
//! A pause needs something to wait for, an action that can wait, and is set once:
//! ```no_run
//! # use {shortread_server::testing::Fault, std::time::Duration};
//! let _ = Fault::fin().at(5).settle(Duration::ZERO);
//! let _ = Fault::forget().at(5).at_once();
//! ```
//! ```compile_fail
//! # use {shortread_server::testing::Fault, std::time::Duration};
//! let _ = Fault::fin().on_request(1).settle(Duration::ZERO);
//! ```
//! ```compile_fail
//! # use {shortread_server::testing::Fault, std::time::Duration};
//! let _ = Fault::throttle(10).at(5).settle(Duration::ZERO);
//! ```
//! ```compile_fail
//! # use {shortread_server::testing::Fault, std::time::Duration};
//! let _ = Fault::forget().at(5).settle(Duration::ZERO);
//! ```
//! ```compile_fail
//! # use {shortread_server::testing::Fault, std::time::Duration};
//! let _ = Fault::fin().at(5).settle(Duration::ZERO).at_once();
//! ```
