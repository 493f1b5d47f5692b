//! The cases of the suite `resume`: what the client has, and where RFC 9110 says what it
//! must or may do. What the server does is in the scenario file of the same name.

/// The suites by name.
pub const NAMES: [&str; 1] = ["resume"];

/// Bytes of a first part. The objects are of another size than twice as much, but for one
/// case: else a client that confuses the lengths of the part and of the rest looks right.
pub const FIRST_PART: u64 = 1 << 20;

/// What the file has before the client starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// The first [`FIRST_PART`] bytes of the object, as they were sent.
    Start,
    /// As many, decoded.
    DecodedStart,
    /// All of the object.
    All,
}

impl Has {
    /// The words of the documents.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Start => "the first MiB",
            Self::DecodedStart => "the first MiB, decoded",
            Self::All => "all of it",
        }
    }
}

/// A case.
#[derive(Debug, PartialEq, Eq)]
pub struct Case {
    /// The name of its scenario.
    pub name: &'static str,
    /// What the client has.
    pub has: Has,
    /// The section of RFC 9110 that speaks of it.
    pub section: &'static str,
    /// What the section says, or what follows from it.
    pub rule: &'static str,
    /// The section forbids to put the rest behind the first part, whatever comes of it.
    pub never_resumed: bool,
}

/// The suite `name` and its cases, in the order of its report; `None` if there is none.
pub fn named(name: &str) -> Option<(&'static str, &'static [Case])> {
    (name == NAMES[0]).then_some((NAMES[0], RESUME))
}

const fn case(name: &'static str, has: Has, section: &'static str, rule: &'static str) -> Case {
    Case {
        name,
        has,
        section,
        rule,
        never_resumed: false,
    }
}

