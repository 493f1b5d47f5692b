//! The command line of the mock server, shared by the binary `shortread-server` and
//! by `shortread serve`.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{
    Args, Parser,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

use crate::{
    scenario::{Diagnostics, LoadError, ScaleError, Scenario, cases, catalogue, load},
    serve::{self, MAX_CONNECTIONS, Standalone, StandaloneError, Token, TokenError},
    text::{printable, unprintable},
};

/// Arguments of the server.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Names from the catalogue, or paths of scenario files [default: the whole catalogue]
    #[arg(value_name = "SCENARIO", value_parser = ScenarioValue, hide_possible_values = true)]
    pub scenarios: Vec<String>,
    /// Serve this file at /NAME and /s/NAME, where NAME is its own if none is given; may be repeated. Without a SCENARIO it is all that is served
    #[arg(long = "file", value_name = "[NAME=]PATH")]
    pub files: Vec<PathBuf>,
    /// Address and port; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Address and port of the control interface; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub control: SocketAddr,
    /// Another host name that clients of the control interface may use; may be repeated
    #[arg(long = "control-host", value_name = "NAME")]
    pub control_hosts: Vec<String>,
    /// A file with the token that each request to the control interface must carry
    #[arg(long, value_name = "FILE")]
    pub control_token_file: Option<PathBuf>,
    /// Serve the smaller numbers of the TCP world
    #[arg(long)]
    pub scaled: bool,
    /// Allow addresses that other machines can reach
    #[arg(long)]
    pub allow_remote: bool,
    /// Serve up to N connections at a time; more have to wait
    #[arg(long, value_name = "N", default_value_t = MAX_CONNECTIONS, value_parser = connections)]
    pub max_connections: usize,
    /// The seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Exit when stdin closes, which also happens when the parent process ends
    #[arg(long)]
    pub exit_with_stdin: bool,
    /// Take orders from stdin and report to stdout
    #[arg(long, hide = true, conflicts_with_all = ["scenarios", "files", "listen", "control", "control_hosts", "control_token_file", "scaled"])]
    pub supervised: bool,
}

/// Takes the name of a scenario or a path, as it is; completions offer the names of
/// the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioValue;

impl TypedValueParser for ScenarioValue {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            catalogue()
                .iter()
                .map(|(name, _)| PossibleValue::new(*name)),
        ))
    }
}

/// Parses the command line `args`, whose first word is the program's name.
///
/// # Errors
///
/// Wrong arguments, help and version. Characters that act on a terminal are
/// spelt out as in [`printable`]: clap itself quotes `args` as typed.
pub fn parse<C: Parser>(args: impl IntoIterator<Item = OsString>) -> Result<C, clap::Error> {
    let args: Vec<OsString> = args.into_iter().collect();
    let error = match C::try_parse_from(&args) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    let words = args.iter().map(|arg| arg.to_string_lossy());
    let words: Vec<String> = words.map(|word| printable(&word).into_owned()).collect();
    let acts = args
        .iter()
        .any(|arg| arg.to_string_lossy().contains(unprintable));
    // The same mistake, spelt out. If the spelt words are valid, they were not
    // UTF-8, and clap quotes nothing of those.
    let spelt = acts.then(|| C::try_parse_from(words).err()).flatten();
    Err(spelt.unwrap_or(error))
}

/// The reasons why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A scenario cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Scenario files with errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<String>())]
    Invalid(Vec<Diagnostics>),
    /// A file cannot be served.
    #[error("{given}: {error}")]
    File {
        /// The argument.
        given: String,
        /// The reason.
        error: io::Error,
    },
    /// Two of them would be at one path.
    #[error(
        "{one} and {other} are both called {name}, and one path can have one of them: leave one \
         out, rename it, or give a file another name with --file NAME=PATH"
    )]
    SameName {
        /// The name.
        name: String,
        /// The first as given.
        one: String,
        /// The second as given.
        other: String,
    },
    /// A scenario cannot be scaled.
    #[error("scenario {name} cannot be scaled: {error}")]
    Scale {
        /// Its name.
        name: String,
        /// The reason: scaling would change its meaning.
        error: ScaleError,
    },
    /// Other machines could reach it without `--allow-remote`.
    #[error("other machines can reach {0}; add --allow-remote if you want that")]
    Remote(SocketAddr),
    /// Anyone who reaches the control interface can change the scenarios.
    #[error(
        "other machines can reach the control interface at {0} and change what is served; \
         add --allow-remote and --control-token-file FILE, or use a loopback address"
    )]
    RemoteControl(SocketAddr),
    /// The token for the control interface cannot be read.
    #[error("--control-token-file {path}: {error}")]
    Token {
        /// The file.
        path: String,
        /// The mistake.
        error: TokenError,
    },
    /// It cannot listen, or a body cannot be made.
    #[error(transparent)]
    Server(#[from] StandaloneError),
    /// The supervisor is gone.
    #[error("the supervised server: {0}")]
    Supervised(io::Error),
}

