//! `shortread verify`: is this downloaded file whole?

use std::{fs::File, io};

use mock_server::scenario::load;

use super::{Done, Out, args::VerifyArgs, exit, failure::Failure, heard};
use crate::verify::{verify, verify_file};

pub(super) fn run(args: &VerifyArgs, out: Out<'_>) -> Done {
    let size = size(args)?;
    let unreadable =
        |error: io::Error| Failure::Tool(format!("cannot read {}: {error}", args.file));
    let finding = match args.file.as_str() {
        "-" => verify(&mut io::stdin().lock(), size).map_err(unreadable)?,
        path => {
            let mut file = File::open(path).map_err(unreadable)?;
            // Pipes and devices have no holes to ask for.
            match file.metadata().map_err(unreadable)?.is_file() {
                true => verify_file(&file, size),
                false => verify(&mut file, size),
            }
            .map_err(unreadable)?
        }
    };
    let text = match args.json {
        true => serde_json::to_string(&finding).map_err(|error| Failure::tool(&error))?,
        false => format!("{}: {finding}", args.file),
    };
    let code = match finding.is_whole() {
        true => exit::DONE,
        false => exit::UNEXPECTED,
    };
    heard(writeln!(out, "{text}").map_err(Failure::from), code)
}

/// Bytes of the object: as told, or the scenario's, which a whole download has
/// after decoding, whatever the response says of its length.
fn size(args: &VerifyArgs) -> Result<u64, Failure> {
    let Some(name) = &args.scenario else {
        return Ok(args.size.map_or(0, |size| size.0));
    };
    let scenario = load(name)?;
    if !args.scaled {
        return Ok(scenario.body.size.0);
    }
    match scenario.scaled() {
        Ok(scaled) => Ok(scaled.body.size.0),
        Err(error) => Err(Failure::Usage {
            message: format!("scenario {name} cannot be scaled: {error}"),
            help: None,
        }),
    }
}
