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

/// Counters of TCP_INFO (linux/tcp.h, struct tcp_info).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// Segments sent.
    pub segs_out: u32,
    /// Segments received.
    pub segs_in: u32,
    /// Payload bytes acknowledged by the peer.
    pub bytes_acked: u64,
    /// Payload bytes received.
    pub bytes_received: u64,
    /// Bytes written and not yet sent.
    pub notsent_bytes: u32,
    /// Segments sent and not acknowledged; of a listener, the connections that
    /// wait to be accepted.
    pub unacked: u32,
    /// Of linux/tcp_states.h.
    pub state: u8,
    /// Smoothed round-trip time, in microseconds.
    pub rtt: u32,
    /// Segments sent again, in all.
    pub total_retrans: u32,
    /// Since payload was sent last, in milliseconds.
    pub last_data_sent: u32,
    /// Since payload was received last, in milliseconds.
    pub last_data_recv: u32,
    /// Since an acknowledgement was received last, in milliseconds.
    pub last_ack_recv: u32,
}

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

/// Whether POLLOUT holds now. Asking also arms the next edge of an epoll that
/// watches the socket: with TCP_NOTSENT_LOWAT a write may succeed where
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
