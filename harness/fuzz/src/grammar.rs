//! Changes that a grammar allows: another value of a key, a key or a section more
//! or less, another number.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    sections::{Entry, Section, Syntax},
    words::{Draw, renumbered, replaced},
};

/// The entries of seeds, by the places that take them.
#[derive(Debug)]
pub(crate) struct Grammar {
    syntax: Syntax,
    /// By the kind of their section and their key.
    entries: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<Entry>>>,
    /// Whole ones.
    sections: Vec<Section>,
    /// Keys that hardly any first section does without.
    needed: BTreeSet<Vec<u8>>,
}

impl Grammar {
    /// That of `seeds`, with more entries: of each the kind of its section.
    pub(crate) fn of<'a>(
        syntax: Syntax,
        seeds: impl Iterator<Item = &'a [u8]>,
        words: fn() -> Vec<(&'static str, String)>,
    ) -> Self {
        let mut entries: BTreeMap<_, BTreeMap<_, BTreeSet<Entry>>> = BTreeMap::new();
        let mut add = |kind: &[u8], entry: &Entry| {
            let keys = entries.entry(kind.to_vec()).or_default();
            keys.entry(entry.key.clone())
                .or_default()
                .insert(entry.clone());
        };
        let texts: Vec<Vec<Section>> = seeds.map(|seed| syntax.split(seed)).collect();
        let needed = needed(&texts);
        let sections: Vec<Section> = texts.into_iter().flatten().collect();
        for section in &sections {
            for entry in &section.entries {
                add(syntax.kind(section), entry);
            }
        }
        for (kind, text) in words() {
            let key = text.split('=').next().unwrap_or_default();
            let (key, text) = (key.as_bytes().to_vec(), text.into_bytes());
            add(kind.as_bytes(), &Entry { key, text });
        }
        let listed = |keys: BTreeMap<_, BTreeSet<Entry>>| {
            let lists = keys.into_iter();
            lists
                .map(|(key, set)| (key, set.into_iter().collect()))
                .collect()
        };
        Self {
            syntax,
            sections,
            needed,
            entries: entries
                .into_iter()
                .map(|(kind, keys)| (kind, listed(keys)))
                .collect(),
        }
    }

    /// `text`, changed so many `times`; `None` where there is nothing to change.
    pub(crate) fn changed(&self, text: &[u8], times: usize, draw: &mut Draw) -> Option<Vec<u8>> {
        let mut sections = self.syntax.split(text);
        if sections.is_empty() {
            return None;
        }
        for _ in 0..times {
            match draw.below(10) {
                0..3 => self.set(&mut sections, draw),
                3..6 => renumber(&mut sections, draw),
                // The place of a key in a line of JSON is not known here.
                6..8 if self.syntax == Syntax::Json => self.set(&mut sections, draw),
                6..8 => self.add(&mut sections, draw),
                8 => remove(&mut sections, draw),
                _ => self.change_sections(&mut sections, draw),
            }
        }
        Some(self.syntax.join(&sections))
    }

    /// A text of one or more sections, with each key as often as not and more
    /// seldom: code that needs several of them at once is not reached one by one.
    pub(crate) fn drawn(&self, draw: &mut Draw) -> Vec<u8> {
        let mut sections: Vec<Section> = Vec::new();
        for _ in 0..=draw.below(3) {
            let Some(model) = draw.one_of(&self.sections) else {
                continue;
            };
            let kind = self.syntax.kind(model);
            if sections.is_empty() && !kind.is_empty() {
                sections.push(self.filled(&Section::default(), draw));
            }
            let same = |section: &Section| self.syntax.kind(section) == kind;
            if self.syntax.repeats(kind) || !sections.iter().any(same) {
                sections.push(self.filled(model, draw));
            }
        }
        self.syntax.join(&sections)
    }

    /// A section like `model`, with other entries.
    fn filled(&self, model: &Section, draw: &mut Draw) -> Section {
        let mut section = Section {
            head: model.head.clone(),
            entries: Vec::new(),
        };
        let kind = self.syntax.kind(model);
        for (key, values) in self.entries.get(kind).into_iter().flatten() {
            let is_needed = kind.is_empty() && self.needed.contains(key);
            if is_needed || draw.below(4) == 0 {
                section.entries.extend(draw.one_of(values).cloned());
            }
        }
        // The first and last entries of a fault or a message stay.
        let own = |key: &[u8]| model.entries.iter().find(|one| one.key == key).cloned();
        section
            .entries
            .retain(|one| !one.key.is_empty() && one.key != model.head);
        section
            .entries
            .splice(0..0, own(&model.head).filter(|one| !one.key.is_empty()));
        section.entries.extend(own(b""));
        section
    }

    /// `one` with some of what `other` has: entries instead of its own of that key,
    /// and sections of which a text may have several.
    pub(crate) fn crossed(&self, one: &[u8], other: &[u8], draw: &mut Draw) -> Option<Vec<u8>> {
        let mut sections = self.syntax.split(one);
        for section in self.syntax.split(other) {
            if draw.below(2) == 0 {
                continue;
            }
            let kind = self.syntax.kind(&section);
            let same = |one: &Section| self.syntax.kind(one) == kind;
            match sections.iter().position(same) {
                // Of two messages or lines one is made, mostly.
                Some(at)
                    if !self.syntax.repeats(kind) || (kind.is_empty() && draw.below(4) > 0) =>
                {
                    self.merge(&mut sections[at], section, draw);
                }
                _ => sections.push(section),
            }
        }
        (!sections.is_empty()).then(|| self.syntax.join(&sections))
    }

