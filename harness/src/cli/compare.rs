//! `shortread compare`: two kept runs in, what changed out.

use super::{
    Done, Out,
    args::{CompareArgs, FormatArg},
    exit,
    failure::Failure,
    heard,
};
use crate::{
    compare::{CompareError, compare, report},
    results::StoredRun,
};

pub(super) fn run(args: &CompareArgs, out: Out<'_>) -> Done {
    let open = |name: &str| StoredRun::open(name, &args.out);
    let comparison = compare(&open(&args.old)?, &open(&args.new)?)?;
    let text = match args.format {
        FormatArg::Text => report::text(&comparison),
        FormatArg::Markdown => report::markdown(&comparison),
        FormatArg::Html => report::html(&comparison).map_err(|error| Failure::tool(&error))?,
        FormatArg::Json => report::json(&comparison).map_err(|error| Failure::tool(&error))?,
    };
    let code = match comparison.has_regression() {
        true => exit::REGRESSION,
        false => exit::DONE,
    };
    heard(out.write_all(text.as_bytes()).map_err(Failure::from), code)
}

impl From<CompareError> for Failure {
    fn from(error: CompareError) -> Self {
        let help = match error {
            CompareError::NothingInCommon { .. } => {
                "run both with the same scenarios, strategies, chunk sizes, profiles and world"
            }
            CompareError::NoSeedInCommon { .. } => "run both with the same --seed",
        };
        Self::usage(error.to_string(), help)
    }
}
