//! A slow application, and the server's patience with it.

use shortread_server::{
    scenario::{Scenario, TimerOrder, Trigger},
    units::{ByteSize, human_duration},
};

use crate::engine::aiohttp::reader::Profile;

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
    if !sink.first_pause.is_zero() {
        text.push(format!(
            "The application first reads {} after the response head; until then bytes wait in \
             the library's buffer and in the kernel's.",
            human_duration(sink.first_pause)
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
    text.extend(full(scenario));
    text.extend(blocked(scenario));
    text.extend(patience(scenario));
    match text.is_empty() {
        true => Vec::new(),
        false => vec![text.join(" ")],
    }
}

/// The end of the client's disk.
fn full(scenario: &Scenario) -> Option<String> {
    let capacity = scenario.sink.capacity?.human();
    let whose = match scenario.downloads() {
        1 => String::new(),
        downloads => format!(" of the {downloads} downloads together"),
    };
    Some(format!(
        "The client's disk is full behind {capacity}{whose}: the write that needs more takes what \
         still fits and fails with ENOSPC (`OSError: [Errno 28] No space left on device`). The \
         server is not to blame, and sees the client close the connection."
    ))
}

/// A synchronous write against the client's limit on silence.
fn blocked(scenario: &Scenario) -> Option<String> {
    if !scenario.sink.blocking {
        return None;
    }
    let mut text = "Each write blocks the event loop.".to_owned();
    if let Some(limit) = scenario.client.sock_read.duration() {
        let limit = human_duration(limit);
        text.push_str(&match scenario.client.timers {
            TimerOrder::AfterIo => format!(
                " When the loop goes on it serves sockets before timers: data that waits in the \
                 kernel starts `sock_read` ({limit}) again before it can fire."
            ),
            TimerOrder::BeforeIo => format!(
                " When the loop goes on it serves timers before sockets: once a write has taken \
                 longer than `sock_read` ({limit}), that fires, whatever waits in the kernel."
            ),
        });
    }
    Some(text)
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
    // The marks of the newest profile: it goes on below `read_bufsize`, and
    // stops above twice that.
    let low = ByteSize(Profile::newest().rules.read_bufsize as u64);
    let high = ByteSize(2 * low.0);
    let wait = rate.time_for(high.0 - low.0);
    let verdict = if wait >= limit { "longer" } else { "shorter" };
    Some(format!(
        "With more than {} in its buffer aiohttp stops reading, with less than {} it goes on: \
         {} / {} = {}, {verdict} than the {limit_text} that the server waits for a write.",
        high.human(),
        low.human(),
        ByteSize(high.0 - low.0).human(),
        rate.human(),
        human_duration(wait)
    ))
}