const RESUME: &[Case] = &[
    case(
        "honoured",
        Has::Start,
        "15.3.7",
        "a client may put the rest behind the first part, since both have the same strong \
         validator",
    ),
    case(
        "range-ignored",
        Has::Start,
        "14.2",
        "a server may ignore Range, and 200 brings all of the object: it replaces the first part",
    ),
    case(
        "ignored-at-the-second",
        Has::Start,
        "14.2",
        "a server may ignore Range in any response, so that each status counts",
    ),
    case(
        "later-start",
        Has::Start,
        "15.3.7",
        "a client must look at Content-Range to know which part came: this one leaves a gap",
    ),
    case(
        "earlier-start",
        Has::Start,
        "15.3.7",
        "a client must look at Content-Range to know which part came: this one overlaps",
    ),
    case(
        "whole-as-206",
        Has::Start,
        "15.3.7",
        "a client must look at Content-Range to know which part came: this one is all of it",
    ),
    case(
        "half-the-rest",
        Has::Start,
        "15.3.7",
        "a client must look at Content-Range to know if it has to ask for more",
    ),
    case(
        "too-much",
        Has::Start,
        "15.3.7",
        "a client must look at Content-Range to know which part came: what is behind it is none \
         of the object",
    ),
    case(
        "no-content-range",
        Has::Start,
        "15.3.7.1",
        "a server must say in Content-Range which part it sends; without it nobody knows",
    ),
    case(
        "no-content-range-even",
        Has::Start,
        "15.3.7.1",
        "a server must say in Content-Range which part it sends; a length does not say it",
    ),
    Case {
        never_resumed: true,
        ..case(
            "invalid-content-range",
            Has::Start,
            "14.4",
            "what has an invalid Content-Range must not be put together with a stored part",
        )
    },
    case(
        "unknown-total",
        Has::Start,
        "14.4",
        "a server that does not know the length writes `*`, and the range holds",
    ),
    case(
        "multipart",
        Has::Start,
        "15.3.7",
        "a client must look at Content-Type: a multipart/byteranges is no part of the object",
    ),
    case(
        "at-the-end",
        Has::All,
        "15.5.17",
        "416 tells the length in Content-Range; who has as much has it all",
    ),
    case(
        "at-the-end-with-page",
        Has::All,
        "15.5.17",
        "the content of a 416 explains the error, and is no part of the object",
    ),
    case(
        "object-shrank",
        Has::Start,
        "15.5.17",
        "416 tells the length in Content-Range; who has more has another object",
    ),
    case(
        "etag-changed",
        Has::Start,
        "15.3.7.3",
        "parts may be put together if they have the same strong validator, and not otherwise",
    ),
    case(
        "if-range-ignored",
        Has::Start,
        "15.3.7.3",
        "parts may be put together if they have the same strong validator, and not otherwise",
    ),
    case(
        "etag-weak",
        Has::Start,
        "13.1.5",
        "a weak entity tag must not be in If-Range, and does not say that bytes are the same",
    ),
    case(
        "no-validator",
        Has::Start,
        "15.3.7.3",
        "parts may be put together if they have the same strong validator; these have none",
    ),
    case(
        "date-changed",
        Has::Start,
        "13.1.5",
        "without an entity tag a date may be in If-Range, if it is a strong validator, as here",
    ),
    case(
        "date-too-young",
        Has::Start,
        "8.8.2.2",
        "a date is a weak validator if it is not at least a second before Date, and must not be \
         in If-Range",
    ),
    case(
        "gzip-as-sent",
        Has::Start,
        "14.2",
        "a range is one of the representation as it is coded",
    ),
    case(
        "gzip-decoded",
        Has::DecodedStart,
        "14.2",
        "a range is one of the representation as it is coded; a decoded length is no offset in it",
    ),
    case(
        "cut-at-the-last-byte",
        Has::Start,
        "6.1",
        "a response that ends before its announced length is incomplete",
    ),
    case(
        "cut-twice",
        Has::Start,
        "6.1",
        "a response that ends before its announced length is incomplete, also that to a second \
         attempt",
    ),
    case(
        "busy-first",
        Has::Start,
        "15.6.4",
        "the content of a 503 explains the error, and is no part of the object",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shortread_server::scenario::{load, suites};

    use super::*;

    #[test]
    fn each_suite_has_its_files_and_each_file_a_case() {
        let embedded = suites();
        let names: Vec<&str> = embedded.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, NAMES);
        for (suite, files) in embedded {
            let files: BTreeSet<&str> = files.into_iter().collect();
            let (_, cases) = named(suite).unwrap();
            let told: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
            assert_eq!(told, files);
            assert_eq!(told.len(), cases.len(), "a case is told twice");
        }
    }

    /// `UPDATE_CASES=1 cargo test -p shortread --lib suite` writes it anew.
    #[test]
    fn the_table_in_the_documents_has_each_case() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/RESUME.md");
        let document = std::fs::read_to_string(path).unwrap();
        let mut table = String::from(
            "| case | the client has | what the server does | RFC 9110 | which says |\n\
             | --- | --- | --- | --- | --- |\n",
        );
        for Case {
            name,
            has,
            section,
            rule,
            ..
        } in RESUME
        {
            let title = load(name).unwrap().title;
            table += &format!(
                "| [`{name}`](../mock-server/suites/resume/{name}.toml) | {} | {title} | \
                 [{section}](https://www.rfc-editor.org/rfc/rfc9110#section-{section}) | {rule} |\n",
                has.words()
            );
        }
        let mark = "<!-- cases -->\n";
        let (before, rest) = document.split_once(mark).unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        let drawn = format!("{before}{mark}{table}<!-- end -->{after}");
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(path, drawn).unwrap();
        } else {
            assert!(drawn == document, "UPDATE_CASES=1 writes it anew");
        }
    }

    #[test]
    fn the_section_of_a_case_is_among_the_sources_of_its_file() {
        for case in RESUME {
            let sources = load(case.name).unwrap().sources;
            let section = format!("rfc9110#section-{}", case.section);
            assert!(
                sources.iter().any(|source| source.ends_with(&section)),
                "{}: {sources:?}",
                case.name
            );
        }
    }
}
