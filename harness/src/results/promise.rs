//! What a recipe promises of its result, whatever a server does. A file of a scenario
//! expects something of a client without remedies alone.

use super::Record;
use crate::{
    client::{Basis, Left},
    outcome::Group,
    remedy::Recipe,
};

/// The promise of `recipe` that `record` breaks, as a sentence without its stop; `None` if
/// it keeps each. Which promises there are, docs/REMEDIES.md says.
pub(super) fn broken(recipe: &Recipe, record: &Record) -> Option<String> {
    let facts = record.remedy.as_ref()?;
    let group = Group::of(record.outcome.kind);
    let success = matches!(group, Group::Ok | Group::Silent);
    if group == Group::Silent && facts.rests_on == Some(Basis::Digest) {
        return Some(format!(
            "success is reported on a digest, and the file is wrong ({})",
            record.outcome.kind
        ));
    }
    if let (Group::Ok, Some(offset)) = (group, record.first_bad_offset) {
        return Some(format!(
            "the file counts as whole, and differs from byte {offset} on"
        ));
    }
    // Of several downloads some may have succeeded, each on its own.
    if record.downloads != 1 {
        return None;
    }
    let basis = facts.rests_on.unwrap_or(Basis::Nothing);
    let verify = recipe.verify.as_ref().map(|verify| verify.require);
    let atomic = recipe.atomic.map(|atomic| atomic.require);
    for (name, wants) in [("verify", verify), ("atomic", atomic)] {
        if let Some(wants) = wants.filter(|wants| success && basis < *wants) {
            return Some(format!(
                "success is reported on {basis}, and `{name}` wants {wants}"
            ));
        }
    }
    let failed = matches!(group, Group::Cut | Group::Hang);
    if recipe.atomic.is_some() && failed && facts.file == Left::Target {
        return Some("the download failed, and with `atomic` its file has its name".into());
    }
    None
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::Kind;

    use super::*;
    use crate::results::{RemedyFacts, samples};

    fn ended(kind: Kind, rests_on: Option<Basis>, file: Left) -> Record {
        let mut record = samples::record("a", "fixed-chunk-65536");
        record.outcome = samples::outcome(kind, None, None, None);
        record.recipe = Some("safe".into());
        record.remedy = Some(RemedyFacts {
            attempts: 1,
            rests_on,
            file,
            ..RemedyFacts::default()
        });
        record
    }

    #[test]
    fn a_wrong_file_on_a_digest_breaks_the_word_and_one_on_a_length_does_not() {
        for kind in [Kind::Corrupt, Kind::WrongObject, Kind::SilentTruncation] {
            let record = |basis| ended(kind, Some(basis), Left::Target);
            let broken = |basis| broken(&Recipe::safe(), &record(basis));
            assert!(broken(Basis::Digest).unwrap().contains("on a digest"));
            assert_eq!(broken(Basis::Validator), None);
            assert_eq!(broken(Basis::Length), None);
        }
    }

    #[test]
    fn each_remedy_is_held_to_its_own_word() {
        let with = |name: &str, record: &Record| broken(&name.parse().unwrap(), record);
        let on_nothing = ended(Kind::Complete, Some(Basis::Nothing), Left::Target);
        assert!(
            with("verify", &on_nothing)
                .unwrap()
                .contains("`verify` wants")
        );
        assert_eq!(with("resume", &on_nothing), None);
        let half = ended(Kind::Truncated, None, Left::Target);
        assert!(with("atomic", &half).unwrap().contains("has its name"));
        assert_eq!(with("resume", &half), None);
        assert_eq!(
            with("atomic", &ended(Kind::Truncated, None, Left::Temporary)),
            None
        );
    }

    #[test]
    fn what_is_called_whole_must_be() {
        let mut record = ended(Kind::Complete, Some(Basis::Length), Left::Target);
        assert_eq!(broken(&Recipe::safe(), &record), None);
        record.first_bad_offset = Some(7);
        assert!(
            broken(&Recipe::safe(), &record)
                .unwrap()
                .contains("from byte 7")
        );
    }
}
