//! The paths of the server: `/` lists them, `/s/NAME` plays a scenario, `/download`
//! plays one that its query describes, and `/expected` sends the same object
//! without faults. Further parts of the path change nothing: they are for clients
//! that name the file by the last one.

mod counted;
mod index;
mod made;
mod named;

use std::{borrow::Cow, cell::RefCell, net::SocketAddr, rc::Rc};

use self::{
    counted::{Counted, Id},
    index::Pages,
};
use super::worker::Worker;
use crate::{
    held::{HeldLimit, StreamLimit},
    http1::{
        Played, Routed, Router,
        origin::{Request, text_response},
    },
    link::try_platform,
    scenario::{
        nearest::nearest,
        query::{Asked, check_key, encoded, form, parse_query, percent, pieces},
    },
    text::printable_lines,
};

pub use counted::{MOST_KEPT, MOST_KEPT_BYTES};
pub(super) use index::shown;
pub(super) use made::MakeError;
pub(super) use named::Named;

const TEXT: &str = "text/plain; charset=utf-8";

/// The paths without a name.
const PATHS: [&str; 3] = ["/", "/download", "/expected"];

/// The routes of the standalone server.
pub(super) struct Site {
    scenarios: RefCell<Vec<Rc<Named>>>,
    /// The pages that list them.
    pages: RefCell<Pages>,
    addr: SocketAddr,
    seed: u64,
    counted: RefCell<Counted>,
    /// The room for scenarios from the network.
    room: HeldLimit,
    /// The bodies of theirs that are coded as they are sent.
    streams: StreamLimit,
    /// Reads and encodes those scenarios.
    worker: Worker,
    /// Goes over the coded bodies of scenarios by name, which have no largest size: others
    /// do not wait for that.
    long: Worker,
}

/// The thing that stands at a path.
#[derive(Debug, PartialEq, Eq)]
enum SitePath<'a> {
    List,
    Download,
    Expected,
    /// A scenario, or its object whole.
    Scenario {
        name: &'a str,
        whole: bool,
    },
}

impl<'a> SitePath<'a> {
    /// The place of a path. Parts behind it are the client's.
    fn of(path: &'a str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.split('/');
        match (parts.next()?, parts.next(), parts.next()) {
            ("", None, _) => Some(Self::List),
            ("download", ..) => Some(Self::Download),
            ("expected", Some("s"), Some(name)) => Some(Self::Scenario { name, whole: true }),
            ("expected", ..) => Some(Self::Expected),
            ("s", Some(name), _) => Some(Self::Scenario { name, whole: false }),
            _ => None,
        }
    }
}

/// An answer that belongs to no scenario.
#[derive(Debug)]
struct SiteRefusal {
    status: u16,
    text: String,
    /// What is asked for should be there: the journal names the reason too.
    is_broken: bool,
}

impl SiteRefusal {
    fn new(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            is_broken: false,
        }
    }
}

impl Site {
    pub(super) fn new(scenarios: Vec<Rc<Named>>, addr: SocketAddr, seed: u64) -> Self {
        Self {
            scenarios: RefCell::new(scenarios),
            pages: RefCell::default(),
            addr,
            seed,
            counted: RefCell::default(),
            room: HeldLimit::default(),
            streams: StreamLimit::default(),
            worker: Worker::default(),
            long: Worker::default(),
        }
    }

    /// The named scenarios, in order.
    pub(super) fn scenarios(&self) -> Vec<Rc<Named>> {
        self.scenarios.borrow().clone()
    }

    /// The number of named scenarios.
    pub(super) fn count(&self) -> usize {
        self.scenarios.borrow().len()
    }

    /// The scenario called `name`.
    pub(super) fn scenario(&self, name: &str) -> Option<Rc<Named>> {
        let scenarios = self.scenarios.borrow();
        let found = scenarios.iter().find(|one| one.scenario().name == name);
        found.map(Rc::clone)
    }

    /// The scenario that has `path` as an alias.
    pub(super) fn alias(&self, path: &str) -> Option<Rc<Named>> {
        let scenarios = self.scenarios.borrow();
        let has = |one: &&Rc<Named>| one.scenario().alias.iter().any(|alias| alias == path);
        scenarios.iter().find(has).map(Rc::clone)
    }

