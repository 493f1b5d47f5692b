//! A coded body that memory does not grow with: what is known of it, and a reader that
//! codes it anew for each response.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;

use super::{
    coding::{self, Coder},
    decoding::Finder,
};
use crate::{
    body::OpenFile,
    scenario::{
        Body, Landmark,
        coded::{self, MOST_GARBAGE},
    },
};

/// What one pass over the coded body has found. Of a small one its bytes are kept too.
#[derive(Debug)]
pub(super) struct Coded {
    body: Arc<Body>,
    /// The file that the object is, if it is none of a pattern.
    file: Option<OpenFile>,
    /// Bytes of the coding, as far as it is not cut.
    coding_len: u64,
    /// The same with the garbage behind it.
    len: u64,
    kept: Option<Bytes>,
    /// The end of each member that is whole.
    member_ends: Vec<u64>,
    /// The place of the last member's trailer.
    trailer: Option<u64>,
    /// Offsets of the object, and the least coded offsets that bring so much, as far as
    /// the body does.
    objects: Vec<(u64, u64)>,
}

impl Coded {
    /// Goes over the body once, in bounded memory. `objects` are the offsets of the object
    /// whose coded places will be asked for.
    ///
    /// # Errors
    /// The file that the object is has changed, or cannot be read.
    pub(super) fn new(body: &Body, file: Option<&OpenFile>, objects: &[u64]) -> io::Result<Self> {
        let body = Arc::new(body.clone());
        match coded::sure_len(&body).filter(|_| objects.is_empty()) {
            Some(coding_len) => Ok(Self {
                coding_len,
                len: coding_len.saturating_add(body.garbage.0),
                kept: None,
                member_ends: Vec::new(),
                trailer: None,
                objects: Vec::new(),
                file: file.cloned(),
                body,
            }),
            None => Pass::new(body, file.cloned(), objects).run(),
        }
    }

    /// As [`Self::new`], without another pass where a long body had one before.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) fn known(
        body: &Body,
        file: Option<&OpenFile>,
        objects: &[u64],
    ) -> io::Result<Arc<Self>> {
        if let Some(coded) = Found::find(body, objects) {
            return Ok(coded);
        }
        let coded = Arc::new(Self::new(body, file, objects)?);
        if coded.kept.is_none() {
            Found::remember(objects, &coded);
        }
        Ok(coded)
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// All of it, if it is kept.
    pub(super) fn kept(&self) -> Option<&Bytes> {
        self.kept.as_ref()
    }

    /// The least offset at which a decoder can have `object` bytes of the object; `None`
    /// if it never has.
    pub(super) fn of_object(&self, object: u64) -> Option<u64> {
        if object == 0 {
            return Some(0);
        }
        let index = self.objects.binary_search_by_key(&object, |(at, _)| *at);
        Some(self.objects[index.ok()?].1)
    }

    /// The offset of a place of the coding, if there is that place.
    pub(super) fn place(&self, place: Landmark) -> Option<u64> {
        match place {
            Landmark::Member(number) => {
                let index = usize::try_from(number.checked_sub(1)?).ok()?;
                self.member_ends.get(index).copied()
            }
            Landmark::Trailer => self.trailer,
            Landmark::Head | Landmark::Share(_) | Landmark::Chunk(..) | Landmark::LastChunk => None,
        }
    }
}

/// What passes over long bodies have found, the last first: the trials of a run play the
/// same body again and again, and each pass takes as long as sending it. None of them
/// keeps its bytes.
static FOUND: Mutex<Vec<Found>> = Mutex::new(Vec::new());

/// So many are remembered.
const REMEMBERED: usize = 16;

/// A pass that was made, for a body and offsets of its object.
struct Found {
    objects: Vec<u64>,
    coded: Arc<Coded>,
}

impl Found {
    fn find(body: &Body, objects: &[u64]) -> Option<Arc<Coded>> {
        let mut all = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |one: &Self| *one.coded.body == *body && one.objects == objects;
        let index = all.iter().position(is_it)?;
        all[..=index].rotate_right(1);
        Some(Arc::clone(&all[0].coded))
    }

    fn remember(objects: &[u64], coded: &Arc<Coded>) {
        let mut all = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        all.truncate(REMEMBERED - 1);
        let found = Self {
            objects: objects.to_vec(),
            coded: Arc::clone(coded),
        };
        all.insert(0, found);
    }
}

/// A pass over a coded body.
struct Pass {
    body: Arc<Body>,
    file: Option<OpenFile>,
    /// The coding is cut here.
    limit: u64,
    coder: Coder,
    finder: Option<Finder>,
    /// What came out so far, unless it is too long to be kept.
    kept: Option<Vec<u8>>,
    at: u64,
    member_ends: Vec<u64>,
}

impl Pass {
    fn new(body: Arc<Body>, file: Option<OpenFile>, objects: &[u64]) -> Self {
        let finder = match objects {
            [] => None,
            _ => Finder::new(&body.encoding, objects.to_vec()),
        };
        Self {
            limit: body.truncate_at.map_or(u64::MAX, |size| size.0),
            coder: Coder::new(Arc::clone(&body), file.clone(), 0),
            finder,
            kept: Some(Vec::new()),
            at: 0,
            member_ends: Vec::new(),
            file,
            body,
        }
    }

    fn run(mut self) -> io::Result<Coded> {
        while self.at < self.limit {
            let members = self.coder.ended();
            let Some(bytes) = self.coder.step()? else {
                break;
            };
            self.take(&bytes);
            if self.coder.ended() > members && self.at <= self.limit {
                self.member_ends.push(self.at);
            }
        }
        Ok(self.end())
    }

