//! The course of a download with remedies: after each head and each attempt, what next.

mod part;

use std::{
    cell::{Cell, RefCell},
    ops::Range,
    rc::Rc,
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use shortread_server::{clock::Instant, scenario::Framing};

use super::{
    content_range::ContentRange,
    digest::{Expected, Running},
    least_rate::{self, Both},
    recipe::{Recipe, Verify},
    resume::{Fit, Held, Unfit, media_of},
    retry::{Budget, Retry},
    retry_after::retry_after,
    validator::{Compared, Validators},
};
use crate::client::{
    Account, Ask, Attempted, Basis, Course, Failure, FailureCause, Guard, Head, Left, Next, Place,
    Verdict,
};

/// Whole parts that are not counted as attempts. There must be an end where a server sends
/// a byte at a time.
pub(super) const MOST_FREE_PARTS: u32 = 10_000;

/// A client with a recipe.
#[derive(Debug)]
pub struct Careful {
    recipe: Recipe,
    chance: Pcg32,
    started: Instant,
    asked: Ask,
    held: Held,
    /// Why the last body was not wanted.
    refused: Option<Refused>,
    /// Attempts after the first, as far as the budget counts them.
    spent: u32,
    /// The most bytes that there were when the budget was renewed.
    mark: u64,
    last_wait: Duration,
    /// A strong validator stood for each part.
    vouched: bool,
    /// The framing of the last body tells the end of the object.
    framed: bool,
    /// Parts that were joined to the first bytes of the file.
    joined: u32,
    /// Bytes of the object before the end of the part that is being read.
    part_end: Option<u64>,
    /// The bytes of the object that are to be fetched; `None` for all.
    part: Option<Range<u64>>,
    /// Where the first part tells the others of the object.
    tells: Option<Rc<RefCell<Held>>>,
    /// Bytes that the attempt's response announces, for the guard over them.
    announced: Rc<Cell<Option<u64>>>,
    expected: Option<Expected>,
    running: Running,
    account: Account,
}

/// The reason why a body was not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Everything is there already.
    Complete,
    /// The next attempt begins anew.
    Anew,
    /// There is none.
    Fatal,
    /// By its status.
    Status(u16),
}

/// A check of the client that failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Check {
    #[error("the server answered {0}")]
    Status(u16),
    #[error("206 where all was asked for")]
    UnaskedPart,
    #[error("everything is there already")]
    Complete,
    #[error("short by {missing} of {total} bytes, and the library reports success")]
    Short { missing: u64, total: u64 },
    #[error("longer than {total} bytes by {more}")]
    Longer { more: u64, total: u64 },
    #[error("the {algorithm} of the {bytes} bytes is not the one that was announced")]
    Digest { algorithm: &'static str, bytes: u64 },
    #[error("the result rests on {has}, and {needs} is required")]
    Basis { has: Basis, needs: Basis },
    #[error("the server has {has} bytes, and {wanted} are wanted")]
    OtherLength { has: u64, wanted: u64 },
    #[error("the result rests on {has}, and `atomic` asks for {needs}")]
    Name { has: Basis, needs: Basis },
}

impl Careful {
    /// A client with this recipe, whose waits are drawn from `seed`.
    pub fn new(recipe: Recipe, seed: u64) -> Self {
        Self {
            recipe,
            chance: Pcg32::seed_from_u64(seed),
            started: Instant(0),
            asked: Ask::WHOLE,
            held: Held::default(),
            refused: None,
            spent: 0,
            mark: 0,
            last_wait: Duration::ZERO,
            vouched: false,
            framed: false,
            joined: 0,
            part_end: None,
            part: None,
            tells: None,
            announced: Rc::default(),
            expected: None,
            running: Running::default(),
            account: Account::default(),
        }
    }

