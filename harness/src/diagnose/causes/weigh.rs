//! Questions about the evidence that several causes share.

use shortread_server::units::{ByteSize, human_duration};

use crate::diagnose::{
    clues::Clues,
    errors::Blame,
    evidence::{Evidence, Pattern},
    presets::{Counts, Near, Preset, matching},
};

/// The side that ended it, by the name of the error: `exactly` if only this cause
/// ends like that, `fits` if it may, ruled out if it ends otherwise.
pub(super) fn who(evidence: &Evidence, clues: &mut Clues, exactly: &[Blame], fits: &[Blame]) {
    let Some(reported) = &evidence.error else {
        return;
    };
    let Some(end) = reported.end() else {
        return;
    };
    let reason = end.meaning();
    if exactly.contains(&end) {
        clues.exactly(reason);
    } else if fits.contains(&end) {
        clues.fits(reason);
    } else {
        clues.against(reason);
    }
}

/// The sentence about the end, if it is one of `ends`.
pub(super) fn ended(evidence: &Evidence, ends: &[Blame]) -> bool {
    let end = evidence.error.as_ref().and_then(|error| error.end());
    end.is_some_and(|end| ends.contains(&end))
}

/// True if nothing is known of the end.
pub(super) fn end_unknown(evidence: &Evidence) -> bool {
    let end = evidence.error.as_ref().and_then(|error| error.end());
    end.is_none()
}

/// For a limit on the whole time: attempts end together whatever their size.
pub(super) fn deadline(evidence: &Evidence, clues: &mut Clues) {
    match evidence.pattern() {
        Pattern::SameTime => clues.exactly("same time, different sizes"),
        Pattern::SameSize => clues.against("the times differ, the size does not"),
        Pattern::Neither => clues.against("the times differ"),
        Pattern::Mixed => clues.open("some of the attempts differ in time"),
        Pattern::Alone | Pattern::Repeated => {}
    }
}

/// For a limit on size: attempts end at one size whatever their time.
pub(super) fn fixed_size(evidence: &Evidence, clues: &mut Clues) {
    match evidence.pattern() {
        Pattern::SameSize => clues.exactly("same size, different times"),
        Pattern::SameTime => clues.against("the sizes differ, the time does not"),
        Pattern::Neither => clues.against("the sizes differ"),
        Pattern::Mixed => clues.open("some of the attempts differ in size"),
        Pattern::Alone | Pattern::Repeated => {}
    }
}

/// For what strikes at no fixed place.
pub(super) fn anywhere(evidence: &Evidence, clues: &mut Clues) {
    match evidence.pattern() {
        Pattern::Neither => clues.fits("neither size nor time repeats"),
        Pattern::SameSize => clues.against("it would not strike at the same size each time"),
        Pattern::SameTime => clues.against("it would not strike at the same time each time"),
        Pattern::Alone | Pattern::Repeated | Pattern::Mixed => {}
    }
}

/// The same, for what a fault of the server repeats.
pub(super) fn anywhere_but_repeats(evidence: &Evidence, clues: &mut Clues) {
    if evidence.pattern() == Pattern::Neither {
        clues.fits("neither size nor time repeats");
    }
}

/// Weighs silence against the documented limits of this kind. Returns true if one
/// matched.
pub(super) fn silence(evidence: &Evidence, clues: &mut Clues, counts: Counts) -> bool {
    let Some(idle) = evidence.idle else {
        return false;
    };
    match matching(idle, counts) {
        Some((Near::Exactly, presets)) => {
            clues.exactly(format!(
                "{} of silence: {}",
                human_duration(idle),
                whose(&presets)
            ));
            true
        }
        Some((Near::Roughly, presets)) => {
            clues.fits(format!(
                "{} of silence is near {} ({})",
                human_duration(idle),
                human_duration(presets[0].limit()),
                whose(&presets)
            ));
            true
        }
        None => false,
    }
}

/// The owners of limits in one line.
pub(super) fn whose(presets: &[&Preset]) -> String {
    let names: Vec<&str> = presets.iter().map(|preset| preset.whose).collect();
    names.join(", ")
}

/// True if the user said that the silence before the end was under 1 s; false if
/// they did not say.
pub(super) fn never_silent(evidence: &Evidence) -> bool {
    evidence.idle.is_some_and(|idle| idle.as_secs_f64() < 1.0)
}

/// Something is known to be missing: false where all arrived.
pub(super) fn short_of(evidence: &Evidence, clues: &mut Clues) {
    if evidence.whole() {
        clues.against("all of it arrived");
    }
}

/// A rate for people; below 10 B/s with its fractions.
pub(in crate::diagnose) fn rate(bytes_per_second: f64) -> String {
    if (0.0..10.0).contains(&bytes_per_second) {
        let digits = format!("{bytes_per_second:.2}");
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return match digits {
            "0" if bytes_per_second > 0.0 => "less than 0.01 B/s".into(),
            digits => format!("{digits} B/s"),
        };
    }
    format!("{}/s", size(bytes_per_second))
}

/// A size for people, from arithmetic.
pub(super) fn size(bytes: f64) -> String {
    ByteSize(bytes.round() as u64).human()
}
