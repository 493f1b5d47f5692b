use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{
    answer::{Index, Problem},
    faults::Faults,
    journal::JournalAnswer,
    routes::ROUTES,
    scenarios::{ListedScenario, Scenarios},
    *,
};
use crate::{
    clock::Instant,
    journal::{Event, Fact},
};

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_document_has_each_route_and_no_other() {
    let document = document();
    let mut documented = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in keys(methods) {
            documented.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let known = ROUTES
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"));
    assert_eq!(documented, known.collect());
}

/// Checks that the properties of a schema are the fields of `value`, in which
/// optional ones are set.
fn same(schema: &str, value: &impl Serialize) {
    let document = document();
    let schema_of = &document["components"]["schemas"][schema];
    let written = keys(&serde_json::to_value(value).unwrap());
    assert_eq!(keys(&schema_of["properties"]), written, "{schema}");
    for required in schema_of["required"].as_array().unwrap() {
        assert!(
            written.contains(required.as_str().unwrap()),
            "{schema}: {required}"
        );
    }
}

#[test]
fn the_schemas_are_those_of_the_answers() {
    let row = || ListedScenario {
        name: String::new(),
        title: String::new(),
        cause: String::new(),
        url: String::new(),
        connections: 0,
        requests: 0,
    };
    let problem = || Problem {
        line: 1,
        column: 1,
        message: String::new(),
        help: None,
    };
    same(
        "Index",
        &Index {
            url: String::new(),
            version: "",
            openapi: "",
            routes: Vec::new(),
        },
    );
    same("Faults", &Faults { enabled: true });
    same("Scenario", &row());
    same(
        "Scenarios",
        &Scenarios {
            scenarios: vec![row()],
        },
    );
    same("Problem", &problem());
    let mut refusal = Refusal::new(422, "").help("");
    refusal.problems.push(problem());
    same("Refusal", &refusal);
    same(
        "Journal",
        &JournalAnswer {
            key: None,
            is_final: true,
            under_way: 0,
            dropped: 0,
            events: Vec::new(),
        },
    );
    let event = Event {
        at_ns: Instant(0),
        utc: Some(String::new()),
        connection: 1,
        key: Some(String::new()),
        fact: Fact::BadRequest {
            reason: String::new(),
        },
    };
    let written = keys(&serde_json::to_value(&event).unwrap());
    for property in keys(&document()["components"]["schemas"]["Event"]["properties"]) {
        assert!(written.contains(&property), "{property}");
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match (key.as_str(), value) {
                        ("$ref", Value::String(target)) => found.push(target.clone()),
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 10);
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}
