//! Medians and quantiles of a sample.

/// The quantile `p` (0 to 1) of `values`, linear between the two nearest order
/// statistics: definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical
/// Packages", The American Statistician 50 (1996), the default of R and NumPy.
/// `None` without values.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    of_sorted(&sorted, p)
}

/// The median: the middle value, or the mean of the two in the middle. `None`
/// without values.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The median of whole numbers, rounded down. `None` without values.
pub fn median_of(values: impl IntoIterator<Item = u64>) -> Option<u64> {
    let mut sorted: Vec<u64> = values.into_iter().collect();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    Some(sorted[last / 2].midpoint(sorted[last.div_ceil(2)]))
}

/// [`quantile`] of values that are in order.
pub(super) fn of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let (low, high) = (sorted.get(below)?, sorted.get(above)?);
    Some(low + (high - low) * (place - place.floor()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(median_of([]), None);
        assert_eq!(median_of([7]), Some(7));
        assert_eq!(median_of([405, 288]), Some(346));
        assert_eq!(median_of([9, 1, 5]), Some(5));
        assert_eq!(median_of([u64::MAX, u64::MAX - 2]), Some(u64::MAX - 1));
    }

    #[test]
    fn quantiles_are_those_of_r() {
        // quantile(c(1, 2, 4, 8, 16), c(0, .1, .25, .5, .9, 1))
        let values = [16.0, 1.0, 8.0, 2.0, 4.0];
        let found = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0].map(|p| quantile(&values, p).unwrap());
        for (found, right) in found.into_iter().zip([1.0, 1.4, 2.0, 4.0, 12.8, 16.0]) {
            assert!((found - right).abs() < 1e-12, "{found} is not {right}");
        }
    }

    #[test]
    fn of_an_even_number_the_median_lies_in_the_middle_of_two() {
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[]), None);
    }

    proptest! {
        #[test]
        fn half_of_the_values_are_on_either_side_of_the_median(
            values in prop::collection::vec(-1e9f64..1e9, 1..40),
        ) {
            let middle = median(&values).unwrap();
            let half = values.len().div_ceil(2);
            prop_assert!(values.iter().filter(|value| **value <= middle).count() >= half);
            prop_assert!(values.iter().filter(|value| **value >= middle).count() >= half);
        }
    }
}
