//! What `explain --client` prints, run against its scenario. The programs of other clients
//! are run by harness/clients/pasted.py.

use std::{collections::BTreeMap, fs};

use shortread_server::scenario::Kind;

use crate::support::{Folder, is_there};

/// Each end of the programs of `clients` in `scenario`, with the first line of each.
fn played(clients: &[&str], scenario: &str) -> BTreeMap<String, (Kind, String)> {
    let folder = Folder::new();
    let mut firsts = BTreeMap::new();
    let mut line = vec!["run".to_owned(), scenario.into(), "--quiet".into()];
    for client in clients {
        let said = folder.run(&["explain", scenario, "--client", client]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let file = folder.path().join(format!("{client}.sh"));
        fs::write(&file, &said.out).unwrap();
        let first = said.out.lines().next().unwrap().to_owned();
        firsts.insert((*client).to_owned(), first);
        let command = format!("{client}=sh {} {{url}} {{out}}", file.display());
        line.extend(["--client".into(), command]);
    }
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let ended = folder.run(&line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let records = folder.records().into_iter();
    let ends = records.map(|record| {
        let name = record.client.unwrap().name;
        let first = firsts[&name].clone();
        (name, (record.outcome.kind, first))
    });
    ends.collect()
}

#[test]
fn what_curl_and_wget_are_told_cures_where_it_was_measured_to() {
    let clients = ["curl", "wget"];
    if !clients.iter().all(|client| is_there(client)) {
        return;
    }
    for (scenario, recipe) in [
        ("busy-twice", "retry"),
        ("cut-every-3mib", "resume"),
        ("reset-mid-body", "resume"),
    ] {
        for (client, (end, first)) in played(&clients, scenario) {
            let should = format!("# {scenario}: `{recipe}`, the cheapest cure, as measured");
            assert_eq!(first, should);
            assert_eq!(end, Kind::Complete, "{client}, {scenario}");
        }
    }
}

#[test]
fn what_comes_closest_makes_curl_and_wget_fail_in_place_of_a_short_file() {
    let clients = ["curl", "wget"];
    if !clients.iter().all(|client| is_there(client)) {
        return;
    }
    for (client, (end, first)) in played(&clients, "fin-close-delimited") {
        assert!(first.ends_with("`verify`, no cure, but what comes closest, as measured"));
        assert_eq!(end, Kind::Truncated, "{client}");
    }
}
