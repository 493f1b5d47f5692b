//! `fault=ACTION[:ARG]@TRIGGER:VALUE`, and the parameters after it that belong to
//! it.

use super::{
    selector,
    toml::{Kind, may_be_a_list, quoted, token},
};
use crate::scenario::Action;

/// The mistake, and the accepted input.
pub(super) type Wrong = (String, String);

/// A fault as the lines of a scenario file, not yet read.
#[derive(Debug)]
pub(super) struct Text {
    /// The parameter as it was sent; empty for one that was not understood.
    sent: String,
    trigger: String,
    value: String,
    then: String,
    counts: Option<String>,
    /// Key, value as a token, the parameter as it was sent.
    more: Vec<(&'static str, String, String)>,
}

impl Text {
    /// Takes apart what stands behind `fault=`.
    pub(super) fn new(text: &str) -> Result<Self, Wrong> {
        let Some((action, when)) = text.split_once('@') else {
            return Err((
                "this has no trigger".into(),
                format!("write fault={text}@12MiB, {text}@elapsed:90s, {text}@request:2, ..."),
            ));
        };
        let (word, argument) = match action.split_once(':') {
            Some((word, argument)) => (word, Some(argument)),
            None => (action, None),
        };
        // The argument of the action with this name, if there is one.
        let takes = Action::called(word).map(Action::argument);
        let then = match (argument, takes) {
            (None, Some(Some(example))) => {
                return Err((
                    format!("`{word}` needs a value"),
                    format!("write fault={word}:{example}@{when}"),
                ));
            }
            (Some(_), Some(None)) => {
                return Err((
                    format!("`{word}` takes no value"),
                    format!("write fault={word}@{when}"),
                ));
            }
            (None, _) => quoted(word),
            (Some(argument), _) => format!("{{ {} = {} }}", quoted(word), quoted(argument)),
        };
        let (trigger, value) = when.split_once(':').unwrap_or_else(|| {
            // A place has a name or is a share; any other value alone is a size.
            let named = when.starts_with(|first: char| first.is_ascii_alphabetic());
            match named || when.ends_with('%') {
                true => ("place", when),
                false => ("body", when),
            }
        });
        Ok(Self {
            sent: format!("fault={text}"),
            trigger: trigger.into(),
            value: value.into(),
            then,
            counts: None,
            more: Vec::new(),
        })
    }

    /// Stands for a fault that was not understood, so that what is said of it
    /// finds its place.
    pub(super) fn broken() -> Self {
        Self {
            sent: String::new(),
            trigger: "idle".into(),
            value: String::new(),
            then: String::new(),
            counts: None,
            more: Vec::new(),
        }
    }

    /// Sets a parameter that follows the fault.
    pub(super) fn set(&mut self, name: &'static str, kind: Kind, value: &str) -> Result<(), Wrong> {
        let twice = self.more.iter().any(|(known, ..)| *known == name);
        if twice || (name == "counts" && self.counts.is_some()) {
            return Err((
                format!("`{name}` is given twice for one fault"),
                "keep one of them".into(),
            ));
        }
        if name == "counts" {
            if self.trigger != "idle" {
                return Err((
                    format!(
                        "`counts` is only for `idle`, but the trigger here is `{}`",
                        self.trigger
                    ),
                    "leave it out, or write fault=fin@idle:60s&counts=payload".into(),
                ));
            }
            self.counts = Some(value.into());
            return Ok(());
        }
        let token = match name {
            "on" => selector::table(value)?,
            _ => token(kind, value),
        };
        self.more.push((name, token, format!("{name}={value}")));
        Ok(())
    }

    /// Its lines in the file, each with the parameter that it comes from.
    pub(super) fn lines(self) -> Vec<(String, String)> {
        if self.sent.is_empty() {
            return Vec::new();
        }
        let kind = Kind::of("fault.when", &self.trigger);
        let value = match &self.counts {
            Some(counts) => format!(
                "{{ after = {}, counts = {} }}",
                quoted(&self.value),
                quoted(counts)
            ),
            None if may_be_a_list("fault.when", &self.trigger) && self.value.contains(',') => {
                let each = self.value.split(',').map(|one| token(kind, one));
                format!("[{}]", each.collect::<Vec<_>>().join(", "))
            }
            None => token(kind, &self.value),
        };
        let mut lines = vec![
            ("[[fault]]".to_owned(), self.sent.clone()),
            (
                format!("when = {{ {} = {value} }}", quoted(&self.trigger)),
                self.sent.clone(),
            ),
            (format!("then = {}", self.then), self.sent),
        ];
        let more = self.more.into_iter();
        lines.extend(more.map(|(key, value, sent)| (format!("{key} = {value}"), sent)));
        lines
    }
}
