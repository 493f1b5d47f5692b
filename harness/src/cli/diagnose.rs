//! `shortread diagnose`: finds causes from the numbers in a user's log.

use super::{Done, Failure, Out, args::DiagnoseArgs, exit};
use crate::diagnose::{Evidence, EvidenceError, Told, diagnose, report};

pub(super) fn run(args: &DiagnoseArgs, out: Out<'_>) -> Done {
    let evidence = Evidence::read(&Told {
        got: &args.got,
        after: &args.after,
        of: args.of.as_deref(),
        error: args.error.as_deref(),
        idle: args.idle.as_deref(),
        attempts: &args.attempts,
    })?;
    let ranked = diagnose(&evidence);
    let text = match args.json {
        true => report::json(&evidence, &ranked),
        false => report::text(&evidence, &ranked),
    };
    out.write_all(text.as_bytes())?;
    Ok(exit::DONE)
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Self {
        Self::usage(
            error.to_string(),
            "for example: shortread diagnose --got 600MB --after 300s --of 1GB --error TimeoutError",
        )
    }
}
