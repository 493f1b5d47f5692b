//! Remedies in the means of well-known clients: one line that says how, and a program
//! that takes URL and FILE. They are files in `harness/paste`, a folder per client; the
//! first line of each is a comment with the one line.

use crate::remedy::Recipe;

/// A client that has programs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// aiohttp 3.
    Aiohttp,
    /// requests with urllib3 2.2 or newer.
    Requests,
    /// httpx.
    Httpx,
    /// curl 7.71 or newer, from a POSIX shell.
    Curl,
    /// GNU wget 1.20 or newer, from a POSIX shell.
    Wget,
    /// reqwest 0.13 with tokio.
    Reqwest,
    /// Go's net/http, 1.19 or newer.
    Go,
    /// The fetch of Node 18 or newer.
    Node,
}

/// What a program does. Remedies that need each other, or cost nothing beside another,
/// share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Limits silence in place of the whole download: 60 s.
    Deadlines,
    /// Ends what comes too slowly: nothing for 30 s, or less than 10 B/s over 30 s.
    Stall,
    /// Compares the length, refuses a response without one, and gives the file its name
    /// at the end: `progress`, `verify` and `atomic`.
    Check,
    /// Begins anew up to five times, within the deadlines.
    Retry,
    /// Asks for the rest, with `If-Range`; also has the deadlines, the comparison and the
    /// name at the end, as `safe` has.
    Resume,
}

/// The programs of one folder, in the order of [`Kind::ALL`].
macro_rules! programs {
    ($folder:literal, $end:literal) => {
        [
            include_str!(concat!("../../paste/", $folder, "/deadlines.", $end)),
            include_str!(concat!("../../paste/", $folder, "/stall.", $end)),
            include_str!(concat!("../../paste/", $folder, "/check.", $end)),
            include_str!(concat!("../../paste/", $folder, "/retry.", $end)),
            include_str!(concat!("../../paste/", $folder, "/resume.", $end)),
        ]
    };
}

impl Library {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Aiohttp,
        Self::Requests,
        Self::Httpx,
        Self::Curl,
        Self::Wget,
        Self::Reqwest,
        Self::Go,
        Self::Node,
    ];

    /// Their names on the command line.
    pub const NAMES: [&str; 8] = [
        "aiohttp", "requests", "httpx", "curl", "wget", "reqwest", "go", "node",
    ];

    /// Its name on the command line.
    pub const fn word(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The client of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What begins a comment in its programs.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Aiohttp | Self::Requests | Self::Httpx | Self::Curl | Self::Wget => "#",
            Self::Reqwest | Self::Go | Self::Node => "//",
        }
    }

    fn programs(self) -> &'static [&'static str; 5] {
        match self {
            Self::Aiohttp => &programs!("aiohttp", "py"),
            Self::Requests => &programs!("requests", "py"),
            Self::Httpx => &programs!("httpx", "py"),
            Self::Curl => &programs!("curl", "sh"),
            Self::Wget => &programs!("wget", "sh"),
            Self::Reqwest => &programs!("reqwest", "rs"),
            Self::Go => &programs!("go", "go"),
            Self::Node => &programs!("node", "mjs"),
        }
    }
}

impl Kind {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::Deadlines,
        Self::Stall,
        Self::Check,
        Self::Retry,
        Self::Resume,
    ];

    /// That which does most of what `recipe` does.
    pub fn of(recipe: &Recipe) -> Self {
        if recipe.resume.is_some() {
            Self::Resume
        } else if recipe.retry.is_some() {
            Self::Retry
        } else if recipe.stall.is_some() {
            Self::Stall
        } else if recipe.deadlines.is_some() {
            Self::Deadlines
        } else {
            Self::Check
        }
    }

    /// How a client does it, in one line.
    pub fn gist(self, library: Library) -> &'static str {
        self.parts(library).0
    }

    /// The program without that line.
    pub fn program(self, library: Library) -> &'static str {
        self.parts(library).1
    }

    fn parts(self, library: Library) -> (&'static str, &'static str) {
        let text = library.programs()[self as usize];
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let gist = first.strip_prefix(library.mark()).unwrap_or(first);
        (gist.trim_start(), rest)
    }
}
