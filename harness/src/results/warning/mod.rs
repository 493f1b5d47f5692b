//! Warnings that the figures of a run may mislead: typed, with their numbers.
//! `crate::warning` finds them in the records.

mod bottleneck;
mod buffers;
mod busy;
mod noise;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bottleneck::{Bottleneck, Slow};
pub use buffers::{BuffersHide, Hidden};
pub use busy::MachineBusy;
pub(crate) use noise::SPREAD;
pub use noise::WithinNoise;

/// One reason not to take a run at its word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// Others used the machine.
    MachineBusy(MachineBusy),
    /// Repetitions of a trial differ by more than what one looks for.
    WithinNoise(WithinNoise),
    /// Client or server was slower than the link.
    Bottleneck(Bottleneck),
    /// Kernel buffers held what was to be felt.
    BuffersHide(BuffersHide),
}

impl Warning {
    /// The problem, as a sentence without a full stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::MachineBusy(one) => one.sentence(),
            Self::WithinNoise(one) => one.sentence(),
            Self::Bottleneck(one) => one.sentence(),
            Self::BuffersHide(one) => one.sentence(),
        }
    }

    /// The remedy, as a sentence without a full stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::MachineBusy(one) => one.remedy(),
            Self::WithinNoise(_) => {
                "repeat more often (--repeat 9) on a machine that does nothing else, and take \
                 differences below that for none"
            }
            Self::Bottleneck(one) => one.remedy(),
            Self::BuffersHide(one) => one.remedy(),
        }
    }
}

/// `part` of `whole` in percent.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    let whole = u128::from(whole.max(1));
    u64::try_from(u128::from(part) * 100 / whole).unwrap_or(u64::MAX)
}
