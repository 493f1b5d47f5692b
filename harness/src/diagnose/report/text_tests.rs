use super::*;
use crate::diagnose::{Told, diagnose};

fn plain(told: &Told<'_>) -> String {
    let evidence = Evidence::read(told).unwrap();
    let text = text(&evidence, &diagnose(&evidence));
    anstream::adapter::strip_str(&text).to_string()
}

fn told<'a>(error: &'a str, idle: &'a str) -> Told<'a> {
    Told {
        got: "100MB",
        after: "352s",
        of: Some("200MB"),
        error: Some(error),
        idle: Some(idle),
        attempts: &[],
    }
}

#[test]
fn lines_fit_80_columns_but_for_addresses_and_three_causes_a_screen() {
    let errors = crate::diagnose::errors::KNOWN
        .iter()
        .map(|known| known.name);
    for error in errors.chain(["a message that nobody has ever seen anywhere"]) {
        for idle in ["0s", "60s", "350s"] {
            let text = plain(&told(error, idle));
            for line in text.lines() {
                let fits = line.chars().count() <= WIDTH || line.contains("https://");
                assert!(fits, "{error}: {line}");
            }
            let full = text.lines().take_while(|line| !line.ends_with(':'));
            let count = full.count();
            assert!(count <= 42, "{count}: {text}");
        }
    }
}

#[test]
fn an_unknown_error_decides_nothing_and_names_the_nearest() {
    let text = plain(&told("SocketTimoutErr", "350s"));
    assert!(
        text.contains(
            "unknown error, so it decides nothing; the nearest known\none is `SocketTimeoutError`"
        ),
        "{text}"
    );
    assert!(
        text.contains("1. a firewall or NAT that forgot the idle flow: fits exactly"),
        "{text}"
    );
}

#[test]
fn where_nothing_fits_that_is_said() {
    let told = Told {
        got: "123456789",
        after: "77s",
        ..Told::default()
    };
    let text = plain(&told);
    assert!(
        text.contains("Nothing that is known here fits these numbers."),
        "{text}"
    );
}

#[test]
fn sums_leave_out_the_silence_and_promise_no_more_than_there_is() {
    let text = plain(&Told {
        got: "600MB",
        after: "300s",
        of: Some("1GB"),
        error: Some("TimeoutError"),
        idle: Some("120s"),
        attempts: &[],
    });
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains(
            "3.33 MB/s x 180 s = 600 MB, then 120 s of silence; at 6.67 MB/s expect all of it."
        ),
        "{text}"
    );
}

#[test]
fn a_trickle_has_a_rate_too() {
    let text = plain(&Told {
        got: "100",
        after: "300s",
        ..Told::default()
    });
    assert!(text.starts_with("100 B in 300 s = 0.33 B/s."), "{text}");
    assert!(text.contains("at 0.67 B/s expect 200 B"), "{text}");
}

#[test]
fn what_the_client_said_is_quoted_with_nothing_that_acts_on_a_terminal() {
    let evidence = Evidence::read(&told("odd \u{1b}[2J\u{202e} end", "0s")).unwrap();
    let text = text(&evidence, &diagnose(&evidence));
    assert!(text.contains("[2J"), "{text}");
    assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{202e}'));
}
