//! `shortread compare`: compares two kept runs.

use std::{path::Path, sync::Arc};

use shortread_server::text::printable;

use super::{
    Done, Out,
    args::{CompareArgs, FormatArg},
    exit,
    failure::Failure,
    heard,
};
use crate::{
    compare::{CompareError, compare, report},
    report::spelt,
    results::StoredRun,
};

pub(super) fn run(args: &CompareArgs, out: Out<'_>) -> Done {
    let open = |name: &Path| StoredRun::open(name, &args.out);
    let mut runs = [open(&args.old)?, open(&args.new)?];
    // Programs escape text themselves before showing it.
    if args.format != FormatArg::Json {
        runs.iter_mut().for_each(make_showable);
    }
    let [old, new] = &runs;
    let comparison = compare(old, new)?;
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

/// Spells out characters that act on a terminal or change the direction of text.
fn make_showable(run: &mut StoredRun) {
    run.info = spelt(&run.info);
    for record in &mut run.records {
        *record = spelt(record);
    }
    for scenario in &mut run.scenarios {
        *scenario = Arc::new(spelt(scenario.as_ref()));
    }
    run.path = printable(&run.path.to_string_lossy()).into_owned().into();
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
