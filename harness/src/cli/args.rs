//! The arguments as they are typed. What they come to is resolved elsewhere.

use std::{path::PathBuf, time::Duration};

use clap::{
    ArgGroup, Args, Parser, Subcommand, ValueEnum,
    builder::{ArgPredicate, PossibleValuesParser, TypedValueParser as _},
};
use mock_server::{
    cli::ServeArgs,
    scenario::StrategyName,
    units::{ByteSize, parse_duration},
};

use crate::{
    engine::aiohttp::reader::{Profile, Warning},
    report::Format,
};

/// Finds out why a download stops short: reads from a server that breaks in
/// known ways, with every way to read, and says what was lost, when, and who
/// ended it.
#[derive(Debug, Parser)]
#[command(name = "shortread", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios and report what came of them
    Run(RunArgs),
    /// List the scenarios of the catalogue by what happens to the user, or the profiles
    List(ListArgs),
    /// Tell what a scenario does, with its arithmetic
    Explain(ExplainArgs),
    /// Check scenario files
    Validate(ValidateArgs),
    /// Serve scenarios to any client
    Serve(ServeArgs),
    /// Name the causes that the numbers of a failed download allow
    Diagnose(DiagnoseArgs),
    /// Tell whether a downloaded file is whole, and what is wrong with it
    Verify(VerifyArgs),
    /// Compare two runs: what changed, and what is worse
    Compare(CompareArgs),
    /// Tell a kept run again, in any format
    Report(ReportArgs),
    /// Run the one trial that stdin describes
    #[command(hide = true)]
    Trial,
    /// Run the one client that stdin describes
    #[command(hide = true)]
    Keep,
}

/// `shortread run`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct RunArgs {
    /// Names from the catalogue or paths of files; the catalogue, without bodies over 8 GB, if none
    #[arg(value_name = "SCENARIO")]
    pub(super) scenarios: Vec<String>,
    /// Run the scenarios with bodies over 8 GB too, and with --client those of over a minute
    #[arg(long, conflicts_with = "scenarios")]
    pub(super) all: bool,
    /// Where trials run
    #[arg(long, value_enum, default_value_t = WorldArg::Virtual, default_value_if("clients", ArgPredicate::IsPresent, "tcp"))]
    pub(super) world: WorldArg,
    /// Run this command instead of the strategies, over TCP: `curl -fsS -o {out} {url}`. Without {out} its standard output is the file; NAME=COMMAND names it; may be repeated
    #[arg(long = "client", value_name = "COMMAND", conflicts_with_all = ["strategies", "chunk_sizes", "profiles", "interpreters"])]
    pub(super) clients: Vec<String>,
    /// When a client is stopped [default: twice the scenario's own length, and 10s]
    #[arg(long, value_name = "TIME", requires = "clients", value_parser = limit)]
    pub(super) limit: Option<Duration>,
    /// Failures of clients that are accepted, in TOML
    #[arg(long, value_name = "FILE", requires = "clients")]
    pub(super) known: Option<PathBuf>,
    /// How to read the body; may be repeated [default: all but iter-chunks and frames]
    #[arg(long = "strategy", value_name = "STRATEGY", value_parser = strategies())]
    pub(super) strategies: Vec<StrategyName>,
    /// Bytes of an item of fixed-chunk; may be repeated [default: 8KiB 64KiB 1MiB]
    #[arg(long = "chunk-size", value_name = "SIZE")]
    pub(super) chunk_sizes: Vec<ByteSize>,
    /// Whose buffering and error rules are followed: aiohttp-3.13.5, or aiohttp-3.12 for its last patch; may be repeated [default: the newest]
    #[arg(long = "profile", value_name = "PROFILE", value_parser = Profile::parse)]
    pub(super) profiles: Vec<(Profile, Option<Warning>)>,
    /// The same as of the aiohttp that this Python interpreter has; may be repeated
    #[arg(long = "profile-from", value_name = "PYTHON")]
    pub(super) interpreters: Vec<String>,
    /// How often each trial runs; once in the virtual world where nothing in it is random
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) repeat: u32,
    /// What every random draw depends on
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Trials at a time, where they mostly wait
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: u16,
    /// Exit with 10 if an outcome differs from its expectation, or the worlds disagree
    #[arg(long)]
    pub(super) check: bool,
    /// The folder in which the run's own folder is made
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// Show memory, gaps and the comparison of chunk sizes too, and a line for each scenario
    #[arg(long)]
    pub(super) wide: bool,
    /// Show no progress
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// `shortread list`
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// List the sets of rules that the profiles follow, and what changed with each
    #[arg(long)]
    pub(super) profiles: bool,
}

