//! The exact rank-sum test of Wilcoxon, Mann and Whitney, ties and all.

/// The two-sided p-value for the claim that `old` and `new` come from one
/// distribution: of all ways to share out the pooled ranks, those whose sum is
/// as far from the middle or farther (Mann and Whitney, "On a Test of Whether
/// one of Two Random Variables is Stochastically Larger than the Other", 1947).
/// Equal values share the mean of their ranks, and the distribution is that of
/// these ranks, so that it stays exact. 1 where a side is empty.
///
/// Takes n x N x N^2 steps for N values of which n are of the smaller side.
pub fn rank_sum(old: &[f64], new: &[f64]) -> f64 {
    let (few, many) = match old.len() <= new.len() {
        true => (old, new),
        false => (new, old),
    };
    let ranks = doubled_ranks(few, many);
    let total: usize = ranks.iter().sum();
    let observed: usize = ranks[..few.len()].iter().sum();
    // ways[k][s]: ways to choose k of the ranks so far with the sum s.
    let mut ways = vec![vec![0.0f64; total + 1]; few.len() + 1];
    ways[0][0] = 1.0;
    for rank in &ranks {
        for chosen in (1..=few.len()).rev() {
            let (fewer, more) = ways.split_at_mut(chosen);
            let without = &fewer[chosen - 1][..=total - rank];
            for (to, from) in more[0][*rank..].iter_mut().zip(without) {
                *to += from;
            }
        }
    }
    let sums = &ways[few.len()];
    // In units of 1 / N, so that the middle is a whole number.
    let off = |sum: usize| (sum * ranks.len()).abs_diff(total * few.len());
    let all: f64 = sums.iter().sum();
    let far: f64 = sums
        .iter()
        .enumerate()
        .filter(|(sum, _)| off(*sum) >= off(observed))
        .map(|(_, ways)| ways)
        .sum();
    (far / all).min(1.0)
}

/// The least p-value that `n` against `n` values can come to: 2 / C(2n, n).
pub fn least_p(n: u32) -> f64 {
    let choose: f64 = (1..=n).map(|i| f64::from(n + i) / f64::from(i)).product();
    (2.0 / choose).min(1.0)
}

/// Twice the rank of each value among all, those of `first` in front: a mean of
/// ranks may end in one half.
fn doubled_ranks(first: &[f64], second: &[f64]) -> Vec<usize> {
    let all = || first.iter().chain(second);
    all()
        .map(|value| {
            let smaller = all().filter(|other| *other < value).count();
            let equal = all().filter(|other| *other == value).count();
            2 * smaller + equal + 1
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-12, "{found} is not {right}");
    }

    #[test]
    fn what_lies_wholly_apart_has_the_least_value_there_is() {
        let (old, new) = ([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]);
        close(rank_sum(&old, &new), 2.0 / 252.0);
        close(least_p(5), 2.0 / 252.0);
        close(least_p(8), 2.0 / 12_870.0);
        close(least_p(0), 1.0);
    }

    #[test]
    fn known_samples_have_their_known_values() {
        // R: wilcox.test(c(0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73,
        // 1.46), c(1.15, 0.88, 0.9, 0.74, 1.21)), from its manual: p = 0.2544.
        let old = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let new = [1.15, 0.88, 0.9, 0.74, 1.21];
        assert!((rank_sum(&old, &new) - 0.254_412_254_412_254).abs() < 1e-9);
        close(rank_sum(&[1.0, 4.0], &[2.0, 3.0]), 1.0);
        close(rank_sum(&[], &[1.0]), 1.0);
    }

    #[test]
    fn equal_values_prove_nothing_and_ties_count_exactly() {
        close(rank_sum(&[2.0; 5], &[2.0; 5]), 1.0);
        // Of the C(4, 2) = 6 ways to choose two of the ranks 1.5, 1.5, 3.5, 3.5
        // one takes both low ones, one both high ones.
        close(rank_sum(&[1.0, 1.0], &[2.0, 2.0]), 2.0 / 6.0);
    }

    proptest! {
        #[test]
        fn neither_the_order_of_the_sides_nor_a_monotone_scale_matters(
            old in prop::collection::vec(0u8..12, 1..8),
            new in prop::collection::vec(0u8..12, 1..8),
        ) {
            let plain = |values: &[u8]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
            let scaled = |values: &[u8]| values.iter().map(|v| f64::from(*v).exp()).collect::<Vec<_>>();
            let p = rank_sum(&plain(&old), &plain(&new));
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - rank_sum(&plain(&new), &plain(&old))).abs() < 1e-12);
            prop_assert!((p - rank_sum(&scaled(&old), &scaled(&new))).abs() < 1e-12);
        }
    }
}
