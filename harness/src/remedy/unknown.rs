//! A name that nothing has.

use shortread_server::scenario::nearest;

/// No remedy, or no recipe, has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} is called `{name}`; {help}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    help: String,
}

impl UnknownName {
    /// `name` is none of `known`, each of which is a `what`.
    pub(super) fn new(what: &'static str, name: &str, known: &[&'static str]) -> Self {
        let help = match nearest(name, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                let known: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
                format!("there are {}", known.join(", "))
            }
        };
        Self {
            what,
            name: name.into(),
            help,
        }
    }
}
