//! Tests of files with errors in them.

use proptest::prelude::*;

use super::{
    parse,
    tests::{FULL, wrong},
};

#[test]
fn every_wrong_key_and_value_is_reported_at_its_place() {
    let text = r#"tilte = "x"
cause = "c"

[body]
size = "12mb"
rate = "1MB/s"

[client]
sockread = "30s"
total = 300
timers = "after_io"

[[fault]]
when = "12MiB"
then = "resett"

[[fault]]
when = { body = "1MB", idle = "3s" }
then = { stall = "soon" }

[expect.any]
success = true

[[expect.trial]]
kind = "timeout"
delivered = ["2MB", "1MB"]
"#;
    insta::assert_snapshot!(wrong(text), @r#"
    error: unknown key `tilte` in the top level
     --> it.toml:1:1
      |
    1 | tilte = "x"
      | ^^^^^
      |
      = help: did you mean `title`? the top level knows `title`, `cause`, `why`, `sources`, `decisive`, `alias`, `body`, `response`, `answer`, `version`, `link`, `sockets`, `fault`, `client`, `sink`, `tcp`, `plan` and `expect`

    error: `12mb` is no size here; did you mean 12MB?
     --> it.toml:5:8
      |
    5 | size = "12mb"
      |        ^^^^^^

    error: unknown key `rate` in [body]
     --> it.toml:6:1
      |
    6 | rate = "1MB/s"
      | ^^^^
      |
      = help: `rate` belongs in [link] or [sink]; [body] knows `size`, `file`, `version`, `framing`, `chunk`, `encoding`, `ratio`, `members`, `truncate_at`, `garbage`, `declared_encoding`, `accept` and `declared_size`

    error: unknown key `sockread` in [client]
     --> it.toml:9:1
      |
    9 | sockread = "30s"
      | ^^^^^^^^
      |
      = help: did you mean `sock_read`? [client] knows `connect`, `head`, `sock_read`, `total`, `keepalive`, `memory`, `parallel`, `requests`, `give_up`, `timers` and `parser`

    error: `client.total` must be a duration such as "350s", or "off", not an integer
      --> it.toml:10:9
       |
    10 | total = 300
       |         ^^^

    error: `after_io` is not a value of `client.timers`
      --> it.toml:11:10
       |
    11 | timers = "after_io"
       |          ^^^^^^^^^^
       |
       = help: did you mean `after-io`? accepted: `after-io` or `before-io`

    error: `fault.when` must be a table with one key, not a string
      --> it.toml:14:8
       |
    14 | when = "12MiB"
       |        ^^^^^^^
       |
       = help: write { body = "12MiB" }, { idle = "350s" }, { request = 2 }, ...

    error: `resett` is not a value of `fault.then`
      --> it.toml:15:8
       |
    15 | then = "resett"
       |        ^^^^^^^^
       |
       = help: did you mean `reset`? accepted: `fin`, `reset`, `blackhole`, `forget`, `end`, `stall` or `throttle`

    error: `when` needs exactly one key, not 2
      --> it.toml:18:8
       |
    18 | when = { body = "1MB", idle = "3s" }
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: choose `body`, `wire`, `object`, `place`, `elapsed`, `idle`, `blocked`, `request`, `connection` or `chance`

    error: `soon` has no number; write for example `350s`
      --> it.toml:19:18
       |
    19 | then = { stall = "soon" }
       |                  ^^^^^^
       |
       = help: write a duration such as "350s", or "forever"

    error: `expect.any.success` must be `required`, `forbidden` or `undetectable`, not a boolean
      --> it.toml:22:11
       |
    22 | success = true
       |           ^^^^

    error: `timeout` is not a value of `expect.trial.kind`
      --> it.toml:25:8
       |
    25 | kind = "timeout"
       |        ^^^^^^^^^
       |
       = help: did you mean `timed-out`? accepted: `complete`, `silent-truncation`, `truncated`, `reset`, `stalled`, `timed-out`, `refused`, `malformed`, `corrupt`, `wrong-object`, `rejected`, `out-of-memory`, `disk-full` or `tool-error`

    error: 2MB is more than 1MB
      --> it.toml:26:13
       |
    26 | delivered = ["2MB", "1MB"]
       |             ^^^^^^^^^^^^^^
       |
       = help: the least comes first
    "#);
}

#[test]
fn tables_of_the_wrong_kind_say_how_they_are_written() {
    let text = "title = 't'\ncause = 'c'\n[body]\nsize = 1\n[fault]\nwhen = { body = 1 }\n\
                [[client]]\ntotal = '1s'\n[[expect]]\nkind = 'reset'\n";
    insta::assert_snapshot!(wrong(text), @r#"
    error: `fault` must be a list of tables, not a table
     --> it.toml:5:1
      |
    5 | [fault]
      | ^^^^^^^
      |
      = help: write [[fault]], with two brackets

    error: `client` must be a table, not an array
     --> it.toml:7:1
      |
    7 | [[client]]
      | ^^^^^^^^^^
      |
      = help: write [client]

    error: `expect` must be a table, not an array
     --> it.toml:9:1
      |
    9 | [[expect]]
      | ^^^^^^^^^^
      |
      = help: write [[expect.trial]] for each trial, and [expect.any] for any client
    "#);
}

#[test]
fn what_is_not_toml_is_reported_with_its_place() {
    let text = "title = 't'\ncause = \n[body]\nsize = '1B'\nsize = '2B'\n[link\nrate = 'x'\n";
    insta::assert_snapshot!(wrong(text), @r#"
    error: string values must be quoted, expected literal string
     --> it.toml:2:9
      |
    2 | cause = 
      |         ^

    error: duplicate key
     --> it.toml:5:1
      |
    5 | size = '2B'
      | ^^^^
      |
      = help: each key and each [table] is written once; lists repeat [[table]]

    error: unclosed table, expected `]`
     --> it.toml:6:6
      |
    6 | [link
      |      ^
    "#);
}

#[test]
fn an_empty_file_lacks_what_is_required() {
    insta::assert_snapshot!(wrong(""), @r#"
    error: `title` is missing in the top level
     --> it.toml:1:1
      |
    1 |
      | ^
      |
      = help: add `title = "what the user sees"`

    error: `cause` is missing in the top level
     --> it.toml:1:1
      |
    1 |
      | ^
      |
      = help: add `cause = "the cause in a few words"`

    error: `[body]` is missing
     --> it.toml:1:1
      |
    1 |
      | ^
      |
      = help: add [body] with `size = "5GiB"`
    "#);
}

#[test]
fn columns_count_characters() {
    let errors = parse(
        "n",
        "it.toml",
        "title = 't'\r\nwhy = { 'größe' = 'é', x = 1 }\r\ncause = 'c'",
    )
    .unwrap_err();
    let places: Vec<_> = errors
        .list()
        .iter()
        .map(|error| (error.line, error.column))
        .collect();
    // The missing body is an error of the whole file.
    assert_eq!(places, [(1, 1), (2, 7)]);
    let errors = parse("n", "it.toml", "body = { 'größe' = 1, x = 1 }").unwrap_err();
    let last = errors.list().last().unwrap();
    assert_eq!((last.line, last.column), (1, 23));
    assert!(errors.to_string().contains("it.toml:1:23"), "{errors}");
}

#[test]
fn what_is_quoted_cannot_steer_the_terminal() {
    let shown = wrong("title = \"a\\u001b[31m\\nb\"\n\"\\u001b[2J\" = 1");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let shown = wrong("# \u{7f}\u{1b}[2J\ntitle = 3");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn a_file_full_of_errors_is_cut_short() {
    let text: String = (0..5000).map(|index| format!("k{index} = 1\n")).collect();
    let errors = parse("n", "it.toml", &text).unwrap_err();
    assert_eq!(errors.count(), 5003);
    assert!(
        errors
            .to_string()
            .ends_with("and 4953 more errors in it.toml")
    );
}

#[test]
fn no_list_has_more_entries_than_a_person_writes() {
    let list = |entry: &dyn Fn(usize) -> String, count: usize| -> String {
        (0..count).map(entry).collect::<Vec<_>>().join("")
    };
    let trial = "kind = 'reset'\ndelivered = [0, 1]\n";
    let number = |index: usize| format!("{},", index + 1);
    type Text<'a> = Box<dyn Fn(usize) -> String + 'a>;
    let lists: [(&str, usize, Text<'_>); 9] = [
        (
            "sources",
            1000,
            Box::new(|n| format!("sources = [{}]", list(&|i| format!("'a{i}',"), n))),
        ),
        (
            "decisive",
            1000,
            Box::new(|n| format!("decisive = [{}]", list(&|_| "'client.total',".into(), n))),
        ),
        (
            "response.headers",
            1000,
            Box::new(|n| {
                format!(
                    "[response.headers]\n{}",
                    list(&|i| format!("X{i} = ''\n"), n)
                )
            }),
        ),
        (
            "response.raw",
            256,
            Box::new(|n| list(&|_| "[[response.raw]]\nat = 'end'\nbytes = 'x'\n".into(), n)),
        ),
        (
            "fault",
            1000,
            Box::new(|n| {
                list(
                    &|i| format!("[[fault]]\nwhen.body = {i}\nthen.stall = '1s'\n"),
                    n,
                )
            }),
        ),
        (
            "plan.chunk_size",
            128,
            Box::new(|n| format!("plan.chunk_size = [{}]", list(&number, n))),
        ),
        (
            "plan.profile",
            128,
            Box::new(|n| format!("plan.profile = [{}]", list(&|_| "'aiohttp-3.9',".into(), n))),
        ),
        (
            "expect.trial",
            256,
            Box::new(|n| {
                list(
                    &|i| {
                        format!(
                            "[[expect.trial]]\nstrategy='fixed-chunk'\nchunk_size={}\n{trial}",
                            i + 1
                        )
                    },
                    n,
                )
            }),
        ),
        (
            "expect.trial.chunk_size",
            128,
            Box::new(|n| {
                format!(
                    "[[expect.trial]]\nstrategy='fixed-chunk'\nchunk_size=[{}]\n{trial}",
                    list(&number, n)
                )
            }),
        ),
    ];
    for (key, most, text) in lists {
        let file = |count| format!("title='t'\ncause='c'\nbody.size='1MB'\n{}", text(count));
        if let Err(errors) = parse("n", "it.toml", &file(most)) {
            panic!("{key}: {errors}");
        }
        let errors = parse("n", "it.toml", &file(most + 1)).unwrap_err();
        let told = format!("`{key}` has {} entries", most + 1);
        assert_eq!(errors.list()[0].message, told);
        assert_eq!(
            errors.list()[0].help.as_deref(),
            Some(&*format!("write at most {most}"))
        );
    }
}

/// A word of the grammar or a shred of TOML.
fn shred() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "title",
        "cause",
        "body",
        "size",
        "fault",
        "when",
        "then",
        "idle",
        "client",
        "total",
        "expect",
        "trial",
        "any",
        "kind",
        "tcp",
        "raw",
        "response",
        "=",
        ".",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ",",
        "\n",
        "\r\n",
        "\"",
        "'",
        "'''",
        "\"\"\"",
        "'reset'",
        "'1s'",
        "'9GB'",
        "-1",
        "0.5",
        "nan",
        "inf",
        "1e400",
        "0xFFFFFFFFFFFFFFFF",
        "99999999999999999999",
        "true",
        "#",
        "1979-05-27",
        "\u{feff}",
        "é",
        "\t",
        "\0",
    ];
    prop_oneof![
        4 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

#[test]
fn the_words_of_other_tools_are_told_in_ours() {
    let says = |then: &str| {
        let text = format!(
            "title = 't'\ncause = 'c'\n[body]\nsize = '1MB'\n[[fault]]\nwhen = {{ body = 0 }}\nthen = '{then}'\n"
        );
        parse("n", "it.toml", &text).unwrap_err().to_string()
    };
    assert!(says("rst").contains("did you mean `reset`?"));
    assert!(says("Close").contains("did you mean `fin`?"));
    assert!(says("drop").contains("did you mean `blackhole`?"));
    assert!(says("hang").contains("in a URL `stall:forever`?"));
    assert!(says("resett").contains("did you mean `reset`? accepted:"));
}

#[test]
fn a_message_says_its_remedy_once() {
    let says = |rate: &str| {
        let text =
            format!("title = 't'\ncause = 'c'\n[body]\nsize = '1MB'\n[link]\nrate = '{rate}'\n");
        parse("n", "it.toml", &text).unwrap_err().to_string()
    };
    assert!(says("fast").contains("write for example `2MB/s`"));
    assert!(!says("fast").contains("help:"));
    assert!(says("-2MB/s").contains("help: write a rate"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_panics(shreds in prop::collection::vec(shred(), 0..40), gap in " ?") {
        if let Err(errors) = parse("n", "it.toml", &shreds.join(&gap)) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn no_change_to_a_valid_file_panics(
        places in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, shred()), 1..4),
    ) {
        let mut chars: Vec<char> = FULL.chars().collect();
        for (place, cut, put) in places {
            let at = place.index(chars.len());
            let end = (at + cut).min(chars.len());
            chars.splice(at..end, put.chars());
        }
        let text: String = chars.into_iter().collect();
        if let Err(errors) = parse("n", "it.toml", &text) {
            let lines = text.lines().count().max(1);
            for error in errors.list() {
                prop_assert!((1..=lines + 1).contains(&error.line));
            }
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn no_value_panics(value in shred(), line in 0usize..150) {
        // Each assignment in turn gets another value.
        let text: Vec<String> = FULL
            .lines()
            .enumerate()
            .map(|(index, text)| match text.split_once(" = ") {
                Some((key, _)) if index == line => format!("{key} = {value}"),
                _ => text.to_owned(),
            })
            .collect();
        let _ = parse("n", "it.toml", &text.join("\n"));
    }
}