    fn take(&mut self, bytes: &Bytes) {
        let room = self.limit - self.at;
        let within = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let within = &bytes[..within];
        self.at += bytes.len() as u64;
        if let Some(finder) = &mut self.finder {
            finder.take(within);
        }
        let kept = self.kept.take();
        let fits = |kept: &Vec<u8>| (kept.len() + within.len()) as u64 <= coded::MOST_KEPT.0;
        self.kept = kept.filter(fits).map(|mut kept| {
            kept.extend_from_slice(within);
            kept
        });
    }

    fn end(self) -> Coded {
        let coding_len = self.at.min(self.limit);
        let garbage = self.body.garbage.0;
        let kept = self.kept.map(|mut kept| {
            kept.extend_from_slice(&coding::garbage(0, garbage));
            // A buffer that has grown has up to twice the room.
            kept.shrink_to_fit();
            kept.into()
        });
        let has_ended = self.coder.ended() >= self.body.members.max(1);
        let trailer_len = self.body.encoding.last().copied();
        let trailer = trailer_len
            .and_then(coding::trailer_len)
            .and_then(|len| self.at.checked_sub(len))
            .filter(|at| has_ended && *at <= self.limit);
        let found = self.finder.iter().flat_map(Finder::found);
        Coded {
            objects: found.collect(),
            coding_len,
            len: coding_len.saturating_add(garbage),
            kept,
            member_ends: self.member_ends,
            trailer,
            file: self.file,
            body: self.body,
        }
    }
}

/// Reads a coded body from any offset: coded anew, from the start of the member that has
/// it. Reading on costs nothing more; reading what is before begins again.
#[derive(Debug)]
pub(super) struct Reader {
    coded: Arc<Coded>,
    coder: Option<Coder>,
    /// The offset of `ready`.
    at: u64,
    ready: Bytes,
    /// The coding is not what it was when it was gone over: the file has changed, or
    /// cannot be read. Nothing comes any more, least of all what would look like an end.
    has_failed: bool,
}

/// Another one that has not begun: coders cannot be copied, and whoever copies a response
/// wants the same bytes.
impl Clone for Reader {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.coded))
    }
}

impl Reader {
    pub(super) fn new(coded: Arc<Coded>) -> Self {
        Self {
            coded,
            coder: None,
            at: 0,
            ready: Bytes::new(),
            has_failed: false,
        }
    }

    /// True if [`Self::bytes_at`] has a byte at `at` without coding anything.
    pub(super) fn has(&self, at: u64) -> bool {
        at >= self.coded.coding_len || self.has_failed || (self.at..self.ready_end()).contains(&at)
    }

    /// Codes the next MiB of the object on the way to `at`.
    pub(super) fn step_to(&mut self, at: u64) {
        let ends = &self.coded.member_ends;
        let member = ends.partition_point(|end| *end <= at);
        let start = member.checked_sub(1).map_or(0, |before| ends[before]);
        let behind = self.ready_end();
        let coder = match &mut self.coder {
            Some(coder) if behind <= at && behind >= start => {
                self.at = behind;
                coder
            }
            other => {
                self.at = start;
                let body = Arc::clone(&self.coded.body);
                let file = self.coded.file.clone();
                other.insert(Coder::new(
                    body,
                    file,
                    u32::try_from(member).unwrap_or(u32::MAX),
                ))
            }
        };
        let ended = coder.ended();
        let came = coder.step();
        let has_ended = coder.ended() > ended;
        self.ready = match came {
            Ok(Some(came)) => came,
            Ok(None) | Err(_) => return self.fail(),
        };
        let end = ends.get(ended as usize).copied();
        if has_ended && end.is_some_and(|end| end != self.ready_end()) {
            self.fail();
        }
    }

    /// At least one and at most `max` bytes from `at` on; empty at the end, and where the
    /// coding goes on and cannot be read.
    pub(super) fn bytes_at(&mut self, at: u64, max: u64) -> Bytes {
        let coding_len = self.coded.coding_len;
        while !self.has(at) {
            self.step_to(at);
        }
        if at >= coding_len {
            let len = max
                .min(self.coded.len.saturating_sub(at))
                .min(MOST_GARBAGE.0);
            return coding::garbage(at - coding_len, len);
        }
        if self.has_failed {
            return Bytes::new();
        }
        let start = at - self.at;
        let most = self.ready.len() as u64 - start;
        let len = most.min(max).min(coding_len - at);
        // Both are within a piece in memory.
        self.ready.slice(start as usize..(start + len) as usize)
    }

    fn fail(&mut self) {
        self.has_failed = true;
        self.ready = Bytes::new();
    }

    fn ready_end(&self) -> u64 {
        self.at + self.ready.len() as u64
    }
}

/// All of the coded body, read as a response reads a long one.
#[cfg(all(test, feature = "codings"))]
pub(super) fn whole(body: &Body) -> Bytes {
    let coded = Arc::new(Coded::new(body, None, &[]).unwrap());
    let len = coded.len();
    let mut reader = Reader::new(coded);
    let mut all = Vec::new();
    while (all.len() as u64) < len {
        all.extend_from_slice(&reader.bytes_at(all.len() as u64, u64::MAX));
    }
    all.into()
}

#[cfg(all(test, feature = "codings"))]
#[path = "coded_body_tests.rs"]
pub(super) mod tests;
