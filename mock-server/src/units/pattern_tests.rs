//! The patterns against the parsers.

use std::{sync::LazyLock, time::Duration};

use jsonschema::Validator;
use proptest::prelude::*;

use super::*;

fn schema(pattern: &str) -> Validator {
    jsonschema::validator_for(&serde_json::json!({ "pattern": pattern })).unwrap()
}

static SIZES: LazyLock<Validator> = LazyLock::new(|| schema(&patterns::size()));
static RATES: LazyLock<Validator> = LazyLock::new(|| schema(&patterns::rate()));
static DURATIONS: LazyLock<Validator> = LazyLock::new(|| schema(&patterns::duration()));

fn is_like(schema: &Validator, text: &str) -> bool {
    schema.is_valid(&text.into())
}

/// A shred of a quantity.
fn shred() -> impl Strategy<Value = String> {
    let words: Vec<String> = [
        "", " ", "0", "1", "12", "1_0", ".", "_", ".5", "-", "/s", "/", "bit", "k", "M", "days",
        "µs", "months", "parsecs", "s", "min", "h", "ms", "\t", "off", "b", "mb",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(size::names().into_iter().map(str::to_owned))
    .collect();
    prop::sample::select(words)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_a_parser_takes_looks_right(shreds in prop::collection::vec(shred(), 1..6)) {
        let text = shreds.concat();
        prop_assert!(text.parse::<ByteSize>().is_err() || is_like(&SIZES, &text), "{text:?}");
        prop_assert!(text.parse::<Rate>().is_err() || is_like(&RATES, &text), "{text:?}");
        prop_assert!(parse_duration(&text).is_err() || is_like(&DURATIONS, &text), "{text:?}");
    }

    #[test]
    fn what_looks_right_is_refused_for_its_amount_alone(
        shreds in prop::collection::vec(shred(), 1..6),
    ) {
        let text = shreds.concat();
        if is_like(&SIZES, &text) {
            prop_assert!(is_of_amount(text.parse::<ByteSize>().err()), "{text:?}");
        }
        if is_like(&RATES, &text) {
            prop_assert!(is_of_amount(text.parse::<Rate>().err()), "{text:?}");
        }
        if is_like(&DURATIONS, &text) {
            prop_assert!(is_of_amount(parse_duration(&text).err()), "{text:?}");
        }
    }
}

/// True if nothing is wrong but how much it is.
fn is_of_amount(error: Option<UnitError>) -> bool {
    use UnitError::{Fraction, TooLarge, ZeroRate};
    matches!(error, None | Some(TooLarge(..) | ZeroRate | Fraction(..)))
}

#[test]
fn quantities_as_people_write_them_look_right_and_slips_do_not() {
    for (pattern, right, wrong) in [
        (
            patterns::size(),
            ["64KiB", "1.5 GB", "1_000"],
            ["64kib", "-1B", "1.2.3MB"],
        ),
        (
            patterns::rate(),
            ["2MB/s", "100Mbit/s", "5 kB /s"],
            ["2MB", "2MB/h", "1mbit/s"],
        ),
        (
            patterns::duration(),
            ["350s", "1h 30m", "1.5s"],
            ["30", "soon", "3 parsecs"],
        ),
    ] {
        let schema = schema(&pattern);
        for text in right {
            assert!(is_like(&schema, text), "{text}");
        }
        for text in wrong {
            assert!(!is_like(&schema, text), "{text}");
        }
    }
    assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
}
