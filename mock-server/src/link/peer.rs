//! Checks if the other end of a loopback connection still has an owner.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};

/// `Some(true)` when the socket at `peer`, connected to `local`, belongs to a
/// process; `Some(false)` when it is gone or orphaned; `None` when nobody here
/// can tell (another machine, another namespace, another platform).
///
/// Asks the kernel by sock_diag(7), about 1 us a call, unprivileged.
pub(super) fn has_owner(local: SocketAddr, peer: SocketAddr) -> Option<bool> {
    if !cfg!(shortread_linux) || !peer.ip().to_canonical().is_loopback() {
        return None;
    }
    query(local, peer).ok()
}

const NETLINK: i32 = 16; // AF_NETLINK
const SOCK_DIAG: i32 = 4; // NETLINK_SOCK_DIAG
const BY_FAMILY: u16 = 20; // SOCK_DIAG_BY_FAMILY
const ERROR: u16 = 2; // NLMSG_ERROR
const REQUEST: u16 = 1; // NLM_F_REQUEST
const HEADER: usize = 16; // struct nlmsghdr
/// Offset of `idiag_inode`, the last field of struct inet_diag_msg.
const INODE: usize = 4 + 48 + 4 * 4;

fn query(local: SocketAddr, peer: SocketAddr) -> io::Result<bool> {
    let mut netlink = Socket::new(
        Domain::from(NETLINK),
        Type::DGRAM,
        Some(Protocol::from(SOCK_DIAG)),
    )?;
    netlink.set_read_timeout(Some(std::time::Duration::from_millis(100)))?;
    netlink.write_all(&request(local, peer))?;
    let mut answer = [0; 1024];
    let len = netlink.read(&mut answer)?;
    let answer = &answer[..len];
    let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let word = |at: usize| -> io::Result<[u8; 4]> {
        answer
            .get(at..at + 4)
            .and_then(|s| s.try_into().ok())
            .ok_or_else(short)
    };
    let kind = u16::from_ne_bytes([word(4)?[0], word(4)?[1]]);
    if kind == ERROR {
        return match -i32::from_ne_bytes(word(HEADER)?) {
            libc::ENOENT => Ok(false),
            errno => Err(io::Error::from_raw_os_error(errno)),
        };
    }
    // An orphan, closed by its process and still in FIN-WAIT, has no inode.
    Ok(u32::from_ne_bytes(word(HEADER + INODE)?) != 0)
}

/// A netlink message with struct inet_diag_req_v2: the peer's socket, by its
/// four-tuple as the peer sees it.
fn request(local: SocketAddr, peer: SocketAddr) -> Vec<u8> {
    let ipv6 = peer.is_ipv6();
    let mut body = Vec::with_capacity(56);
    body.push(if ipv6 { libc::AF_INET6 } else { libc::AF_INET } as u8);
    body.push(libc::IPPROTO_TCP as u8);
    body.extend([0, 0]);
    body.extend(u32::MAX.to_ne_bytes()); // any state
    body.extend(peer.port().to_be_bytes());
    body.extend(local.port().to_be_bytes());
    body.extend(address(peer.ip()));
    body.extend(address(local.ip()));
    body.extend(0_u32.to_ne_bytes()); // any interface
    body.extend([0xff; 8]); // no cookie
    let mut message = Vec::with_capacity(HEADER + body.len());
    message.extend(((HEADER + body.len()) as u32).to_ne_bytes());
    message.extend(BY_FAMILY.to_ne_bytes());
    message.extend(REQUEST.to_ne_bytes());
    message.extend([0; 8]); // sequence and port: one question, one answer
    message.extend(body);
    message
}

fn address(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V6(ip) => ip.octets(),
        IpAddr::V4(ip) => {
            let mut padded = [0; 16];
            padded[..4].copy_from_slice(&ip.octets());
            padded
        }
    }
}

#[cfg(all(test, shortread_linux))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_peer_has_an_owner_until_it_is_closed() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else {
                continue;
            };
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, peer) = listener.accept().unwrap();
            let local = server.local_addr().unwrap();
            assert_eq!(has_owner(local, peer), Some(true), "{address}");
            drop(client);
            assert_eq!(has_owner(local, peer), Some(false), "{address}");
        }
    }

    #[test]
    fn another_machine_cannot_be_asked() {
        let there = "192.0.2.1:80".parse().unwrap();
        assert_eq!(has_owner("127.0.0.1:1".parse().unwrap(), there), None);
    }
}