/// `shortread explain`
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A name from the catalogue or the path of a file
    #[arg(value_name = "SCENARIO")]
    pub(super) scenario: String,
    /// With the smaller numbers of the TCP world, as `serve --scaled`
    #[arg(long)]
    pub(super) scaled: bool,
    /// Print the settings that a client needs, as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `shortread validate`
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Scenario files
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
}

/// `shortread diagnose`. Values are read by the diagnosis, so that its messages
/// name what is wrong with all of them in one way.
#[derive(Debug, Args)]
pub(super) struct DiagnoseArgs {
    /// Bytes that arrived: 600MB, 2147483647
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub(super) got: String,
    /// Time from the request to the end: 300s, 5min
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) after: String,
    /// Size of the whole object
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub(super) of: Option<String>,
    /// The exception or message of the client's log; `none` if it reported success, `hang` if
    /// nothing ended it
    #[arg(long, value_name = "NAME")]
    pub(super) error: Option<String>,
    /// How long nothing had come before the end
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) idle: Option<String>,
    /// Another attempt at the same object; may be repeated
    #[arg(long = "attempt", value_name = "SIZE,TIME", allow_hyphen_values = true)]
    pub(super) attempts: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `shortread report`
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The run: a folder, latest, or previous
    #[arg(value_name = "RUN", default_value = "latest")]
    pub(super) run: PathBuf,
    /// How to tell it; printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub(super) format: Format,
    /// Write the files of all formats into the run's folder anew, instead of printing one
    #[arg(long, conflicts_with_all = ["format", "wide"])]
    pub(super) write: bool,
    /// Show memory, gaps and the comparison of chunk sizes too, in the text
    #[arg(long)]
    pub(super) wide: bool,
    /// The folder in which latest and previous are
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
}

/// `shortread verify`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("object").required(true).args(["scenario", "size"])))]
#[command(after_help = "\
Exit codes: 0 whole, 1 the file cannot be read, 2 wrong usage or an invalid scenario, 10 not whole")]
pub(super) struct VerifyArgs {
    /// The downloaded file; - reads stdin
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The scenario whose object it should be
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// The object's size instead
    #[arg(long, value_name = "N", conflicts_with = "scaled")]
    pub(super) size: Option<ByteSize>,
    /// It was served with `serve --scaled`
    #[arg(long)]
    pub(super) scaled: bool,
    /// Ask the mock server's control interface at this URL what it did
    #[arg(long, value_name = "URL", requires = "key")]
    pub(super) control: Option<String>,
    /// A file with the word that the server asks for, its --control-token-file
    #[arg(long, value_name = "FILE", requires = "control")]
    pub(super) control_token_file: Option<std::path::PathBuf>,
    /// The test that the file was fetched for, `?key=TEST` in its URL
    #[arg(long, value_name = "TEST", requires = "control")]
    pub(super) key: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// `shortread compare`
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 no regression, 1 a run cannot be read, 2 wrong usage, no such run, or nothing in \
common, 12 a regression")]
pub(super) struct CompareArgs {
    /// The older run: a folder, latest, or previous
    #[arg(value_name = "OLD", default_value = "previous")]
    pub(super) old: PathBuf,
    /// The newer run
    #[arg(value_name = "NEW", default_value = "latest")]
    pub(super) new: PathBuf,
    /// How to write it
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    pub(super) format: FormatArg,
    /// The folder in which latest and previous are
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    /// For a terminal
    Text,
    /// For issues and pull requests
    Markdown,
    /// One page that opens offline
    Html,
    /// For programs
    Json,
}

/// `--world`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum WorldArg {
    /// In memory, on a simulated clock
    Virtual,
    /// On real sockets
    Tcp,
    /// Both, with the smaller numbers of the TCP world, compared
    Both,
}

impl WorldArg {
    /// As it is typed.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Tcp => "tcp",
            Self::Both => "both",
        }
    }
}

