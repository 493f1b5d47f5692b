//! Recipe files, right and wrong.

use super::*;
use crate::remedy::Named;

fn read(text: &str) -> Recipe {
    Recipe::parse("mine", "mine.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The places of the errors in `text`, with what they say and what helps.
fn wrong(text: &str) -> Vec<String> {
    let errors = Recipe::parse("mine", "mine.toml", text).unwrap_err();
    let shown = errors.list().iter().map(|error| {
        let help = error.help.as_deref().unwrap_or("-");
        format!("{}:{} {} | {help}", error.line, error.column, error.message)
    });
    shown.collect()
}

#[test]
fn empty_tables_are_the_remedies_as_they_are_by_name() {
    let text =
        "[progress]\n[deadlines]\n[stall]\n[retry]\n[resume]\n[segments]\n[verify]\n[atomic]\n";
    let mut named = Recipe::of(&Named::ALL);
    named.name = "mine".into();
    assert_eq!(read(text), named);
}

#[test]
fn the_document_has_a_file_that_is_read() {
    const DOCUMENT: &str = include_str!("../../../../docs/REMEDIES.md");
    let (_, rest) = DOCUMENT
        .split_once("<!-- recipe: mine.toml -->\n```toml\n")
        .unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let recipe = read(text);
    assert!(
        recipe.stall.is_some() && recipe.atomic.is_some(),
        "{recipe:#?}"
    );
}

#[test]
fn every_key_is_read() {
    let recipe = read(
        "[progress]\nbytes = \"10MiB\"\n\
         [deadlines]\ntotal = \"off\"\nsock_read = \"60s\"\nkeepalive = \"45s\"\n\
         [stall]\nsilence = \"off\"\nrate = \"1kB/s\"\nover = \"20s\"\n\
         [retry]\nattempts = 3\nrenewed_by = \"1MiB\"\nwithin = \"45s\"\nfirst = \"200ms\"\n\
         growth = \"linear\"\nmost = \"5s\"\njitter = \"1s\"\nretry_after = \"off\"\n\
         statuses = [429]\n\
         [resume]\nif_range = false\nweak = true\nwithout_validator = \"resume\"\n\
         on_200 = \"skip\"\ncontent_range = false\nvalidators = false\non_unfit = \"fail\"\n\
         [verify]\nrequire = \"length\"\n\
         [atomic]\nrequire = \"nothing\"\n",
    );
    assert_eq!(recipe.atomic.unwrap().require, Basis::Nothing);
    let second = Duration::from_secs(1);
    assert_eq!(recipe.progress.unwrap().bytes, Some(10 << 20));
    let deadlines = recipe.deadlines.unwrap();
    assert_eq!(deadlines.total, Some(Limit::Never));
    assert_eq!(deadlines.sock_read, Some(Limit::After(60 * second)));
    assert_eq!(deadlines.keepalive.unwrap().idle, 45 * second);
    let slow = Slow {
        rate: 1000,
        over: 20 * second,
    };
    let stall = Stall {
        silence: None,
        slow: Some(slow),
    };
    assert_eq!(recipe.stall, Some(stall));
    let retry = Retry {
        attempts: 3,
        budget: Budget::SinceProgress(1 << 20),
        within: Some(45 * second),
        backoff: Backoff {
            first: second / 5,
            growth: Growth::Linear,
            most: 5 * second,
            jitter: Jitter::Added(second),
        },
        retry_after: None,
        statuses: vec![429],
    };
    assert_eq!(recipe.retry, Some(retry));
    let resume = Resume {
        if_range: false,
        weak: true,
        without_validator: Without::Resume,
        on_200: On200::Skip,
        content_range: false,
        validators: false,
        on_unfit: OnUnfit::Fail,
    };
    assert_eq!(recipe.resume, Some(resume));
    assert_eq!(recipe.verify.unwrap().require, Basis::Length);
}

#[test]
fn all_mistakes_are_told_at_their_places() {
    let errors = wrong(
        "[retry]\natempts = 3\nfirst = \"soon\"\nstatuses = [200]\n\
         [verify]\nrequire = \"etag\"\ndigest = \"md5:00\"\n[retri]\n",
    );
    assert_eq!(errors.len(), 6, "{errors:#?}");
    assert!(
        errors[0].starts_with("2:1 unknown key `atempts` in [retry] | did you mean `attempts`?")
    );
    assert!(errors[1].starts_with("3:9 "), "{}", errors[1]);
    assert!(errors[2].starts_with("4:12 no status of an error (400 to 599): 200"));
    assert!(errors[3].starts_with("6:11 `etag` is not known"));
    assert!(errors[4].starts_with("7:10 `md5:00` is no digest"));
    assert!(errors[5].starts_with("8:2 unknown key `retri` in a recipe | did you mean `retry`?"));
}

#[test]
fn broken_toml_and_settings_that_contradict_each_other_are_told_too() {
    assert!(wrong("[retry\n")[0].starts_with("1:"));
    assert!(wrong("retry = 3\n")[0].contains("must be a table"));
    let errors =
        wrong("[retry]\nwithin = \"1ms\"\nfirst = \"1s\"\nmost = \"500ms\"\njitter = \"none\"\n");
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(wrong("[resume]\n")[0].starts_with("1:1 `resume` needs `retry`"));
    let unvouched = "[retry]\n[resume]\nwithout_validator = \"resume\"\n\
                     [verify]\nrequire = \"validator\"\n";
    assert!(
        wrong(unvouched)[0].starts_with("2:1 "),
        "{:?}",
        wrong(unvouched)
    );
}

#[test]
fn a_least_rate_makes_a_total_and_takes_no_other() {
    let least = |text: &str| read(text).deadlines.unwrap();
    let usual = least("[deadlines]\nleast_rate = \"100kB/s\"\n");
    assert_eq!(
        usual.least_rate,
        Some(LeastRate {
            rate: 100_000,
            base: LeastRate::BASE
        })
    );
    assert_eq!(usual.total, Some(Limit::Never));
    let own = least("[deadlines]\nleast_rate = \"1B/s\"\nbase = \"5s\"\ntotal = \"off\"\n");
    assert_eq!(own.least_rate.unwrap().base, Duration::from_secs(5));
    let two = wrong("[retry]\n[deadlines]\nleast_rate = \"1kB/s\"\ntotal = \"300s\"\n");
    assert_eq!(two.len(), 1, "{two:?}");
    assert!(
        two[0].starts_with("2:1 `deadlines.total` is a time"),
        "{two:?}"
    );
}

#[test]
fn a_name_that_no_file_would_get_is_refused() {
    let digest = wrong("[atomic]\nrequire = \"digest\"\n");
    assert!(digest[0].starts_with("1:1 `atomic.require` is a digest"));
    assert_eq!(digest.len(), 1, "{digest:?}");
    read("[verify]\n[atomic]\nrequire = \"digest\"\n");
    let joins = "[retry]\n[resume]\nvalidators = false\n[atomic]\nrequire = \"validator\"\n";
    assert!(wrong(joins)[0].starts_with("2:1 a validator is required"));
}

#[test]
fn a_file_that_is_no_recipe_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.toml");
    std::fs::write(&long, " ".repeat(LARGEST_RECIPE as usize + 1)).unwrap();
    let long = Recipe::load(&long).unwrap_err();
    assert!(matches!(long, RecipeFileError::TooLong(_)), "{long}");
    let missing = Recipe::load(Path::new("no/such/recipe.toml")).unwrap_err();
    assert!(
        missing.to_string().contains("`no/such/recipe.toml`"),
        "{missing}"
    );
}

#[test]
fn what_ends_everything_or_nothing_is_refused() {
    for text in [
        "[retry]\nattempts = 0",
        "[retry]\nattempts = 1001",
        "[retry]\nattempts = 4294967296",
        "[retry]\nattempts = -1",
        "[retry]\nwithin = \"0s\"",
        "[retry]\nretry_after = \"0s\"",
        "[retry]\nrenewed_by = 0",
        "[retry]\ngrowth = 1e308",
        "[retry]\nstatuses = [429, 429]",
        "[retry]\nstatuses = [1, 2, 999]",
        "[stall]\nsilence = \"0s\"",
        "[stall]\nover = \"0s\"",
        "[stall]\nrate = \"0B/s\"",
        "[deadlines]\nsock_read = \"0s\"",
        "[deadlines]\ntotal = \"0s\"",
        "[deadlines]\nkeepalive = \"1ms\"",
        "[deadlines]\nbase = \"30s\"",
        "[deadlines]\nleast_rate = \"0B/s\"",
        "[deadlines]\nleast_rate = 100",
        "[deadlines]\nkeepalive = \"1000h\"",
        "[atomic]\nfoo = 1",
    ] {
        let errors = wrong(text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert!(errors[0].starts_with("2:"), "{text}: {errors:?}");
        assert!(errors[0].len() < 150, "{text}: {errors:?}");
    }
    assert!(wrong("[atomic]\nfoo = 1")[0].ends_with("[atomic] knows `require`"));
    assert!(wrong("[retry]\nstatuses = [1, 2, 999]")[0].contains(": 1, 2, 999"));
}
