//! The command line of the mock server, shared by the binary `mock-server` and
//! by `shortread serve`.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;

use crate::{
    scenario::{Diagnostics, LoadError, ScaleError, Scenario, catalogue, load},
    serve::{self, MAX_CONNECTIONS, Standalone, StandaloneError, Token, TokenError},
    text::printable,
};

/// Arguments of the server.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Names from the catalogue or paths of files; all of the catalogue if none
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Address and port; port 0 takes any that is free
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Address and port of the control interface; port 0 takes any that is free
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub control: SocketAddr,
    /// A further name under which the control interface may be asked
    #[arg(long = "control-host", value_name = "NAME")]
    pub control_hosts: Vec<String>,
    /// A file with the word that orders to the control interface have to carry
    #[arg(long, value_name = "FILE")]
    pub control_token_file: Option<PathBuf>,
    /// Serve the smaller numbers of the TCP world
    #[arg(long)]
    pub scaled: bool,
    /// Allow an address that other machines can reach
    #[arg(long)]
    pub allow_remote: bool,
    /// Connections served at a time; further ones wait
    #[arg(long, value_name = "N", default_value_t = MAX_CONNECTIONS, value_parser = connections)]
    pub max_connections: usize,
    /// What every random draw depends on
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// End when stdin does, as it does when the parent process ends
    #[arg(long)]
    pub exit_with_stdin: bool,
    /// Take orders from stdin and report to stdout
    #[arg(long, hide = true, conflicts_with_all = ["scenarios", "listen", "control", "control_hosts", "control_token_file", "scaled"])]
    pub supervised: bool,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A scenario cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Scenario files with errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<String>())]
    Invalid(Vec<Diagnostics>),
    /// A scenario cannot be scaled.
    #[error("scenario {name} cannot be scaled: {error}")]
    Scale {
        /// Its name.
        name: String,
        /// What would change its meaning.
        error: ScaleError,
    },
    /// Other machines could reach it, and nobody said that they may.
    #[error("{0} can be reached from other machines; add --allow-remote if that is meant")]
    Remote(SocketAddr),
    /// Whoever reaches the control interface can change what is served.
    #[error(
        "the control interface at {0} can be reached from other machines, and who reaches it can change what is served; \
         add --allow-remote and --control-token-file FILE, or take a loopback address"
    )]
    RemoteControl(SocketAddr),
    /// What orders have to carry is not known.
    #[error("--control-token-file {path}: {error}")]
    Token {
        /// The file.
        path: String,
        /// What is wrong.
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
    /// Whether the arguments or the files are at fault, not the machine.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Server(_) | Self::Supervised(_))
    }
}

/// Serves until a signal, or, supervised, until the end of standard input.
///
/// # Errors
/// When it cannot start.
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
        Ok(0) => Err("a server that takes no connection serves nobody; write at least 1".into()),
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
        [] => catalogue()
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        named => named.to_vec(),
    };
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match load(&name) {
            Ok(scenario) if args.scaled => {
                let scaled = scenario.scaled().map_err(|error| ServeError::Scale {
                    name: scenario.name.clone(),
                    error,
                })?;
                found.push(scaled);
            }
            Ok(scenario) => found.push(scenario),
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