const EXIT_CODES: &str = "\
Exit codes: 0 done (with --check: as expected), 1 the tool failed, 2 wrong usage or an invalid \
scenario, 10 an outcome differs from its expectation or the worlds disagree, 130 interrupted";

fn formats() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::word))
        .try_map(|word| Format::from_word(&word).ok_or("not a format"))
}

/// A time that is not zero.
fn limit(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err("a client without time does nothing; give it at least 1s".into()),
        Ok(limit) => Ok(limit),
        Err(error) => Err(error.to_string()),
    }
}

fn strategies() -> impl clap::builder::TypedValueParser<Value = StrategyName> {
    let words = StrategyName::ALL.iter().map(|name| name.word());
    PossibleValuesParser::new(words)
        .try_map(|word| StrategyName::from_word(&word).ok_or("not a strategy"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command)
    }

    #[test]
    fn the_definitions_contradict_nothing() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_takes_what_the_design_says() {
        let line = "shortread run healthy my/own.toml --world tcp --strategy readany \
                    --strategy fixed-chunk --chunk-size 8KiB --chunk-size 512 --repeat 3 \
                    --profile aiohttp-3.12 --profile aiohttp-3.9.1 --profile-from python3 \
                    --seed 7 --jobs 2 --check --out elsewhere --wide --quiet";
        let Ok(Command::Run(args)) = parse(line) else {
            panic!("not a run");
        };
        assert_eq!(args.scenarios, ["healthy", "my/own.toml"]);
        assert_eq!(
            args.strategies,
            [StrategyName::Readany, StrategyName::FixedChunk]
        );
        assert_eq!(args.chunk_sizes, [ByteSize::kib(8), ByteSize(512)]);
        let profiles: Vec<_> = args.profiles.iter().map(|(p, _)| p.to_string()).collect();
        assert_eq!(profiles, ["aiohttp-3.12.15", "aiohttp-3.9.1"]);
        assert_eq!(args.interpreters, ["python3"]);
        assert_eq!((args.repeat, args.seed, args.jobs), (3, 7, 2));
        assert!(args.check && args.wide && args.quiet);
    }

    #[test]
    fn clients_run_over_tcp_unless_another_world_is_named() {
        let world = |line: &str| match parse(line) {
            Ok(Command::Run(args)) => args.world,
            other => panic!("{other:?}"),
        };
        assert_eq!(world("shortread run"), WorldArg::Virtual);
        assert_eq!(world("shortread run --client x --client y"), WorldArg::Tcp);
        let named = world("shortread run --client x --world virtual");
        assert_eq!(named, WorldArg::Virtual);
    }

    #[test]
    fn wrong_values_are_wrong_usage_and_say_what_is_right() {
        for (line, says) in [
            ("shortread run --strategy readall", "read-all"),
            ("shortread run --chunk-size 8kib", "not a unit of size"),
            ("shortread run --repeat 0", "0 is not in 1.."),
            ("shortread run --profile aiohttp-3.8.9", "is aiohttp-3.8.6"),
            (
                "shortread run --profile aiohttp-3.6.3",
                "the oldest profile is",
            ),
            ("shortread run --profile 3.14.5", "write aiohttp-3.14.5"),
            ("shortread run --jobs 0", "0 is not in 1.."),
            (
                "shortread run --client x --strategy readany",
                "cannot be used with",
            ),
            (
                "shortread run --client x --profile aiohttp-3.12",
                "cannot be used with",
            ),
            ("shortread run --client x --limit 0s", "at least 1s"),
            ("shortread run --client x --limit 5", "5"),
            ("shortread run --known list.toml", "--client <COMMAND>"),
            ("shortread validate", "<FILE>"),
            ("shortread", "Usage"),
        ] {
            let error = parse(line).unwrap_err();
            assert_eq!(error.exit_code(), i32::from(crate::exit::USAGE), "{line}");
            assert!(error.to_string().contains(says), "{line}: {error}");
        }
    }

    #[test]
    fn what_the_harness_calls_itself_is_not_in_the_help() {
        let help = Cli::command().render_long_help().to_string();
        assert!(
            help.contains("explain") && !help.contains("trial  ") && !help.contains("keep  "),
            "{help}"
        );
        assert!(matches!(
            parse("shortread serve --supervised"),
            Ok(Command::Serve(ServeArgs {
                supervised: true,
                ..
            }))
        ));
    }
}
