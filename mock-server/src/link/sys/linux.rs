//! The Linux socket calls.
#![expect(
    unsafe_code,
    reason = "getsockopt, setsockopt, ioctl and poll on raw descriptors"
)]

use std::{
    io,
    mem::size_of,
    os::fd::{AsFd, AsRawFd as _},
};

use socket2::SockRef;

use super::TcpInfo;

/// Flag of send(2): what follows may share a segment with this.
pub const MORE: libc::c_int = libc::MSG_MORE;

/// The congestion control of sockets for which a scenario names none: bbr, the
/// default of many machines, halves the speed of loopback and retransmits there
/// without a loss; reno is always allowed.
pub const CONGESTION: Option<&str> = Some("reno");

/// Reads TCP_INFO. The structure only ever grows at its end, so the offsets
/// are those of every kernel since 4.6, where `notsent_bytes` came.
///
/// # Errors
/// Those of getsockopt(2); `Unsupported` on an older kernel.
pub fn tcp_info<S: AsFd>(socket: &S) -> io::Result<TcpInfo> {
    let mut raw = [0_u8; 256];
    let mut len = raw.len() as libc::socklen_t;
    // SAFETY: the descriptor is open for the borrow's life; `raw` is writable
    // for `len` bytes, and the kernel writes no more than `len`.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            raw.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    check(result)?;
    if len < 148 {
        let message = "TCP_INFO has no segment counters on this kernel; use Linux 4.6 or newer";
        return Err(io::Error::new(io::ErrorKind::Unsupported, message));
    }
    let u32_at = |at: usize| u32::from_ne_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]);
    // The two halves of a u64 lie in memory in the machine's order.
    let u64_at = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&raw[at..at + 8]);
        u64::from_ne_bytes(bytes)
    };
    Ok(TcpInfo {
        state: raw[0],
        unacked: u32_at(24),
        last_data_sent: u32_at(44),
        last_data_recv: u32_at(52),
        last_ack_recv: u32_at(56),
        rtt: u32_at(68),
        total_retrans: u32_at(100),
        bytes_acked: u64_at(120),
        bytes_received: u64_at(128),
        segs_out: u32_at(136),
        segs_in: u32_at(140),
        notsent_bytes: u32_at(144),
    })
}

/// Bytes written to the socket and not acknowledged by the peer (SIOCOUTQ,
/// tcp(7)).
///
/// # Errors
/// Those of ioctl(2).
pub fn send_queue<S: AsFd>(socket: &S) -> io::Result<u64> {
    int_ioctl(socket, libc::TIOCOUTQ)
}

/// Bytes received and not read (SIOCINQ, tcp(7)).
///
/// # Errors
/// Those of ioctl(2).
pub fn receive_queue<S: AsFd>(socket: &S) -> io::Result<u64> {
    int_ioctl(socket, libc::FIONREAD)
}

/// True if POLLOUT holds now. This also arms the next edge of an epoll that
/// watches the socket: with TCP_NOTSENT_LOWAT a write may succeed although
/// POLLOUT does not hold, and a writer that obeys the mark has to ask.
///
/// # Errors
/// Those of poll(2).
pub fn is_writable<S: AsFd>(socket: &S) -> io::Result<bool> {
    let mut poll = libc::pollfd {
        fd: socket.as_fd().as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one valid pollfd; a zero timeout returns at once.
    check(unsafe { libc::poll(&raw mut poll, 1, 0) })?;
    Ok(poll.revents != 0)
}

/// Drops every incoming segment with a smaller TTL or hop limit. 255 drops
/// everything that does not come from a router which never decrements, and so
/// everything on loopback (64): the connection is in a black hole. 0 ends it.
/// (ip(7) IP_MINTTL; IPV6_MINHOPCOUNT since Linux 4.0.)
///
/// # Errors
/// Those of setsockopt(2).
pub fn set_minimum_ttl<S: AsFd>(socket: &S, ipv6: bool, ttl: u8) -> io::Result<()> {
    // linux/in.h and linux/in6.h; libc names neither on every target.
    const IP_MINTTL: i32 = 21;
    const IPV6_MINHOPCOUNT: i32 = 73;
    let (level, name) = if ipv6 {
        (libc::IPPROTO_IPV6, IPV6_MINHOPCOUNT)
    } else {
        (libc::IPPROTO_IP, IP_MINTTL)
    };
    set_int(socket, level, name, i32::from(ttl))
}

/// The congestion control in force (TCP_CONGESTION, tcp(7)); `None` where the
/// kernel does not say.
pub fn congestion<S: AsFd>(socket: &S) -> Option<String> {
    let name = SockRef::from(socket).tcp_congestion().ok()?;
    let end = name.iter().position(|byte| *byte == 0);
    let name = &name[..end.unwrap_or(name.len())];
    Some(String::from_utf8_lossy(name).into_owned())
}

/// Sets it.
///
/// # Errors
/// Those of setsockopt(2).
pub fn set_congestion<S: AsFd>(socket: &S, name: &str) -> io::Result<()> {
    SockRef::from(socket).set_tcp_congestion(name.as_bytes())
}

/// TCP_NOTSENT_LOWAT in force, in bytes; `None` where the kernel does not say.
pub fn notsent_lowat<S: AsFd>(socket: &S) -> Option<u64> {
    let lowat = SockRef::from(socket).tcp_notsent_lowat().ok()?;
    Some(u64::from(lowat))
}

/// Sets it.
///
/// # Errors
/// Those of setsockopt(2).
pub fn set_notsent_lowat<S: AsFd>(socket: &S, bytes: u32) -> io::Result<()> {
    SockRef::from(socket).set_tcp_notsent_lowat(bytes)
}

fn int_ioctl<S: AsFd>(socket: &S, request: libc::Ioctl) -> io::Result<u64> {
    let mut value: libc::c_int = 0;
    // SAFETY: both requests write one int, and `value` is one.
    check(unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), request, &raw mut value) })?;
    Ok(u64::try_from(value).unwrap_or(0))
}

fn set_int<S: AsFd>(socket: &S, level: i32, name: i32, value: i32) -> io::Result<()> {
    // SAFETY: the option's value is one int, readable for its size.
    let result = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            name,
            (&raw const value).cast(),
            size_of::<i32>() as libc::socklen_t,
        )
    };
    check(result)
}

fn check(result: i32) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
