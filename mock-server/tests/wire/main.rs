//! The server over real loopback sockets: the client's kernel and the journal
//! must tell the same story.

mod support;

mod coded;
mod control;
mod cuts;
mod evidence;
mod file;
mod load;
mod named_file;
mod places;
mod portable;
#[cfg(shortread_linux)]
mod process;
mod requests;
mod selected;
mod silence;
mod timing;
