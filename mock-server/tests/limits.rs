//! Compares `docs/LIMITS.md` with the program: its numbers are the constants, its
//! tests exist, and no limit is left out.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use shortread_server::scenario::{LoadError, load, parse, query::parse_query};

const LIMITS: &str = include_str!("../../docs/LIMITS.md");

/// Names that limits begin with.
const PREFIXES: [&str; 4] = ["MOST_", "MAX_", "LONGEST_", "LARGEST_"];

/// Constants with such a name that do not limit foreign input, or that another
/// limit bounds already: file, name.
const OF_ITS_OWN: [(&str, &str); 18] = [
    // The capacity of a type or of an estimate of ours.
    ("scenario/room.rs", "MAX_FRAMED"),
    ("origin/respond.rs", "MAX_ENCODED"),
    ("sampler.rs", "MOST_PINNED"),
    ("validate/fault.rs", "LONGEST_HEAD"),
    ("control/scenarios.rs", "LARGEST_CODED"),
    // Limits of printing and naming, and of work that nobody requested.
    ("site/index.rs", "MOST_SHOWN"),
    ("report/terminal.rs", "MOST_COLUMNS"),
    ("command/client.rs", "LONGEST_NAME"),
    ("scenario/model.rs", "LARGEST_UNASKED"),
    ("results/folder.rs", "MOST_IN_ONE_SECOND"),
    // Limits of computing on input that is already bounded.
    ("report/homes.rs", "MOST_TWINS"),
    ("stats/bootstrap.rs", "MOST_DRAWN"),
    ("stats/rank.rs", "MOST_EXACT"),
    ("tcp/family.rs", "MOST_ROUNDS"),
    ("aiohttp/pump_properties.rs", "MOST_LOOKS"),
    // aiohttp's own.
    ("http1/output.rs", "LARGEST_BLOCK"),
    ("http1/br.rs", "LARGEST_BLOCK"),
    // A default, which a file may exceed.
    ("scenario/model.rs", "LARGEST_DERIVED"),
];

struct Row {
    what: &'static str,
    limit: &'static str,
    /// The crate's folder, the file in its `src`, the constant.
    constant: (PathBuf, &'static str),
    test: &'static str,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rows() -> Vec<Row> {
    let cells = |line: &'static str| -> Option<[&'static str; 5]> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let cells: [&str; 7] = cells.try_into().ok()?;
        let [_, what, limit, beyond, constant, test, _] = cells;
        Some([what, limit, beyond, constant, test])
    };
    let rows = LIMITS.lines().filter_map(cells);
    let rows = rows.filter(|[_, _, _, constant, _]| constant.contains(": "));
    rows.map(|[what, limit, _, constant, test]| {
        let constant = constant.trim_matches('`');
        let (of, constant) = match constant.strip_prefix("harness: ") {
            Some(rest) => ("harness", rest),
            None => ("mock-server", constant),
        };
        let (file, name) = constant.split_once(": ").expect(what);
        Row {
            what,
            limit,
            constant: (root().join(of).join("src").join(file), name),
            test: test.trim_matches('`'),
        }
    })
    .collect()
}

/// Every file of Rust below `folder`, with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(&path).expect("a file of the project");
            found.push((path, text));
        }
    }
    found
}

/// The expression of `const name` in `text`.
fn expression<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("const {name}: "))?;
    let (_, value) = rest.split_once(" = ")?;
    Some(value.split_once(';')?.0)
}

/// The number that a constant is: bytes, nanoseconds, or a count.
fn number(expression: &str) -> Option<u128> {
    let wrapped = [
        ("Duration::from_secs(", 1_000_000_000),
        ("Duration::from_millis(", 1_000_000),
        ("ByteSize::mib(", 1 << 20),
        ("ByteSize(", 1),
    ];
    for (start, unit) in wrapped {
        if let Some(inner) = expression.strip_prefix(start) {
            return Some(number(inner.strip_suffix(')')?)? * unit);
        }
    }
    if let Some((left, right)) = expression.split_once(" << ") {
        return Some(number(left)? << number(right)?);
    }
    if let Some((left, right)) = expression.split_once(" * ") {
        return Some(number(left)? * number(right)?);
    }
    expression.replace('_', "").parse().ok()
}

/// The number that the page tells, in the same units.
fn told(limit: &str) -> Option<u128> {
    let (value, unit) = limit.split_once(' ').unwrap_or((limit, ""));
    let unit: u128 = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    Some(value.parse::<u128>().ok()? * unit)
}

#[test]
fn every_number_of_the_page_is_the_constant() {
    let rows = rows();
    assert!(rows.len() > 20, "{} rows", rows.len());
    for Row {
        what,
        limit,
        constant: (file, name),
        ..
    } in rows
    {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let value = expression(&text, name);
        let value = value.unwrap_or_else(|| panic!("{what}: {} has no {name}", file.display()));
        assert!(
            number(value).is_some() && told(limit) == number(value),
            "{what}: the page says {limit}, {name} is {value}"
        );
    }
}

#[test]
fn every_test_of_the_page_is_there() {
    let mut known = BTreeSet::new();
    for of in ["mock-server", "harness"] {
        for (_, text) in sources(&root().join(of)) {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for pair in lines.windows(2) {
                let is_test =
                    pair[0].starts_with("#[test]") || pair[0].starts_with("#[tokio::test");
                let rest = pair[1].trim_start_matches("async ").strip_prefix("fn ");
                if let Some((name, _)) = rest
                    .filter(|_| is_test)
                    .and_then(|rest| rest.split_once('('))
                {
                    known.insert(name.to_owned());
                }
            }
        }
    }
    for Row { what, test, .. } in rows() {
        assert!(known.contains(test), "{what}: there is no test {test}");
    }
}

