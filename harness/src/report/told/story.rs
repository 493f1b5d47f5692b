//! The text about one scenario, beside its rows.

use shortread_server::scenario::Scenario;

use crate::report::{
    advice_for,
    rows::{Row, Story},
};

impl<'a> Story<'a> {
    /// The row that the story is told by.
    pub(in crate::report) fn worst(&self) -> &Row<'a> {
        let worst = self.rows.iter().find(|row| row.group() == self.group);
        worst.unwrap_or(&self.rows[0])
    }

    /// The advice for each row, each advice once.
    pub(in crate::report) fn advice(&self, scenario: &Scenario) -> Vec<String> {
        let mut advice: Vec<String> = Vec::new();
        for row in &self.rows {
            for remedy in advice_for(scenario, &row.records[0].outcome) {
                if !advice.contains(&remedy) {
                    advice.push(remedy);
                }
            }
        }
        advice
    }
}
