//! A client's command line, split into words like a shell does, with places for
//! the URL and the file. It runs without a shell.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The place of the URL.
const URL: &str = "{url}";

/// The place of the file's path.
const OUT: &str = "{out}";

/// What a command gets, by the names of its places: `{url}` stands for the value of
/// `url`.
pub type Places<'a> = [(&'a str, &'a str)];

/// The longest name: it has to head a column.
const LONGEST_NAME: usize = 32;

/// The value of `NO_PROXY` and `no_proxy` in a client's environment: no proxy can
/// reach the server's loopback address.
pub const NO_PROXY: &str = "127.0.0.1,localhost";

/// A client command of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCommand {
    /// The name in ids and reports.
    pub name: String,
    /// The command as typed, without its name.
    pub command: String,
    /// Its words, with the places for URL and file.
    words: Vec<String>,
    /// The file of its first word.
    program: PathBuf,
}

/// The reasons why a command cannot be a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Only spaces, or nothing after the name.
    #[error("the client `{0}` has no command")]
    Empty(String),
    /// A quote that is not closed, or a backslash at the end.
    #[error("the client `{0}` cannot be split into words: a quote is not closed")]
    Quotes(String),
    /// The command has no place for the URL.
    #[error("the command of the client `{0}` has no {{url}}")]
    NoUrl(String),
    /// There is no such program.
    #[error("the client `{name}` cannot be run: there is no program `{program}`{looked}")]
    NotFound {
        /// The client's name.
        name: String,
        /// The first word.
        program: String,
        /// The place of the search, appended to the message.
        looked: &'static str,
    },
    /// The program's file name cannot name a client.
    #[error("`{0}` is not a valid name for a client")]
    Unnamed(String),
}

impl CommandError {
    /// The remedy.
    pub fn remedy(&self) -> String {
        let example = "--client 'curl -fsS -o {out} {url}'";
        match self {
            Self::Empty(_) => format!("write {example}"),
            Self::Quotes(_) => {
                "close the quote; the command runs without a shell, so quotes only group words \
                                with spaces"
                    .into()
            }
            Self::NoUrl(_) => format!("put {{url}} in its place: {example}"),
            Self::NotFound { .. } => "install it, or give its path".into(),
            Self::Unnamed(_) => format!(
                "put a name and `=` in front, of at most {LONGEST_NAME} letters, digits, `.`, \
                 `_`, `+` and `-`: --client 'mine=...'"
            ),
        }
    }
}

impl ClientCommand {
    /// Reads `NAME=COMMAND`, or a command alone, which is named after its
    /// program, and looks for that program.
    ///
    /// # Errors
    /// The reason why it cannot run; nothing has run yet.
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

    /// The reason why its program would ignore a preloaded library.
    pub(super) fn hindrance(&self) -> Option<&'static str> {
        super::clock::hindrance(&self.program)
    }

    /// True if it writes the file itself; otherwise its standard output is the
    /// file.
    pub fn writes_file(&self) -> bool {
        self.words.iter().any(|word| word.contains(OUT))
    }

    /// The program, then its arguments, with what stands at these `places`.
    pub fn words(&self, places: &Places<'_>) -> Vec<String> {
        let program = self.program.to_string_lossy().into_owned();
        let arguments = self.words[1..].iter().map(|word| filled(word, places));
        std::iter::once(program).chain(arguments).collect()
    }
}

/// `word` with each place filled once: a value may have braces of its own.
fn filled(word: &str, places: &Places<'_>) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some(open) = rest.find('{') {
        let (before, behind) = rest.split_at(open);
        text.push_str(before);
        let place = places.iter().find_map(|(name, value)| {
            let tail = behind[1..].strip_prefix(name)?.strip_prefix('}')?;
            Some((value, tail))
        });
        match place {
            Some((value, tail)) => {
                text.push_str(value);
                rest = tail;
            }
            None => {
                text.push('{');
                rest = &behind[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    (1..=LONGEST_NAME).contains(&text.len())
        && text.chars().all(fits)
        // The name must not look like an option or a hidden file.
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

    fn parsed(text: &str) -> ClientCommand {
        ClientCommand::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_command_is_split_as_a_shell_splits_it_and_named_after_its_program() {
        let client = parsed("/bin/sh -c 'fetch  \"$1\"' -- --to={out} {url}");
        assert_eq!(client.name, "sh");
        assert_eq!(
            client.words(&[("url", "http://127.0.0.1:1/a"), ("out", "/tmp/a b")]),
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
    fn each_place_is_filled_once_and_other_braces_stay() {
        let places = [("url", "http://x/"), ("out", "{url}"), ("etag", "\"1\"")];
        let client = parsed("sh {out}{out} --tag={etag} {other} {{url}} {url");
        assert_eq!(
            client.words(&places)[1..],
            [
                "{url}{url}",
                "--tag=\"1\"",
                "{other}",
                "{http://x/}",
                "{url"
            ]
        );
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
            ("mine='sh {url}", "a quote is not closed", "without a shell"),
            (
                "sh -c true",
                "the client `sh` has no {url}",
                "put {url} in its place",
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
            // A folder is not a program, nor is a file without permission to run.
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
            (
                "'/bin/a b' {url}",
                "`/bin/a b` is not a valid name",
                "'mine=...'",
            ),
        ] {
            let error = ClientCommand::parse(text).unwrap_err();
            assert!(error.to_string().contains(says), "{text}: {error}");
            assert!(
                error.remedy().contains(remedy),
                "{text}: {}",
                error.remedy()
            );
        }
    }
}
