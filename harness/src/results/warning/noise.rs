//! A figure that varies from repetition to repetition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::units::counted;

use crate::results::Quantity;

/// The spread above which figures are noise, from the least to the most as a
/// share of the median: four times the least effect (5 %) that a comparison
/// calls one. Wider values overlap wherever such an effect is all there is.
pub(crate) const SPREAD: f64 = 0.2;

/// A figure that varies from repetition to repetition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithinNoise {
    /// The figure.
    pub quantity: String,
    /// The trials in which it does, without the repetition.
    pub trials: Vec<String>,
    /// Trials that were looked at.
    pub of: usize,
    /// The one of them in which it varies most.
    pub worst: String,
    /// Its least value there, in nanoseconds, bytes, or bytes per second.
    pub least: u64,
    /// Its median there.
    pub median: u64,
    /// Its largest value there.
    pub most: u64,
}

impl WithinNoise {
    pub(crate) fn sentence(&self) -> String {
        let human = |value: u64| match Quantity::called(&self.quantity) {
            Some(quantity) => quantity.human(value as f64),
            None => value.to_string(),
        };
        format!(
            "{} differs between repetitions by more than {} % of its median in {} of {}, most in \
             {}: {} to {}",
            self.quantity,
            SPREAD * 100.0,
            self.trials.len(),
            counted(self.of, "trial"),
            self.worst,
            human(self.least),
            human(self.most),
        )
    }
}
