//! `[sockets]` on a real socket: set, and tried before anybody connects.

use std::io;

use socket2::{Domain, SockRef, Socket, Type};

use crate::scenario::Sockets;

/// A setting that this kernel does not take.
#[derive(Debug, thiserror::Error)]
#[error("`{key}`: the kernel refuses {asked}: {error}{offers}")]
pub struct Refused {
    key: &'static str,
    asked: String,
    error: io::Error,
    /// What it would take, and the remedy.
    offers: String,
}

/// Tries `sockets` on a socket that connects to nobody.
///
/// # Errors
/// The setting that the kernel refuses, with what it offers. Where there is no
/// socket to try them on, nothing is refused: the connection will tell.
pub fn try_sockets(sockets: &Sockets) -> Result<(), Refused> {
    match Socket::new(Domain::IPV4, Type::STREAM, None) {
        Ok(socket) => set_sockets(&SockRef::from(&socket), sockets),
        Err(_) => Ok(()),
    }
}

/// Sets the server's buffers and its congestion control.
///
/// # Errors
/// The first setting that the kernel refuses.
pub(super) fn set_sockets(socket: &SockRef<'_>, sockets: &Sockets) -> Result<(), Refused> {
    let refused = |key, asked: String, offers: String| {
        move |error| Refused {
            key,
            asked,
            error,
            offers,
        }
    };
    if let Some(size) = sockets.server_send {
        let bytes = usize::try_from(size.0).unwrap_or(usize::MAX);
        let set = socket.set_send_buffer_size(bytes);
        set.map_err(refused(
            "sockets.server_send",
            size.to_string(),
            String::new(),
        ))?;
    }
    #[cfg(target_os = "linux")]
    {
        if let Some(size) = sockets.notsent_lowat {
            let bytes = u32::try_from(size.0).unwrap_or(u32::MAX);
            let set = socket.set_tcp_notsent_lowat(bytes);
            set.map_err(refused(
                "sockets.notsent_lowat",
                size.to_string(),
                String::new(),
            ))?;
        }
        // bbr, the default of many machines, halves the speed of loopback and
        // retransmits there without a loss; reno is always allowed.
        let name = sockets.congestion.as_deref().unwrap_or("reno");
        if let Err(error) = socket.set_tcp_congestion(name.as_bytes()) {
            let offers = offered(&error);
            return Err(refused("sockets.congestion", format!("`{name}`"), offers)(
                error,
            ));
        }
    }
    #[cfg(not(target_os = "linux"))]
    for (key, asked) in [
        ("sockets.notsent_lowat", sockets.notsent_lowat.is_some()),
        ("sockets.congestion", sockets.congestion.is_some()),
    ] {
        if asked {
            let error = io::ErrorKind::Unsupported.into();
            let offers = "; it needs Linux: leave it out".to_owned();
            return Err(refused(key, "it".to_owned(), offers)(error));
        }
    }
    Ok(())
}

/// The congestion controls that could be had instead (tcp(7)).
#[cfg(target_os = "linux")]
fn offered(error: &io::Error) -> String {
    let list = match error.kind() {
        // It is there, and not for everybody.
        io::ErrorKind::PermissionDenied => "allowed",
        _ => "available",
    };
    let path = format!("/proc/sys/net/ipv4/tcp_{list}_congestion_control");
    match std::fs::read_to_string(&path) {
        Ok(names) => {
            let names: Vec<_> = names.split_whitespace().collect();
            format!("; it offers {} ({path})", names.join(", "))
        }
        Err(_) => format!("; {path} would say what it offers"),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::units::ByteSize;

    #[test]
    fn a_congestion_control_that_is_not_there_is_refused_with_those_that_are() {
        let asked = |name: &str| Sockets {
            congestion: Some(name.into()),
            ..Sockets::default()
        };
        try_sockets(&asked("reno")).unwrap();
        let error = try_sockets(&asked("cubik")).unwrap_err().to_string();
        assert!(
            error.starts_with("`sockets.congestion`: the kernel refuses `cubik`: "),
            "{error}"
        );
        assert!(error.contains("reno"), "{error}");
    }

    #[test]
    fn every_size_that_a_file_may_state_is_taken() {
        for size in [ByteSize(1), ByteSize::mib(1023)] {
            try_sockets(&Sockets {
                server_send: Some(size),
                notsent_lowat: Some(size),
                ..Sockets::default()
            })
            .unwrap();
        }
    }
}