#[test]
fn every_limit_of_the_program_is_in_the_page() {
    let told: BTreeSet<(PathBuf, &str)> = rows().into_iter().map(|row| row.constant).collect();
    for of in ["mock-server", "harness"] {
        for (file, text) in sources(&root().join(of).join("src")) {
            // Indented ones are of a function or of a test.
            for line in text.lines() {
                let line = line.strip_prefix("pub ").unwrap_or(line);
                let line = line.strip_prefix("pub(super) ").unwrap_or(line);
                let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
                let name = line
                    .strip_prefix("const ")
                    .and_then(|rest| rest.split_once(':'));
                let Some((name, _)) = name else { continue };
                let is_limit = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
                let of_its_own = OF_ITS_OWN
                    .iter()
                    .any(|(known, limit)| file.ends_with(known) && *limit == name);
                assert!(
                    !is_limit || of_its_own || told.contains(&(file.clone(), name)),
                    "{}: {name} is in no line of docs/LIMITS.md",
                    file.display()
                );
            }
        }
    }
}

/// A scenario that would be valid without `more`.
fn problems(more: &str) -> String {
    let file = format!("title = 't'\ncause = 'c'\n[body]\nsize = 1\n{more}\n");
    let read = parse("t", "t.toml", &file);
    read.map_or_else(|errors| errors.to_string(), |_| String::new())
}

#[test]
fn what_a_scenario_may_not_exceed_is_refused() {
    for (most, more) in [
        ("[link]\nsegment = '16MiB'", "[link]\nsegment = '16777217B'"),
        (
            "[sockets]\nserver_send = '1023MiB'",
            "[sockets]\nserver_send = '1024MiB'",
        ),
        (
            "[sockets]\ncongestion = 'fifteen-letters'",
            "[sockets]\ncongestion = 'sixteen--letters'",
        ),
        ("[client]\nparallel = 1000", "[client]\nparallel = 1001"),
        (
            "[response]\npage = 'x'\npage_size = '16MiB'",
            "[response]\npage = 'x'\npage_size = '16777217B'",
        ),
        (
            "[client]\nkeepalive = '32767s'",
            "[client]\nkeepalive = '32768s'",
        ),
        (
            "[client]\nkeepalive = { idle = '1s', count = 127 }",
            "[client]\nkeepalive = { idle = '1s', count = 128 }",
        ),
        (
            "[[fault]]\nwhen.body = 1\nthen = 'fin'\nsettle = '1s'",
            "[[fault]]\nwhen.body = 1\nthen = 'fin'\nsettle = '1001ms'",
        ),
    ] {
        assert_eq!(problems(most), "", "{most}");
        assert!(problems(more).contains("error: "), "{more}");
    }
    let body = |keys: &str| {
        let file = format!("title = 't'\ncause = 'c'\n[body]\nencoding = 'zstd'\n{keys}\n");
        parse("t", "t.toml", &file).is_ok()
    };
    for (most, more) in [
        ("size = 9\nratio = 1000", "size = 9\nratio = 1001"),
        (
            "size = '1MB'\nmembers = 65536",
            "size = '1MB'\nmembers = 65537",
        ),
        (
            "size = 9\ngarbage = '1MiB'",
            "size = 9\ngarbage = '1048577B'",
        ),
    ] {
        assert!(body(most) && !body(more), "{more}");
    }
    let codings = |count: usize| {
        let all = vec!["'br'"; count].join(", ");
        let file = format!("title = 't'\ncause = 'c'\nbody = {{ size = 9, encoding = [{all}] }}");
        parse("t", "t.toml", &file).is_ok()
    };
    assert!(codings(8) && !codings(9));
    let raw = |count: usize| "[[response.raw]]\nat = 'end'\nbytes = 'x'\n".repeat(count);
    assert_eq!(problems(&raw(256)), "");
    assert!(problems(&raw(257)).contains("`response.raw` has 257 entries"));
}

#[test]
fn a_file_of_more_than_a_scenario_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.toml");
    let at = |bytes: usize| {
        let start = "title = 't'\ncause = 'c'\nbody.size = 1\n#";
        fs::write(&path, format!("{start}{}", "x".repeat(bytes - start.len()))).expect("a file");
        load(&path.to_string_lossy())
    };
    assert!(at(1 << 20).is_ok());
    let error = at((1 << 20) + 1).expect_err("it is too long");
    assert!(!matches!(error, LoadError::Invalid(_)), "{error}");
}

#[test]
fn the_first_errors_are_shown_and_the_others_counted() {
    let file: String = (0..60).map(|n| format!("wrong{n} = 1\n")).collect();
    let said = parse("t", "t.toml", &file)
        .expect_err("it is wrong")
        .to_string();
    assert_eq!(said.matches("error: ").count(), 50);
    assert!(said.contains(" more errors in t.toml"), "{said}");
}

#[test]
fn a_key_has_a_longest_length() {
    let key = |bytes: usize| parse_query(&format!("size=1&key={}", "k".repeat(bytes)));
    assert!(key(128).is_ok() && key(129).is_err());
}

#[test]
fn a_gzip_body_in_a_url_has_a_largest_size() {
    let gzip = |size: &str| parse_query(&format!("size={size}&encoding=gzip"));
    assert!(gzip("256MiB").is_ok() && gzip("268435457B").is_err());
}

#[test]
fn a_query_is_told_its_first_errors_and_the_number_of_the_others() {
    let query: String = (0..14).map(|n| format!("&wrong{n}=1")).collect();
    let said = parse_query(&query[1..])
        .expect_err("it is wrong")
        .to_string();
    assert_eq!(said.lines().count(), 11, "{said}");
    assert!(said.ends_with("and 4 more errors"), "{said}");
}