impl ServeError {
    /// True if the arguments or the files are wrong, false if the machine failed.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Server(_) | Self::Supervised(_))
    }
}

/// Serves until a signal or, if supervised, until standard input ends.
///
/// # Errors
/// It cannot start.
pub fn serve(args: ServeArgs) -> Result<(), ServeError> {
    if args.supervised {
        return serve::supervised().map_err(ServeError::Supervised);
    }
    if !args.listen.ip().to_canonical().is_loopback() && !args.allow_remote {
        return Err(ServeError::Remote(args.listen));
    }
    let token = token(args.control_token_file.as_deref())?;
    let allowed = args.allow_remote && token.is_some();
    if !args.control.ip().to_canonical().is_loopback() && !allowed {
        return Err(ServeError::RemoteControl(args.control));
    }
    let server = Standalone {
        scenarios: scenarios(&args)?,
        listen: args.listen,
        control: Some(args.control),
        control_token: token,
        control_hosts: args.control_hosts,
        max_connections: args.max_connections,
        seed: args.seed,
        exit_with_stdin: args.exit_with_stdin,
    };
    Ok(server.run()?)
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("with 0 connections nobody is served; write at least 1".into()),
        Ok(n) => Ok(n),
        Err(error) => Err(error.to_string()),
    }
}

fn token(path: Option<&Path>) -> Result<Option<Token>, ServeError> {
    let Some(path) = path else { return Ok(None) };
    let token = Token::read(path).map_err(|error| ServeError::Token {
        path: printable(&path.to_string_lossy()).into_owned(),
        error,
    })?;
    Ok(Some(token))
}

fn scenarios(args: &ServeArgs) -> Result<Vec<Scenario>, ServeError> {
    let names: Vec<String> = match args.scenarios.as_slice() {
        [] if !args.files.is_empty() => Vec::new(),
        [] => catalogue()
            .iter()
            .chain(cases())
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        named => named.to_vec(),
    };
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    let mut known = Names::default();
    for given in &args.files {
        let shown = || format!("--file {}", printable(&given.to_string_lossy()));
        let served = file(given).map_err(|error| ServeError::File {
            given: shown(),
            error,
        })?;
        known.add(&served.name, shown())?;
        found.push(served);
    }
    for name in names {
        match load(&name) {
            Ok(scenario) if args.scaled => {
                known.add(&scenario.name, printable(&name).into_owned())?;
                let scaled = scenario.scaled().map_err(|error| ServeError::Scale {
                    name: scenario.name.clone(),
                    error,
                })?;
                found.push(scaled);
            }
            Ok(scenario) => {
                known.add(&scenario.name, printable(&name).into_owned())?;
                found.push(scenario);
            }
            Err(LoadError::Invalid(diagnostics)) => invalid.push(diagnostics),
            Err(other) => return Err(other.into()),
        }
    }
    if invalid.is_empty() {
        Ok(found)
    } else {
        Err(ServeError::Invalid(invalid))
    }
}

/// The scenario of `[NAME=]PATH`. A name ends at the first `=`, unless a separator of paths
/// stands before that: `./a=b` is a path.
fn file(given: &Path) -> io::Result<Scenario> {
    let named = given.to_str().and_then(|text| text.split_once('='));
    let named = named.filter(|(name, _)| !name.contains(std::path::is_separator));
    match named {
        Some((name, path)) => {
            Scenario::of_file_called(name, Path::new(path)).map_err(|error| match given.exists() {
                true => io::Error::new(error.kind(), format!("{error}; {WITH_EQUALS}")),
                false => error,
            })
        }
        None => Scenario::of_file(given),
    }
}

const WITH_EQUALS: &str = "for a file whose own name has a `=`, write ./ before it";

