//! What is measured, what is told of it, and that each client has a program.

use shortread_server::scenario::{Scenario, catalogue, load, parse};

use super::*;

fn best(name: &str) -> Best {
    measure(&load(name).unwrap(), name).unwrap()
}

fn small(more: &str) -> Scenario {
    let text = format!("title = 't'\ncause = 'a test'\n{more}");
    parse("mine", "mine.toml", &text).unwrap()
}

#[test]
fn the_cheapest_cure_is_named_as_the_table_of_cures_has_it() {
    for (name, recipe, cures) in [
        ("cut-every-3mib", Some("resume"), true),
        ("too-many-requests", Some("retry"), true),
        ("fin-close-delimited", Some("verify"), false),
        ("cut-without-ranges", Some("atomic"), false),
        ("fast-and-small", None, false),
    ] {
        let found = match catalogue().iter().any(|(known, _)| *known == name) {
            true => best(name),
            false => measure(&small("body.size = '1MB'"), name).unwrap(),
        };
        let is = (found.recipe.as_deref(), found.cures);
        assert_eq!(is, (recipe, cures), "{name}: {found:?}");
    }
}

#[test]
fn an_explanation_ends_with_a_setting_for_each_client() {
    let told = told(&Ok(best("cut-every-3mib")), "cut-every-3mib", 80);
    assert!(told.contains("cheapest cure"), "{told}");
    for library in Library::ALL {
        let line = format!("\n  {:8}  ", library.word());
        assert!(told.contains(&line), "{told}");
    }
    let last = "\n  shortread explain cut-every-3mib --client aiohttp >get.py\n";
    assert!(told.ends_with(last), "{told}");
}

#[test]
fn where_nothing_is_to_cure_nothing_is_to_paste() {
    let told = told(&measure(&small("body.size = '1MB'"), "mine"), "mine", 80);
    assert!(told.contains("whole without any remedy"), "{told}");
    assert!(!told.contains("To paste"), "{told}");
}

#[test]
fn what_would_take_long_is_not_measured_and_the_command_is_told() {
    for (text, size) in [
        ("body.size = '270MB'", "270 MB"),
        ("body.size = '20MB'\nclient.parallel = 14", "280 MB"),
    ] {
        let measured = measure(&small(text), "mine");
        assert!(matches!(measured, Err(Unmeasured::TooLarge(_))));
        let told = told(&measured, "mine", 80);
        assert!(told.contains(&format!("it sends {size}")), "{told}");
        assert!(
            told.ends_with("shortread run mine --remedy all\n"),
            "{told}"
        );
    }
    // The numbers of [tcp] count.
    let scaled = small("body.size = '270MB'\ntcp.size = 0.01");
    assert!(measure(&scaled, "mine").is_ok());
}

#[test]
fn each_program_begins_with_its_setting_in_a_line_that_fits() {
    for library in Library::ALL {
        assert_eq!(Library::from_word(library.word()), Some(library));
        for kind in Kind::ALL {
            let what = format!("{library:?} {kind:?}");
            let gist = kind.gist(library);
            // Behind the name of the client in a line of 80 columns.
            assert!((5..=68).contains(&gist.chars().count()), "{what}: {gist}");
            assert!(kind.program(library).lines().count() > 1, "{what}");
            let wide = kind.program(library).lines().find(|line| line.len() > 100);
            assert_eq!(wide, None, "{what}");
        }
    }
}

#[test]
fn every_remedy_has_a_program() {
    let kind = |name: &str| Kind::of(&name.parse().unwrap());
    for (name, is) in [
        ("progress", Kind::Check),
        ("deadlines", Kind::Deadlines),
        ("stall", Kind::Stall),
        ("retry", Kind::Retry),
        ("resume", Kind::Resume),
        ("verify", Kind::Check),
        ("atomic", Kind::Check),
        ("safe", Kind::Resume),
    ] {
        assert_eq!(kind(name), is, "{name}");
    }
}

#[test]
fn a_program_says_of_what_it_is_and_how_it_does_it() {
    let scenario = load("cut-every-3mib").unwrap();
    let best = best("cut-every-3mib");
    let recipe: Recipe = best.recipe.as_deref().unwrap().parse().unwrap();
    let text = program(&scenario, &recipe, Library::Node, Some(&best));
    let first = "// cut-every-3mib: `resume`, the cheapest cure, as measured\n// no setting";
    assert!(text.starts_with(first), "{text}");
    let asked = program(&scenario, &recipe, Library::Curl, None);
    assert!(
        asked.starts_with("# cut-every-3mib: `resume`, as asked for\n"),
        "{asked}"
    );
}
