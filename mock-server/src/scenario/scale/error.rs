//! The reasons to refuse a scaling.

use std::time::Duration;

use crate::units::{ByteSize, Rate, human_duration, print_duration};

/// The reason why a scenario cannot be scaled by its `[tcp]`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{clash}; {}", self.remedy())]
pub struct ScaleError {
    /// The conflict.
    pub clash: Box<Clash>,
    /// The smallest factor at `key()` that works, in steps of 0.001, where the
    /// factor is what has to change.
    pub works: Option<f64>,
}

/// The properties that a scaling could break.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Clash {
    /// The factor is no factor.
    #[error("{key} = {factor} is not above 0 and at most 1")]
    Factor {
        /// `tcp.time` or `tcp.size`.
        key: &'static str,
        /// Its value.
        factor: f64,
    },
    /// Two times change their order.
    #[error(
        "tcp.time = {time} would reorder {} ({} -> {}) and {} ({} -> {})",
        .first.key, print_duration(.first.before), print_duration(.first.after),
        .second.key, print_duration(.second.before), print_duration(.second.after)
    )]
    Reordered {
        /// `tcp.time`.
        time: f64,
        /// One of them.
        first: Moment,
        /// The other.
        second: Moment,
    },
    /// Timers would not tell two times apart any more.
    #[error(
        "tcp.time = {time} leaves {} ({} -> {}) and {} ({} -> {}) less than 2 ms apart, which \
         timers cannot tell",
        .first.key, print_duration(.first.before), print_duration(.first.after),
        .second.key, print_duration(.second.before), print_duration(.second.after)
    )]
    Blurred {
        /// `tcp.time`.
        time: f64,
        /// One of them.
        first: Moment,
        /// The other.
        second: Moment,
    },
    /// `client.total` would be rounded differently.
    #[error(
        "tcp.time = {time} turns client.total from {} into {}: aiohttp rounds totals of 5 s and \
         more up to whole seconds, and shorter ones not at all",
        human_duration(*.before), human_duration(*.after)
    )]
    Rounding {
        /// `tcp.time`.
        time: f64,
        /// As the file says.
        before: Duration,
        /// Scaled.
        after: Duration,
    },
    /// Two places in the body fall together, or one falls to the very start.
    #[error("tcp.size = {size} puts {first} and {second} both at {after}")]
    Merged {
        /// `tcp.size`.
        size: f64,
        /// One place, with its offset.
        first: String,
        /// The other.
        second: String,
        /// The place where they meet.
        after: ByteSize,
    },
    /// A rate is too small to be scaled.
    #[error(
        "{key} = {before} times tcp.size / tcp.time = {factor} is not near a whole byte per second"
    )]
    CoarseRate {
        /// The key of the rate.
        key: String,
        /// As the file says.
        before: Rate,
        /// `size / time`.
        factor: f64,
    },
    /// Segments pass that got lost, or the other way round.
    #[error(
        "tcp.size = {size} makes segments of {after} out of {before}, on the other side of \
         link.drops_above"
    )]
    Segment {
        /// `tcp.size`.
        size: f64,
        /// Bytes of a segment, as the file says.
        before: ByteSize,
        /// Scaled.
        after: ByteSize,
    },
    /// A `wire` offset counts the head, which does not shrink.
    #[error("{key} counts the bytes of the head, which tcp.size = {size} does not make fewer")]
    Wire {
        /// The key of the trigger.
        key: String,
        /// `tcp.size`.
        size: f64,
    },
    /// A chunk is counted, and there are fewer chunks of the same size.
    #[error("{key} counts chunks, of which tcp.size = {size} leaves fewer")]
    Chunk {
        /// The key of the trigger.
        key: String,
        /// `tcp.size`.
        size: f64,
    },
}

/// A time before and after scaling.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Its key; `(death)` marks the time until keepalive fails.
    pub key: String,
    /// As the file says.
    pub before: Duration,
    /// Scaled.
    pub after: Duration,
}

impl ScaleError {
    pub(super) fn new(clash: Clash, works: Option<f64>) -> Self {
        Self {
            clash: Box::new(clash),
            works,
        }
    }

    /// The key that is to change.
    pub fn key(&self) -> String {
        match &*self.clash {
            Clash::Factor { key, .. } => (*key).into(),
            Clash::Reordered { .. } | Clash::Blurred { .. } | Clash::Rounding { .. } => {
                "tcp.time".into()
            }
            Clash::Merged { .. } | Clash::CoarseRate { .. } | Clash::Segment { .. } => {
                "tcp.size".into()
            }
            Clash::Wire { key, .. } | Clash::Chunk { key, .. } => key.clone(),
        }
    }

    /// The remedy.
    pub fn remedy(&self) -> String {
        match (&*self.clash, self.works) {
            (Clash::Chunk { .. }, _) => "use a share such as \"50%\", or tcp.size = 1".into(),
            (Clash::Segment { .. }, _) => "a path's limit does not scale: tcp.size = 1".into(),
            (Clash::Wire { .. }, _) => "use a `body` offset, or tcp.size = 1".into(),
            (_, Some(works)) => format!("the smallest {} that works is {works}", self.key()),
            (_, None) => "write 1 to leave everything as it is, 0.01 for a hundredth".into(),
        }
    }
}
