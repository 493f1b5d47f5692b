//! Recipe files: remedies with settings of one's own. A table for each remedy, whose keys
//! are those of docs/REMEDIES.md; a table that is absent is a remedy that the recipe has
//! not, a key that is absent has its usual value.

mod keys;
#[cfg(test)]
mod tests;

use std::{path::Path, time::Duration};

use shortread_server::{
    input,
    scenario::{Diagnostics, Keepalive, Limit},
    text::printable,
};
use toml::de::{DeTable, DeValue};

use self::keys::{Keys, Mistake, duration, not, number, size, whole};
use super::{
    Atomic, Backoff, Budget, Deadlines, Expected, Growth, Jitter, LeastRate, MOST_AT_A_TIME, On200,
    OnUnfit, Progress, Recipe, RecipeError, Resume, Retry, Segments, Slow, Stall, Verify, Without,
};
use crate::client::Basis;

/// The longest recipe file, in bytes.
pub const LARGEST_RECIPE: u64 = 64 << 10;

/// The most attempts after the first that a recipe in a file can have.
pub const MOST_ATTEMPTS: u32 = 1000;

/// No recipe could be read from a file.
#[derive(Debug, thiserror::Error)]
pub enum RecipeFileError {
    /// It cannot be read.
    #[error("cannot read `{file}`: {reason}")]
    Unreadable {
        /// The path.
        file: String,
        /// Why not.
        reason: String,
    },
    /// It is too long to be one.
    #[error("`{0}` is longer than {LARGEST_RECIPE} bytes, and no recipe is")]
    TooLong(String),
    /// It has mistakes.
    #[error("{0}")]
    Invalid(Diagnostics),
}

impl Recipe {
    /// Reads the recipe in `file`. Its name is the file's, so that none is taken for that
    /// of a client.
    ///
    /// # Errors
    /// The file cannot be read, or has mistakes: all of them, with line and column.
    pub fn load(file: &Path) -> Result<Self, RecipeFileError> {
        let shown = file.display().to_string();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match input::read_text(file, LARGEST_RECIPE) {
            Ok(Some(text)) => {
                Self::parse(&printable(&name), &shown, &text).map_err(RecipeFileError::Invalid)
            }
            Ok(None) => Err(RecipeFileError::TooLong(shown)),
            Err(reason) => Err(RecipeFileError::Unreadable {
                file: shown,
                reason: reason.to_string(),
            }),
        }
    }

    /// Reads the recipe `name` from `text`; `file` is the path that messages show.
    ///
    /// # Errors
    /// All mistakes of the syntax; else those of keys and values; else what contradicts
    /// what.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, Diagnostics> {
        let fail = |mistakes: Vec<Mistake>| Err(Diagnostics::new(file, text, mistakes));
        let (document, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let place = |error: &toml::de::Error| error.span().unwrap_or(0..0);
            let mistakes = errors
                .iter()
                .map(|error| (place(error), error.message().to_owned(), None));
            return fail(mistakes.collect());
        }
        let mut file = Reader::new(document.get_ref());
        let mut recipe = file.recipe();
        recipe.name = name.into();
        let contradictions = file.contradictions(&recipe);
        let mut mistakes = file.finish();
        if mistakes.is_empty() {
            mistakes = contradictions;
        }
        match mistakes.is_empty() {
            true => Ok(recipe),
            false => fail(mistakes),
        }
    }
}

/// The top level of a file.
struct Reader<'a> {
    root: Keys<'a>,
}

impl<'a> Reader<'a> {
    fn new(table: &'a DeTable<'a>) -> Self {
        Self {
            root: Keys::new("a recipe", table),
        }
    }

    fn recipe(&mut self) -> Recipe {
        Recipe {
            name: String::new(),
            progress: self.table("progress", "[progress]", |keys| Progress {
                bytes: keys.size("bytes"),
            }),
            deadlines: self.table("deadlines", "[deadlines]", deadlines),
            stall: self.table("stall", "[stall]", stall),
            retry: self.table("retry", "[retry]", retry),
            resume: self.table("resume", "[resume]", resume),
            segments: self.table("segments", "[segments]", segments),
            verify: self.table("verify", "[verify]", verify),
            atomic: self.table("atomic", "[atomic]", atomic),
        }
    }

