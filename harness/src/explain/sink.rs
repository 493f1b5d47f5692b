//! A slow application, and the server's patience with it.

use mock_server::{
    scenario::{Scenario, Trigger},
    units::{ByteSize, human_duration},
};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    let mut text = Vec::new();
    let sink = &scenario.sink;
    if let Some(rate) = sink.rate {
        text.push(format!(
            "The application writes {}, while the link could bring {}: once the buffers between \
             are full, the server has to wait for it.",
            rate.human(),
            scenario.link.rate.human()
        ));
    }
    if !sink.pause.is_zero() {
        let how = match sink.blocking {
            true => ", and nothing else of the program runs meanwhile",
            false => "",
        };
        text.push(format!(
            "The application pauses {} after each piece{how}.",
            human_duration(sink.pause)
        ));
    }
    text.extend(patience(scenario));
    match text.is_empty() {
        true => Vec::new(),
        false => vec![text.join(" ")],
    }
}

/// The server's write timeout against the sink.
fn patience(scenario: &Scenario) -> Option<String> {
    let limit = scenario.faults.iter().find_map(|fault| match fault.when {
        Trigger::Blocked(after) => Some(after),
        _ => None,
    })?;
    let limit_text = human_duration(limit);
    let sink = &scenario.sink;
    if sink.pause >= limit && !sink.pause.is_zero() {
        return Some(format!(
            "That pause is longer than the {limit_text} that the server waits for a write: a \
             piece whose successor does not fit into the buffers ends the download."
        ));
    }
    let rate = sink.rate?;
    let sockets = &scenario.sockets;
    let buffer = sockets.client_receive?;
    let wait = rate.time_for(buffer.0);
    let verdict = if wait >= limit { "longer" } else { "shorter" };
    Some(format!(
        "The client's receive buffer of {} takes {} / {} = {} to be read, {verdict} than the \
         {limit_text} that the server waits for a write.",
        buffer,
        ByteSize(buffer.0).human(),
        rate.human(),
        human_duration(wait)
    ))
}
