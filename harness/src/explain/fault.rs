//! The faults: their action, their time, and the party that they stand for.

use std::{collections::BTreeSet, time::Duration};

use shortread_server::{
    scenario::{
        Action, ChunkPart, Counts, Ending, Fault, Landmark, Limit, Party, Scenario, Trigger,
    },
    units::{ByteSize, Rate, human_duration},
};

use super::place::Plain;

/// `plain` is the response to a plain GET.
pub(super) fn paragraphs(scenario: &Scenario, plain: Option<&Plain>) -> Vec<String> {
    let mut all: Vec<String> = scenario
        .faults
        .iter()
        .map(|fault| one(fault, scenario, plain))
        .collect();
    all.extend(definitions(scenario));
    all
}

fn one(fault: &Fault, scenario: &Scenario, plain: Option<&Plain>) -> String {
    let (when, who) = (when(fault.when, scenario), who(fault.by));
    let fires = format!("{when}, {who} {}.", action(fault.then));
    let told = match fault.on.is_all() {
        true => fires,
        false => format!("Only for some requests ({}). {fires}", fault.on),
    };
    match plain.and_then(|plain| plain.sentence(fault)) {
        Some(offset) => format!("{told} {offset}"),
        None => told,
    }
}

/// Whose doing it is.
pub(super) const fn who(party: Party) -> &'static str {
    match party {
        Party::Client => "the client",
        Party::Server => "the server",
        Party::Network => "the network",
    }
}

fn when(trigger: Trigger, scenario: &Scenario) -> String {
    let rate = scenario.pace().rate;
    match trigger {
        Trigger::Body(at) => format!(
            "After {} of the body, which at {} is {} in",
            at.human(),
            rate.human(),
            human_duration(moment(rate, at))
        ),
        Trigger::Wire(at) => format!("After {at} of the response, its head included"),
        Trigger::Object(at) => format!(
            "{} {} of the object, unless the response begins there or behind",
            match scenario.body.is_coded() {
                true => "As soon as a decoder can have",
                false => "After",
            },
            at.human(),
        ),
        Trigger::Place(place) => place_in_words(place),
        Trigger::Elapsed(after) => format!("{} after the request", human_duration(after)),
        Trigger::Idle { after, counts } => format!(
            "When for {} no {} has passed",
            human_duration(after),
            match counts {
                Counts::Segments => "segment of any kind, not even a keepalive probe,",
                Counts::Payload => "data (keepalive probes do not count)",
            }
        ),
        Trigger::Blocked(after) => format!(
            "When the server could write nothing for {}, since the client takes nothing",
            human_duration(after)
        ),
        Trigger::Request(1) => "At the first request, before its response".into(),
        Trigger::Request(n) => format!("At request number {n}, before its response"),
        Trigger::Connection(1) => "As the first connection is accepted".into(),
        Trigger::Connection(n) => format!("As connection number {n} is accepted"),
        Trigger::Chance(share) => format!(
            "With a probability of {} % per connection, at a random place of the body",
            format!("{:.3}", share * 100.0)
                .trim_end_matches('0')
                .trim_end_matches('.')
        ),
    }
}

fn place_in_words(place: Landmark) -> String {
    match place {
        Landmark::Head => "Right behind the head, before any byte of the body".into(),
        Landmark::Share(_) => format!("After {place} of the body"),
        Landmark::Chunk(number, ChunkPart::Size) => {
            format!("Inside the size line of chunk {number}")
        }
        Landmark::Chunk(number, ChunkPart::Data) => {
            format!("Behind the data of chunk {number}, before their CRLF")
        }
        Landmark::Chunk(number, ChunkPart::End) => format!("Behind chunk {number} and its CRLF"),
        Landmark::LastChunk => "Behind all data, before the last chunk, which has size 0".into(),
        Landmark::Member(number) => format!("Behind member {number} of the coded body"),
        Landmark::Trailer => "Before the checksum at the end of the coded body".into(),
    }
}

/// Rounded to what a reader can use.
fn moment(rate: Rate, at: ByteSize) -> Duration {
    let time = rate.time_for(at.0);
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn action(action: Action) -> String {
    match action {
        Action::Fin => "closes the connection in order, as at the end of a response (FIN)".into(),
        Action::Reset => "aborts the connection (RST)".into(),
        Action::Blackhole => "turns into a black hole".into(),
        Action::Forget => "forgets the connection".into(),
        Action::Stall(Limit::Never) => "goes quiet and stays so".into(),
        Action::Stall(Limit::After(time)) => {
            format!("goes quiet for {}, then goes on", human_duration(time))
        }
        Action::End => "ends the body as if it were complete".into(),
        Action::Throttle(rate) => format!("goes on at {}", rate.human()),
    }
}

/// A word that is not an everyday one, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Stall,
    BlackHole,
    Forgetting,
}

impl Word {
    /// The word of an action that has to be explained.
    fn of(action: Action) -> Option<Self> {
        match action {
            Action::Stall(_) => Some(Self::Stall),
            Action::Blackhole => Some(Self::BlackHole),
            Action::Forget => Some(Self::Forgetting),
            Action::Fin | Action::Reset | Action::End | Action::Throttle(_) => None,
        }
    }

    const fn definition(self) -> &'static str {
        match self {
            Self::Stall => {
                "A stall: the server sends nothing, but its TCP still answers, so that keepalives \
                 find the connection in good health."
            }
            Self::BlackHole => {
                "A black hole: nothing is answered any more, not even keepalives, and nobody is \
                 told."
            }
            Self::Forgetting => {
                "Forgetting: at first a black hole; but the next packet of the client, a keepalive \
                 for example, is answered with RST. A client that only waits sends none."
            }
        }
    }
}

/// The words that are not everyday ones, where this scenario uses them.
fn definitions(scenario: &Scenario) -> Vec<String> {
    let words = scenario.faults.iter();
    let words: BTreeSet<Word> = words.filter_map(|fault| Word::of(fault.then)).collect();
    let mut text: Vec<&str> = words.into_iter().map(Word::definition).collect();
    text.extend(scenario.faults.iter().find_map(in_flight));
    match text.is_empty() {
        true => Vec::new(),
        false => vec![text.join(" ")],
    }
}

/// The effect of RST on the bytes on their way.
fn in_flight(fault: &Fault) -> Option<&'static str> {
    (fault.then.ending() == Some(Ending::Rst)).then_some(if fault.drain {
        "All that was sent before has reached the client's kernel by then, which on Linux still \
         hands it out after RST."
    } else {
        "With RST, what still waits in the server's kernel is lost: how much the client has by \
         then depends on how fast it reads."
    })
}
