//! One comparison with everything in it, in every format.

use super::*;
use crate::{
    compare::{
        Comparison, compare,
        samples::{cut, repeated, run, scenarios, short, simulated, timed_out},
    },
    results::{ClientFacts, Record},
};

/// The virtual world with all that may differ there, and TCP with ends that
/// changed, that are mixed, that are too few, and figures.
fn sample() -> Comparison {
    let kept = scenarios(&[
        "fin", "total", "slow", "same", "edited", "gone", "real", "mixed", "few",
    ]);
    let mut edited = kept.clone();
    edited[4].body.size = "2MB".parse().unwrap();
    let both = |name: &str| {
        [
            simulated(name, "readany", 1),
            simulated(name, "iter-any", 1),
        ]
    };
    let mut old: Vec<Record> = Vec::new();
    let mut new: Vec<Record> = Vec::new();
    old.extend(both("fin").map(cut));
    new.extend(both("fin").map(short));
    old.extend(both("total").map(timed_out));
    new.extend(both("total"));
    old.extend(both("slow"));
    new.extend(both("slow").map(|mut record| {
        record.elapsed_ns *= 2;
        record.transport_reads += 1;
        record
    }));
    old.extend(both("same"));
    new.extend(both("same"));
    old.extend(both("edited"));
    new.extend(both("edited").map(cut));
    old.extend(both("gone"));
    old.extend(repeated("real", "readany", 8));
    new.extend(
        repeated("real", "readany", 8)
            .into_iter()
            .map(|mut record| {
                record.peak_heap_bytes = Some(5_000_000 + u64::from(record.repetition));
                record
            }),
    );
    old.extend(repeated("mixed", "readany", 4));
    let mut mixed = repeated("mixed", "readany", 4);
    mixed[2] = cut(mixed[2].clone());
    new.extend(mixed);
    old.extend(repeated("few", "readany", 1));
    new.extend(repeated("few", "readany", 1));
    compare(&run("old", old, &kept), &run("new", new, &edited)).unwrap()
}

/// Two runs of these records of the scenario `fin`.
fn of(old: Vec<Record>, new: Vec<Record>) -> Comparison {
    let kept = scenarios(&["fin"]);
    compare(&run("old", old, &kept), &run("new", new, &kept)).unwrap()
}

/// Two runs that are the same.
fn calm() -> Comparison {
    let records = || vec![cut(simulated("fin", "readany", 1))];
    of(records(), records())
}

/// A run over TCP, compared with its like.
fn few() -> Comparison {
    of(repeated("fin", "readany", 1), repeated("fin", "readany", 1))
}

fn plain(comparison: &Comparison) -> String {
    anstream::adapter::strip_str(&text(comparison)).to_string()
}