    /// Serves `named` under its name from the next request on. Returns true if
    /// it replaced a scenario. All its counters start again, including those of
    /// keys; current downloads go on.
    pub(super) fn put(&self, named: Rc<Named>) -> bool {
        let name = &named.scenario().name;
        self.forget(name);
        let mut scenarios = self.scenarios.borrow_mut();
        match scenarios
            .iter_mut()
            .find(|one| one.scenario().name == *name)
        {
            Some(place) => {
                *place = named;
                true
            }
            None => {
                scenarios.push(named);
                false
            }
        }
    }

    /// Stops serving `name` from the next request on. Returns false if it was not
    /// served.
    pub(super) fn remove(&self, name: &str) -> bool {
        self.forget(name);
        let mut scenarios = self.scenarios.borrow_mut();
        let before = scenarios.len();
        scenarios.retain(|one| one.scenario().name != name);
        scenarios.len() < before
    }

    /// Drops everything made from `name`, and the pages that list it.
    fn forget(&self, name: &str) {
        self.pages.borrow_mut().clear();
        let paths = [format!("/s/{name}"), format!("/expected/s/{name}")];
        self.counted
            .borrow_mut()
            .forget(|what| paths.iter().any(|path| path == what));
    }

    fn answer(self: &Rc<Self>, request: &Request) -> Result<Routed, SiteRefusal> {
        let (path, query) = request.parts();
        let path =
            percent(path).map_err(|error| SiteRefusal::new(400, format!("{path}: {error}")))?;
        if let Some(named) = self.alias(&path) {
            return self.named(named, key_among(query), false);
        }
        let whole = path.strip_prefix("/expected");
        if let Some(named) = whole.and_then(|path| self.alias(path)) {
            return self.named(named, None, true);
        }
        match SitePath::of(&path) {
            Some(SitePath::List) => {
                let scenarios = self.scenarios.borrow();
                let mut pages = self.pages.borrow_mut();
                let page = pages.answer(&scenarios, self.addr, request);
                Ok(Routed::Say(Box::new(page)))
            }
            Some(SitePath::Download) => {
                let what = format!("/download?{}", without_key(query));
                if let Some(played) = self.known(&what, query) {
                    return Ok(Routed::Play(played));
                }
                let Asked { scenario, key } = self.asked("/download", query)?;
                self.made(Id { what, key }, scenario)
            }
            Some(SitePath::Expected) => {
                let Asked { scenario, .. } = self.asked("/expected", query)?;
                let what = format!("/expected?{}", without_key(query));
                self.made(Id { what, key: None }, scenario.whole_object())
            }
            Some(SitePath::Scenario { name, whole }) => {
                let named = self.scenario(name).ok_or_else(|| self.not_found(&path))?;
                self.named(named, key_alone(query)?, whole)
            }
            None => Err(self.not_found(&path)),
        }
    }

    /// What was made of this query before, with the counters of its key: what it says
    /// needs no second reading. `what` is the query without the key.
    fn known(&self, what: &str, query: &str) -> Option<Rc<Played>> {
        let mut keys = pieces(query).filter(|(name, _)| *name == "key");
        let key = match (keys.next(), keys.next()) {
            (None, _) => None,
            (Some(_), None) => Some(key_among(query)?),
            (Some(_), Some(_)) => return None,
        };
        let what = what.to_owned();
        let mut counted = self.counted.borrow_mut();
        let id = Id { what, key };
        if let Some(played) = counted.find(&id) {
            return Some(played);
        }
        // The same query with another key.
        let plain = Id {
            what: id.what.clone(),
            key: None,
        };
        let fresh = counted.find(&plain)?.anew();
        counted.keep(id, Rc::clone(&fresh));
        Some(fresh)
    }

