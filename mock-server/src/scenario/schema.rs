//! JSON Schema (2020-12) of scenario files, made from the grammar: for editors, and
//! for programs that write such files.
//!
//! It takes whatever the reader takes. What contradicts what in a file, the reader
//! alone can tell.

use std::ops::Bound;

use schemars::SchemaGenerator;
use serde_json::{Map, Value as Json, json};

use super::grammar::{self, ACTIONS, Grammar, Key, TABLES, Value};
use crate::units::patterns;

/// The dialect that it is written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// At least one character that is not blank.
const NOT_BLANK: &str = r"\S";

/// The same, with no line break before the last of them.
const ONE_LINE: &str = r"^\s*\S(?:[^\n]*\S)?\s*$";

/// A release of a client library, or a line of them.
const RELEASE: &str = r"^aiohttp-[0-9]+(?:\.[0-9]+){0,2}$";

/// The same, or all that came before it.
const RELEASES: &str = r"^<?aiohttp-[0-9]+(?:\.[0-9]+){0,2}$";

/// A place of a response.
const LANDMARK: &str = r"^\s*(?:head|last-chunk|trailer|member-0*[1-9][0-9]*|chunk-0*[1-9][0-9]*(?:-data|-size)?|[0-9.]+\s*%)\s*$";

/// Numbers in an order.
const ORDINALS: &str = r"^\s*(?:every[ -]\s*0*[1-9][0-9]*|0*[1-9][0-9]*(?:\.\.(?:0*[1-9][0-9]*)?)?|\.\.0*[1-9][0-9]*)\s*$";

/// A method (RFC 9110, section 9.1): a token, here without lower case.
const METHOD: &str = r"^[-!#$%&'*+.^_`|~0-9A-Z]+$";

/// A path that is none of the server's own, without a query, as it reads after percent
/// decoding.
const PATH: &str = r"^/(?!(?:s|expected)?(?:/|$)|download/?$|.*%[0-9A-Fa-f]{2}|.*\*$)[^?#\u0000-\u001f\u007f-\u009f]*$";

/// A path, or with a star at its end all that begin so.
const PATH_PATTERN: &str = r"^/(?!.*%[0-9A-Fa-f]{2})[^?#*\u0000-\u001f\u007f-\u009f]*\*?$";

/// Two digits for each byte.
const HEX: &str = r"^\s*(?:[0-9A-Fa-f]\s*[0-9A-Fa-f]\s*)*$";

/// The name of a header field (RFC 9110, section 5.1).
const TOKEN: &str = r"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$";

/// The schema as a text that ends with a line break.
pub fn schema() -> String {
    let mut schemas = SchemaGenerator::default();
    let mut root = table(&mut schemas, &TABLES[0]);
    insert(&mut root, "$schema", DIALECT.into());
    insert(&mut root, "title", "A scenario of Shortread".into());
    insert(
        &mut root,
        "description",
        "One way for a download to fail, or to survive".into(),
    );
    // A file that sends a page instead of the object needs no object.
    insert(
        &mut root,
        "if",
        json!({ "not": {
        "required": ["response"],
        "properties": { "response": { "anyOf": [
            { "required": ["page"] },
            { "required": ["page_of"] },
        ] } },
    } }),
    );
    insert(
        &mut root,
        "then",
        json!({
            "required": ["body"],
            "properties": { "body": { "anyOf": [
                { "required": ["size"] },
                { "required": ["file"] },
            ] } },
        }),
    );
    let words = schemas.take_definitions(true);
    insert(&mut root, "$defs", definitions(words));
    format!("{root:#}\n")
}

/// The words that the files share, and the quantities.
fn definitions(words: Map<String, Json>) -> Json {
    let text = |pattern: String, example: &str| json!({ "type": "string", "pattern": pattern, "examples": [example] });
    let mut all = words;
    let size = text(patterns::size(), "64KiB");
    let bytes = json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX });
    all.insert("size".into(), json!({ "anyOf": [size, bytes] }));
    all.insert("rate".into(), text(patterns::rate(), "2MB/s"));
    all.insert("duration".into(), text(patterns::duration(), "350s"));
    let settings: Vec<String> = grammar::settings().collect();
    all.insert("setting".into(), json!({ "enum": settings }));
    all.into()
}

fn table(schemas: &mut SchemaGenerator, table: &Grammar) -> Json {
    let keys: Map<String, Json> = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(schemas, table, key)))
        .collect();
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.is_required())
        .map(|key| key.name)
        .collect();
    let mut schema = json!({
        "type": "object",
        "properties": keys,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        insert(&mut schema, "required", required.into());
    }
    if table.is_a_choice() {
        insert(&mut schema, "minProperties", 1.into());
        insert(&mut schema, "maxProperties", 1.into());
    }
    schema
}

