//! Fisher's exact test: did two groups fall into two classes alike?

/// The factor by which a probability may exceed the observed one and still count
/// as equal: R's `fisher.test` has the same.
const SAME: f64 = 1.0 + 1e-7;

/// The two-sided p-value of the table with the rows `old` and `new`: the chance
/// that two groups of these sizes, drawn from one population, differ as much or
/// more. It sums the tables with the same margins that are not likelier than the
/// observed one (R. A. Fisher, "The Logic of Inductive Inference", Journal of the
/// Royal Statistical Society 98, 1935). 1 if a margin is empty.
pub fn fisher_exact(old: [u64; 2], new: [u64; 2]) -> f64 {
    let (row, other) = (old[0] + old[1], new[0] + new[1]);
    let column = old[0] + new[0];
    let chance = |first: u64| {
        let second = column - first;
        (ln_choose(row, first) + ln_choose(other, second) - ln_choose(row + other, column)).exp()
    };
    let observed = chance(old[0]);
    let least = column.saturating_sub(other);
    let most = column.min(row);
    let p: f64 = (least..=most)
        .map(chance)
        .filter(|p| *p <= observed * SAME)
        .sum();
    p.min(1.0)
}

/// The logarithm of the number of ways to choose `k` of `n`, for `k` <= `n`.
fn ln_choose(n: u64, k: u64) -> f64 {
    let k = k.min(n - k);
    (0..k)
        .map(|i| ((n - i) as f64).ln() - ((i + 1) as f64).ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-9, "{found} is not {right}");
    }

    #[test]
    fn three_against_three_cannot_go_below_ten_percent() {
        // 2 of the C(6, 3) = 20 ways to share out three and three.
        close(fisher_exact([3, 0], [0, 3]), 0.1);
        close(fisher_exact([4, 0], [0, 4]), 2.0 / 70.0);
        close(fisher_exact([5, 0], [0, 5]), 2.0 / 252.0);
        close(fisher_exact([3, 0], [0, 4]), 2.0 / 70.0);
    }

    #[test]
    fn known_tables_have_their_known_values() {
        // The lady tasting tea, three of four right: R's fisher.test says
        // 0.4857 for two sides.
        close(fisher_exact([3, 1], [1, 3]), 34.0 / 70.0);
        // R: fisher.test(matrix(c(1, 9, 11, 3), 2)).
        close(fisher_exact([1, 9], [11, 3]), 0.002_759_456_185_220_084);
        close(fisher_exact([0, 0], [4, 4]), 1.0);
        close(fisher_exact([4, 0], [4, 0]), 1.0);
    }

    proptest! {
        #[test]
        fn neither_the_order_of_rows_nor_of_columns_matters(
            a in 0u64..30, b in 0u64..30, c in 0u64..30, d in 0u64..30,
        ) {
            let p = fisher_exact([a, b], [c, d]);
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - fisher_exact([c, d], [a, b])).abs() < 1e-9);
            prop_assert!((p - fisher_exact([b, a], [d, c])).abs() < 1e-9);
        }
    }
}
