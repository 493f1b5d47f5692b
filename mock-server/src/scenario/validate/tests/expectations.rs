//! `[expect]` against the rest of the file.

use super::problems;

#[test]
fn each_expectation_that_cannot_come_true_is_found() {
    let trial = |rest: &str| format!("[[expect.trial]]\n{rest}\n");
    let all = "delivered = ['0B', '10MB']";
    for (text, message) in [
        (
            trial("kind = 'complete'\ndelivered = [0, '9MB']"),
            "3: a complete trial delivers all",
        ),
        (
            trial("kind = 'reset'\ndelivered = ['11MB', '11MB']"),
            "3: 11MB are more than there are",
        ),
        (
            trial(&format!("kind = 'disk-full'\n{all}")),
            "2: without `sink.capacity`",
        ),
        (
            trial(&format!("kind = 'out-of-memory'\n{all}")),
            "2: without `client.memory`",
        ),
        (
            trial(&format!(
                "kind = 'timed-out'\ndeadline = 'sock-read'\n{all}"
            )),
            "3: `client.sock_read` is off",
        ),
        (
            trial(&format!("kind = 'timed-out'\nended_by = 'server'\n{all}")),
            "3: a trial that times out is ended by",
        ),
        (
            trial(&format!("kind = 'reset'\ndeadline = 'total'\n{all}")),
            "3: no deadline ends a trial of kind `reset`",
        ),
        (
            trial(&format!("profile = 'aiohttp'\nkind = 'reset'\n{all}")),
            "2: `aiohttp` is not a profile",
        ),
        (
            trial(&format!(
                "strategy = 'frames'\nprofile = 'aiohttp-3'\nkind = 'reset'\n{all}"
            )),
            "3: `frames` has no profile",
        ),
        (
            trial(&format!(
                "strategy = ['fixed-chunk', 'readany']\nchunk_size = '1MiB'\nkind = 'reset'\n{all}"
            )),
            "3: only `fixed-chunk` has a chunk size",
        ),
        (
            format!(
                "body.encoding = 'gzip'\n{}",
                trial(&format!("kind = 'reset'\nlost = [0, 1]\n{all}"))
            ),
            "4: with a content coding, received",
        ),
        (
            "plan.chunk_size = [0]".into(),
            "1: a chunk size of 0 B reads nothing",
        ),
        (
            "plan.profile = '<aiohttp-3.14'".into(),
            "1: `<aiohttp-3.14` is not a release",
        ),
        (
            trial(&format!("kind = 'reset'\n{all}"))
                + &trial(&format!("chunk_size = '1MiB'\nkind = 'reset'\n{all}")),
            "4: this never counts",
        ),
        (
            trial(&format!("profile = '<aiohttp-3.14'\nkind = 'reset'\n{all}"))
                + &trial(&format!("profile = 'aiohttp-3.9'\nkind = 'reset'\n{all}")),
            "5: this never counts",
        ),
        (
            format!(
                "expect.any.success = 'forbidden'\n{}",
                trial(&format!("kind = 'complete'\n{all}"))
            ),
            "3: `complete` contradicts `success = \"forbidden\"`",
        ),
        (
            "expect.any = { success = 'required', hang = true }\n".to_owned(),
            "1: a client that must succeed cannot hang",
        ),
        (
            "expect.any = { success = 'required', prefix = '1MB' }\n".to_owned(),
            "1: a client that must succeed gets all of the object",
        ),
        (
            "expect.any = { success = 'forbidden', prefix = '11MB' }\n".to_owned(),
            "1: 11MB are more than there are",
        ),
        (
            trial(&format!("world = 'tcp'\nkind = 'reset'\n{all}"))
                + &trial(&format!(
                    "strategy = 'read-all'\nworld = 'tcp'\nkind = 'reset'\n{all}"
                )),
            "5: this never counts",
        ),
    ] {
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].starts_with(message), "{text}: {found:#?}");
    }
}

#[test]
fn what_certain_releases_get_wrong_does_not_contradict_the_rule_for_any_client() {
    let with = |profile: &str| {
        problems(&format!(
            "expect.any.success = 'required'\n[[expect.trial]]\n{profile}\
             kind = 'silent-truncation'\ndelivered = [0, 1]\n"
        ))
    };
    assert!(with("profile = '<aiohttp-3.14'\n").is_empty());
    let found = with("");
    assert!(
        matches!(&found[..], [one] if one.contains("contradicts `success = \"required\"`")),
        "{found:#?}"
    );
}

#[test]
fn an_expectation_behind_one_that_takes_its_trials_never_counts() {
    let trial =
        |rest: &str| format!("[[expect.trial]]\nkind = 'reset'\ndelivered = [0, 1]\n{rest}\n");
    let text = [
        trial("strategy = 'fixed-chunk'\nchunk_size = [1, 2, 3]"),
        trial("strategy = 'fixed-chunk'\nchunk_size = [3, 1]"),
        trial("strategy = 'fixed-chunk'\nchunk_size = [3, 4]"),
        trial("profile = ['aiohttp-3.9', '<aiohttp-3.8']\nworld = 'tcp'"),
        trial("profile = ['<aiohttp-3.7.1', 'aiohttp-3.9.2']\nworld = 'tcp'"),
        trial("profile = 'aiohttp-3.9.2'"),
    ];
    let found = problems(&text.concat());
    let never: Vec<&String> = found
        .iter()
        .filter(|one| one.contains("this never counts"))
        .collect();
    assert_eq!(never.len(), 2, "{found:?}");
    assert!(
        never[0].starts_with("6:") && never[1].starts_with("21:"),
        "{never:?}"
    );
}
