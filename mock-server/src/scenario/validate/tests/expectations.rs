//! `[expect]` against the rest of the file.

use super::{problems, with_help};

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
            trial(&format!("kind = 'tool-error'\n{all}")),
            "2: a trial that the tool could not play",
        ),
        (
            trial(&format!("kind = 'rejected'\n{all}")),
            "2: a client without remedies rejects nothing",
        ),
        (
            trial(&format!("kind = 'complete'\nended_by = 'client'\n{all}")),
            "3: nobody ends a trial of kind `complete`",
        ),
        (
            trial(&format!("kind = 'malformed'\nended_by = 'network'\n{all}")),
            "3: the client ends a trial of kind `malformed`",
        ),
        (
            trial("kind = 'refused'\ndelivered = [1, 2]"),
            "3: a refused download has no byte",
        ),
        (
            trial("kind = 'silent-truncation'\ndelivered = ['10MB', '10MB']"),
            "3: a download that is short has less than 10MB",
        ),
        (
            trial("kind = 'truncated'\ndelivered = ['6MB', '10MB']\nlost = ['5MB', '6MB']"),
            "4: 5MB beside the 6MB delivered are more than there are",
        ),
        (
            format!(
                "client.sock_read = '400s'\n{}",
                trial(&format!(
                    "kind = 'timed-out'\ndeadline = 'sock-read'\n{all}"
                ))
            ),
            "4: `client.total` comes first, after 5m: `client.sock_read` needs",
        ),
        (
            format!(
                "client.keepalive = '60s'\n{}",
                trial(&format!(
                    "kind = 'timed-out'\ndeadline = 'keepalive'\n{all}"
                ))
            ),
            "4: `client.total` comes first, after 5m: `client.keepalive` needs",
        ),
        (
            trial(&format!(
                "strategy = 'fixed-chunk'\nchunk_size = 0\nkind = 'reset'\n{all}"
            )),
            "3: a chunk size of 0 B reads nothing",
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
fn an_expectation_counts_all_requests_and_the_disk() {
    let trial = |kind: &str, delivered: &str| {
        format!("[[expect.trial]]\nkind = '{kind}'\ndelivered = {delivered}\n")
    };
    let disk = "sink.capacity = '4MB'\n";
    let three = "client.requests = 3\n";
    let four = "client.parallel = 2\nclient.requests = 2\n";
    for (text, says) in [
        (
            format!("{disk}{}", trial("complete", "['10MB', '10MB']")),
            "4: 10MB are more than the disk takes; sink.capacity is 4MB",
        ),
        (
            format!("{disk}{}", trial("complete", "[0, '10MB']")),
            "3: no trial is complete: the disk takes 4MB of 10MB; write `kind = \"disk-full\"`, \
             or change `sink.capacity`",
        ),
        (
            format!("{disk}{}", trial("reset", "['5MB', '10MB']")),
            "4: 5MB are more than the disk takes; sink.capacity is 4MB",
        ),
        (
            format!("{disk}{}", trial("disk-full", "[0, '3MB']")),
            "4: a disk that is full has taken 4MB; write [\"4MB\", \"4MB\"]",
        ),
        (
            format!("{three}{}", trial("reset", "['31MB', '31MB']")),
            "4: 31MB are more than there are; 3 requests bring 30MB together",
        ),
        (
            format!("{three}{}", trial("complete", "['10MB', '10MB']")),
            "4: a complete trial delivers all 30MB, 10MB for each of 3 requests; write [\"30MB\", \
             \"30MB\"]",
        ),
        (
            format!("{four}{}", trial("complete", "['10MB', '30MB']")),
            "5: a complete trial delivers all 40MB, 10MB for each of 4 requests; write [\"40MB\", \
             \"40MB\"]",
        ),
        (
            format!(
                "version = [{{ on.request = 2, size = '2MB' }}]\n{three}{}",
                trial("complete", "['1MB', '5MB']")
            ),
            "5: a complete trial delivers all 6MB, 2MB for each of 3 requests; write [\"6MB\", \
             \"30MB\"]",
        ),
        (
            format!(
                "response.page = 'hello'\n{}",
                trial("wrong-object", "[6, 9]")
            ),
            "4: 6B are more than there are; the response brings 5B",
        ),
        (
            // The page of another request is nobody's here.
            format!(
                "answer = [{{ on.request = 1, status = 503 }}]\n{}",
                trial("wrong-object", "[1, '1MB']")
            ),
            "4: 1B are more than there are; the response brings 0B",
        ),
    ] {
        assert_eq!(with_help(&text), [says], "{text}");
    }
    for text in [
        format!("{disk}{}", trial("disk-full", "['4MB', '4MB']")),
        format!("{disk}{}", trial("reset", "['4MB', '10MB']")),
        format!("{four}{}", trial("complete", "['40MB', '40MB']")),
        format!("{three}{}", trial("refused", "['1MB', '20MB']")),
        format!("{three}{}", trial("silent-truncation", "['10MB', '29MB']")),
        format!(
            "version = [{{ size = '12MB' }}]\n{}",
            trial("complete", "['12MB', '12MB']")
        ),
        // A client that does not decode gets more bytes than the object has.
        format!(
            "body.encoding = 'gzip'\n{}",
            trial("corrupt", "['10003KB', '10004KB']")
        ),
    ] {
        assert_eq!(problems(&text), [""; 0], "{text}");
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
