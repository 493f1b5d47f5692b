//! Groups scenarios with the same end in one line, if a line for each would not
//! fit a screen.

use std::cmp::Reverse;

use super::Story;
use crate::outcome::Group;

/// In front of names on further lines, behind the column of the group.
const INDENT: &str = "  ";

/// Scenarios of one group that were ended by the same, with the same exception;
/// each by every way to read.
#[derive(Debug)]
pub(super) struct Fold<'a> {
    pub(super) group: Group,
    ended: String,
    exception: String,
    /// `response.read()` returned nothing of what had arrived.
    read_lost_all: bool,
    names: Vec<&'a str>,
}

/// The folds that make the table `excess` lines shorter, if possible; a line has
/// `room` behind the column of the group. Whole downloads are folded first, then
/// those that free the most lines. Users must see silent truncations, which come
/// last.
pub(super) fn folds<'a>(stories: &[Story<'a>], excess: usize, room: usize) -> Vec<Fold<'a>> {
    let mut folds = candidates(stories);
    folds.retain(|fold| fold.saves(room) > 0);
    // Stable: keeps the order of the stories.
    folds.sort_by_key(|fold| (fold.rank(), Reverse(fold.saves(room))));
    let mut saved = 0;
    folds.retain(|fold| {
        let needed = saved < excess;
        saved += fold.saves(room);
        needed
    });
    folds
}

/// Every story that one row tells, with those of the same end.
fn candidates<'a>(stories: &[Story<'a>]) -> Vec<Fold<'a>> {
    let mut folds: Vec<Fold<'a>> = Vec::new();
    for story in stories {
        // Differences between ways to read or worlds must be seen, and so must
        // each failure of the tool.
        let [row] = story.rows.as_slice() else {
            continue;
        };
        if row.world.is_some() || story.group == Group::Tool {
            continue;
        }
        let fold = Fold {
            group: story.group,
            ended: row.ended(),
            exception: row.exception(),
            read_lost_all: row.read_lost_all,
            names: vec![story.name],
        };
        match folds.iter_mut().find(|other| other.same_end(&fold)) {
            Some(other) => other.names.push(story.name),
            None => folds.push(fold),
        }
    }
    folds
}

impl Fold<'_> {
    /// True if it stands for the scenario called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// The end, then the names, in as many lines of `room` as it takes.
    pub(super) fn lines(&self, room: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = self.end();
        for (index, name) in self.names.iter().enumerate() {
            let comma = if index + 1 < self.names.len() {
                ","
            } else {
                ""
            };
            if line.chars().count() + name.chars().count() + comma.len() + 1 > room {
                lines.push(std::mem::replace(&mut line, INDENT[1..].into()));
            }
            line.push_str(&format!(" {name}{comma}"));
        }
        lines.push(line);
        lines
    }

    /// `server: reset (ClientPayloadError)*, 3 scenarios:`
    fn end(&self) -> String {
        let exception = match self.exception.as_str() {
            "-" => String::new(),
            exception => format!(" ({exception})"),
        };
        let star = if self.read_lost_all { "*" } else { "" };
        let count = self.names.len();
        format!("{}{exception}{star}, {count} scenarios:", self.ended)
    }

    fn same_end(&self, other: &Self) -> bool {
        let end = |fold: &Self| (fold.group, fold.read_lost_all);
        end(self) == end(other) && self.ended == other.ended && self.exception == other.exception
    }

    /// Lines that it makes superfluous.
    fn saves(&self, room: usize) -> usize {
        self.names.len().saturating_sub(self.lines(room).len())
    }

    fn rank(&self) -> u8 {
        match self.group {
            Group::Ok => 0,
            Group::Cut | Group::Hang | Group::Tool => 1,
            Group::Silent => 2,
        }
    }
}
