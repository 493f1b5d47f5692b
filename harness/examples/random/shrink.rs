//! Makes a failing case as small as possible.

use crate::case::Case;

/// Tries of one shrinking; each plays a trial or more.
const MOST_TRIES: usize = 300;

/// Takes lines and tables out of `case` as long as it `fails`.
pub(crate) fn shrink(case: &Case, mut fails: impl FnMut(&Case) -> bool) -> Case {
    let mut least = case.clone();
    let mut tries = 0;
    'smaller: loop {
        for draft in least.draft.smaller() {
            let Some(smaller) = Case::of(case.seed, draft, case.strategy) else {
                continue;
            };
            tries += 1;
            if tries > MOST_TRIES {
                return least;
            }
            if fails(&smaller) {
                least = smaller;
                continue 'smaller;
            }
        }
        return least;
    }
}
