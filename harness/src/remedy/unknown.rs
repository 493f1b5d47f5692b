//! A name that nothing has, or none at all.

use shortread_server::scenario::nearest;

/// No remedy, or no recipe, has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {help}")]
pub struct UnknownName {
    problem: String,
    help: String,
}

impl UnknownName {
    /// `name` is none of `known`, each of which is a `what`.
    pub(super) fn new(what: &'static str, name: &str, known: &[&'static str]) -> Self {
        let problem = match name {
            "" => format!("the name of a {what} is missing"),
            name => format!("no {what} is called `{name}`"),
        };
        let help = match nearest(name, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                let known: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
                format!("there are {}", known.join(", "))
            }
        };
        Self { problem, help }
    }

    /// `all` stands for several trials, and was named beside others of one.
    pub(crate) fn all_beside_others() -> Self {
        Self {
            problem: "`all` plays each remedy in turn, and cannot be one of several".into(),
            help: "give it alone, or as another `--remedy`".into(),
        }
    }
}
