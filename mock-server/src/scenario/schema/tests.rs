//! The schema against the reader: what one takes, the other takes.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value as Json, json};

use super::{
    probe_samples::{file_with, is_read, probes, toml_of},
    *,
};
use crate::scenario::{catalogue, parse};

static SCHEMA: LazyLock<Json> = LazyLock::new(|| serde_json::from_str(&schema()).unwrap());

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).unwrap());

/// The schema's objections to a file that is TOML.
fn errors(text: &str) -> Vec<String> {
    let file: Json = toml::from_str(text).expect("TOML");
    let errors = VALIDATOR.iter_errors(&file);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// The reader calls this with every file that it takes, so that each test of it is
/// one of the schema too.
pub(in crate::scenario) fn holds_for(text: &str) {
    let errors = errors(text);
    assert!(
        errors.is_empty(),
        "the reader takes this, the schema does not: {errors:#?}\n{text}"
    );
}

#[test]
fn it_is_a_schema_of_its_dialect() {
    assert!(jsonschema::meta::is_valid(&SCHEMA));
    assert_eq!(SCHEMA["$schema"], DIALECT);
}

/// `UPDATE_SCHEMA=1` writes it instead.
#[test]
fn the_file_beside_the_catalogue_is_this_schema() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../scenarios/scenario.schema.json"
    );
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, schema()).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == schema(),
        "{path} is not what the grammar says; UPDATE_SCHEMA=1 cargo test -p shortread-server \
         --lib schema writes it, and its difference belongs into the review"
    );
}

#[test]
fn every_scenario_of_the_catalogue_keeps_to_it() {
    for (name, text) in catalogue() {
        assert_eq!(errors(text), Vec::<String>::new(), "{name}");
    }
}

/// The properties of the table at `path` in the schema.
fn properties(path: &str) -> Vec<String> {
    fn tables(schema: &Json) -> Vec<&Json> {
        match schema.get("properties") {
            Some(_) => vec![schema],
            None => {
                let inner = schema.get("items").into_iter();
                let each = schema
                    .get("anyOf")
                    .and_then(Json::as_array)
                    .into_iter()
                    .flatten();
                inner.chain(each).flat_map(tables).collect()
            }
        }
    }
    let mut at = &*SCHEMA;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        at = &tables(at)[0]["properties"][part];
    }
    let found = tables(at);
    assert_eq!(found.len(), 1, "{path}");
    assert_eq!(found[0]["additionalProperties"], false);
    found[0]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn each_key_of_the_grammar_is_in_it_and_no_other() {
    for table in TABLES {
        let mut keys: Vec<_> = table.names().collect();
        keys.sort_unstable();
        assert_eq!(properties(table.path), keys, "{}", table.shown);
    }
}

