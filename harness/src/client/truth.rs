//! The file of a download as it grows, compared with every object that it may become.

use shortread_server::body::{Reference, Verifier};

/// One file, and the versions of the object that its bytes may be of.
#[derive(Debug)]
pub(crate) struct Truth {
    candidates: Vec<Candidate>,
    /// Bytes compared.
    position: u64,
}

/// An object that the file may become, and how far it is that.
#[derive(Debug)]
struct Candidate {
    object: Reference,
    verifier: Verifier,
}

impl Candidate {
    fn new(object: Reference) -> Self {
        Self {
            verifier: Verifier::new(object.clone()),
            object,
        }
    }
}

impl Truth {
    /// An empty file that may become one of `objects`, of which there is one at least.
    pub(crate) fn new(objects: Vec<Reference>) -> Self {
        Self {
            candidates: objects.into_iter().map(Candidate::new).collect(),
            position: 0,
        }
    }

    /// `bytes` are in the file from `offset` on.
    pub(crate) fn check_at(&mut self, offset: u64, bytes: &[u8]) {
        for candidate in &mut self.candidates {
            candidate.verifier.check_at(offset, bytes);
        }
        self.position = offset.saturating_add(bytes.len() as u64);
    }

    /// Goes on at `offset`: where it is, or at the start, with nothing behind it.
    pub(crate) fn resume(&mut self, offset: u64) {
        if offset == self.position {
            return;
        }
        for candidate in &mut self.candidates {
            *candidate = Candidate::new(candidate.object.clone());
        }
        self.position = offset;
    }

    /// The first wrong byte among the first `bytes`, in the object that they fit best.
    /// Bytes compared and then lost do not count.
    pub(crate) fn first_bad_offset(&self, bytes: u64) -> Option<u64> {
        let bad = self.best(bytes).verifier.first_bad_offset();
        bad.filter(|offset| *offset < bytes)
    }

    /// The offset of the object whose bytes stand there instead.
    pub(crate) fn arrived_offset(&self, bytes: u64) -> Option<u64> {
        let bad = self.first_bad_offset(bytes);
        bad.and(self.best(bytes).verifier.arrived_offset())
    }

    /// Bytes of the object that a file of `bytes` bytes fits best.
    pub(crate) fn object_bytes(&self, bytes: u64) -> u64 {
        self.best(bytes).object.size()
    }

    /// The object with the longest right part, among equals one of that very size, then
    /// the first.
    fn best(&self, bytes: u64) -> &Candidate {
        let right = |candidate: &&Candidate| {
            let bad = candidate.verifier.first_bad_offset();
            (
                bad.unwrap_or(u64::MAX).min(bytes),
                candidate.object.size() == bytes,
            )
        };
        // Of several equals `max_by_key` takes the last.
        let best = self.candidates.iter().rev().max_by_key(right);
        best.expect("there is one object at least")
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::body::{Object, Pattern};

    use super::*;

    fn object(version: u32, size: u64) -> Object {
        Object {
            size,
            pattern: Pattern::PLAIN.of_version(version),
        }
    }

    fn bytes(version: u32, from: u64, len: usize) -> Vec<u8> {
        let mut all = Vec::new();
        for slice in object(version, 0).pattern.slices(from..from + len as u64) {
            all.extend_from_slice(&slice);
        }
        all
    }

    #[test]
    fn a_file_is_of_the_version_that_it_fits_and_a_splice_of_none() {
        let mut truth = Truth::new(vec![object(1, 1000).into(), object(2, 700).into()]);
        truth.check_at(0, &bytes(2, 0, 700));
        assert_eq!(
            (truth.first_bad_offset(700), truth.object_bytes(700)),
            (None, 700)
        );
        let mut splice = Truth::new(vec![object(1, 1000).into(), object(2, 700).into()]);
        splice.check_at(0, &bytes(1, 0, 400));
        splice.resume(400);
        splice.check_at(400, &bytes(2, 400, 300));
        assert!(splice.first_bad_offset(700).is_some_and(|bad| bad < 432));
    }

    #[test]
    fn a_file_that_begins_anew_forgets_what_was_wrong() {
        let mut truth = Truth::new(vec![object(1, 1000).into()]);
        truth.check_at(0, b"an error page");
        assert_eq!(truth.first_bad_offset(13), Some(0));
        truth.resume(0);
        truth.check_at(0, &bytes(1, 0, 1000));
        assert_eq!(truth.first_bad_offset(1000), None);
    }

    #[test]
    fn parts_of_two_versions_are_a_file_of_none_in_whatever_order_they_come() {
        let joined = |first: u32, second: u32| {
            let mut truth = Truth::new(vec![object(1, 700).into(), object(2, 700).into()]);
            truth.check_at(400, &bytes(second, 400, 300));
            truth.check_at(0, &bytes(first, 0, 400));
            truth.first_bad_offset(700)
        };
        assert_eq!(joined(1, 1), None);
        assert_eq!(joined(2, 2), None);
        assert!(joined(1, 2).is_some_and(|bad| (400..432).contains(&bad)));
    }
}
