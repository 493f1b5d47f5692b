//! `shortread serve`: the mock server, for any client.

use shortread_server::cli::{ServeArgs, ServeError};

use super::{Done, exit, failure::Failure};

pub(super) fn run(args: ServeArgs) -> Done {
    shortread_server::cli::serve(args)?;
    Ok(exit::DONE)
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Load(error) => error.into(),
            ServeError::Invalid(diagnostics) => Self::Invalid(diagnostics),
            ServeError::Remote(addr) => Self::usage(
                format!("other machines can reach {addr}"),
                "add --allow-remote if you want that",
            ),
            error if error.is_usage() => Self::Usage {
                message: error.to_string(),
                help: None,
            },
            error => Self::tool(&error),
        }
    }
}
