//! A client's command line: split into words as a shell splits them, with
//! places for the URL and the file. No shell is run.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Where the URL goes.
const URL: &str = "{url}";

/// Where the file's path goes.
const OUT: &str = "{out}";

/// The longest name: it heads a column.
const LONGEST_NAME: usize = 32;

/// Set in a client's environment as `NO_PROXY` and `no_proxy`: no proxy can
/// reach the loopback address that is downloaded from.
pub const NO_PROXY: &str = "127.0.0.1,localhost";

/// A client of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Names it in ids and reports.
    pub name: String,
    /// The command as it was typed, without its name.
    pub command: String,
    /// Its words, with the places for URL and file.
    words: Vec<String>,
    /// The file of its first word.
    program: PathBuf,
}

/// Why a command cannot be a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Nothing but spaces, or nothing behind the name.
    #[error("the client `{0}` has no command")]
    Empty(String),
    /// A quote that is not closed, or a backslash at the end.
    #[error("the client `{0}` cannot be split into words: a quote is not closed")]
    Quotes(String),
    /// It would not know what to download.
    #[error("the client `{0}` has no place for the URL")]
    NoUrl(String),
    /// There is no such program.
    #[error("the client `{name}` cannot be run: there is no program `{program}`{looked}")]
    NotFound {
        /// The client's name.
        name: String,
        /// The first word.
        program: String,
        /// Where it was looked for, in front of the end.
        looked: &'static str,
    },
    /// The program's file name is no name for a client.
    #[error("`{0}` is no name for a client")]
    Unnamed(String),
}

impl CommandError {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        let example = "--client 'curl -fsS -o {out} {url}'";
        match self {
            Self::Empty(_) => format!("write {example}"),
            Self::Quotes(_) => "close the quote; no shell is run, so a quote is for words with \
                                spaces alone"
                .into(),
            Self::NoUrl(_) => format!("write {{url}} where it goes: {example}"),
            Self::NotFound { .. } => "install it, or give its path".into(),
            Self::Unnamed(_) => format!(
                "put a name and `=` in front, of at most {LONGEST_NAME} letters, digits, `.`, \
                 `_`, `+` and `-`: --client 'mine=...'"
            ),
        }
    }
}

impl Client {
    /// Reads `NAME=COMMAND`, or a command alone, which is named after its
    /// program, and looks for that program.
    ///
    /// # Errors
    /// What keeps it from being run, before anything is.
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        let (name, command) = match text.split_once('=') {
            Some((name, command)) if is_name(name.trim()) => (Some(name.trim()), command.trim()),
            _ => (None, text.trim()),
        };
        let shown = || name.unwrap_or(command).to_owned();
        let words = shlex::split(command).ok_or_else(|| CommandError::Quotes(shown()))?;
        let Some(first) = words.first() else {
            return Err(CommandError::Empty(shown()));
        };
        let name = match (name, Path::new(first).file_name()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(file)) if is_name(&file.to_string_lossy()) => {
                file.to_string_lossy().into_owned()
            }
            (None, _) => return Err(CommandError::Unnamed(first.clone())),
        };
        if !words.iter().any(|word| word.contains(URL)) {
            return Err(CommandError::NoUrl(name));
        }
        let program = find(first).ok_or_else(|| CommandError::NotFound {
            name: name.clone(),
            program: first.clone(),
            looked: match first.contains('/') {
                true => "",
                false => " in PATH",
            },
        })?;
        Ok(Self {
            name,
            command: command.to_owned(),
            words,
            program,
        })
    }

    /// Whether it writes the file itself; else its standard output is the file.
    pub fn writes_file(&self) -> bool {
        self.words.iter().any(|word| word.contains(OUT))
    }

    /// The program, then its arguments, for this URL and this file.
    pub fn words(&self, url: &str, out: &str) -> Vec<String> {
        let program = self.program.to_string_lossy().into_owned();
        let arguments = self.words[1..]
            .iter()
            // The URL is ours and holds no braces.
            .map(|word| word.replace(URL, url).replace(OUT, out));
        std::iter::once(program).chain(arguments).collect()
    }
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    (1..=LONGEST_NAME).contains(&text.len())
        && text.chars().all(fits)
        // Not taken for an option, nor for a hidden file.
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The program's file, as execvp(3) looks for it.
fn find(word: &str) -> Option<PathBuf> {
    if word.contains('/') {
        return is_program(Path::new(word)).then(|| word.into());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(word))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Client {
        Client::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_command_is_split_as_a_shell_splits_it_and_named_after_its_program() {
        let client = parsed("/bin/sh -c 'fetch  \"$1\"' -- --to={out} {url}");
        assert_eq!(client.name, "sh");
        assert_eq!(
            client.words("http://127.0.0.1:1/a", "/tmp/a b"),
            [
                "/bin/sh",
                "-c",
                "fetch  \"$1\"",
                "--",
                "--to=/tmp/a b",
                "http://127.0.0.1:1/a"
            ]
        );
        assert!(client.writes_file());
    }

    #[test]
    fn a_program_is_looked_for_in_the_path() {
        let client = parsed("sh {url}");
        assert!(client.program.is_absolute(), "{client:?}");
        assert!(!client.writes_file());
    }

    #[test]
    fn a_name_stands_in_front_and_an_equals_sign_elsewhere_is_none() {
        assert_eq!(parsed("curl-8 = sh {url}").name, "curl-8");
        assert_eq!(parsed("curl-8=sh {url}").command, "sh {url}");
        assert_eq!(parsed("sh --x=y {url}").name, "sh");
        assert_eq!(parsed("/bin/sh -o a=b {url}").name, "sh");
    }

    #[test]
    fn what_cannot_be_run_says_why_and_what_to_do() {
        for (text, says, remedy) in [
            ("", "has no command", "write --client"),
            ("mine=", "`mine` has no command", "write --client"),
            ("mine='sh {url}", "a quote is not closed", "no shell is run"),
            (
                "sh -c true",
                "`sh` has no place for the URL",
                "write {url} where it goes",
            ),
            (
                "no-such-program {url}",
                "no program `no-such-program` in PATH",
                "install it",
            ),
            (
                "./no/such {url}",
                "there is no program `./no/such`",
                "give its path",
            ),
            // A folder is no program, and neither is a file without permission.
            (
                "x=/tmp {url}",
                "there is no program `/tmp`",
                "give its path",
            ),
            (
                "x=/proc/version {url}",
                "there is no program",
                "give its path",
            ),
            ("'/bin/a b' {url}", "`/bin/a b` is no name", "'mine=...'"),
        ] {
            let error = Client::parse(text).unwrap_err();
            assert!(error.to_string().contains(says), "{text}: {error}");
            assert!(
                error.remedy().contains(remedy),
                "{text}: {}",
                error.remedy()
            );
        }
    }
}
