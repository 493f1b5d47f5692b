//! The histograms of a whole trial, and their form between processes:
//! HdrHistogram's V2 format, deflated, in base64, as in an interval log.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::Recorder;

/// Every value behind the percentiles of a record, of all downloads of a trial
/// together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histograms {
    /// Nanoseconds between two chunks handed to the application.
    #[serde(with = "text")]
    pub gap_ns: Histogram<u64>,
    /// Nanoseconds inside each read call.
    #[serde(with = "text")]
    pub read_call_ns: Histogram<u64>,
    /// Bytes of each chunk.
    #[serde(with = "text")]
    pub chunk_bytes: Histogram<u64>,
}

impl Default for Histograms {
    /// Empty histograms.
    fn default() -> Self {
        let time = Recorder::nanoseconds();
        Self {
            gap_ns: time.histogram().clone(),
            read_call_ns: time.histogram().clone(),
            chunk_bytes: Recorder::bytes().histogram().clone(),
        }
    }
}

/// A histogram as text.
mod text {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use hdrhistogram::{
        Histogram,
        serialization::{self, Serializer as _, V2DeflateSerializer},
    };
    use serde::{Deserialize as _, Deserializer, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(
        histogram: &Histogram<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(histogram, &mut bytes)
            .map_err(ser::Error::custom)?;
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Histogram<u64>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text).map_err(de::Error::custom)?;
        serialization::Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_survive_the_way_as_text() {
        let mut histograms = Histograms::default();
        for value in [0, 1, 1_003, 10_030_000, 3_600_000_000_000] {
            histograms.gap_ns.saturating_record(value);
        }
        histograms.chunk_bytes.saturating_record(65_536);
        let text = serde_json::to_string(&histograms).unwrap();
        assert!(text.contains("\"gap_ns\":\"HISTFAAA"), "{text}");
        assert_eq!(
            serde_json::from_str::<Histograms>(&text).unwrap(),
            histograms
        );
    }

    #[test]
    fn text_that_is_no_histogram_is_an_error() {
        let good = serde_json::to_string(&Histograms::default()).unwrap();
        for bad in ["", "not base64!", "HISTFAAA", "AAAA"] {
            let mut json: serde_json::Value = serde_json::from_str(&good).unwrap();
            json["gap_ns"] = bad.into();
            assert!(serde_json::from_value::<Histograms>(json).is_err(), "{bad}");
        }
    }
}
