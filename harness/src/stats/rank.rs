//! The rank-sum test of Wilcoxon, Mann and Whitney with ties: exact for as many
//! repetitions as people wait for, and by the normal distribution for more.

/// Most values for the exact test: 30 repetitions against 30. There it takes 6
/// million steps, and the normal distribution differs by less than a hundredth in
/// the range that matters.
const MOST_EXACT: usize = 60;

/// The two-sided p-value for the claim that `old` and `new` come from one
/// distribution: among all ways to share out the pooled ranks, those with a sum
/// as far from the middle or farther (Mann and Whitney, "On a Test of Whether one
/// of Two Random Variables is Stochastically Larger than the Other", 1947). Equal
/// values share the mean of their ranks, and the distribution is that of these
/// ranks, so it stays exact. 1 if a side is empty.
///
/// It is exact for up to `MOST_EXACT` values, in n x N x N^2 steps for N values
/// of which n are on the smaller side. For more values the normal distribution is
/// as good, and takes the time of sorting.
pub fn rank_sum(old: &[f64], new: &[f64]) -> f64 {
    let (few, many) = match old.len() <= new.len() {
        true => (old, new),
        false => (new, old),
    };
    if few.is_empty() {
        return 1.0;
    }
    let ranks = doubled_ranks(few, many);
    match ranks.len() <= MOST_EXACT {
        true => exact(&ranks, few.len()),
        false => by_normal(&ranks, few.len()),
    }
}

/// The exact p-value of the first `few` of `ranks`, which are doubled.
fn exact(ranks: &[usize], few: usize) -> f64 {
    let total: usize = ranks.iter().sum();
    let observed: usize = ranks[..few].iter().sum();
    // ways[k][s]: ways to choose k of the ranks so far with the sum s.
    let mut ways = vec![vec![0.0f64; total + 1]; few + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for chosen in (1..=few).rev() {
            let (fewer, more) = ways.split_at_mut(chosen);
            let without = &fewer[chosen - 1][..=total - rank];
            for (to, from) in more[0][*rank..].iter_mut().zip(without) {
                *to += from;
            }
        }
    }
    let sums = &ways[few];
    // In units of 1 / N, so that the middle is a whole number.
    let off = |sum: usize| (sum * ranks.len()).abs_diff(total * few);
    let all: f64 = sums.iter().sum();
    let far: f64 = sums
        .iter()
        .enumerate()
        .filter(|(sum, _)| off(*sum) >= off(observed))
        .map(|(_, ways)| ways)
        .sum();
    (far / all).min(1.0)
}

/// The same by the normal distribution, with the correction for continuity. The
/// variance of the sum follows from the ranks themselves (sampling without
/// replacement), which accounts for ties.
fn by_normal(ranks: &[usize], few: usize) -> f64 {
    let all = ranks.len() as f64;
    let rank = |doubled: &usize| *doubled as f64 / 2.0;
    let mean = (all + 1.0) / 2.0;
    let squares: f64 = ranks.iter().map(|one| (rank(one) - mean).powi(2)).sum();
    let many = all - few as f64;
    let variance = few as f64 * many * squares / (all * (all - 1.0));
    let sum: f64 = ranks[..few].iter().map(rank).sum();
    let off = ((sum - few as f64 * mean).abs() - 0.5).max(0.0);
    match variance > 0.0 {
        true => two_sided(off / variance.sqrt()),
        false => 1.0,
    }
}

/// The chance that a normal value lies at least `z` deviations off, on either
/// side: erfc(z / sqrt 2) by Numerical Recipes' Chebyshev fit (section 6.2,
/// `erfcc`), whose relative error is below 1.2e-7 everywhere.
fn two_sided(z: f64) -> f64 {
    const FIT: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let fit = FIT.iter().fold(0.0, |sum, part| sum * t + part);
    (t * (fit - x * x).exp()).min(1.0)
}

/// The least p-value that `n` against `n` values can come to: 2 / C(2n, n).
pub fn least_p(n: u32) -> f64 {
    let choose: f64 = (1..=n).map(|i| f64::from(n + i) / f64::from(i)).product();
    (2.0 / choose).min(1.0)
}

/// Twice the rank of each value among all, with `first` first: a mean of ranks
/// may end in one half.
fn doubled_ranks(first: &[f64], second: &[f64]) -> Vec<usize> {
    let all = || first.iter().chain(second);
    let mut sorted: Vec<f64> = all().copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    all()
        .map(|value| {
            let smaller = sorted.partition_point(|other| other.total_cmp(value).is_lt());
            let up_to = sorted.partition_point(|other| other.total_cmp(value).is_le());
            smaller + up_to + 1
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

    #[test]
    fn many_values_are_as_far_apart_by_the_normal_distribution() {
        let side = |shift: f64, count: usize| -> Vec<f64> {
            (0..count)
                .map(|i| ((i * 7919) % 101) as f64 + shift)
                .collect()
        };
        for shift in [0.0, 5.0, 15.0, 25.0] {
            let (old, new) = (side(0.0, 30), side(shift, 30));
            let ranks = doubled_ranks(&old, &new);
            let (exact, normal) = (exact(&ranks, 30), by_normal(&ranks, 30));
            assert!((exact - normal).abs() < 0.01, "{shift}: {exact} {normal}");
        }
        // No table and no square of their number.
        let (old, new) = (side(0.0, 20_000), side(3.0, 20_000));
        assert!(rank_sum(&old, &new) < 1e-6);
        close(rank_sum(&old, &old), 1.0);
    }

    #[test]
    fn the_tails_of_the_normal_distribution_are_those_of_tables() {
        for (z, p) in [
            (0.0, 1.0),
            (1.959_964, 0.05),
            (2.575_829, 0.01),
            (3.290_527, 0.001),
        ] {
            assert!((two_sided(z) - p).abs() < 1e-6, "{z}");
        }
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
