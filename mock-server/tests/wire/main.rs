//! The server over real loopback sockets: what the client's kernel sees and
//! what the journal says must be the same story.

mod support;

mod control;
mod cuts;
mod evidence;
mod load;
mod portable;
#[cfg(shortread_linux)]
mod process;
mod requests;
mod silence;
mod timing;