    /// The head of a response that has the whole object, or should have.
    fn begins(&mut self, head: &Head) -> Result<Place, Failure> {
        self.check_status(head)?;
        let range = head.fields.get("content-range");
        if self.looks_at_heads() && head.status == 206 && !range.is_some_and(is_all) {
            return Err(self.refuse(Refused::Fatal, &Check::UnaskedPart));
        }
        if let Some(resume) = self.recipe.resume
            && let Err(unfit) = resume.same_kind(&self.held, head)
        {
            return Err(self.refuse(Refused::Anew, &unfit));
        }
        let validators = Validators::of(&head.fields);
        let coded = head.fields.is_coded();
        self.vouched = validators.strong().is_some();
        self.held = Held {
            bytes: 0,
            validators,
            // The length of a coded body is not that of the file.
            total: head.declared.filter(|_| !coded),
            decoded: coded,
            media: media_of(head),
        };
        self.framed = head.framing != Framing::Close;
        self.joined = 0;
        self.part_end = None;
        self.running = Running::default();
        self.expected = self.recipe.verify.as_ref().and_then(|verify| {
            let said = || Expected::of(&head.fields, true).filter(|_| !coded);
            verify.digest.clone().or_else(said)
        });
        self.account.file = Left::Target;
        Ok(Place::START)
    }

    /// The head of a response to a range.
    fn goes_on(&mut self, head: &Head) -> Result<Place, Failure> {
        let resume = self.recipe.resume.unwrap_or_default();
        match resume.fit(&self.held, head) {
            Fit::Take(place) if place.at == 0 => self.begins(head),
            Fit::Take(_) if self.names_another_digest(head) => {
                Err(self.refuse(Refused::Anew, &Unfit::Changed))
            }
            Fit::Take(place) => {
                self.continue_with(head);
                Ok(place)
            }
            Fit::Complete => {
                // It has told the length, if nothing before it has.
                self.held.total = Some(self.held.bytes);
                Err(self.refuse(Refused::Complete, &Check::Complete))
            }
            Fit::Anew(unfit) => Err(self.refuse(Refused::Anew, &unfit)),
            Fit::Fail(unfit) => Err(self.refuse(Refused::Fatal, &unfit)),
            Fit::Other => {
                let status = head.status;
                Err(self.refuse(Refused::Status(status), &Check::Status(status)))
            }
        }
    }

    fn continue_with(&mut self, head: &Head) {
        let now = Validators::of(&head.fields);
        self.vouched &= self.held.validators.compare(&now) == Compared::Same;
        // The framing of a part tells its own end, not that of the object.
        self.framed = head.status != 206 && head.framing != Framing::Close;
        let range = head.fields.get("content-range");
        self.part_end = None;
        if let Some(ContentRange::Part { last, total, .. }) = range.and_then(ContentRange::parse) {
            self.held.total = self.held.total.or(total);
            self.part_end = Some(last + 1);
        }
        self.joined += 1;
        self.account.resumed += 1;
    }

    /// The response has a digest of the object, and it is not the one from before.
    fn names_another_digest(&self, head: &Head) -> bool {
        match (&self.expected, Expected::of(&head.fields, false)) {
            (Some(before), Some(now)) => before.algorithm == now.algorithm && *before != now,
            _ => false,
        }
    }

    /// True with a remedy that does not take whatever comes.
    fn looks_at_heads(&self) -> bool {
        self.recipe.retry.is_some() || self.recipe.verify.is_some()
    }

    /// An error page is not the object, nor is a success without one (204, 205, 202).
    /// Without a remedy that looks, each is saved as one.
    fn check_status(&mut self, head: &Head) -> Result<(), Failure> {
        if !self.looks_at_heads() || matches!(head.status, 200 | 203 | 206) {
            return Ok(());
        }
        let status = head.status;
        Err(self.refuse(Refused::Status(status), &Check::Status(status)))
    }

