//! `shortread verify`: checks if a downloaded file is whole.

use std::io;

use serde::Serialize;
use shortread_server::{
    body::{Object, OpenFile, Pattern, Reference},
    input,
    scenario::{Body, load},
    serve::Token,
    text::{json_line, printable},
};

use super::{Done, Out, args::VerifyArgs, exit, failure::Failure, heard};
use crate::verify::{Finding, ServerSide, verify, verify_file};

pub(super) fn run(args: &VerifyArgs, out: Out<'_>) -> Done {
    let object = object(args)?;
    let unreadable =
        |error: io::Error| Failure::Tool(format!("cannot read {}: {error}", args.file.display()));
    let finding = match args.file.as_os_str() == "-" {
        true => verify(&mut io::stdin().lock(), object),
        false => input::open(&args.file).and_then(|file| verify_file(&file, object)),
    };
    let finding = finding.map_err(unreadable)?;
    let server = match (&args.control, &args.key) {
        (Some(control), Some(key)) => Some(ServerSide::ask(control, key, token(args)?.as_ref())?),
        _ => None,
    };
    let text = match args.json {
        true => {
            let all = All {
                finding: &finding,
                server,
            };
            let json = serde_json::to_string(&all).map_err(|error| Failure::tool(&error))?;
            json_line(&json).into_owned()
        }
        false => {
            let mut text = format!("{}: {finding}", printable(&args.file.to_string_lossy()));
            if let Some(server) = server {
                text.push_str(&format!("\n{server}"));
                if let Some(blame) = server.blame(&finding) {
                    text.push_str(&format!("\n{blame}"));
                }
            }
            text
        }
    };
    let code = match finding.is_whole() {
        true => exit::DONE,
        false => exit::UNEXPECTED,
    };
    heard(writeln!(out, "{text}").map_err(Failure::from), code)
}

fn token(args: &VerifyArgs) -> Result<Option<Token>, Failure> {
    let Some(path) = &args.control_token_file else {
        return Ok(None);
    };
    let token = Token::read(path).map_err(|error| {
        let path = path.to_string_lossy();
        Failure::Tool(format!(
            "--control-token-file {}: {error}",
            printable(&path)
        ))
    })?;
    Ok(Some(token))
}

/// The output of `--json`.
#[derive(Serialize)]
struct All<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<ServerSide>,
}

/// The object: of the given size and ratio, a real file, or the scenario's decoded body,
/// whatever length its response declares.
fn object(args: &VerifyArgs) -> Result<Reference, Failure> {
    let of = |error: io::Error, what: &dyn std::fmt::Display| {
        Failure::Tool(format!("cannot read {what}: {error}"))
    };
    if let Some(path) = &args.against {
        let file = OpenFile::at(path).map_err(|error| of(error, &path.display()))?;
        return Ok(file.into());
    }
    let body = match args.scenario {
        Some(_) => body(args)?,
        None => Body::default(),
    };
    if body.file.is_some() {
        return body
            .reference()
            .map_err(|error| of(error, &"the file of the scenario"));
    }
    let mut object = match (&args.scenario, args.size) {
        (None, Some(size)) => Object {
            size: size.0,
            pattern: Pattern::repeating(args.ratio.unwrap_or(1)),
        },
        _ => body.object(),
    };
    if let Some(version) = args.object_version {
        object.pattern = Pattern::PLAIN.of_version(version);
    }
    Ok(object.into())
}

/// The body of the scenario that is named.
fn body(args: &VerifyArgs) -> Result<Body, Failure> {
    let name = args.scenario.as_deref().unwrap_or_default();
    let scenario = load(name)?;
    if !args.scaled {
        return Ok(scenario.body);
    }
    match scenario.scaled() {
        Ok(scaled) => Ok(scaled.body),
        Err(error) => Err(Failure::Usage {
            message: format!("scenario {name} cannot be scaled: {error}"),
            help: None,
        }),
    }
}
