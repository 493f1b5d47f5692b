//! The arguments as typed. [`super::resolve`] turns them into a plan.

mod values;

use std::{net::SocketAddr, path::PathBuf, str::FromStr as _, time::Duration};

use clap::{
    ArgGroup, Args, Parser, Subcommand,
    builder::{ArgPredicate, PossibleValuesParser, TypedValueParser as _},
};
use shortread_server::{
    cli::{ScenarioValue, ServeArgs},
    scenario::StrategyName,
    units::{ByteSize, parse_duration},
};

pub(super) use values::{ClockArg, FormatArg, ShellArg, WorldArg};

use super::recipes::{RecipeValue, Recipes};
use crate::{
    advise,
    command::LEAST_REAL,
    engine::aiohttp::reader::{Profile, Warning},
    remedy::Recipe,
    report::Format,
    suite,
};

/// Finds out why a download stops short. It downloads from a server that breaks
/// in known ways, and reports what was lost, when, and who ended it.
#[derive(Debug, Parser)]
#[command(name = "shortread", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios and report the outcomes
    Run(RunArgs),
    /// List the scenarios by what happens to the user, or the profiles
    List(ListArgs),
    /// Explain what a scenario does, with its arithmetic
    Explain(ExplainArgs),
    /// Check scenario files for mistakes
    Validate(ValidateArgs),
    /// Serve scenarios to any client
    Serve(ServeArgs),
    /// Find the likely causes of a failed download from its numbers
    Diagnose(DiagnoseArgs),
    /// Check if a downloaded file is whole, and show what is wrong with it
    Verify(VerifyArgs),
    /// Compare two runs and show what became worse
    Compare(CompareArgs),
    /// Print an earlier run again, in any format
    Report(ReportArgs),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
    /// Exit with 0 if a server answers, as the health check of an image
    #[command(hide = true)]
    Healthcheck(HealthcheckArgs),
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
    /// Names from the catalogue, or paths of scenario files [default: the catalogue without bodies over 8 GB]
    #[arg(value_name = "SCENARIO", value_parser = ScenarioValue, hide_possible_values = true)]
    pub(super) scenarios: Vec<String>,
    /// Include scenarios with bodies over 8 GB and, with --client, those that take over a minute
    #[arg(long, conflicts_with = "scenarios")]
    pub(super) all: bool,
    /// The world in which trials run
    #[arg(long, value_enum, default_value_t = WorldArg::Virtual, default_value_ifs([("clients", ArgPredicate::IsPresent, "tcp"), ("save", ArgPredicate::IsPresent, "tcp")]))]
    pub(super) world: WorldArg,
    /// Test this command instead of the strategies, over TCP: `curl -fsS -o {out} {url}`. Without {out}, its standard output is the file. NAME=COMMAND gives it a name; may be repeated
    #[arg(long = "client", value_name = "COMMAND", conflicts_with_all = ["strategies", "chunk_sizes", "profiles", "interpreters"])]
    pub(super) clients: Vec<String>,
    /// Ask of each client what this suite asks, in place of the catalogue; resume: how it goes on with a first part that is saved already. The command also gets {offset}, {etag}, {last_modified} and {date}
    #[arg(long, value_name = "SUITE", requires = "clients", conflicts_with_all = ["scenarios", "all"], value_parser = PossibleValuesParser::new(suite::NAMES))]
    pub(super) suite: Option<String>,
    /// Stop a client after this time [default: twice the length of the scenario, plus 10s]
    #[arg(long, value_name = "TIME", requires = "clients", value_parser = limit)]
    pub(super) limit: Option<Duration>,
    /// The clock of clients. auto: as fast as the scenario is scaled, where that works
    #[arg(long, value_enum, default_value_t = ClockArg::Auto, requires = "clients")]
    pub(super) clock: ClockArg,
    /// The shortest limit that the clients have of their own. A clock is only so fast that 500ms of it are left, and the scenario is played slower
    #[arg(long, value_name = "TIME", requires = "clients", value_parser = shortest_limit, default_value = "50s")]
    pub(super) shortest_limit: Duration,
    /// A TOML file that lists accepted failures of clients
    #[arg(long, value_name = "FILE", requires = "clients")]
    pub(super) known: Option<PathBuf>,
    /// A way to read the body; may be repeated [default: all but iter-chunks and frames]
    #[arg(long = "strategy", value_name = "STRATEGY", value_parser = strategies())]
    pub(super) strategies: Vec<StrategyName>,
    /// Chunk size of the strategy fixed-chunk; may be repeated [default: 8KiB 64KiB 1MiB]
    #[arg(long = "chunk-size", value_name = "SIZE")]
    pub(super) chunk_sizes: Vec<ByteSize>,
    /// The aiohttp release to imitate: aiohttp-3.13.5, or aiohttp-3.12 for its last patch; may be repeated [default: the newest]
    #[arg(long = "profile", value_name = "PROFILE", value_parser = Profile::parse)]
    pub(super) profiles: Vec<(Profile, Option<Warning>)>,
    /// Imitate the aiohttp release that this Python interpreter has; may be repeated
    #[arg(long = "profile-from", value_name = "PYTHON")]
    pub(super) interpreters: Vec<String>,
    /// Run each trial with this remedy too, with several joined by `+`, with `safe`, or with each (`all`); may be repeated. Unless told otherwise, the one strategy is then fixed-chunk at 64 KiB, and the one profile the newest
    #[arg(long = "remedy", value_name = "REMEDY", conflicts_with = "clients", value_parser = Recipes::of_remedies)]
    pub(super) remedies: Vec<Recipes>,
    /// Run each trial with the remedies that a well-known client has by default too (`pip`, `curl`, `wget`, ...), with each (`all`), or with those of a file (`mine.toml`, see docs/REMEDIES.md); may be repeated
    #[arg(long = "recipe", value_name = "CLIENT|FILE", conflicts_with = "clients", value_parser = RecipeValue::parse)]
    pub(super) recipes: Vec<RecipeValue>,
    /// Save what each trial downloads into this folder, over TCP; with the remedy `atomic` under its name (the id of the trial and `.bin`) only when it is whole
    #[arg(long, value_name = "DIR", conflicts_with = "clients")]
    pub(super) save: Option<PathBuf>,
    /// Run each trial N times (in the virtual world once, if nothing in it is random)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) repeat: u32,
    /// The seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Run up to N trials at a time, if they mostly wait
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: u16,
    /// Exit with 10 if an outcome is unexpected or the worlds disagree
    #[arg(long)]
    pub(super) check: bool,
    /// The folder for results; each run gets a folder in it
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// Show a line per scenario, and memory, gaps and a comparison of chunk sizes
    #[arg(long)]
    pub(super) wide: bool,
    /// Do not show progress
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// `shortread list`
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// List the profiles and their rules, and the changes from release to release
    #[arg(long)]
    pub(super) profiles: bool,
}