    fn refuse(&mut self, refused: Refused, why: &(dyn std::error::Error + 'static)) -> Failure {
        self.refused = Some(refused);
        Failure::rejected(why)
    }

    /// The verdict on an attempt, by the client's own checks.
    fn judge(&mut self, attempted: &Attempted<'_>) -> Verdict {
        let library = &attempted.download.verdict;
        let complete = self.refused == Some(Refused::Complete);
        if !complete && *library != Verdict::Success {
            return library.clone();
        }
        if attempted.surplus > 0 {
            let more = attempted.surplus;
            // A part cannot begin anew.
            let next = match self.part {
                None => Refused::Anew,
                Some(_) => Refused::Fatal,
            };
            return Verdict::Failure(self.refuse(next, &Unfit::Surplus { more }));
        }
        if let Err(failure) = self.check_length() {
            return Verdict::Failure(failure);
        }
        let basis = self.basis();
        self.account.rests_on = Some(basis);
        let verified = match self.recipe.verify.clone() {
            None => Ok(()),
            Some(verify) => self.check_file(&verify, basis),
        };
        match verified.and_then(|()| self.check_name(basis)) {
            Ok(()) => Verdict::Success,
            Err(failure) => Verdict::Failure(failure),
        }
    }

    fn check_name(&mut self, has: Basis) -> Result<(), Failure> {
        match self.recipe.atomic.map(|atomic| atomic.require) {
            Some(needs) if has < needs => {
                Err(self.refuse(Refused::Fatal, &Check::Name { has, needs }))
            }
            _ => Ok(()),
        }
    }

    fn check_length(&mut self) -> Result<(), Failure> {
        if let Some(part) = &self.part {
            return self.check_part(part);
        }
        let by_hand = self.recipe.progress.and_then(|progress| progress.bytes);
        let looks = self.recipe.progress.is_some() || self.recipe.verify.is_some();
        let Some(total) = by_hand.or(self.held.total).filter(|_| looks) else {
            return Ok(());
        };
        let held = self.held.bytes;
        if held < total {
            let missing = total - held;
            let why = Check::Short { missing, total };
            // Where the server has no more, its object is not the one that was meant.
            return Err(match self.held.total == Some(held) {
                true => self.refuse(Refused::Fatal, &why),
                false => Failure::new(FailureCause::ClosedEarly, &why),
            });
        }
        if held > total {
            let more = held - total;
            return Err(self.refuse(Refused::Fatal, &Check::Longer { more, total }));
        }
        Ok(())
    }

    fn check_file(&mut self, verify: &Verify, basis: Basis) -> Result<(), Failure> {
        if let Some(expected) = &self.expected
            && basis != Basis::Digest
        {
            let why = Check::Digest {
                algorithm: expected.algorithm.key(),
                bytes: self.held.bytes,
            };
            // Parts may be of two objects. One response that is wrong is so again.
            let next = match self.joined {
                0 => Refused::Fatal,
                _ => Refused::Anew,
            };
            return Err(self.refuse(next, &why));
        }
        let needs = verify.require;
        if basis < needs {
            let why = Check::Basis { has: basis, needs };
            return Err(self.refuse(Refused::Fatal, &why));
        }
        Ok(())
    }

    /// What the file rests on.
    fn basis(&self) -> Basis {
        if self.part.is_some() {
            return self.basis_of_part();
        }
        let by_hand = self.recipe.progress.and_then(|progress| progress.bytes);
        let known = by_hand.or(self.held.total) == Some(self.held.bytes);
        match &self.expected {
            Some(expected) if self.running.matches(expected) => Basis::Digest,
            _ if known && self.vouched => Basis::Validator,
            _ if known || self.framed => Basis::Length,
            _ => Basis::Nothing,
        }
    }

    /// The wait before another attempt, if there is one.
    fn wait(&mut self, failure: &Failure, attempted: &Attempted<'_>) -> Option<Duration> {
        let retry = self.recipe.retry.clone()?;
        let worth_it = match self.refused {
            None => Retry::is_worth_it(failure.cause),
            Some(Refused::Status(status)) => retry.statuses.contains(&status),
            Some(Refused::Anew) => true,
            Some(Refused::Fatal | Refused::Complete) => false,
        };
        if let Budget::SinceProgress(bytes) = retry.budget
            && self.held.bytes >= self.mark.saturating_add(bytes.max(1))
        {
            self.mark = self.held.bytes;
            self.spent = 0;
        }
        if !worth_it || self.spent >= retry.attempts {
            return None;
        }
        self.spent += 1;
        let asked = match self.refused {
            Some(Refused::Status(_)) => attempted.head.and_then(|head| retry_after(&head.fields)),
            _ => None,
        };
        let drawn = retry
            .backoff
            .wait(self.spent, self.last_wait, self.chance.random());
        let wait = match (asked, retry.retry_after) {
            (Some(asked), Some(most)) => asked.min(most),
            _ => drawn,
        };
        let begins = attempted.now.since(self.started) + wait;
        if retry.within.is_some_and(|within| begins > within) {
            return None;
        }
        self.last_wait = wait;
        Some(wait)
    }

    /// A part that came whole, and is shorter than what was asked for, as a server may
    /// choose (section 15.3.7): no failure, so that the next one is asked for at once.
    fn was_a_whole_part(&self, attempted: &Attempted<'_>) -> bool {
        self.recipe.resume.is_some()
            && self.refused.is_none()
            && attempted.download.verdict == Verdict::Success
            && self.part_end == Some(self.held.bytes)
            && self.held.bytes > self.asked.from
            && self.end().is_some_and(|end| self.held.bytes < end)
            && self.joined <= MOST_FREE_PARTS
    }

    /// The end of what is to be fetched, as far as it is known.
    fn end(&self) -> Option<u64> {
        let part = self.part.as_ref().map(|part| part.end);
        part.or(self.held.total)
    }

    fn next_ask(&self) -> Ask {
        if let Some(part) = &self.part {
            return self.ask_part(part.end);
        }
        match self.recipe.resume {
            Some(resume) if self.refused != Some(Refused::Anew) => resume.ask(&self.held),
            _ => Ask::WHOLE,
        }
    }

    fn again(&mut self, after: Duration) -> Next {
        self.asked = self.next_ask();
        self.refused = None;
        self.account.attempts += 1;
        self.account.waited += after;
        Next::Again {
            ask: self.asked.clone(),
            after,
        }
    }

    fn stop(&mut self, verdict: Verdict) -> Next {
        if verdict != Verdict::Success {
            let atomic = self.recipe.atomic.is_some();
            self.account.file = self.account.file.of_failure(atomic);
        }
        Next::Stop(verdict)
    }
}

impl Course for Careful {
    fn begin(&mut self, now: Instant) -> Ask {
        self.started = now;
        self.account.attempts = 1;
        if let Some(part) = &self.part {
            self.asked = self.ask_part(part.end);
        }
        self.asked.clone()
    }