    fn merge(&self, section: &mut Section, other: Section, draw: &mut Draw) {
        if self.syntax == Syntax::Http && draw.below(4) == 0 {
            section.head = other.head;
        }
        for entry in other.entries {
            let own = section.entries.iter().position(|one| one.key == entry.key);
            match own {
                _ if draw.below(2) == 0 => {}
                Some(at) => section.entries[at] = entry,
                None if self.syntax == Syntax::Json => {}
                None => {
                    // The end of a message stays its end.
                    let end = section.entries.iter().position(|one| one.key.is_empty());
                    let at = end.unwrap_or(section.entries.len());
                    section.entries.insert(at, entry);
                }
            }
        }
    }

    /// Another value of a key that is there.
    fn set(&self, sections: &mut [Section], draw: &mut Draw) {
        let at = draw.below(sections.len());
        let kind = self.syntax.kind(&sections[at]).to_vec();
        if let Some(entry) = any(&mut sections[at].entries, draw)
            && let Some(values) = self
                .entries
                .get(&kind)
                .and_then(|keys| keys.get(&entry.key))
            && let Some(other) = draw.one_of(values)
        {
            *entry = other.clone();
        }
    }

    /// A key that is not there, in a section that is, or in one more.
    fn add(&self, sections: &mut Vec<Section>, draw: &mut Draw) {
        let kinds: Vec<&Vec<u8>> = self.entries.keys().collect();
        let Some(kind) = draw.one_of(&kinds) else {
            return;
        };
        let keys: Vec<&Vec<Entry>> = self.entries[*kind].values().collect();
        let Some(entry) = draw.one_of(&keys).and_then(|values| draw.one_of(values)) else {
            return;
        };
        let of_kind = |section: &&mut Section| self.syntax.kind(section) == kind.as_slice();
        let section = match sections.iter_mut().find(of_kind) {
            Some(section) => section,
            None if kind.starts_with(b"[") => {
                let head = [kind.as_slice(), b"\n"].concat();
                sections.push(Section {
                    head,
                    entries: Vec::new(),
                });
                let last = sections.len() - 1;
                &mut sections[last]
            }
            None => return,
        };
        // The end of a message stays its end.
        let end = section.entries.iter().position(|one| one.key.is_empty());
        if self.syntax == Syntax::Http || !section.has(&entry.key) {
            let at = end.unwrap_or(section.entries.len());
            section.entries.insert(at, entry.clone());
        }
    }

    /// A section more, or less.
    fn change_sections(&self, sections: &mut Vec<Section>, draw: &mut Draw) {
        let at = draw.below(sections.len());
        if draw.below(3) == 0 {
            if at > 0 {
                sections.remove(at);
            }
            return;
        }
        let Some(new) = draw.one_of(&self.sections).cloned() else {
            return;
        };
        let kind = self.syntax.kind(&new).to_vec();
        let same = |section: &Section| self.syntax.kind(section) == kind.as_slice();
        match sections.iter().position(same) {
            // The other's instead of its own, but what every file must have.
            Some(at) if !self.syntax.repeats(&kind) && !kind.is_empty() => sections[at] = new,
            Some(_) if !self.syntax.repeats(&kind) => {}
            _ => sections.push(new),
        }
    }
}

/// Keys of nine in ten first sections.
fn needed(texts: &[Vec<Section>]) -> BTreeSet<Vec<u8>> {
    let mut counted: BTreeMap<&[u8], usize> = BTreeMap::new();
    for entry in texts
        .iter()
        .flat_map(|text| text.first())
        .flat_map(|one| &one.entries)
    {
        *counted.entry(&entry.key).or_default() += 1;
    }
    let often = counted
        .into_iter()
        .filter(|(_, count)| count * 10 > texts.len() * 9);
    often.map(|(key, _)| key.to_vec()).collect()
}

fn renumber(sections: &mut [Section], draw: &mut Draw) {
    let at = draw.below(sections.len());
    if let Some(entry) = any(&mut sections[at].entries, draw) {
        let (key, value) = entry.text.split_at(entry.key.len().min(entry.text.len()));
        if let Some(value) = replaced(value, u8::is_ascii_digit, draw, renumbered) {
            entry.text = [key, &value].concat();
        }
    }
}

fn remove(sections: &mut [Section], draw: &mut Draw) {
    let at = draw.below(sections.len());
    let entries = &mut sections[at].entries;
    let at = draw.below(entries.len().max(1));
    let count = |text: &[u8], of: &[u8]| text.iter().filter(|byte| of.contains(byte)).count();
    let is_whole = |text: &[u8]| count(text, b"[{") == count(text, b"]}");
    if entries.get(at).is_some_and(|entry| is_whole(&entry.text)) {
        entries.remove(at);
    }
}

fn any<'a, T>(all: &'a mut [T], draw: &mut Draw) -> Option<&'a mut T> {
    let at = draw.below(all.len().max(1));
    all.get_mut(at)
}

#[cfg(test)]
#[path = "grammar_tests.rs"]
mod tests;
