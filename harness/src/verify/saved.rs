//! Compares the file that a client saved with the object.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::scenario::Scenario;

use super::{Finding, coded, verify, verify_file};

/// Most decoded bytes examined beyond the object's size: a few bytes may inflate
/// to any number.
const MOST_EXCESS: u64 = 16 << 20;

/// Bytes that no wrong decoding has in common with the object.
const LEAST_TRUE: u64 = 8;

/// The place where the bytes were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the file that the command names.
    File,
    /// On standard output, since the command has no `{out}`.
    Stdout,
    /// There is no such file.
    Nowhere,
}

/// A saved file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The finding; no file counts as a file without bytes.
    pub finding: Finding,
    /// The place.
    pub place: Place,
    /// True if it holds the coded body as sent; the finding is about its decoded
    /// part.
    pub coded: bool,
}

/// Examines the file at `path`, which should be the object of `scenario`. With
/// `by_client` the client wrote it itself.
///
/// # Errors
/// Errors of reading it.
pub fn examine(path: &Path, scenario: &Scenario, by_client: bool) -> io::Result<Saved> {
    let object = scenario.body.reference()?;
    // Only a regular file can be a download: opening a pipe would wait forever.
    if !path.is_file() {
        return Ok(Saved {
            finding: verify(&mut io::empty(), object)?,
            place: Place::Nowhere,
            coded: false,
        });
    }
    let file = File::open(path)?;
    let mut finding = verify_file(&file, object.clone())?;
    if !finding.is_whole()
        && let Some(later) = later_version(path, scenario)?
    {
        finding = later;
    }
    let decoded = match scenario.body.is_coded() && finding.first_bad_offset.is_some() {
        true => decoded(File::open(path)?, scenario)?,
        false => None,
    };
    let coded = decoded.is_some();
    Ok(Saved {
        finding: decoded.unwrap_or(finding),
        place: match by_client {
            true => Place::File,
            false => Place::Stdout,
        },
        coded,
    })
}

/// The finding about a file that is all of a later version of the object, and nothing
/// else: who began anew when it changed has it whole.
fn later_version(path: &Path, scenario: &Scenario) -> io::Result<Option<Finding>> {
    for body in scenario.later_bodies() {
        let finding = verify_file(&File::open(path)?, body.reference()?)?;
        if finding.is_whole() {
            return Ok(Some(finding));
        }
    }
    Ok(None)
}

/// The finding about what the file decodes to, if it holds the coded body as sent:
/// what comes out begins like the object.
fn decoded(file: File, scenario: &Scenario) -> io::Result<Option<Finding>> {
    let size = scenario.body.size.0;
    let most = size.saturating_add(MOST_EXCESS);
    let mut stream = coded::decoder(&scenario.body.encoding, file)?.take(most);
    let finding = verify(&mut stream, scenario.body.reference()?)?;
    Ok((finding.true_prefix_bytes >= LEAST_TRUE.min(size)).then_some(finding))
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use flate2::{Compression, write::GzEncoder};
    use shortread_server::{
        body::Pattern,
        scenario::{Coding, Version},
        units::ByteSize,
    };

    use super::*;
    use crate::verify::FileVerdict;

    const SIZE: u64 = 300_000;

    fn scenario(gzip: bool) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(SIZE);
        if gzip {
            scenario.body.encoding = vec![Coding::Gzip];
        }
        scenario
    }

    fn object() -> Vec<u8> {
        Pattern::PLAIN.slices(0..SIZE).collect::<Vec<_>>().concat()
    }

    fn examined(bytes: &[u8], scenario: &Scenario) -> Saved {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("saved");
        fs::write(&path, bytes).unwrap();
        examine(&path, scenario, true).unwrap()
    }

    #[test]
    fn a_file_is_measured_and_none_is_an_empty_one() {
        let scenario = scenario(false);
        assert!(examined(&object(), &scenario).finding.is_whole());
        let nowhere = examine(Path::new("/no/such/file"), &scenario, true).unwrap();
        assert_eq!(nowhere.place, Place::Nowhere);
        assert_eq!(nowhere.finding.verdict, FileVerdict::Short);
        // A client made a folder in its place.
        let folder = tempfile::tempdir().unwrap();
        let place = examine(folder.path(), &scenario, true).unwrap().place;
        assert_eq!(place, Place::Nowhere);
    }

    #[test]
    fn all_of_a_later_version_is_whole_and_a_splice_of_two_is_none() {
        let mut scenario = scenario(false);
        scenario.versions = vec![Version {
            size: Some(ByteSize(1000)),
            ..Version::default()
        }];
        let later = scenario.later_bodies().next().unwrap().object();
        let later = |from: u64| -> Vec<u8> {
            let slices = later.pattern.slices(from..1000);
            slices.collect::<Vec<_>>().concat()
        };
        let whole = examined(&later(0), &scenario).finding;
        assert!(whole.is_whole());
        assert_eq!(whole.expected_bytes, 1000);
        let spliced = [&object()[..600], &later(600)].concat();
        assert!(!examined(&spliced, &scenario).finding.is_whole());
        assert!(!examined(&later(0)[..999], &scenario).finding.is_whole());
    }

    #[test]
    fn what_inflates_without_end_is_looked_at_up_to_a_limit() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&object()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..MOST_EXCESS >> 20 {
            encoder.write_all(&zeros).unwrap();
        }
        encoder.write_all(b"one, and then more").unwrap();
        let coded = encoder.finish().unwrap();
        assert!(coded.len() < 1 << 20);
        let long = examined(&coded, &scenario(true));
        assert_eq!(
            (long.finding.verdict, long.finding.excess_bytes),
            (FileVerdict::Longer, MOST_EXCESS)
        );
    }

    #[test]
    fn coded_bytes_are_what_they_decode_to() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&object()).unwrap();
        let coded = encoder.finish().unwrap();
        let scenario_gzip = scenario(true);
        let whole = examined(&coded, &scenario_gzip);
        assert!(whole.coded && whole.finding.is_whole(), "{whole:?}");

        let cut = examined(&coded[..coded.len() / 2], &scenario_gzip);
        assert!(cut.coded);
        assert_eq!(cut.finding.verdict, FileVerdict::Short);
        assert!(cut.finding.true_prefix_bytes > SIZE / 3, "{cut:?}");

        let mut damaged = coded.clone();
        let last = damaged.len() - 5;
        damaged[last] ^= 1;
        assert!(examined(&damaged, &scenario_gzip).finding.is_whole());

        // The client decoded the file: the bytes are the object's.
        assert!(!examined(&object(), &scenario_gzip).coded);
        // Without a coding, a gzip file is another object.
        let alien = examined(&coded, &scenario(false));
        assert_eq!(
            (alien.coded, alien.finding.verdict),
            (false, FileVerdict::WrongObject)
        );
    }
}