    /// The table `key`, if it is there.
    fn table<T>(
        &mut self,
        key: &'static str,
        shown: &'static str,
        read: impl FnOnce(&mut Keys<'a>) -> T,
    ) -> Option<T> {
        let item = self.root.item(key)?;
        let Some(table) = item.get_ref().as_table() else {
            let help = Some(format!("write a table: {shown}"));
            let mistake = (item.span(), not(item.get_ref(), "a table"), help);
            self.root.mistakes.push(mistake);
            return None;
        };
        let mut keys = Keys::new(shown, table);
        let read = read(&mut keys);
        self.root.mistakes.extend(keys.finish());
        Some(read)
    }

    /// What contradicts what in the recipe that was read, at the table that says it.
    fn contradictions(&self, recipe: &Recipe) -> Vec<Mistake> {
        let errors = recipe.check().err().unwrap_or_default();
        let at = |error: RecipeError| {
            let table = match error {
                RecipeError::NoAttempt | RecipeError::TooShort | RecipeError::Longer => "retry",
                RecipeError::TwoTotals => "deadlines",
                RecipeError::NoDigest => "atomic",
                RecipeError::Connections
                | RecipeError::PartsWithoutResume
                | RecipeError::DigestOfParts => "segments",
                RecipeError::ResumeWithoutRetry | RecipeError::Unvouched => "resume",
            };
            (self.root.span(table), error.to_string(), None)
        };
        errors.into_iter().map(at).collect()
    }

    fn finish(self) -> Vec<Mistake> {
        self.root.finish()
    }
}

fn deadlines(keys: &mut Keys<'_>) -> Deadlines {
    let usual = Deadlines::usual();
    let limit = |limit: Option<Duration>| limit.map_or(Limit::Never, Limit::After);
    let help = "write whole seconds, 1s to 32767s; probes follow each 75 s, 9 of them, as Linux \
                has it";
    Deadlines {
        total: keys.limit("total").map(limit).or(usual.total),
        least_rate: least_rate(keys),
        sock_read: keys.limit("sock_read").map(limit).or(usual.sock_read),
        keepalive: keys.get("keepalive", help, keepalive).map(Keepalive::after),
    }
}

fn least_rate(keys: &mut Keys<'_>) -> Option<LeastRate> {
    let rate = keys.rate("least_rate");
    let base = keys.some_time("base");
    // Where the rate is there and wrong, that alone is told.
    if base.is_some() && keys.item("least_rate").is_none() {
        let help = Some("add for example least_rate = \"100kB/s\"".to_owned());
        let message = "`base` is what `least_rate` adds to, and there is none".to_owned();
        keys.mistakes.push((keys.span("base"), message, help));
    }
    Some(LeastRate {
        rate: rate?,
        base: base.unwrap_or(LeastRate::BASE),
    })
}

fn segments(keys: &mut Keys<'_>) -> Segments {
    let usual = Segments::default();
    let connections = keys.whole_in("connections", 1, MOST_AT_A_TIME);
    let bytes = keys.get("bytes", "write a size from 1 B on", |value| {
        match size(value)? {
            0 => Err("a part has bytes".into()),
            bytes => Ok(bytes),
        }
    });
    Segments {
        at_a_time: connections.unwrap_or(usual.at_a_time),
        bytes: bytes.unwrap_or(usual.bytes),
    }
}

/// What the kernel can keep (tcp(7)).
fn keepalive(value: &DeValue<'_>) -> Result<Duration, String> {
    let idle = duration(value)?;
    match Keepalive::can_keep(idle) {
        true => Ok(idle),
        false => Err("the kernel cannot keep this for keepalive".into()),
    }
}

fn stall(keys: &mut Keys<'_>) -> Stall {
    let usual = Stall::default();
    let slow = usual.slow.expect("the usual one has a least rate");
    let over = keys.some_time("over").unwrap_or(slow.over);
    let rate = keys.rate("rate").unwrap_or(slow.rate);
    Stall {
        silence: keys.limit("silence").unwrap_or(usual.silence),
        slow: Some(Slow { rate, over }),
    }
}

fn retry(keys: &mut Keys<'_>) -> Retry {
    let usual = Retry::default();
    let help = "write a size from 1 B on";
    let renewed = keys.get("renewed_by", help, |value| match size(value)? {
        0 => Err("no byte is no progress".into()),
        bytes => Ok(bytes),
    });
    Retry {
        attempts: keys
            .whole_in("attempts", 1, MOST_ATTEMPTS)
            .unwrap_or(usual.attempts),
        budget: renewed.map_or(usual.budget, Budget::SinceProgress),
        within: keys.some_time("within"),
        backoff: backoff(keys, usual.backoff),
        retry_after: keys.limit("retry_after").unwrap_or(usual.retry_after),
        statuses: keys
            .get("statuses", "write a list such as [429, 503]", statuses)
            .unwrap_or(usual.statuses),
    }
}

fn backoff(keys: &mut Keys<'_>, usual: Backoff) -> Backoff {
    let help = "write a factor such as 2.0, or \"linear\"";
    let growth = keys.get("growth", help, |value| match value.as_str() {
        Some("linear") => Ok(Growth::Linear),
        _ => match number(value)? {
            factor if (1.0..=100.0).contains(&factor) => Ok(Growth::Times(factor)),
            factor => Err(format!("{factor:?} is no factor from 1 to 100")),
        },
    });
    let help = "write \"none\", \"full\", \"equal\", \"decorrelated\", or the time that is \
                added, such as \"1s\"";
    let jitter = keys.get("jitter", help, |value| {
        Ok(match value.as_str() {
            Some("none") => Jitter::None,
            Some("full") => Jitter::Full,
            Some("equal") => Jitter::Equal,
            Some("decorrelated") => Jitter::Decorrelated(3.0),
            _ => Jitter::Added(duration(value)?),
        })
    });
    Backoff {
        first: keys.duration("first").unwrap_or(usual.first),
        growth: growth.unwrap_or(usual.growth),
        most: keys.duration("most").unwrap_or(usual.most),
        jitter: jitter.unwrap_or(usual.jitter),
    }
}

fn statuses(value: &DeValue<'_>) -> Result<Vec<u16>, String> {
    let array = value.as_array().ok_or_else(|| not(value, "a list"))?;
    let (mut statuses, mut wrong) = (Vec::new(), Vec::new());
    for one in array.iter() {
        match whole(one.get_ref())? {
            status @ 400..=599 if !statuses.contains(&status) => statuses.push(status),
            status @ 400..=599 => return Err(format!("{status} stands there twice")),
            other => wrong.push(other.to_string()),
        }
    }
    match wrong.is_empty() {
        true => Ok(statuses),
        false => Err(format!(
            "no status of an error (400 to 599): {}",
            wrong.join(", ")
        )),
    }
}

fn resume(keys: &mut Keys<'_>) -> Resume {
    let usual = Resume::default();
    let without = [("restart", Without::Restart), ("resume", Without::Resume)];
    let on_200 = [
        ("restart", On200::Restart),
        ("skip", On200::Skip),
        ("append", On200::Append),
        ("fail", On200::Fail),
    ];
    let on_unfit = [("restart", OnUnfit::Restart), ("fail", OnUnfit::Fail)];
    Resume {
        if_range: keys.flag("if_range").unwrap_or(usual.if_range),
        weak: keys.flag("weak").unwrap_or(usual.weak),
        without_validator: keys
            .word("without_validator", &without)
            .unwrap_or(usual.without_validator),
        on_200: keys.word("on_200", &on_200).unwrap_or(usual.on_200),
        content_range: keys.flag("content_range").unwrap_or(usual.content_range),
        validators: keys.flag("validators").unwrap_or(usual.validators),
        on_unfit: keys.word("on_unfit", &on_unfit).unwrap_or(usual.on_unfit),
    }
}

/// The words for what a result rests on.
const BASES: [(&str, Basis); 4] = [
    ("nothing", Basis::Nothing),
    ("length", Basis::Length),
    ("validator", Basis::Validator),
    ("digest", Basis::Digest),
];

fn atomic(keys: &mut Keys<'_>) -> Atomic {
    let usual = Atomic::default();
    Atomic {
        require: keys.word("require", &BASES).unwrap_or(usual.require),
    }
}

fn verify(keys: &mut Keys<'_>) -> Verify {
    let help = "write `sha-256:` and 64 hexadecimal digits, `sha-512:` and 128, or `md5:` and 32";
    let digest = keys.get("digest", help, |value| {
        let text = value.as_str().ok_or_else(|| not(value, "a digest"))?;
        Expected::parse(text).map_err(|_| format!("`{text}` is no digest"))
    });
    let usual = Verify::default();
    Verify {
        require: keys.word("require", &BASES).unwrap_or(usual.require),
        digest,
    }
}
