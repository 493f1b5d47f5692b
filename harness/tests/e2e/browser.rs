//! `report.html` in a browser: what it shows, that it asks nobody for anything,
//! both themes, a narrow screen, the keyboard, and what axe finds.

use std::{path::Path, process::Command};

use crate::support::{Folder, is_there};

#[test]
fn a_browser_shows_the_report_to_everybody_and_asks_nobody_for_anything() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let installed = tools.join("node_modules").exists();
    let needed = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        installed || !needed,
        "with CI=true: npm ci in {}",
        tools.display()
    );
    if !(installed && is_there("node") && is_there("chromium")) {
        println!("skipped: this test needs node, chromium, and npm ci in tests/browser");
        return;
    }
    let folder = Folder::new();
    let scenarios = [
        "fin-close-delimited",
        "total-timeout-2mbps",
        "nat-idle-blackhole",
        "healthy",
    ];
    let run = folder
        .command(&["run", "--quiet"])
        .args(scenarios)
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let looked = Command::new("node")
        .arg("check.mjs")
        .arg(folder.path().join("results/latest/report.html"))
        .current_dir(tools)
        .output()
        .unwrap();
    let wrong = String::from_utf8_lossy(&looked.stdout);
    assert!(
        looked.status.success(),
        "{wrong}{}",
        String::from_utf8_lossy(&looked.stderr)
    );
}
