//! The content coding of `[body]`

use super::Check;
use crate::{
    scenario::{
        Accept, Coding,
        coded::{self, LARGEST_RATIO, MOST_CODINGS, MOST_GARBAGE, MOST_MEMBERS},
    },
    units::ByteSize,
};

impl Check<'_> {
    /// The settings of a coded body, and the body itself.
    pub(super) fn coding(&mut self) {
        self.ratio();
        self.of_a_page();
        let body = &self.scenario.body;
        if body.declared_encoding.as_ref() == Some(&body.encoding) {
            self.problem(
                "body.declared_encoding",
                "this is the true coding",
                "leave it out, or name another",
            );
        }
        if !body.is_coded() {
            return self.plain();
        }
        self.amount();
        self.members();
        if body.garbage > MOST_GARBAGE {
            self.problem(
                "body.garbage",
                format!("{} is too much", body.garbage),
                format!("write at most {MOST_GARBAGE}"),
            );
        }
        let uncut = coded::longest(&self.scenario.largest_body()) - body.garbage.0;
        if let Some(cut) = body.truncate_at.filter(|cut| cut.0 > uncut) {
            self.problem(
                "body.truncate_at",
                format!("{cut} is beyond the compressed body"),
                format!("it has at most about {}", ByteSize(uncut).human()),
            );
        }
    }

    fn ratio(&mut self) {
        let ratio = self.scenario.body.ratio;
        if !(1..=LARGEST_RATIO).contains(&ratio) {
            self.problem(
                "body.ratio",
                format!("no coder makes 1 of {ratio} bytes here"),
                format!("write 1 to {LARGEST_RATIO}; 1 does not compress"),
            );
        }
    }

    fn of_a_page(&mut self) {
        let (body, response) = (&self.scenario.body, &self.scenario.response);
        if response.page.is_none() {
            return;
        }
        if body.is_coded() {
            self.problem(
                "body.encoding",
                "a page is sent as it is written, never compressed",
                "leave out `encoding`, or `response.page`",
            );
        }
        if body.ratio > 1 {
            self.problem(
                "body.ratio",
                "the ratio is of the object, and a page is sent instead",
                "leave out `ratio`, or `response.page`",
            );
        }
    }

    /// A body without a coding has nothing that belongs to one.
    fn plain(&mut self) {
        let body = &self.scenario.body;
        if body.truncate_at.is_some() {
            self.problem(
                "body.truncate_at",
                "`truncate_at` cuts a compressed body, and this one is not",
                "add `encoding = \"gzip\"`, or cut a plain body with a smaller `size`, a \
                 `declared_size` or a fault",
            );
        }
        let of_a_coding = [
            ("members", body.members != 1),
            ("garbage", body.garbage.0 > 0),
            ("accept", body.accept == Accept::Honour),
        ];
        for (key, _) in of_a_coding.into_iter().filter(|(_, set)| *set) {
            self.problem(
                format!("body.{key}"),
                format!("`{key}` is of a compressed body, and this one is not"),
                "add `encoding = \"gzip\"`, or leave this out",
            );
        }
    }

    fn amount(&mut self) {
        let body = &self.scenario.body;
        if let Some(coding) = body.missing_coding() {
            self.problem(
                "body.encoding",
                format!("this build has no {coding}"),
                "build it with the feature `codings`, or use gzip or deflate",
            );
        } else if body.encoding.len() > MOST_CODINGS {
            self.problem(
                "body.encoding",
                format!("a body has at most {MOST_CODINGS} codings"),
                "write fewer",
            );
        }
    }

    fn members(&mut self) {
        let body = &self.scenario.body;
        let members = body.members;
        if members == 1 {
            return;
        }
        if !(1..=MOST_MEMBERS).contains(&members) {
            self.problem(
                "body.members",
                format!("{members} members cannot be made"),
                format!("write 1 to {MOST_MEMBERS}"),
            );
        } else if !matches!(body.encoding[..], [Coding::Gzip | Coding::Zstd]) {
            self.problem(
                "body.members",
                format!("a {} body has no members", words(&body.encoding)),
                "write `encoding = \"gzip\"` or `encoding = \"zstd\"`, one alone",
            );
        } else if u64::from(members) > body.size.0 {
            self.problem(
                "body.members",
                format!("{members} members are more than the object has bytes"),
                format!("body.size is {}", body.size),
            );
        }
    }
}

fn words(codings: &[Coding]) -> String {
    let words: Vec<_> = codings.iter().map(|coding| coding.word()).collect();
    words.join(", ")
}
