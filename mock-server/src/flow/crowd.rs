//! Smaller segments, and so a smoother rate, where few connections share a thread; larger
//! ones, and so fewer sends, where many do.

use std::time::Duration;

use crate::units::Rate;

/// Up to this number of connections, each sends its own fine segments on an exact
/// grid.
const FEW: u64 = 100;

/// The time of the finest segments: the bytes of 100 ms then vary by one in a hundred.
const FINEST: Duration = Duration::from_millis(1);

/// Up to this number of connections have the finest segments.
const VERY_FEW: u32 = 10;

/// The time of a fine segment, from which larger ones grow.
const FINE: Duration = Duration::from_millis(5);

/// The longest time between two segments of a connection.
const LONGEST: Duration = Duration::from_millis(200);

/// The largest segment that grows: the payload of one Ethernet packet with TCP
/// timestamps (1500 - 20 - 20 - 12), as a real link carries it.
const PACKET: u64 = 1448;

/// The bytes that one of `connections` sends at a time at `rate`, instead of `fine`
/// ones. Up to some of them share a fixed number of sends a second. The time of a segment
/// of many grows with the square of their number, so that more connections need fewer sends
/// until each sends whole packets. It stays below a tenth of the shortest of `limits`, which
/// a client or a middlebox may notice.
pub(super) fn segment(fine: u64, rate: Rate, connections: usize, limit: Option<Duration>) -> u64 {
    let connections = connections as u64;
    if connections <= FEW {
        // More than 100 have no part in this.
        let finest = FINEST * connections as u32 / VERY_FEW;
        return rate.bytes_in(finest.max(FINEST)).clamp(1, fine);
    }
    if fine >= PACKET {
        return fine;
    }
    let square = connections.saturating_mul(connections) / (FEW * FEW);
    let grown = FINE.saturating_mul(u32::try_from(square).unwrap_or(u32::MAX));
    let most = limit.map_or(LONGEST, |limit| LONGEST.min(limit / 10));
    rate.bytes_in(grown.min(most)).min(PACKET).max(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(connections: usize, limit: Option<Duration>) -> u64 {
        let rate = Rate::per_second(10_000).unwrap();
        segment(50, rate, connections, limit)
    }

    #[test]
    fn very_few_connections_send_finer_segments_and_many_send_packets() {
        assert_eq!(at(1, None), 10);
        assert_eq!(at(10, None), 10);
        assert_eq!(at(30, None), 30);
        assert_eq!(at(50, None), 50);
        assert_eq!(at(100, None), 50);
        assert_eq!(at(200, None), 200);
        assert_eq!(at(400, None), 800);
        assert_eq!(at(1_000, None), PACKET);
        assert_eq!(at(1_000_000, None), PACKET);
    }

    #[test]
    fn no_segment_takes_longer_than_a_fifth_of_a_second_or_a_tenth_of_a_limit() {
        let slow = Rate::per_second(1_000).unwrap();
        assert_eq!(segment(5, slow, 10_000, None), 200);
        assert_eq!(at(10_000, Some(Duration::from_millis(100))), 100);
        assert_eq!(at(10_000, Some(Duration::from_millis(1))), 50);
    }

    #[test]
    fn a_segment_that_is_a_packet_already_does_not_change() {
        let fast = Rate::per_second(2_000_000).unwrap();
        assert_eq!(segment(10_000, fast, 10_000, None), 10_000);
    }
}
