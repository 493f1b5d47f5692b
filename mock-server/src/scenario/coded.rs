//! Bounds for the length of a coded body, before anybody has coded it.

use super::{Body, Coding};
use crate::units::ByteSize;

/// A coded body up to this length is kept in memory; a longer one is coded anew for each
/// response.
pub(crate) const MOST_KEPT: ByteSize = ByteSize::mib(4);

/// The largest ratio: a coder would not reach a larger one.
pub(crate) const LARGEST_RATIO: u32 = 1000;

/// Members of a coded body, at most.
pub(crate) const MOST_MEMBERS: u32 = 65_536;

/// Codings of a body, at most.
pub(crate) const MOST_CODINGS: usize = 8;

/// Bytes behind a coded body, at most.
pub(crate) const MOST_GARBAGE: ByteSize = ByteSize::mib(1);

/// Header and trailer of a member, generously.
const OF_A_MEMBER: u64 = 64;

impl Coding {
    /// True if this build can make it: br and zstd need the feature `codings`.
    pub const fn is_built_in(self) -> bool {
        match self {
            Self::Identity | Self::Gzip | Self::Deflate => true,
            Self::Br | Self::Zstd => cfg!(feature = "codings"),
        }
    }
}

impl Body {
    /// The first of its codings that this build cannot make.
    pub(crate) fn missing_coding(&self) -> Option<Coding> {
        let mut codings = self.encoding.iter().copied();
        codings.find(|coding| !coding.is_built_in())
    }

    /// True if the body is sent in a content coding.
    pub fn is_coded(&self) -> bool {
        !self.encoding.is_empty()
    }

    /// The codings as `Content-Encoding` lists them; `None` where it is left out.
    pub fn said_encoding(&self) -> Option<String> {
        let said = self.declared_encoding.as_ref().unwrap_or(&self.encoding);
        let words = said.iter().filter(|coding| **coding != Coding::Identity);
        let words: Vec<_> = words.map(|coding| coding.word()).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// True if one of the codings is `coding`.
    pub fn has_coding(&self, coding: Coding) -> bool {
        self.encoding.contains(&coding)
    }
}

/// An upper bound for the coded body with its garbage, uncut. A coder stores what it
/// cannot compress in blocks, of which the smallest (deflate: some 16 KiB) have 5 bytes
/// besides; of what compresses it needs less than a hundredth for saying what is
/// repeated.
pub(crate) fn longest(body: &Body) -> u64 {
    let (size, ratio) = (body.size.0, u64::from(body.ratio.max(1)));
    let mut longest = match ratio {
        1 => size,
        _ => (size / ratio)
            .saturating_add(size / ratio / 20)
            .saturating_add(size / 80),
    };
    for _ in &body.encoding {
        longest = longest
            .saturating_add(longest / 1000)
            .saturating_add(64 << 10);
    }
    let members = u64::from(body.members.max(1)) * OF_A_MEMBER;
    longest
        .saturating_add(members)
        .saturating_add(body.garbage.0)
}

/// The same, where the body is cut.
pub(crate) fn longest_cut(body: &Body) -> u64 {
    let uncut = longest(body) - body.garbage.0;
    let cut = body.truncate_at.map_or(uncut, |cut| cut.0.min(uncut));
    cut.saturating_add(body.garbage.0)
}

/// The length of the coding where it is known without coding: it is cut, and the object,
/// which does not compress (of a real file nobody knows), is longer by more than a tenth. Behind a coder that cannot
/// compress it no less comes out than went in (but for the blocks that it still holds).
pub(crate) fn sure_len(body: &Body) -> Option<u64> {
    let cut = body.truncate_at?.0;
    let is_longer =
        body.file.is_none() && body.ratio == 1 && body.members <= 1 && cut <= body.size.0 / 10 * 9;
    (is_longer && cut > MOST_KEPT.0).then_some(cut)
}

/// Bytes of it that are kept in memory, at most.
pub(crate) fn most_kept(body: &Body) -> u64 {
    longest_cut(body).min(MOST_KEPT.0 + body.garbage.0)
}
