//! The sentences about faults.

use super::*;

#[test]
fn a_flow_that_is_forgotten_resets_the_first_probe() {
    let mut nat = scenario("nat", "a long pause, then a reset", "5GB", "50MB/s");
    let idle = Trigger::Idle {
        after: secs(350),
        counts: Counts::Segments,
    };
    nat.faults = vec![
        at("1GB", Action::Stall(Limit::Never)),
        Fault::new(idle, Action::Forget),
    ];
    nat.client.keepalive = Some(Keepalive {
        idle: secs(600),
        interval: secs(75),
        count: 9,
    });
    insta::assert_snapshot!(idle::paragraphs(&nat).join("\n"), @"The response pauses without end, and the first keepalive probe comes after 10 min, too late for the limit of 350 s: it is answered with RST.");
    insta::assert_snapshot!(truth::paragraphs(&nat).join("\n"), @"The client's kernel reports the reset, and the client an error. What aiohttp had buffered by then is dropped, and by `response.read()` everything.");
}

#[test]
fn an_end_that_looks_complete_is_told_as_one_that_no_client_notices() {
    let mut early = scenario("early", "short", "100MB", "50MB/s");
    early.body.framing = Framing::Chunked;
    early.faults = vec![at("60MB", Action::End)];
    let told = told(&early)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        told.contains("ends the body as if it were complete"),
        "{told}"
    );
    assert!(told.contains("every client takes it for that"), "{told}");
}

#[test]
fn a_fault_says_for_which_requests_it_is() {
    let mut first = Scenario::default();
    first.body.size = "1GB".parse().unwrap();
    let mut fault = at("600MB", Action::Fin);
    fault.on.attempt = Some(shortread_server::scenario::Attempt::First);
    first.faults = vec![fault];
    let text = told(&first);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("Only for some requests (without Range). After 600 MB of the body"),
        "{text}"
    );
}