/// `shortread explain`
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A name from the catalogue, or the path of a scenario file
    #[arg(value_name = "SCENARIO", value_parser = ScenarioValue, hide_possible_values = true)]
    pub(super) scenario: String,
    /// Use the smaller numbers of the TCP world, as `serve --scaled` does
    #[arg(long)]
    pub(super) scaled: bool,
    /// Print the settings for a client, as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Print a program of this client alone, with the remedy that helps most
    #[arg(long, value_name = "CLIENT", conflicts_with_all = ["json", "scaled"], value_parser = PossibleValuesParser::new(advise::Library::NAMES))]
    pub(super) client: Option<String>,
    /// With this remedy instead, without measuring; its names are those of `run`
    #[arg(long, value_name = "REMEDY", requires = "client", value_parser = Recipe::from_str)]
    pub(super) remedy: Option<Recipe>,
}

/// `shortread validate`
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Scenario files
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
}

/// `shortread diagnose`. The diagnosis parses the values, so that all errors
/// read alike.
#[derive(Debug, Args)]
pub(super) struct DiagnoseArgs {
    /// The client's log: its last line with a known exception or message is taken for --error
    #[arg(value_name = "FILE", conflicts_with = "error")]
    pub(super) log: Option<PathBuf>,
    /// Bytes that arrived: 600MB, 2147483647
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub(super) got: String,
    /// Time from the request to the end of the download: 300s, 5min
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) after: String,
    /// Size of the whole object
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub(super) of: Option<String>,
    /// The exception or message in the client's log; `none` if it reported success, `hang` if it
    /// never ended
    #[arg(long, value_name = "NAME")]
    pub(super) error: Option<String>,
    /// Silence before the end: 60s
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) idle: Option<String>,
    /// Another attempt at the same object: 300MB,300s; may be repeated
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
    /// The format to print
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub(super) format: Format,
    /// Write the files of all formats into the run's folder again, instead of printing one
    #[arg(long, conflicts_with_all = ["format", "wide"])]
    pub(super) write: bool,
    /// Show memory, gaps and a comparison of chunk sizes, in the format text
    #[arg(long)]
    pub(super) wide: bool,
    /// The folder for results, with the runs latest and previous
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
}

