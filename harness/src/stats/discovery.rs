//! Many tests at once: decides which of them to believe.

/// Marks the p-values that count, so that among them the expected share of false
/// ones is at most `share`: the step-up procedure of Benjamini and Hochberg,
/// "Controlling the False Discovery Rate", Journal of the Royal Statistical
/// Society B 57 (1995). It holds for tests that depend positively on each other
/// (Benjamini and Yekutieli, Annals of Statistics 29, 2001), like the figures of
/// one trial.
pub fn discoveries(p_values: &[f64], share: f64) -> Vec<bool> {
    let mut sorted = p_values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let tests = sorted.len() as f64;
    let bar = sorted
        .iter()
        .enumerate()
        .filter(|(index, p)| **p <= share * (index + 1) as f64 / tests)
        .map(|(_, p)| *p)
        .next_back();
    p_values
        .iter()
        .map(|p| bar.is_some_and(|bar| *p <= bar))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_paper_has_four_discoveries() {
        // Section 3.2: fifteen comparisons of two treatments, at 0.05.
        let p_values = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let found = discoveries(&p_values, 0.05);
        assert_eq!(found.iter().filter(|found| **found).count(), 4);
        assert!(found[..4].iter().all(|found| *found));
        assert!(discoveries(&[], 0.05).is_empty());
    }

    #[test]
    fn one_test_alone_is_held_against_the_share_itself() {
        assert_eq!(discoveries(&[0.05], 0.05), [true]);
        assert_eq!(discoveries(&[0.051], 0.05), [false]);
    }

    proptest! {
        #[test]
        fn what_counts_is_no_larger_than_what_does_not(
            p_values in prop::collection::vec(0.0f64..1.0, 1..50),
        ) {
            let found = discoveries(&p_values, 0.2);
            let of = |which| p_values.iter().zip(&found).filter(move |(_, f)| **f == which).map(|(p, _)| *p);
            let most = of(true).fold(0.0, f64::max);
            prop_assert!(of(false).all(|p| p > most));
        }
    }
}
