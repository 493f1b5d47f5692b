//! The page of hand-made runs.

use std::{fs, path::Path, sync::Arc};

use shortread_server::scenario::Kind;

use super::*;
use crate::{
    report::{
        Markdown,
        client_samples::{clients, view},
        samples,
    },
    results::agree::Agreement,
    results::{Record, Timelines},
};

/// The page of `records` as it was when somebody last looked at it.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/html/golden.html");

fn rendered(records: &[Record], timelines: &Timelines) -> String {
    let mut scenarios = samples::scenarios();
    let named = Arc::make_mut(&mut scenarios[0]);
    named.title = "<script>alert(1)</script> & \"more\"".into();
    named.sources = vec!["javascript:alert(1)".into()];
    let agreement = Agreement::of(records);
    let info = crate::results::samples::run_info();
    let run = RunView {
        info: &info,
        records,
        scenarios: &scenarios,
        folder: None,
        timelines,
        agreement: agreement.as_ref(),
        check: false,
    };
    let mut out = Vec::new();
    Html.export(&run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Set `UPDATE_GOLDEN=1` to accept what is rendered now.
#[test]
fn the_page_of_a_sample_is_the_one_that_was_looked_at() {
    let records = samples::records();
    let page = rendered(&records, &samples::timelines(&records));
    assert_eq!(page, rendered(&records, &samples::timelines(&records)));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(GOLDEN, &page).unwrap();
    }
    let golden = fs::read_to_string(GOLDEN).unwrap_or_default();
    let mut lines = page.lines().zip(golden.lines()).enumerate();
    if let Some((number, (new, old))) = lines.find(|(_, (new, old))| new != old) {
        panic!(
            "line {} of {}:\n- {old}\n+ {new}\nlook at the page, then UPDATE_GOLDEN=1 accepts it",
            number + 1,
            Path::new(GOLDEN).display()
        );
    }
    assert_eq!(page.len(), golden.len());
}

#[test]
fn the_finding_is_the_heading_and_the_worst_comes_first() {
    let page = rendered(&samples::records(), samples::no_timelines());
    assert!(page.contains(
        "<h1>1 of 5 scenarios truncates silently; 1 hangs; 2 fail with an error; 1 comes whole.</h1>"
    ));
    let places = ["close-delimited", "blackhole", "total-2MBps", "healthy"]
        .map(|name| page.find(&format!("href=\"#s-{name}\"")).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("Nothing is kept of this trial over time."));
}

#[test]
fn what_a_scenario_says_is_never_markup() {
    let page = rendered(&samples::records(), samples::no_timelines());
    assert!(!page.contains("<script"));
    assert!(page.contains("&#60;script&#62;alert(1)"));
    assert!(!page.contains("href=\"javascript:"));
}

#[test]
fn worlds_that_disagree_are_told_at_the_top_and_at_the_scenario() {
    let page = rendered(&samples::two_worlds(), samples::no_timelines());
    assert!(page.contains("The worlds agree on 11 of 18 trials."));
    assert!(page.contains("<b>The worlds disagree:</b>"));
}

#[test]
fn a_run_without_a_trial_is_a_page_too() {
    let page = rendered(&[], samples::no_timelines());
    assert!(page.contains("<h1>No trial has ended.</h1>"));
    assert!(page.contains("so no size is a limit here"));
    assert!(page.contains("--chunk-size</code> may be given several times"));
}

#[test]
fn the_command_names_the_file_as_it_was_typed() {
    let records = samples::records();
    let mut info = crate::results::samples::run_info();
    info.command_line.push("my own/healthy.toml".into());
    let scenarios = samples::scenarios();
    let run = RunView {
        info: &info,
        records: &records[..6],
        scenarios: &scenarios,
        folder: None,
        timelines: samples::no_timelines(),
        agreement: None,
        check: false,
    };
    let mut out = Vec::new();
    Html.export(&run, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(page.contains(
        "shortread run &#39;my own/healthy.toml&#39; --strategy readany --profile aiohttp-3.14.5 \
         --seed 1 --world tcp"
    ));
}

#[test]
fn where_only_the_tool_failed_nobody_has_a_download_to_diagnose() {
    let mut records = samples::records();
    records.retain(|record| record.scenario == "healthy");
    let asked = "Did one fail? Two numbers of its log";
    assert!(rendered(&records, samples::no_timelines()).contains(asked));
    records[0].outcome.kind = Kind::ToolError;
    assert!(rendered(&records, samples::no_timelines()).contains(asked));
    records[0].outcome.kind = Kind::Stalled;
    assert!(!rendered(&records, samples::no_timelines()).contains(asked));
}

#[test]
fn the_page_of_a_run_of_clients_has_the_finding_of_its_markdown() {
    let (info, records) = clients();
    let run = view(&info, &records);
    let told = |format: &dyn Exporter| {
        let mut out = Vec::new();
        format.export(&run, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let finding = "curl, mine: 3 of 9 right, 2 excused, 1 not judged, 3 wrong";
    assert!(told(&Markdown).starts_with(&format!("# {finding}\n")));
    assert!(told(&Html).contains(&format!("<h1>{finding}.</h1>")));
}

#[test]
fn the_picture_of_size_and_rate_names_its_figures() {
    let page = rendered(&samples::records(), samples::no_timelines());
    let (_, caption) = page.split_once("id=\"ceiling-d\">").unwrap();
    let caption = &caption[..caption.find("</desc>").unwrap()];
    let count = "Of 5 results with bytes the client's total ended 1.";
    assert!(caption.starts_with(count), "{caption}");
    assert!(
        caption.contains("with 300 s, 600 MB at 2 MB/s"),
        "{caption}"
    );
}

/// 250 trials, each with a timeline of ragged curves.
#[test]
fn the_whole_catalogue_fits_in_two_megabytes() {
    let mut records = Vec::new();
    for index in 0..42 {
        records.extend(samples::all(
            &format!("s{index}"),
            samples::total(),
            600_000_000,
            300.2,
        ));
    }
    let timelines = samples::timelines(&records);
    let page = rendered(&records, &timelines);
    assert!(records.len() > 250);
    assert!(page.len() < 2_000_000, "{}", page.len());
}

#[test]
fn the_first_screen_says_how_much_of_the_run_is_there() {
    let records = samples::records();
    let page = |records| rendered(records, samples::no_timelines());
    let said = "trials have a record: the run goes on or was killed";
    assert!(page(&records[..12]).contains(&format!("Only 12 of 30 {said}")));
    assert!(!page(&records).contains(said));
}
