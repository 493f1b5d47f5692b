//! Recipes that only one of the runs has: what they change is told against the other
//! run's trial without any.

use super::{Name, RecipeFinding, Which, ends, pairs::Group};
use crate::{
    report::Cure,
    results::{Record, TrialKey},
};

/// What a recipe changes that one run alone has of this trial; `None` if both have it, it
/// is none, or the other run lacks the trial without.
pub(super) fn alone(group: &Group<'_>, all: &[Group<'_>]) -> Option<RecipeFinding> {
    group.first.recipe.as_ref()?;
    let which = match (group.old.is_empty(), group.new.is_empty()) {
        (true, false) => Which::New,
        (false, true) => Which::Old,
        _ => return None,
    };
    let plain = TrialKey {
        recipe: None,
        ..group.first.key()
    };
    let plain = all.iter().find(|one| one.first.key() == plain)?;
    let (withs, withouts) = match which {
        Which::New => (&group.new, &plain.old),
        Which::Old => (&group.old, &plain.new),
    };
    let effect = Cure::of(withouts, withs)?;
    let count = |records: &[&Record]| ends::count(records.iter().copied());
    Some(RecipeFinding {
        trial: Name::of(group.first),
        which,
        effect: effect.text,
        adds: effect.adds,
        without: count(withouts),
        with: count(withs),
    })
}