#[test]
fn each_key_takes_the_same_types_and_words_in_the_schema_as_in_the_reader() {
    let mut differ = Vec::new();
    let mut taken = 0;
    for table in TABLES {
        for key in table.keys {
            let path = table.below(key.name);
            let later = key.values.iter().any(|value| {
                let value = match value {
                    Value::List(of) | Value::Distinct(of) | Value::NotEmpty(of) => of,
                    _ => value,
                };
                matches!(
                    value,
                    Value::Whole(..)
                        | Value::Number(..)
                        | Value::Line
                        | Value::Setting
                        | Value::Release
                        | Value::Releases
                        | Value::Fields
                )
            });
            for probe in probes() {
                let file = file_with(&path, &probe);
                let (reader, schema) = (is_read(&file), VALIDATOR.is_valid(&file));
                taken += usize::from(schema);
                // Ranges and the form of some texts are checked when all is read.
                if reader != schema && !(later && reader) {
                    differ.push(format!(
                        "{path} = {probe}: reader {reader}, schema {schema}"
                    ));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{}\n{differ:#?}", differ.len());
    assert!(taken > 500, "{taken}");
}

/// One step outside of a range, and its ends.
fn around(value: &Value) -> Option<(Vec<Json>, Vec<Json>)> {
    match value {
        Value::Whole(least, most) => Some((
            vec![json!(least - 1), json!(most + 1)],
            vec![json!(least), json!(most)],
        )),
        Value::Number(least, most) => {
            let (mut outside, mut inside) = (vec![json!(-0.1), json!(1.1)], vec![json!(0.5)]);
            for bound in [least, most] {
                match bound {
                    Bound::Included(value) => inside.push(json!(value)),
                    Bound::Excluded(value) => outside.push(json!(value)),
                    Bound::Unbounded => {}
                }
            }
            Some((outside, inside))
        }
        _ => None,
    }
}

#[test]
fn ranges_of_numbers_are_those_of_the_checks() {
    let mut ranges = 0;
    for table in TABLES {
        for key in table.keys {
            let Some((outside, inside)) = key.values.iter().find_map(around) else {
                continue;
            };
            ranges += 1;
            let path = table.below(key.name);
            let parses = |value: &Json| {
                let file = file_with(&path, value);
                let read = parse("n", "it.toml", &toml_of(&file)).map_err(|e| e.to_string());
                (VALIDATOR.is_valid(&file), read)
            };
            for value in outside {
                let (schema, read) = parses(&value);
                assert!(
                    !schema && read.is_err(),
                    "{path} = {value}: {schema}, {read:?}"
                );
            }
            for value in inside {
                let (schema, read) = parses(&value);
                assert!(
                    schema && read.is_ok(),
                    "{path} = {value}: {schema}, {read:?}"
                );
            }
        }
    }
    assert_eq!(ranges, 15);
}

#[test]
fn texts_whose_form_is_checked_have_it_in_the_schema_too() {
    for (path, wrong) in [
        ("title", json!("two\nlines")),
        ("cause", json!(" ")),
        ("decisive", json!(["client.totl"])),
        ("plan.profile", json!("<aiohttp-3.14")),
        ("plan.profile", json!(["aiohttp"])),
        ("expect.trial.profile", json!("aiohttp-3.1.2.3")),
        ("response.headers", json!({ "A B": "x" })),
    ] {
        let file = file_with(path, &wrong);
        assert!(!VALIDATOR.is_valid(&file), "{path} = {wrong}");
        assert!(
            parse("n", "it.toml", &toml_of(&file)).is_err(),
            "{path} = {wrong}"
        );
    }
}

#[test]
fn mistakes_of_a_file_are_refused_by_both() {
    const LEAST: &str = "title = 't'\ncause = 'c'\nbody.size = 7\n";
    for wrong in [
        "tilte = 't'",
        "[link]\nspeed = '1MB/s'",
        "[body]\nsize = '12mb'",
        "[body]\nsize = 1.5",
        "[link]\nrate = '2MB'",
        "[link]\nlatency = 20",
        "[client]\ntotal = 300",
        "[client]\ntotal = 'forever'",
        "[fault]\nwhen = { body = 1 }\nthen = 'reset'",
        "[[fault]]\nwhen = { body = 1 }\nthen = 'resett'",
        "[[fault]]\nwhen = { body = 1 }\nthen = 'stall'",
        "[[fault]]\nwhen = { body = 1 }",
        "[[fault]]\nwhen = { body = 1, idle = '3s' }\nthen = 'reset'",
        "[[fault]]\nwhen = {}\nthen = 'reset'",
        "[expect.any]\nprefix = 7",
        "[[expect.trial]]\nkind = 'timeout'\ndelivered = [0, 1]",
        "[[expect.trial]]\nkind = 'reset'\ndelivered = [0, 1, 2]",
    ] {
        let text = match wrong.starts_with("[body]") {
            true => format!("title = 't'\ncause = 'c'\n{wrong}\n"),
            false => format!("{LEAST}{wrong}\n"),
        };
        assert!(parse("n", "it.toml", &text).is_err(), "{text}");
        assert!(!errors(&text).is_empty(), "{text}");
    }
    for lacks in [
        "",
        "title = 't'\ncause = 'c'",
        "title = 't'\ncause = 'c'\n[body]\nchunk = 1",
    ] {
        assert!(
            parse("n", "it.toml", lacks).is_err() && !errors(lacks).is_empty(),
            "{lacks}"
        );
    }
}

#[test]
fn what_is_too_long_is_refused_by_both() {
    let many = "'a',".repeat(1001);
    let text = format!("title = 't'\ncause = 'c'\nbody.size = 7\nsources = [{many}]");
    assert!(parse("n", "it.toml", &text).is_err() && !errors(&text).is_empty());
}

#[test]
fn words_and_keys_come_with_what_they_mean() {
    let size = &SCHEMA["properties"]["body"]["properties"]["chunk"]["description"];
    assert!(
        size.as_str().unwrap().ends_with("(default: 64KiB)"),
        "{size}"
    );
    let kinds = SCHEMA["$defs"]["Kind"]["oneOf"].as_array().unwrap();
    assert_eq!(kinds.len(), crate::scenario::Kind::ALL.len());
    assert_eq!(kinds[0]["const"], "complete");
    assert_eq!(kinds[0]["description"], "Every byte arrived and was right.");
}