    fn head(&mut self, head: &Head) -> Result<Place, Failure> {
        self.announced.set(least_rate::announced(head));
        if let Some(part) = self.part.clone() {
            return self.part_head(part, head);
        }
        match self.asked.from {
            0 => self.begins(head),
            _ => self.goes_on(head),
        }
    }

    fn took(&mut self, bytes: &[u8]) {
        if let Some(expected) = &self.expected {
            self.running.update(expected.algorithm, bytes);
        }
    }

    fn guard(&mut self) -> Option<Box<dyn Guard>> {
        let stall = self.recipe.stall.map(|stall| Box::new(stall.guard()) as _);
        let least = self.recipe.deadlines.and_then(|one| one.least_rate);
        let least = least.map(|least| Box::new(least.guard(Rc::clone(&self.announced))) as _);
        match (stall, least) {
            (Some(stall), Some(least)) => Some(Box::new(Both(stall, least))),
            (one, other) => one.or(other),
        }
    }

    fn ended(&mut self, attempted: &Attempted<'_>) -> Next {
        self.held.bytes = attempted.held;
        if self.was_a_whole_part(attempted) {
            return self.again(Duration::ZERO);
        }
        let verdict = self.judge(attempted);
        let Verdict::Failure(failure) = &verdict else {
            return self.stop(verdict);
        };
        match self.wait(failure, attempted) {
            Some(after) => self.again(after),
            None => self.stop(verdict),
        }
    }

    fn account(&self) -> Option<Account> {
        Some(self.account)
    }
}

/// A part that is all of the object.
fn is_all(range: &str) -> bool {
    match ContentRange::parse(range) {
        Some(ContentRange::Part {
            first: 0,
            last,
            total,
        }) => total == Some(last + 1),
        _ => false,
    }
}
