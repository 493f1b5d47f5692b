//! The text about one scenario, beside its rows.

use shortread_server::scenario::Scenario;

use super::measured::{self, Advice};
use crate::report::{
    RunView, advice_for,
    cures::Cures,
    rows::{Row, Story},
};

impl<'a> Story<'a> {
    /// The row that the story is told by.
    pub(in crate::report) fn worst(&self) -> &Row<'a> {
        let worst = self.rows.iter().find(|row| row.group() == self.group);
        worst.unwrap_or(&self.rows[0])
    }

    /// What remedies were measured to do, where the run has some, then the advice for
    /// each row, each advice once.
    pub(in crate::report) fn advice(
        &self,
        run: &RunView<'_>,
        cures: Option<&Cures<'_>>,
        scenario: &Scenario,
    ) -> Vec<Advice> {
        let mut advice = cures.map_or(Vec::new(), |cures| measured::advice(run, cures, self.name));
        for row in &self.rows {
            for remedy in advice_for(scenario, &row.records[0].outcome) {
                let remedy = remedy.into();
                if !advice.contains(&remedy) {
                    advice.push(remedy);
                }
            }
        }
        advice
    }
}