fn property(schemas: &mut SchemaGenerator, above: &Grammar, key: &Key) -> Json {
    let path = above.below(key.name);
    let mut each: Vec<Json> = key
        .values
        .iter()
        .map(|value| one(schemas, &path, value))
        .collect();
    let mut schema = match each.len() {
        1 => each.remove(0),
        _ => json!({ "anyOf": each }),
    };
    insert(&mut schema, "description", told(key).into());
    schema
}

/// The text that an editor shows of a key: the reference's.
fn told(key: &Key) -> String {
    match key.default {
        "" => key.meaning.into(),
        "required" => format!("{} (required)", key.meaning),
        default => format!("{} (default: {default})", key.meaning),
    }
}

fn one(schemas: &mut SchemaGenerator, path: &str, value: &Value) -> Json {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match value {
        Value::Text => text(NOT_BLANK),
        Value::Line => text(ONE_LINE),
        Value::Release => text(RELEASE),
        Value::Releases => text(RELEASES),
        Value::Landmark => text(LANDMARK),
        Value::Ordinals => json!({ "anyOf": [
            text(ORDINALS), { "type": "integer", "minimum": 1, "maximum": u32::MAX },
        ] }),
        Value::Span => {
            let time = patterns::duration();
            let time = time.trim_start_matches('^').trim_end_matches('$');
            text(&format!(
                r"^\s*(?:{time}\s*\.\.\s*(?:{time})?|\.\.\s*{time})\s*$"
            ))
        }
        Value::Method => text(METHOD),
        Value::Path => text(PATH),
        Value::PathPattern => text(PATH_PATTERN),
        Value::Hex => text(HEX),
        Value::AnyText => json!({ "type": "string" }),
        Value::Flag => json!({ "type": "boolean" }),
        Value::Size => defined("size"),
        Value::Rate => defined("rate"),
        Value::Duration => defined("duration"),
        Value::Setting => defined("setting"),
        Value::Whole(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Value::Number(least, most) => number(*least, *most),
        Value::Listed(words) => json!({ "enum": words }),
        Value::Word(word) => word(schemas).to_value(),
        Value::Action => json!({ "oneOf": ACTIONS.map(|(word, meaning)| {
            json!({ "const": word, "description": meaning })
        }) }),
        Value::List(of) => list(path, one(schemas, path, of)),
        Value::Distinct(of) => {
            let mut several = list(path, one(schemas, path, of));
            insert(&mut several, "uniqueItems", true.into());
            several
        }
        Value::NotEmpty(of) => {
            let mut several = list(path, one(schemas, path, of));
            insert(&mut several, "minItems", 1.into());
            several
        }
        Value::Ascending(of) => {
            let mut several = list(path, one(schemas, path, of));
            insert(&mut several, "minItems", 1.into());
            insert(&mut several, "uniqueItems", true.into());
            several
        }
        Value::Bounds => json!({
            "type": "array", "items": defined("size"), "minItems": 2, "maxItems": 2,
        }),
        Value::Fields => json!({
            "type": "object",
            "additionalProperties": { "type": "string" },
            "propertyNames": { "pattern": TOKEN },
            "maxProperties": grammar::most_entries(path),
        }),
        Value::Table => below(schemas, path),
        Value::Tables => {
            let each = below(schemas, path);
            list(path, each)
        }
    }
}

/// The table at `path`; every path that the grammar calls one has one.
fn below(schemas: &mut SchemaGenerator, path: &str) -> Json {
    grammar::at(path).map_or(Json::Bool(false), |found| table(schemas, found))
}

fn list(path: &str, items: Json) -> Json {
    json!({ "type": "array", "items": items, "maxItems": grammar::most_entries(path) })
}

fn number(least: Bound<f64>, most: Bound<f64>) -> Json {
    let mut schema = json!({ "type": "number" });
    for (bound, included, excluded) in [
        (least, "minimum", "exclusiveMinimum"),
        (most, "maximum", "exclusiveMaximum"),
    ] {
        match bound {
            Bound::Included(value) => insert(&mut schema, included, value.into()),
            Bound::Excluded(value) => insert(&mut schema, excluded, value.into()),
            Bound::Unbounded => {}
        }
    }
    schema
}

fn defined(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn insert(schema: &mut Json, key: &str, value: Json) {
    if let Some(object) = schema.as_object_mut() {
        object.insert(key.into(), value);
    }
}

#[cfg(test)]
mod probe_samples;
#[cfg(test)]
pub(super) mod tests;