    /// The answer of a scenario of the list, or its object.
    fn named(
        self: &Rc<Self>,
        named: Rc<Named>,
        key: Option<String>,
        whole: bool,
    ) -> Result<Routed, SiteRefusal> {
        let what = format!("/s/{}", named.scenario().name);
        if whole {
            let what = format!("/expected{what}");
            return self.made(Id { what, key: None }, named.scenario().whole_object());
        }
        try_platform(named.scenario()).map_err(MakeError::from)?;
        let played = named.at_once().map_err(MakeError::from)?;
        let id = key.map(|key| Id {
            what,
            key: Some(key),
        });
        let site = Rc::clone(self);
        Ok(match played {
            Some(played) => site.counts_by(id, played),
            None => Routed::Later(Box::pin(async move {
                let prepared = named.prepare(site.long.turn().await).await;
                match prepared {
                    Ok(played) => site.counts_by(id, played),
                    Err(error) => Routed::from(SiteRefusal::from(MakeError::from(error))),
                }
            })),
        })
    }

    /// Plays `played` with the counters of `id`, or with its own.
    fn counts_by(&self, id: Option<Id>, played: Rc<Played>) -> Routed {
        Routed::Play(match id {
            None => played,
            Some(id) => self.counted(id, &played),
        })
    }

    fn asked(&self, path: &str, query: &str) -> Result<Asked, SiteRefusal> {
        parse_query(query).map_err(|errors| {
            let text = format!("{errors}\nGET / lists the parameters of {path}");
            SiteRefusal::new(400, text)
        })
    }

    fn not_found(&self, path: &str) -> SiteRefusal {
        let name = path
            .trim_start_matches("/expected")
            .trim_start_matches("/s/");
        let name = name.trim_start_matches('/').split('/').next();
        let name = name.unwrap_or_default();
        let scenarios = self.scenarios.borrow();
        let names = scenarios.iter().map(|named| named.scenario().name.as_str());
        let aliases = scenarios.iter().flat_map(|named| &named.scenario().alias);
        let known = PATHS.into_iter().chain(aliases.map(String::as_str));
        let hint = match (nearest(path, known), nearest(name, names)) {
            (Some(known), _) if known != "/" => format!("did you mean {known} ? "),
            (_, Some(known)) => format!("did you mean /s/{} ? ", encoded(known)),
            _ => String::new(),
        };
        let path: String = path.chars().take(200).collect();
        let text = format!("nothing is served at {path}; {hint}GET / lists all paths");
        SiteRefusal::new(404, text)
    }
}

impl Router for Rc<Site> {
    fn at_accept(&self) -> Option<Rc<Played>> {
        None
    }

    fn key(&self, request: &Request) -> Option<String> {
        key_among(request.parts().1)
    }

    fn route(&self, request: &Request) -> Routed {
        self.answer(request).unwrap_or_else(Routed::from)
    }
}

/// The text may repeat what the client sent, and ends on terminals.
impl From<SiteRefusal> for Routed {
    fn from(refusal: SiteRefusal) -> Self {
        let text = printable_lines(&refusal.text).into_owned();
        let response = text_response(refusal.status, TEXT, text.clone() + "\n");
        Self::Say(Box::new(crate::http1::origin::Response {
            broken: refusal.is_broken.then_some(text),
            ..response
        }))
    }
}

/// The key, among parameters that are the client's own, such as a signature.
fn key_among(query: &str) -> Option<String> {
    let (_, value) = pieces(query).find(|(name, _)| *name == "key")?;
    let key = form(value?).ok()?;
    check_key(&key).is_ok().then_some(key)
}

/// The key, which must be the only parameter.
fn key_alone(query: &str) -> Result<Option<String>, SiteRefusal> {
    let refuse = |text: String| {
        let text = format!("{text}; /s/NAME only takes `key`, /download takes more");
        SiteRefusal::new(400, text)
    };
    let mut key = None;
    for (name, value) in pieces(query) {
        let decoded = form(value.unwrap_or_default()).map_err(|error| refuse(error.to_string()))?;
        match name {
            "key" if key.is_some() => return Err(refuse("`key` is given twice".into())),
            "key" => {
                check_key(&decoded).map_err(|error| refuse(error.to_string()))?;
                key = Some(decoded);
            }
            other => {
                let name: Cow<'_, str> = other.chars().take(100).collect();
                return Err(refuse(format!("`{name}` is not a parameter of /s/NAME")));
            }
        }
    }
    Ok(key)
}

/// The query without its key, which does not change the scenario.
fn without_key(query: &str) -> String {
    let rest: Vec<_> = query
        .split('&')
        .filter(|piece| !piece.starts_with("key="))
        .collect();
    rest.join("&")
}

#[cfg(test)]
mod tests;
