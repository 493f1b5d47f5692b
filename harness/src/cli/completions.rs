//! `shortread completions`: what a shell offers behind `shortread` and a tab.

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{
    Done, Out,
    args::{Cli, CompletionsArgs, ShellArg},
    exit,
};

pub(super) fn run(args: &CompletionsArgs, out: Out<'_>) -> Done {
    out.write_all(&script(args.shell))?;
    Ok(exit::DONE)
}

fn script(shell: ShellArg) -> Vec<u8> {
    let shell = match shell {
        ShellArg::Bash => Shell::Bash,
        ShellArg::Zsh => Shell::Zsh,
        ShellArg::Fish => Shell::Fish,
    };
    let mut text = Vec::new();
    generate(shell, &mut public(), "shortread", &mut text);
    text
}

/// The command line without what only the program itself calls.
pub(super) fn public() -> Command {
    let all = Cli::command();
    let shown = all
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let mut public = Command::new("shortread")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true);
    if let Some(about) = all.get_about() {
        public = public.about(about.clone());
    }
    public.subcommands(shown.cloned().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn each_shell_is_offered_commands_scenarios_and_strategies_and_no_hidden_command() {
        for shell in ShellArg::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            for word in ["diagnose", "total-timeout-2mbps", "read-all", "virtual"] {
                assert!(script.contains(word), "{shell:?}: {word}");
            }
            for word in ["shortread,keep", "shortread,trial", "stdin describes"] {
                assert!(!script.contains(word), "{shell:?}: {word}");
            }
        }
    }

    #[test]
    fn a_scenario_is_still_any_text() {
        use clap::Parser as _;
        let cli = Cli::try_parse_from(["shortread", "explain", "my/own.toml"]);
        assert!(cli.is_ok());
    }
}
