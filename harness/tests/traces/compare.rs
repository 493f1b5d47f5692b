//! Collects where a replay differs from its recording.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// The number of them that are printed in full.
const MOST_PRINTED: usize = 12;

#[derive(Default)]
pub(crate) struct Differences {
    path: PathBuf,
    line: usize,
    steps: usize,
    found: Vec<String>,
}

impl Differences {
    /// Notes that the following lines are about the case on `line` of the file at
    /// `path`.
    pub(crate) fn enter(&mut self, path: &Path, line: usize) {
        self.path = path.to_owned();
        self.line = line;
    }

    /// Compares all fields of a step. False where one differs: what follows in
    /// that case would differ only because of it.
    pub(crate) fn step(
        &mut self,
        index: usize,
        recorded: &Value,
        played: &Map<String, Value>,
    ) -> bool {
        self.steps += 1;
        let fields = recorded.as_object().expect("a step is an object");
        let place = || {
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            format!("{name} line {}, step {index} {}", self.line, recorded["op"])
        };
        assert_eq!(fields.len(), played.len() + 1, "{}: its fields", place());
        let found: Vec<_> = played
            .iter()
            .filter(|(field, value)| fields.get(*field) != Some(value))
            .map(|(field, value)| {
                let recorded = fields.get(field).unwrap_or(&Value::Null);
                format!("`{field}` is {recorded}, played {value}")
            })
            .collect();
        if found.is_empty() {
            return true;
        }
        self.found
            .push(format!("{}: {}", place(), found.join("; ")));
        false
    }

    /// Panics if there are any, or nothing was compared.
    pub(crate) fn assert_none(&self) {
        assert!(self.steps > 0, "nothing was compared");
        for text in self.found.iter().take(MOST_PRINTED) {
            println!("{text}");
        }
        assert!(self.found.is_empty(), "{} cases differ", self.found.len());
    }
}
