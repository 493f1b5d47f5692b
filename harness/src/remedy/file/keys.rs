//! The keys of a table in a recipe file, each with its place.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use shortread_server::{
    scenario::{all_of, either, nearest},
    units::{ByteSize, Rate, UnitError, parse_duration},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// An error: the bytes that it is about, what is wrong, what would be accepted.
pub(super) type Mistake = (Range<usize>, String, Option<String>);

/// A table whose keys are asked for one by one. What nobody asked for is unknown.
pub(super) struct Keys<'a> {
    /// Its name as the file writes it, such as `[retry]`.
    shown: &'static str,
    table: &'a DeTable<'a>,
    asked: BTreeSet<&'static str>,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(shown: &'static str, table: &'a DeTable<'a>) -> Self {
        Self {
            shown,
            table,
            asked: BTreeSet::new(),
            mistakes: Vec::new(),
        }
    }

    /// The value of `key`, if it is there.
    pub(super) fn item(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.insert(key);
        self.table.get(key)
    }

    /// The place of `key`, or nowhere.
    pub(super) fn span(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or(0..0, Spanned::span)
    }

    /// The value of `key` as `read` reads it; `help` names what would be right.
    pub(super) fn get<T>(
        &mut self,
        key: &'static str,
        help: &str,
        read: impl FnOnce(&DeValue<'a>) -> Result<T, String>,
    ) -> Option<T> {
        let item = self.item(key)?;
        match read(item.get_ref()) {
            Ok(value) => Some(value),
            Err(message) => {
                let help = Some(help.to_owned()).filter(|help| !help.is_empty());
                self.mistakes.push((item.span(), message, help));
                None
            }
        }
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.get(key, "write true or false", |value| {
            value.as_bool().ok_or_else(|| not(value, "true or false"))
        })
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole_in(&mut self, key: &'static str, least: u32, most: u32) -> Option<u32> {
        let help = format!("write a whole number from {least} to {most}");
        self.get(key, &help, |value| {
            let number: u64 = whole(value)?;
            let number = u32::try_from(number).ok();
            let fits = number.filter(|number| (least..=most).contains(number));
            fits.ok_or_else(|| format!("`{key}` is out of range"))
        })
    }

    /// A duration of at least a millisecond: what is shorter ends everything at its start.
    pub(super) fn some_time(&mut self, key: &'static str) -> Option<Duration> {
        self.get(key, "write a duration from \"1ms\" on", some_time)
    }

    pub(super) fn size(&mut self, key: &'static str) -> Option<u64> {
        self.get(key, "write a size such as \"64KiB\"", size)
    }

    pub(super) fn rate(&mut self, key: &'static str) -> Option<u64> {
        self.get(key, "write a rate such as \"10B/s\"", |value| {
            let rate = unit(value, "a rate", str::parse::<Rate>)?;
            Ok(rate.bytes_in(Duration::from_secs(1)))
        })
    }

    pub(super) fn duration(&mut self, key: &'static str) -> Option<Duration> {
        self.get(key, "write a duration such as \"30s\"", duration)
    }

    /// A duration, or `off`: `Some(None)`.
    pub(super) fn limit(&mut self, key: &'static str) -> Option<Option<Duration>> {
        let help = "write a duration such as \"30s\", or \"off\"";
        self.get(key, help, |value| match value.as_str() {
            Some("off") => Ok(None),
            _ => some_time(value).map(Some),
        })
    }

    /// One of `words`.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let help = format!("write {}", either(names.iter().copied()));
        self.get(key, &help, |value| {
            let text = value.as_str().ok_or_else(|| not(value, "a word"))?;
            let found = words.iter().find(|(name, _)| *name == text);
            found.map(|(_, value)| *value).ok_or_else(|| {
                let near = nearest(text, names.iter().copied());
                let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                format!("`{text}` is not known{near}")
            })
        })
    }

    /// All mistakes, the keys that nobody asked for among them.
    pub(super) fn finish(mut self) -> Vec<Mistake> {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if self.asked.contains(name) {
                continue;
            }
            let known: Vec<&str> = self.asked.iter().copied().collect();
            let near = nearest(name, known.iter().copied());
            let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
            self.mistakes.push((
                key.span(),
                format!("unknown key `{name}` in {}", self.shown),
                Some(match known.is_empty() {
                    true => format!("{} has no keys", self.shown),
                    false => format!(
                        "{near}{} knows {}",
                        self.shown,
                        all_of(known.iter().copied())
                    ),
                }),
            ));
        }
        self.mistakes
    }
}

/// `value` is not `wanted`.
pub(super) fn not(value: &DeValue<'_>, wanted: &str) -> String {
    format!("this must be {wanted}, not {}", value.type_str())
}

pub(super) fn whole<T: TryFrom<u64>>(value: &DeValue<'_>) -> Result<T, String> {
    let integer = value.as_integer();
    let integer = integer.ok_or_else(|| not(value, "a whole number"))?;
    let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("`{}` is out of range", integer.as_str()))
}

pub(super) fn number(value: &DeValue<'_>) -> Result<f64, String> {
    let text = match value {
        DeValue::Integer(integer) => integer.as_str(),
        DeValue::Float(float) => float.as_str(),
        _ => return Err(not(value, "a number")),
    };
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("`{text}` is out of range"))
}

pub(super) fn duration(value: &DeValue<'_>) -> Result<Duration, String> {
    unit(value, "a duration", parse_duration)
}

pub(super) fn size(value: &DeValue<'_>) -> Result<u64, String> {
    let size = match value.as_integer() {
        Some(_) => ByteSize(whole(value)?),
        None => unit(value, "a size", str::parse::<ByteSize>)?,
    };
    Ok(size.0)
}

fn some_time(value: &DeValue<'_>) -> Result<Duration, String> {
    match duration(value)? {
        time if time < Duration::from_millis(1) => Err("this is no time at all".into()),
        time => Ok(time),
    }
}

fn unit<T>(
    value: &DeValue<'_>,
    wanted: &str,
    parse: impl FnOnce(&str) -> Result<T, UnitError>,
) -> Result<T, String> {
    let text = value.as_str().ok_or_else(|| not(value, wanted))?;
    parse(text).map_err(|error| error.to_string())
}
