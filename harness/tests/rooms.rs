//! The direction of dependencies, read from the sources: no module needs one
//! that needs it in turn. docs/ARCHITECTURE.md has the picture of it.
//!
//! Modules are those that `lib.rs` declares. Tests may reach anywhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::visit::{self, Visit};

const DOCUMENT: &str = "../docs/ARCHITECTURE.md";

/// Module by module, what it needs of the others of its crate.
type Needs = BTreeMap<String, BTreeSet<String>>;

/// Shared code of engines stands in `http1`, so that one can be removed without the
/// others.
#[test]
fn no_engine_needs_another() {
    let needs = needs_within(Path::new("src/engine/mod.rs"), &["engine"]);
    for (engine, needed) in needs {
        let others = needed.into_iter().filter(|other| other != "http1");
        assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new(), "{engine}");
    }
}

#[test]
fn no_module_of_the_harness_needs_one_that_needs_it() {
    assert_eq!(rings(&needs_of("src")), Vec::<Vec<String>>::new());
}

#[test]
fn no_module_of_the_server_needs_one_that_needs_it() {
    assert_eq!(
        rings(&needs_of("../mock-server/src")),
        Vec::<Vec<String>>::new()
    );
}

/// `UPDATE_PICTURE=1 cargo test -p shortread --test rooms` draws it anew.
#[test]
fn the_picture_in_the_documents_is_that_of_the_code() {
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let mut drawn = document.clone();
    for (name, folder) in [("mock-server", "../mock-server/src"), ("harness", "src")] {
        let mark = format!("<!-- modules: {name} -->\n```text\n");
        let (before, rest) = drawn.split_once(&mark).expect(&mark);
        let (_, after) = rest.split_once("```\n").expect("the block has an end");
        drawn = format!("{before}{mark}{}```\n{after}", picture(&needs_of(folder)));
    }
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        fs::write(DOCUMENT, drawn).unwrap();
    } else {
        let other = drawn.lines().zip(document.lines()).find(|(a, b)| a != b);
        assert!(
            drawn == document,
            "first at {other:?}; UPDATE_PICTURE=1 draws it anew"
        );
    }
}

#[test]
fn a_ring_is_found_and_named() {
    let of = |pairs: &[(&str, &str)]| {
        let mut needs = Needs::new();
        for (from, to) in pairs {
            needs
                .entry((*from).into())
                .or_default()
                .insert((*to).into());
            needs.entry((*to).into()).or_default();
        }
        needs
    };
    assert!(rings(&of(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    let ring = rings(&of(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]));
    assert_eq!(ring, [["b", "c"]]);
}

#[test]
fn grouped_and_nested_uses_are_read_and_those_of_tests_are_not() {
    let file = syn::parse_file(
        "use crate::{a::X, b};
         use crate::c::{d, e};
         fn f() -> crate::g::T { other::h::t(crate::i::CONST) }
         #[cfg(test)] mod tests { use crate::j; }",
    );
    let file = file.unwrap();
    let seen = |below: &[&str]| Seen::of(&file, below).into_iter().collect::<Vec<_>>();
    assert_eq!(seen(&[]), ["a", "b", "c", "g", "i"]);
    assert_eq!(seen(&["c"]), ["d", "e"]);
    assert_eq!(seen(&["i"]), ["CONST"]);
}

fn needs_of(folder: &str) -> Needs {
    needs_within(&Path::new(folder).join("lib.rs"), &[])
}

/// The needs among the modules that `declaring` declares, which stand below the
/// module of this path.
fn needs_within(declaring: &Path, below: &[&str]) -> Needs {
    let root = declaring.parent().unwrap();
    let modules = declared_in(&syn::parse_file(&fs::read_to_string(declaring).unwrap()).unwrap());
    let needs = |module: &String| {
        let mut files = vec![root.join(format!("{module}.rs"))];
        files.extend(files_of(&root.join(module)));
        let mut seen = BTreeSet::new();
        for file in files.iter().filter(|file| file.is_file()) {
            let text = fs::read_to_string(file).unwrap();
            seen.extend(Seen::of(&syn::parse_file(&text).unwrap(), below));
        }
        let others = |other: &String| other != module && modules.contains(other);
        seen.into_iter().filter(others).collect()
    };
    modules
        .iter()
        .map(|module| (module.clone(), needs(module)))
        .collect()
}

/// The modules that a file declares outside of tests.
fn declared_in(file: &syn::File) -> BTreeSet<String> {
    let declared = |item: &syn::Item| match item {
        syn::Item::Mod(module) if !is_of_tests(&module.attrs) => Some(module.ident.to_string()),
        _ => None,
    };
    file.items.iter().filter_map(declared).collect()
}

/// The sources below `folder`, but for those that only tests are made of.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && !is_a_test(&name) {
            files.push(path);
        }
    }
    files
}

