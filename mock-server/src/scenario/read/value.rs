//! Single values: each reader returns the value, or notes the error and returns
//! `None`.

use std::{str::FromStr, time::Duration};

use toml::de::DeValue;

use super::table::{Item, bounded, elements, wrong_type};
use crate::{
    scenario::{Landmark, LandmarkError, Limit, diagnostic::Report, grammar, nearest},
    units::{self, ByteSize, Rate, UnitError},
};

/// A string that is not empty.
pub(super) fn text(report: &mut Report, item: &Item<'_>) -> Option<String> {
    let text = any_text(report, item)?;
    if text.trim().is_empty() {
        let key = grammar::without_indices(&item.path);
        let help = match &*key {
            "title" | "cause" => "write it in a few words",
            "body.file" => "write the path of a file, or `size` in its place",
            _ => "write a text, or leave it out",
        };
        report.error(
            item.span.clone(),
            format!("`{key}` is empty"),
            help.to_owned(),
        );
        return None;
    }
    Some(text)
}

/// A string, perhaps empty.
pub(super) fn any_text(report: &mut Report, item: &Item<'_>) -> Option<String> {
    let text = item.value.as_str().map(str::to_owned);
    if text.is_none() {
        wrong_type(report, item, "a string", None);
    }
    text
}

/// A list of what `read` reads.
pub(super) fn list<T>(
    report: &mut Report,
    item: &Item<'_>,
    mut read: impl FnMut(&mut Report, &Item<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(array) = item.value.as_array() else {
        wrong_type(report, item, "a list", None);
        return None;
    };
    if !bounded(report, item, array.len()) {
        return None;
    }
    Some(
        elements(item)
            .iter()
            .filter_map(|item| read(report, item))
            .collect(),
    )
}

/// A list of what `read` reads, or one alone.
pub(super) fn one_or_many<T>(
    report: &mut Report,
    item: &Item<'_>,
    mut read: impl FnMut(&mut Report, &Item<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    if item.value.is_array() {
        list(report, item, read)
    } else {
        read(report, item).map(|one| vec![one])
    }
}

/// `true` or `false`.
pub(super) fn flag(report: &mut Report, item: &Item<'_>) -> Option<bool> {
    let flag = item.value.as_bool();
    if flag.is_none() {
        wrong_type(report, item, "true or false", None);
    }
    flag
}

/// A whole number that `T` can hold.
pub(super) fn whole<T: TryFrom<u64>>(report: &mut Report, item: &Item<'_>) -> Option<T> {
    let Some(integer) = item.value.as_integer() else {
        wrong_type(report, item, "a whole number", None);
        return None;
    };
    let number = u64::from_str_radix(integer.as_str(), integer.radix());
    let number = number.ok().and_then(|number| T::try_from(number).ok());
    if number.is_none() {
        let message = format!("`{integer}` is out of range");
        report.error(
            item.span.clone(),
            message,
            "write a whole number from 0".to_owned(),
        );
    }
    number
}

/// A number with or without a fraction.
pub(super) fn number(report: &mut Report, item: &Item<'_>) -> Option<f64> {
    let number = match item.value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    };
    if number.is_none() {
        wrong_type(report, item, "a number", None);
    }
    number
}

/// `"64KiB"`, or a whole number of bytes.
pub(super) fn size(report: &mut Report, item: &Item<'_>) -> Option<ByteSize> {
    if item.value.is_integer() {
        let bytes: u64 = whole(report, item)?;
        return units(report, item, bytes.to_string().parse(), |_| None);
    }
    quantity(report, item, "a size such as \"64KiB\"", ByteSize::from_str)
}

/// A size, or a list of at least one, each larger than the one before it.
pub(super) fn ascending_sizes(report: &mut Report, item: &Item<'_>) -> Option<Vec<ByteSize>> {
    let sizes = one_or_many(report, item, size)?;
    // What is no size was noted, and is not there.
    let all = item.value.as_array().map_or(1, |array| array.len());
    if sizes.len() < all {
        return None;
    }
    let shown = grammar::without_indices(&item.path);
    let wrong = if sizes.is_empty() {
        format!("`{shown}` is an empty list")
    } else if let Some(pair) = sizes.windows(2).find(|pair| pair[0] >= pair[1]) {
        format!("`{shown}` has {} behind {}", pair[1], pair[0])
    } else {
        return Some(sizes);
    };
    let help = "write offsets of which each is larger than the one before it".to_owned();
    report.error(item.span.clone(), wrong, help);
    None
}

/// `"2MB/s"`.
pub(super) fn rate(report: &mut Report, item: &Item<'_>) -> Option<Rate> {
    quantity(report, item, "a rate such as \"2MB/s\"", Rate::from_str)
}

/// `"350s"`.
pub(super) fn duration(report: &mut Report, item: &Item<'_>) -> Option<Duration> {
    quantity(
        report,
        item,
        "a duration such as \"350s\"",
        units::parse_duration,
    )
}

/// A duration, or the word for none.
pub(super) fn limit(report: &mut Report, item: &Item<'_>, never: &str) -> Option<Limit> {
    if item.value.as_str() == Some(never) {
        return Some(Limit::Never);
    }
    let wanted = format!("a duration such as \"350s\", or \"{never}\"");
    let text = written(report, item, &wanted)?;
    // The word is what no message of a duration names.
    let help = Some(format!("write {wanted}"));
    units(report, item, units::parse_duration(text), |_| help).map(Limit::After)
}

fn quantity<T>(
    report: &mut Report,
    item: &Item<'_>,
    wanted: &str,
    parse: impl FnOnce(&str) -> Result<T, UnitError>,
) -> Option<T> {
    let text = written(report, item, wanted)?;
    units(report, item, parse(text), |error| {
        (!error.names_its_remedy()).then(|| format!("write {wanted}"))
    })
}

fn written<'i>(report: &mut Report, item: &'i Item<'_>, wanted: &str) -> Option<&'i str> {
    let text = item.value.as_str();
    if text.is_none() {
        wrong_type(report, item, wanted, None);
    }
    text
}

fn units<T>(
    report: &mut Report,
    item: &Item<'_>,
    parsed: Result<T, UnitError>,
    help: impl FnOnce(&UnitError) -> Option<String>,
) -> Option<T> {
    parsed
        .map_err(|error| {
            let help = help(&error);
            report.error(item.span.clone(), error.to_string(), help);
        })
        .ok()
}

/// `"chunk-3"`.
pub(super) fn place(report: &mut Report, item: &Item<'_>) -> Option<Landmark> {
    let wanted = format!("a place: {}", nearest::either(Landmark::EXAMPLES));
    let text = written(report, item, &wanted)?;
    text.parse()
        .map_err(|error: LandmarkError| report.error(item.span.clone(), error.to_string(), None))
        .ok()
}

/// One of a set of words: `word(report, item, Kind::ALL, Kind::word)`.
pub(super) fn word<T: Copy>(
    report: &mut Report,
    item: &Item<'_>,
    all: &[T],
    spelt: impl Fn(T) -> &'static str,
) -> Option<T> {
    let words = || all.iter().map(|word| spelt(*word));
    let Some(text) = item.value.as_str() else {
        wrong_type(report, item, &nearest::either(words()), None);
        return None;
    };
    let found = all.iter().copied().find(|word| spelt(*word) == text);
    if found.is_none() {
        unknown_word(report, item, text, words());
    }
    found
}

/// Notes that `text` is none of `words`.
pub(super) fn unknown_word<'w>(
    report: &mut Report,
    item: &Item<'_>,
    text: &str,
    words: impl Iterator<Item = &'w str> + Clone,
) {
    let mut help = match nearest::nearest(text, words.clone()) {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    };
    help += &format!("accepted: {}", nearest::either(words));
    wrong_word(report, item, text, help);
}

/// Notes that `text` is not a word of this key.
pub(super) fn wrong_word(report: &mut Report, item: &Item<'_>, text: &str, help: String) {
    let message = format!(
        "`{text}` is not a value of `{}`",
        grammar::without_indices(&item.path)
    );
    report.error(item.span.clone(), message, help);
}
