//! The course of one part of the object, among several that are fetched by themselves:
//! it asks for its range alone, goes on inside it, and never begins the object anew. What
//! does not fit ends the part, since the others hold bytes of the same object.

use std::{cell::RefCell, ops::Range, rc::Rc};

use super::{
    Careful, Check, ContentRange, Fit, Held, Recipe, Refused, Unfit, Validators, media_of,
};
use crate::{
    client::{Account, Ask, Basis, Failure, FailureCause, Head, Left, Place},
    remedy::{On200, OnUnfit, Resume, Without},
};

impl Careful {
    /// A client that fetches `bytes` of the object, whose waits are drawn from `seed`.
    /// `object` is what another part has told ([`telling`](Self::telling)); the first part
    /// knows nothing, and its end comes down to that of the object.
    ///
    /// The offsets of its attempts are those of the object, not of the part. Of the
    /// recipe, nothing is left that is about the whole: the length that the user knows,
    /// and what the result must rest on.
    pub fn of_part(recipe: &Recipe, seed: u64, bytes: Range<u64>, object: &Held) -> Self {
        let resume = Resume {
            without_validator: Without::Resume,
            on_200: On200::Fail,
            content_range: true,
            validators: true,
            on_unfit: OnUnfit::Fail,
            ..recipe.resume.unwrap_or_default()
        };
        let recipe = Recipe {
            progress: None,
            resume: Some(resume),
            verify: None,
            ..recipe.clone()
        };
        let held = Held {
            bytes: bytes.start,
            ..object.clone()
        };
        Self {
            vouched: held.validators.strong().is_some(),
            mark: bytes.start,
            held,
            part: Some(bytes),
            ..Self::new(recipe, seed)
        }
    }

    /// The same, which tells what its responses say of the object: the total, the
    /// validators.
    pub fn telling(self, learnt: Rc<RefCell<Held>>) -> Self {
        Self {
            tells: Some(learnt),
            ..self
        }
    }

    /// The request for what is missing of the part that ends before `end`.
    pub(super) fn ask_part(&self, end: u64) -> Ask {
        let resume = self.recipe.resume.unwrap_or_default();
        let validators = &self.held.validators;
        let validator = match resume.weak {
            true => validators.any(),
            false => validators.strong(),
        };
        Ask {
            from: self.held.bytes,
            until: Some(end),
            if_range: validator.filter(|_| resume.if_range).map(str::to_owned),
        }
    }

    /// The head of a response to the request for `part`.
    pub(super) fn part_head(&mut self, part: Range<u64>, head: &Head) -> Result<Place, Failure> {
        let resume = self.recipe.resume.unwrap_or_default();
        let unfit = match resume.fit(&self.held, head) {
            Fit::Take(place) => match self.take_part(part, head) {
                Ok(()) => return Ok(place),
                Err(unfit) => unfit,
            },
            Fit::Anew(Unfit::OtherCoding) | Fit::Fail(Unfit::OtherCoding) if self.is_first() => {
                Unfit::Coded
            }
            Fit::Anew(Unfit::Changed) | Fit::Fail(Unfit::Changed) | Fit::Complete
                if self.is_first() =>
            {
                Unfit::NoPart
            }
            Fit::Anew(unfit) | Fit::Fail(unfit) => unfit,
            // Something is missing, so a server that has no more has another object.
            Fit::Complete => Unfit::Changed,
            Fit::Other => {
                let status = head.status;
                return Err(self.refuse(Refused::Status(status), &Check::Status(status)));
            }
        };
        Err(self.refuse(Refused::Fatal, &unfit))
    }

    /// Nothing of the object is known yet.
    fn is_first(&self) -> bool {
        self.held.total.is_none()
    }

    /// Takes the body of a response that fits what is held, unless it does not fit the
    /// part.
    fn take_part(&mut self, part: Range<u64>, head: &Head) -> Result<(), Unfit> {
        let range = head.fields.get("content-range");
        let Some(ContentRange::Part { last, total, .. }) = range.and_then(ContentRange::parse)
        else {
            return Err(Unfit::NoContentRange);
        };
        let total = self.held.total.or(total).ok_or(Unfit::NoTotal)?;
        let end = part.end.min(total);
        if last >= end {
            return Err(Unfit::Beyond { last, end });
        }
        if last < self.held.bytes {
            return Err(Unfit::Nothing { last });
        }
        if self.held.total.is_none() {
            self.held.validators = Validators::of(&head.fields);
            self.held.media = media_of(head);
            self.vouched = self.held.validators.strong().is_some();
        }
        let resumes = self.held.bytes > part.start;
        self.held.total = Some(total);
        if let Some(learnt) = &self.tells {
            learnt.replace(self.held.clone());
        }
        self.part = Some(part.start..end);
        self.part_end = Some(last + 1);
        self.joined += 1;
        self.framed = false;
        self.account = Account {
            resumed: self.account.resumed + u32::from(resumes),
            file: Left::Target,
            ..self.account
        };
        Ok(())
    }

    /// Compares the bytes held with the end of the part.
    pub(super) fn check_part(&self, part: &Range<u64>) -> Result<(), Failure> {
        let missing = part.end.saturating_sub(self.held.bytes);
        match missing {
            0 => Ok(()),
            _ => {
                let total = part.end - part.start;
                let why = Check::Short { missing, total };
                Err(Failure::new(FailureCause::ClosedEarly, &why))
            }
        }
    }

    /// What the part rests on: its `Content-Range` told a length.
    pub(super) fn basis_of_part(&self) -> Basis {
        match self.vouched {
            true => Basis::Validator,
            false => Basis::Length,
        }
    }
}

#[cfg(test)]
impl Careful {
    pub(crate) fn object(&self) -> &Held {
        &self.held
    }
}

#[cfg(test)]
#[path = "part_tests.rs"]
mod tests;
