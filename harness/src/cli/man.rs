//! `shortread man`: manual pages in roff, one for the program and one for each
//! command.

use clap_mangen::Man;

use super::{Done, Out, args::ManArgs, completions::public, exit, failure::Failure};

pub(super) fn run(args: &ManArgs, out: Out<'_>) -> Done {
    out.write_all(&page(args.command.as_deref())?)?;
    Ok(exit::DONE)
}

/// The page of a command, or of the program.
fn page(name: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut program = public();
    // Gives the commands their full names.
    program.build();
    let command = match name {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            let message = format!("there is no command `{name}`");
            Failure::usage(message, "`shortread --help` lists the commands")
        })?,
    };
    let title = match name {
        None => "shortread".to_owned(),
        Some(name) => format!("shortread-{name}"),
    };
    let mut text = Vec::new();
    Man::new(command)
        .title(title)
        .source(concat!("shortread ", env!("CARGO_PKG_VERSION")))
        .manual("Shortread")
        .render(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: Option<&str>) -> String {
        String::from_utf8(page(name).unwrap()).unwrap()
    }

    #[test]
    fn the_program_has_a_page_that_names_those_of_its_commands() {
        let page = told(None);
        for command in public().get_subcommands() {
            let name = command.get_name();
            let title = format!(".TH shortread-{name} 1");
            assert!(told(Some(name)).contains(&title), "{name}");
            let named = format!("shortread\\-{name}(1)");
            assert!(page.contains(&named), "{name}: {page}");
        }
    }

    #[test]
    fn exit_codes_are_told_on_the_page_of_a_command() {
        assert!(told(Some("compare")).contains("12 a regression"));
    }

    #[test]
    fn there_is_no_page_for_what_is_hidden() {
        assert!(page(Some("keep")).is_err() && page(Some("rnu")).is_err());
    }
}
