//! Sizes and places of a body, against the body as it is coded.

use shortread_server::{
    fault::OffsetMap as _,
    http1::origin::{Origin, Request},
    scenario::{Accept, Body, RawAt, Scenario, Selector},
    units::{ByteSize, counted_bytes},
};

use super::{
    super::place::{Plain, REQUEST},
    Note,
};

pub(super) fn notes(scenario: &Scenario, plain: &Plain) -> Vec<Note> {
    let mut notes: Vec<Note> = cut(scenario).into_iter().collect();
    notes.extend(declared(scenario, plain));
    notes.extend(raw(scenario));
    notes.extend(dates(scenario));
    notes
}

/// A `last_modified` that no condition of a request can be compared with.
fn dates(scenario: &Scenario) -> impl Iterator<Item = Note> {
    let versions = scenario.versions.iter().enumerate();
    versions.filter_map(|(index, version)| {
        let text = version.last_modified.as_ref()?;
        let key = format!("version[{index}].last_modified");
        httpdate::parse_http_date(text.trim()).is_err().then(|| {
            let told = format!(
                "{key}: `{text}` is no date of HTTP (RFC 9110, section 5.6.7), so no condition of \
                 a request finds it older or newer; \"Fri, 02 Jan 2026 00:00:00 GMT\" is one"
            );
            Note::new(key, told)
        })
    })
}

/// `truncate_at` at or behind the end of the coding.
fn cut(scenario: &Scenario) -> Option<Note> {
    let body = &scenario.body;
    let at = body.truncate_at.filter(|_| body.is_coded())?;
    let bodies = std::iter::once(body.clone()).chain(scenario.later_bodies());
    // One byte more is enough to know that it is longer.
    let lens = bodies.map(|body| Some((body.version, coded_len(&body, at.0.saturating_add(1))?)));
    let lens: Vec<(u32, u64)> = lens.collect::<Option<_>>()?;
    let whole: Vec<_> = lens.iter().filter(|(_, len)| *len <= at.0).collect();
    let told = match whole[..] {
        [] => return None,
        [(_, len)] if lens.len() == 1 => format!("the coded body has {}", counted_bytes(*len)),
        ref all if all.len() == lens.len() => {
            let longest = all.iter().map(|(_, len)| *len).max().unwrap_or_default();
            format!("the longest coded body has {}", counted_bytes(longest))
        }
        [(version, len), ..] => {
            let len = counted_bytes(*len);
            return Some(Note::new(
                "body.truncate_at",
                format!(
                    "body.truncate_at cuts nothing off version {version}, whose coded body has {len}"
                ),
            ));
        }
    };
    Some(Note::new(
        "body.truncate_at",
        format!("body.truncate_at cuts nothing: {told}"),
    ))
}

/// Bytes of the coded object, counted to `most`, as the server codes it.
fn coded_len(body: &Body, most: u64) -> Option<u64> {
    let whole = Scenario {
        body: Body {
            truncate_at: Some(ByteSize(most)),
            garbage: ByteSize(0),
            accept: Accept::Ignore,
            declared_size: None,
            ..body.clone()
        },
        ..Scenario::default()
    };
    let (request, _) = Request::parse(REQUEST).ok()??;
    let response = Origin::new(&whole).ok()?.respond(&request);
    Some(response.script.body_len())
}

/// A `declared_size` that is the true one, which for a coded body nobody knows before.
fn declared(scenario: &Scenario, plain: &Plain) -> Option<Note> {
    let declared = scenario.body.declared_size?;
    if !scenario.body.is_coded() || scenario.first_response().page.is_some() {
        return None;
    }
    let len = plain.script(&Selector::default())?.body_len();
    (declared.0 == len).then(|| {
        Note::new(
            "body.declared_size",
            format!(
                "body.declared_size is the true size: the coded body has {}",
                counted_bytes(len)
            ),
        )
    })
}

/// Raw bytes of `[response]` behind the end of a coded body, which are not sent, and those
/// of the head behind its end, which stand there.
fn raw(scenario: &Scenario) -> Vec<Note> {
    let response = &scenario.response;
    let is_same = scenario.answers.is_empty() && scenario.versions.is_empty();
    if response.raw.is_empty() || !is_same {
        return Vec::new();
    }
    let mut without = scenario.clone();
    without.response.raw = Vec::new();
    let plain = Plain::whoever_asks(&without);
    let Some(script) = plain.and_then(|plain| plain.script(&Selector::default())) else {
        return Vec::new();
    };
    let (head, body) = (script.head_len(), script.body_len());
    let places = response.raw.iter().enumerate();
    let beyond = places.filter_map(|(index, raw)| {
        let what = match raw.at {
            RawAt::Head(at) if at > head => format!(
                "it stands at the end of the head, which has {} for a plain GET",
                counted_bytes(head)
            ),
            RawAt::Body(at) if at.0 > body => {
                format!("it is not sent: the body has {}", counted_bytes(body))
            }
            RawAt::Head(_) | RawAt::Body(_) | RawAt::End => return None,
        };
        let key = format!("response.raw[{index}].at");
        Some(Note::new(&key, format!("{key}: {what}")))
    });
    beyond.collect()
}