/// The names of what is served, and the arguments that they come from.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn add(&mut self, name: &str, given: String) -> Result<(), ServeError> {
        match self.0.insert(name.to_owned(), given.clone()) {
            None => Ok(()),
            Some(one) => Err(ServeError::SameName {
                name: printable(name).into_owned(),
                one,
                other: given,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: ServeArgs,
    }

    fn refused(args: &[&str]) -> String {
        let words = ["server"].iter().chain(args).map(OsString::from);
        let error = parse::<Cli>(words).unwrap_err();
        error.render().ansi().to_string()
    }

    #[test]
    fn what_an_error_quotes_of_the_arguments_does_not_act_on_a_terminal() {
        let evil = "a\u{1b}[2Jb\u{202e}c\u{9b}";
        for args in [
            &["--listen", evil][..],
            &["--seed", evil],
            &["--max-connections", evil],
            &["--a\u{1b}[2Jb\u{202e}c\u{9b}"],
        ] {
            let said = refused(args);
            assert!(said.contains(r"a\u{1b}[2Jb\u{202e}c\u{9b}"), "{said}");
            let raw = ["\u{1b}[2J", "\u{202e}", "\u{9b}"];
            assert!(!raw.iter().any(|raw| said.contains(raw)), "{said:?}");
        }
    }

    fn served(args: &[&str]) -> Result<Vec<Scenario>, ServeError> {
        let words = ["server"].iter().chain(args).map(OsString::from);
        scenarios(&parse::<Cli>(words).unwrap().args)
    }

    #[test]
    fn two_things_of_one_name_are_refused_with_both_paths() {
        let folder = tempfile::tempdir().unwrap();
        let path = |text: &str| folder.path().join(text).to_str().unwrap().to_owned();
        for sub in ["a", "b"] {
            std::fs::create_dir(path(sub)).unwrap();
            std::fs::write(path(&format!("{sub}/x")), sub).unwrap();
            let toml = "title = \"t\"\ncause = \"c\"\nbody.size = \"1KiB\"\n";
            std::fs::write(path(&format!("{sub}/x.toml")), toml).unwrap();
        }
        let (a, b) = (path("a/x"), path("b/x"));
        let (a_toml, b_toml) = (path("a/x.toml"), path("b/x.toml"));
        for (args, one, other) in [
            (&["--file", &a, "--file", &b][..], &a, &b),
            (&["--file", &a, &b_toml], &a, &b_toml),
            (&[&a_toml, &b_toml], &a_toml, &b_toml),
            (&["--scaled", &a_toml, &b_toml], &a_toml, &b_toml),
            (&[&a_toml, &a_toml], &a_toml, &a_toml),
        ] {
            let error = served(args).unwrap_err();
            assert!(error.is_usage());
            let said = error.to_string();
            let start = format!("{other} are both called x");
            assert!(said.contains(&**one) && said.contains(&start), "{said}");
            assert!(said.contains("--file NAME=PATH"), "{said}");
        }
        let named = format!("y.bin={b}");
        let both = served(&["--file", &a, "--file", &named]).unwrap();
        let names: Vec<_> = both.iter().map(Scenario::path).collect();
        assert_eq!(names, ["/x", "/y.bin"]);
    }

    #[test]
    fn a_file_that_cannot_be_served_is_named_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let given = folder.path().join("a=b");
        std::fs::write(&given, "abc").unwrap();
        // The folder comes before the sign.
        let found = served(&["--file", given.to_str().unwrap()]).unwrap();
        assert_eq!(found[0].name, "a=b");
        let wrong = served(&["--file", "..=/dev/null"]).unwrap_err();
        assert!(
            wrong
                .to_string()
                .starts_with("--file ..=/dev/null: a name is"),
            "{wrong}"
        );
        let wrong = served(&["--file", folder.path().to_str().unwrap()]).unwrap_err();
        let said = wrong.to_string();
        assert!(said.contains(folder.path().to_str().unwrap()), "{said}");
        assert!(said.ends_with("it is a folder, not a file"), "{said}");
    }

    #[test]
    fn an_argument_that_is_right_may_hold_anything() {
        let words = ["server", "--control-token-file", "a\u{1b}b"].map(OsString::from);
        let path = parse::<Cli>(words).unwrap().args.control_token_file;
        assert_eq!(path, Some(PathBuf::from("a\u{1b}b")));
    }
}