#[test]
fn a_terminal_shows_ends_first_and_the_next_command_last() {
    insta::assert_snapshot!(plain(&sample()), @r"
    4 trials end worse, 3 figures are worse, 2 trials end better.
    old  old: 25 of 25 trials, started 2026-11-22T16:03:00Z, shortread 0.1.0
    new  new: 23 of 23 trials, started 2026-11-22T16:03:00Z, shortread 0.1.0

    Ends
      WORSE   fin readany() (virtual), iter_any() (virtual): reset by the server, ClientPayloadError -> silent-truncation by the server
      WORSE   edited readany() (virtual), iter_any() (virtual): complete -> reset by the server, ClientPayloadError; not the same experiment: body.size 0 B -> 2 MB
      BETTER  total readany() (virtual), iter_any() (virtual): timed-out by the client (total), TimeoutError -> complete

    Figures
      WORSE   slow readany() (virtual), iter_any() (virtual): time to the end 8 s -> 16 s (+100 %)
      WORSE   real readany() (tcp): peak heap 1.2 MB -> 5 MB (+317 %; 99 % interval +3.8 MB to +3.8 MB; p = 1.6e-4)

    Undecided
      OPEN    mixed readany() (tcp): 4 of 4 complete -> 3 of 4 complete, 1 of 4 reset by the server, ClientPayloadError (p = 1.00)
      the ends of 1 trial over TCP: use --repeat 4; fewer cannot tell a changed end from chance (3 against 3: p = 0.10)
      the figures of 1 trial over TCP: use --repeat 5; below 5 there are no intervals

    Also different, neither better nor worse
      slow readany() (virtual), iter_any() (virtual): transport_reads

    Only the ends compared
      edited readany() (virtual), iter_any() (virtual): body.size 0 B -> 2 MB

    Only in the old run
      gone readany() (virtual), iter_any() (virtual)

    Virtual world: 10 trials, each with its counterpart of the same seed, 2 identical; every difference is real.
    TCP: 3 trials, at most 8 repetitions a side, 2 intervals at 99 %; of the differences that count, at most 5 % are expected to be chance.
    Exit code 12: a regression.
    Next: shortread explain fin
    Next: shortread run mixed few --world tcp --repeat 16
    ");
}

#[test]
fn two_runs_that_are_the_same_are_told_in_five_lines() {
    insta::assert_snapshot!(plain(&calm()), @r"
    Nothing differs: 1 trial of the virtual world came to the same records.
    old  old: 1 of 1 trial, started 2026-11-22T16:03:00Z, shortread 0.1.0
    new  new: 1 of 1 trial, started 2026-11-22T16:03:00Z, shortread 0.1.0

    Virtual world: 1 trial, each with its counterpart of the same seed, 1 identical; every difference is real.
    Exit code 0: no regression.
    ");
}

#[test]
fn too_few_repetitions_are_undecided_and_never_no_difference() {
    insta::assert_snapshot!(plain(&few()), @r"
    Undecided: the repetitions over TCP are too few to tell.
    old  old: 1 of 1 trial, started 2026-11-22T16:03:00Z, shortread 0.1.0
    new  new: 1 of 1 trial, started 2026-11-22T16:03:00Z, shortread 0.1.0

    Undecided
      the ends of 1 trial over TCP: use --repeat 4; fewer cannot tell a changed end from chance (3 against 3: p = 0.10)
      the figures of 1 trial over TCP: use --repeat 5; below 5 there are no intervals

    TCP: 1 trial, at most 1 repetition a side.
    Exit code 0: no regression is proven.
    Next: shortread run fin --world tcp --repeat 5
    ");
}

#[test]
fn figures_of_further_repetitions_say_of_which() {
    let mut random = scenarios(&["lossy"]);
    random[0].link.loss = 0.1;
    let record = |seed| simulated("lossy", "readany", seed);
    let mut slow = record(2);
    slow.elapsed_ns *= 2;
    slow.sink_writes += 1;
    let old = run("old", vec![record(1), record(2)], &random);
    let new = run("new", vec![record(1), slow], &random);
    let text = plain(&compare(&old, &new).unwrap());
    for said in [
        "WORSE   lossy readany(): time to the end 8 s -> 16 s (+100 %; repetition 2)",
        "lossy readany(): sink_writes (repetition 2)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn markdown_has_tables() {
    insta::assert_snapshot!(markdown(&sample()), @r"
    # 4 trials end worse, 3 figures are worse, 2 trials end better

    - old: old: 25 of 25 trials, started 2026-11-22T16:03:00Z, shortread 0.1.0
    - new: new: 23 of 23 trials, started 2026-11-22T16:03:00Z, shortread 0.1.0
    - Virtual world: 10 trials, each with its counterpart of the same seed, 2 identical; every difference is real.
    - TCP: 3 trials, at most 8 repetitions a side, 2 intervals at 99 %; of the differences that count, at most 5 % are expected to be chance.
    - Exit code 12: a regression.

    ## Ends

    | | trial | what |
    | --- | --- | --- |
    | WORSE | fin readany() (virtual), iter_any() (virtual) | reset by the server, ClientPayloadError -> silent-truncation by the server |
    | WORSE | edited readany() (virtual), iter_any() (virtual) | complete -> reset by the server, ClientPayloadError; not the same experiment: body.size 0 B -> 2 MB |
    | BETTER | total readany() (virtual), iter_any() (virtual) | timed-out by the client (total), TimeoutError -> complete |

    ## Figures

    | | trial | what |
    | --- | --- | --- |
    | WORSE | slow readany() (virtual), iter_any() (virtual) | time to the end 8 s -> 16 s (+100 %) |
    | WORSE | real readany() (tcp) | peak heap 1.2 MB -> 5 MB (+317 %; 99 % interval +3.8 MB to +3.8 MB; p = 1.6e-4) |

    ## Undecided

    | | trial | what |
    | --- | --- | --- |
    | OPEN | mixed readany() (tcp) | 4 of 4 complete -> 3 of 4 complete, 1 of 4 reset by the server, ClientPayloadError (p = 1.00) |

    - the ends of 1 trial over TCP: use --repeat 4; fewer cannot tell a changed end from chance (3 against 3: p = 0.10)
    - the figures of 1 trial over TCP: use --repeat 5; below 5 there are no intervals

    ## Also different, neither better nor worse

    | | trial | what |
    | --- | --- | --- |
    |  | slow readany() (virtual), iter_any() (virtual) | transport_reads |

    ## Only the ends compared

    | | trial | what |
    | --- | --- | --- |
    |  | edited readany() (virtual), iter_any() (virtual) | body.size 0 B -> 2 MB |

    ## Only in the old run

    | | trial | what |
    | --- | --- | --- |
    |  | gone readany() (virtual), iter_any() (virtual) |  |

    ## Next

    ```sh
    shortread explain fin
    shortread run mixed few --world tcp --repeat 16
    ```
    ");
}

#[test]
fn what_one_run_alone_has_is_told_by_its_profile() {
    let by = |profile: &str| {
        let mut record = simulated("fin", "readany", 1);
        record.profile = Some(profile.into());
        record.id = format!("fin/readany/{profile}/virtual/1");
        record
    };
    let profiles = ["aiohttp-3.14.5", "aiohttp-3.13.5", "aiohttp-3.12.15"];
    let told = plain(&of(vec![by(profiles[1])], profiles.map(by).to_vec()));
    assert!(
        told.contains("fin readany() as aiohttp-3.14.5, readany() as aiohttp-3.12.15\n"),
        "{told}"
    );
}

#[test]
fn an_end_that_is_worse_for_the_expectation_alone_says_so() {
    let mut new = simulated("fin", "readany", 1);
    new.as_expected = Some(false);
    let told = plain(&of(vec![cut(simulated("fin", "readany", 1))], vec![new]));
    assert!(
        told.contains("-> complete; the scenario expects the old end"),
        "{told}"
    );
}

#[test]
fn a_byte_less_of_a_gigabyte_is_told_to_the_byte() {
    let mut new = simulated("fin", "readany", 1);
    new.delivered_bytes -= 1;
    let told = plain(&of(vec![simulated("fin", "readany", 1)], vec![new]));
    assert!(
        told.contains("delivered 1000000000 B -> 999999999 B"),
        "{told}"
    );
}

#[test]
fn the_next_command_runs_the_clients_that_were_compared() {
    let records = || -> Vec<Record> {
        let by = |name: &str| {
            let mut record = repeated("fin", "readany", 1).remove(0);
            record.id = format!("fin/client/{name}/tcp/1");
            record.strategy = None;
            record.profile = None;
            record.client = Some(ClientFacts {
                name: name.into(),
                command: "curl -o {out} {url}".into(),
                ..ClientFacts::default()
            });
            record
        };
        vec![by("old-curl"), by("curl")]
    };
    let told = plain(&of(records(), records()));
    let (_, next) = told.split_once("Next: ").unwrap();
    assert_eq!(
        next.lines().next().unwrap(),
        "shortread run fin --client 'old-curl=curl -o {out} {url}' \
         --client 'curl=curl -o {out} {url}' --repeat 6"
    );
}

#[test]
fn json_has_every_finding() {
    insta::assert_snapshot!(json(&few()).unwrap(), @r#"
    {
      "schema_version": 1,
      "regression": false,
      "repetitions_needed": 5,
      "old": {
        "run": "old",
        "started": "2026-11-22T16:03:00Z",
        "version": "0.1.0",
        "records": 1,
        "planned": 1
      },
      "new": {
        "run": "new",
        "started": "2026-11-22T16:03:00Z",
        "version": "0.1.0",
        "records": 1,
        "planned": 1
      },
      "virtual_pairs": 0,
      "identical": 0,
      "tcp_trials": 1,
      "tcp_repetitions": 1,
      "ends": [],
      "figures": [],
      "others": [],
      "not_compared": [],
      "recipes": [],
      "only_old": [],
      "only_new": [],
      "too_few_for_ends": 1,
      "too_few_for_figures": 1,
      "undecided": [
        "fin"
      ],
      "clients": [],
      "intervals": 0,
      "notes": []
    }
    "#);
    let value: serde_json::Value = serde_json::from_str(&json(&sample()).unwrap()).unwrap();
    assert_eq!(value["regression"], true);
    assert_eq!(value["ends"][0]["verdict"], "regression");
    assert_eq!(
        value["figures"].as_array().unwrap().len(),
        sample().figures.len()
    );
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_escapes_what_it_shows() {
    let page = html(&sample()).unwrap();
    for outside in [
        "src=", "href=", "url(", "@import", "http:", "https:", "<script",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    for said in [
        "<h1>",
        "light dark",
        "reset by the server, ClientPayloadError -&#62; silent-truncation by the server",
        "shortread explain fin",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn a_page_has_headings_tables_and_the_next_command() {
    let page = html(&few()).unwrap();
    let (_, body) = page.split_once("<main>").unwrap();
    insta::assert_snapshot!(body.trim_start(), @r#"
    <h1>Undecided: the repetitions over TCP are too few to tell</h1>
    <dl>
    <dt>old</dt><dd>old: 1 of 1 trial, started 2026-11-22T16:03:00Z, shortread 0.1.0</dd>
    <dt>new</dt><dd>new: 1 of 1 trial, started 2026-11-22T16:03:00Z, shortread 0.1.0</dd>
    </dl>
    <section>
    <h2>Undecided</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Undecided">
    <table>
    <thead><tr><th scope="col">Trial</th><th scope="col">What</th></tr></thead>
    <tbody>
    <tr><td colspan="2">the ends of 1 trial over TCP: use --repeat 4; fewer cannot tell a changed end from chance (3 against 3: p = 0.10)</td></tr>
    <tr><td colspan="2">the figures of 1 trial over TCP: use --repeat 5; below 5 there are no intervals</td></tr>
    </tbody>
    </table>
    </div>
    </section>
    <section>
    <h2>How it was compared</h2>
    <ul>
    <li>TCP: 1 trial, at most 1 repetition a side.</li>
    <li>Exit code 0: no regression is proven.</li>
    </ul>
    <h2>Next</h2>
    <pre><code>shortread run fin --world tcp --repeat 5</code></pre>
    </section>
    </main>
    <footer><p>shortread 0.1.0. WORSE, BETTER, CHANGED and OPEN are defined in docs/COMPARE.md.</p></footer>
    </body>
    </html>
    "#);
}

#[test]
fn long_lists_are_cut_on_a_terminal() {
    let names: Vec<String> = (0..25).map(|index| format!("s{index:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let records = || names.iter().map(|name| simulated(name, "readany", 1));
    let old = run("old", records().collect(), &scenarios(&names));
    let new = run("new", records().map(cut).collect(), &scenarios(&names));
    let text = plain(&compare(&old, &new).unwrap());
    assert!(
        text.contains("  and 5 more rows, with --format json\n"),
        "{text}"
    );
}