/// Recognized by the names in CONTRIBUTING.md: a file of tests is declared
/// elsewhere, with its attribute.
fn is_a_test(name: &str) -> bool {
    name.ends_with("tests")
        || ["samples", "documented", "properties"].contains(&name)
        || name.ends_with("_samples")
}

fn is_of_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string().contains("test"))
    })
}

/// The names that follow `crate::` and the path `below`.
struct Seen<'a> {
    below: &'a [&'a str],
    names: BTreeSet<String>,
}

impl Seen<'_> {
    fn of(file: &syn::File, below: &[&str]) -> BTreeSet<String> {
        let names = BTreeSet::new();
        let mut seen = Seen { below, names };
        seen.visit_file(file);
        seen.names
    }

    fn used(&mut self, tree: &syn::UseTree, depth: usize) {
        match tree {
            syn::UseTree::Path(path) => match self.below.get(depth) {
                None => drop(self.names.insert(path.ident.to_string())),
                Some(name) if path.ident == name => self.used(&path.tree, depth + 1),
                Some(_) => {}
            },
            syn::UseTree::Name(syn::UseName { ident })
            | syn::UseTree::Rename(syn::UseRename { ident, .. })
                if depth == self.below.len() =>
            {
                self.names.insert(ident.to_string());
            }
            syn::UseTree::Group(group) => {
                for item in &group.items {
                    self.used(item, depth);
                }
            }
            syn::UseTree::Name(_) | syn::UseTree::Rename(_) | syn::UseTree::Glob(_) => {}
        }
    }
}

impl<'a> Visit<'a> for Seen<'_> {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if !is_of_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_use_path(&mut self, path: &'a syn::UsePath) {
        if path.ident == "crate" {
            self.used(&path.tree, 0);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let mut names = path.segments.iter().map(|segment| &segment.ident);
        if names.next().is_some_and(|first| first == "crate")
            && self
                .below
                .iter()
                .all(|name| names.next().is_some_and(|other| other == name))
            && let Some(module) = names.next()
        {
            self.names.insert(module.to_string());
        }
        visit::visit_path(self, path);
    }
}

/// Everything that `from` needs, directly or not.
fn reach(needs: &Needs, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from.to_owned()];
    while let Some(module) = next.pop() {
        for need in needs.get(&module).into_iter().flatten() {
            if reached.insert(need.clone()) {
                next.push(need.clone());
            }
        }
    }
    reached
}

/// Modules that need each other, ring by ring.
fn rings(needs: &Needs) -> Vec<Vec<String>> {
    let mut rings: Vec<Vec<String>> = Vec::new();
    for module in needs.keys() {
        let ahead = reach(needs, module);
        let mut ring: Vec<String> = (ahead.iter())
            .filter(|other| reach(needs, other).contains(module))
            .cloned()
            .collect();
        ring.sort();
        if !ring.is_empty() && !rings.contains(&ring) {
            rings.push(ring);
        }
    }
    rings
}

/// A line for each module, those that need nothing first: a module needs only
/// modules above it.
fn picture(needs: &Needs) -> String {
    let mut order: Vec<&String> = needs.keys().collect();
    let depth = |module: &String| reach(needs, module).len();
    order.sort_by_key(|module| (depth(module), (*module).clone()));
    let width = order.iter().map(|module| module.len()).max().unwrap_or(0);
    let line = |module: &&String| {
        let names: Vec<&str> = needs[*module].iter().map(String::as_str).collect();
        match names.is_empty() {
            true => format!("{module}\n"),
            false => format!("{module:width$}  <- {}\n", names.join(" ")),
        }
    };
    order.iter().map(line).collect()
}