/// `shortread verify`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("object").required(true).args(["scenario", "size", "against"])))]
#[command(after_help = "\
Exit codes: 0 whole, 1 the file cannot be read, 2 wrong usage or an invalid scenario, 10 not whole")]
pub(super) struct VerifyArgs {
    /// The downloaded file, or - for stdin
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The scenario that was downloaded
    #[arg(long, value_name = "NAME", value_parser = ScenarioValue, hide_possible_values = true)]
    pub(super) scenario: Option<String>,
    /// The size of the object, for a download without a named scenario
    #[arg(long, value_name = "N", conflicts_with = "scaled")]
    pub(super) size: Option<ByteSize>,
    /// The file that was served, for a download of a real file
    #[arg(long, value_name = "PATH", conflicts_with_all = ["scaled", "object_version"])]
    pub(super) against: Option<PathBuf>,
    /// The version of the object that it should be, from 1
    #[arg(long, value_name = "V", value_parser = clap::value_parser!(u32).range(1..=i64::from(shortread_server::body::MOST_VERSIONS)))]
    pub(super) object_version: Option<u32>,
    /// How far the object compresses: its `ratio`
    #[arg(long, value_name = "N", requires = "size", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) ratio: Option<u32>,
    /// The scenario was served with `serve --scaled`
    #[arg(long)]
    pub(super) scaled: bool,
    /// URL of the server's control interface, to show what the server did
    #[arg(long, value_name = "URL", requires = "key")]
    pub(super) control: Option<String>,
    /// The file that the server got as its --control-token-file
    #[arg(long, value_name = "FILE", requires = "control")]
    pub(super) control_token_file: Option<std::path::PathBuf>,
    /// The key of the download, `?key=TEST` in its URL
    #[arg(long, value_name = "TEST", requires = "control")]
    pub(super) key: Option<String>,
    /// Print a JSON object
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
    /// The format to print
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    pub(super) format: FormatArg,
    /// The folder for results, with the runs latest and previous
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
}

/// `shortread completions`
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: ShellArg,
}

/// `shortread man`
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The command that the page is about [default: the program, with a list of its commands]
    #[arg(value_name = "COMMAND")]
    pub(super) command: Option<String>,
}

/// `shortread healthcheck`
#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    /// The address of `shortread serve`
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(super) addr: SocketAddr,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done (with --check: as expected), 1 the tool failed, 2 wrong usage or an invalid \
scenario, 10 an outcome is unexpected or the worlds disagree, 130 interrupted";

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

/// A time that leaves a clock room to be faster than the machine's.
fn shortest_limit(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(limit) if limit <= LEAST_REAL => Err(format!(
            "a clock leaves {} ms of it, so that none could be faster; --clock real leaves them as they are",
            LEAST_REAL.as_millis()
        )),
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
            ("shortread run --chunk-size 8kib", "did you mean 8KiB?"),
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
            ("shortread run --suite resume", "--client <COMMAND>"),
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
