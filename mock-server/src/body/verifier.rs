//! Compares the bytes that arrived with the object.

use super::{Object, OpenFile, Pattern, Reference};

/// Bytes from the first difference on that are looked up in the template. Eight
/// are unique there; sixteen rule out chance for bytes from elsewhere.
pub(crate) const WINDOW: usize = 16;

/// Bytes compared at a time, at most: of a repeating pattern so many are made, and
/// should still be near when they are compared.
const LONGEST: u64 = 64 << 10;

/// Checks an object of known size as it arrives, at the speed of a memory
/// compare. After the first difference it only counts.
#[derive(Debug, Clone)]
pub struct Verifier {
    pattern: Pattern,
    /// The file that the object is, if it is none of a pattern.
    file: Option<OpenFile>,
    object_size: u64,
    /// The offset at which [`Verifier::check`] continues.
    position: u64,
    /// Bytes seen, at any place.
    checked: u64,
    /// Bytes seen from offset 0 on without a gap.
    covered: u64,
    excess: u64,
    first_bad: Option<u64>,
    arrived: Option<u64>,
    /// The version of the object whose bytes arrived there.
    version: Option<u32>,
    /// The bytes that arrived from `first_bad` on, until there are [`WINDOW`].
    window: Vec<u8>,
    /// A place for expected bytes.
    scratch: Vec<u8>,
}

impl Verifier {
    /// The start: no byte of the `object` has arrived.
    pub fn new(object: impl Into<Reference>) -> Self {
        let (Object { size, pattern }, file) = match object.into() {
            Reference::Pattern(object) => (object, None),
            Reference::File(file) => (file.size().into(), Some(file)),
        };
        Self {
            pattern,
            file,
            object_size: size,
            position: 0,
            checked: 0,
            covered: 0,
            excess: 0,
            first_bad: None,
            arrived: None,
            version: None,
            window: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The object's size, and the pattern that it is of, unless it is a file.
    pub(crate) fn object(&self) -> Object {
        Object {
            size: self.object_size,
            pattern: self.pattern,
        }
    }

    /// Checks the next bytes.
    pub fn check(&mut self, bytes: &[u8]) {
        self.check_at(self.position, bytes);
    }

    /// Checks bytes that claim to be at `offset` of the object, such as a part of
    /// a resumed download. [`Verifier::check`] continues after them.
    pub fn check_at(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset.saturating_add(bytes.len() as u64);
        self.compare(offset, bytes);
        self.collect(offset, bytes);
        self.position = end;
        self.checked = self.checked.saturating_add(bytes.len() as u64);
        self.excess = self
            .excess
            .saturating_add(end.saturating_sub(offset.max(self.object_size)));
        if offset <= self.covered {
            self.covered = self.covered.max(end);
        }
    }

    /// The lowest offset whose byte differs from the object, or the object's size
    /// if bytes arrived beyond it and all before were right.
    pub fn first_bad_offset(&self) -> Option<u64> {
        self.first_bad
    }

    /// The offset of the object whose bytes arrived at
    /// [`Verifier::first_bad_offset`], if 16 bytes from there on are a piece of
    /// the object.
    ///
    /// The pattern repeats, so this is known up to multiples of [`PERIOD`](super::PERIOD): it
    /// names the possible offset nearest to the expected one. That is the true
    /// one if less than half a period (524,286 bytes) was lost or repeated. A
    /// loss of 2 MiB reads as a loss of 6 bytes: compare with the number of
    /// missing bytes. Where it repeats its blocks, a loss of whole blocks is found at
    /// the end of a run of them.
    pub fn arrived_offset(&self) -> Option<u64> {
        self.arrived
    }

    /// The version of the object, another one, whose bytes of the same place arrived at
    /// [`Verifier::first_bad_offset`], if 16 bytes from there on are.
    pub fn arrived_version(&self) -> Option<u32> {
        self.version
    }

    /// Bytes that arrived, right or wrong, including the excess.
    pub fn checked_bytes(&self) -> u64 {
        self.checked
    }

    /// Bytes beyond the end of the object.
    pub fn excess_bytes(&self) -> u64 {
        self.excess
    }

    /// True if every byte of the object is here and right, and nothing else.
    pub fn is_whole(&self) -> bool {
        self.first_bad.is_none() && self.covered == self.object_size
    }

    /// Finds the first difference below the lowest one known so far.
    fn compare(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset.saturating_add(bytes.len() as u64);
        let limit = self.first_bad.unwrap_or(u64::MAX).min(end);
        let mut at = offset;
        while at < limit.min(self.object_size) {
            let left = limit.min(self.object_size) - at;
            let len = left.min(LONGEST) as usize;
            let expected = match &self.file {
                None => self.pattern.view(at, len, &mut self.scratch),
                Some(file) => {
                    self.scratch.resize(len, 0);
                    let read = file.read_at(at, &mut self.scratch);
                    &self.scratch[..read]
                }
            };
            if expected.is_empty() {
                // The file is shorter than it was, so nobody can say what should be here.
                return self.found(at);
            }
            let from = (at - offset) as usize;
            let got = &bytes[from..from + expected.len()];
            if got != expected {
                let same = got.iter().zip(expected).take_while(|(a, b)| a == b);
                let bad = at + same.count() as u64;
                return self.found(bad);
            }
            at += expected.len() as u64;
        }
        if at < limit {
            self.found(at);
        }
    }

    fn found(&mut self, offset: u64) {
        self.first_bad = Some(offset);
        self.arrived = None;
        self.version = None;
        self.window.clear();
    }

    /// Adds bytes at `offset` to the window if they continue it, and looks it up
    /// once it is full.
    fn collect(&mut self, offset: u64, bytes: &[u8]) {
        let Some(first_bad) = self.first_bad else {
            return;
        };
        let missing = WINDOW - self.window.len();
        let next = first_bad.saturating_add(self.window.len() as u64);
        let Some(skip) = next.checked_sub(offset) else {
            return;
        };
        let Some(rest) = usize::try_from(skip)
            .ok()
            .and_then(|skip| bytes.get(skip..))
        else {
            return;
        };
        if missing == 0 || rest.is_empty() {
            return;
        }
        self.window
            .extend_from_slice(&rest[..missing.min(rest.len())]);
        if self.window.len() == WINDOW && self.file.is_none() {
            self.arrived = self
                .pattern
                .nearest(&self.window, first_bad, self.object_size);
            self.version = self.pattern.version_with(&self.window, first_bad);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{PERIOD, template::nearest},
        *,
    };

    const SIZE: usize = 3 * PERIOD as usize / 2;

    fn object(size: usize) -> Vec<u8> {
        Pattern::PLAIN
            .slices(0..size as u64)
            .collect::<Vec<_>>()
            .concat()
    }

    /// Checks `bytes` in pieces; their lengths cycle through `splits`.
    fn feed(verifier: &mut Verifier, mut bytes: &[u8], splits: &[usize]) {
        for len in splits.iter().cycle() {
            let (piece, rest) = bytes.split_at((*len).min(bytes.len()));
            verifier.check(piece);
            bytes = rest;
            if bytes.is_empty() {
                return;
            }
        }
    }

    fn first_difference(a: &[u8], b: &[u8]) -> Option<u64> {
        let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        (same < a.len().max(b.len())).then_some(same as u64)
    }

    fn splits() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(1usize..70_000, 1..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_object_verifies_in_any_pieces(size in 0..SIZE, splits in splits()) {
            let mut verifier = Verifier::new(size as u64);
            feed(&mut verifier, &object(size), &splits);
            prop_assert!(verifier.is_whole());
            prop_assert_eq!(verifier.first_bad_offset(), None);
            prop_assert_eq!(verifier.checked_bytes(), size as u64);
            prop_assert_eq!(verifier.excess_bytes(), 0);
        }

        #[test]
        fn a_flipped_byte_is_found_where_it_is_and_comes_from_nowhere(
            at in 0..SIZE, flip in 1u8.., splits in splits(),
        ) {
            let mut bytes = object(SIZE);
            bytes[at] ^= flip;
            let mut verifier = Verifier::new(SIZE as u64);
            feed(&mut verifier, &bytes, &splits);
            prop_assert_eq!(verifier.first_bad_offset(), Some(at as u64));
            prop_assert_eq!(verifier.arrived_offset(), None);
            prop_assert_eq!(verifier.checked_bytes(), SIZE as u64);
            prop_assert!(!verifier.is_whole());
        }

        #[test]
        fn a_lost_block_names_the_offset_that_arrived_instead(
            at in 0..SIZE / 2, lost in 1usize..524_286, splits in splits(),
        ) {
            let whole = object(SIZE);
            let bytes = [&whole[..at], &whole[at + lost..]].concat();
            let mut verifier = Verifier::new(SIZE as u64);
            feed(&mut verifier, &bytes, &splits);
            let bad = first_difference(&bytes, &whole[..bytes.len()]).unwrap();
            prop_assert_eq!(verifier.first_bad_offset(), Some(bad));
            prop_assert_eq!(verifier.arrived_offset(), Some(bad + lost as u64));
        }

        #[test]
        fn a_repeated_block_names_the_offset_that_arrived_instead(
            at in 0..SIZE / 2, again in 1usize..524_286, splits in splits(),
        ) {
            let at = at + again;
            let whole = object(SIZE);
            let bytes = [&whole[..at], &whole[at - again..]].concat();
            let mut verifier = Verifier::new(SIZE as u64);
            feed(&mut verifier, &bytes, &splits);
            let bad = first_difference(&bytes, &whole).unwrap();
            prop_assert_eq!(verifier.first_bad_offset(), Some(bad));
            prop_assert_eq!(verifier.arrived_offset(), Some(bad - again as u64));
            prop_assert_eq!(verifier.excess_bytes(), again as u64);
        }

        #[test]
        fn the_nearest_candidate_is_the_one_an_exhaustive_search_finds(
            residue in 0..PERIOD, expected in 0..5 * PERIOD, size in 0..5 * PERIOD,
        ) {
            let candidates = (0..6).map(|n| residue + n * PERIOD).filter(|at| at + 16 <= size);
            prop_assert_eq!(
                size.checked_sub(16).and_then(|last| nearest(residue, expected, last)),
                candidates.min_by_key(|at| at.abs_diff(expected))
            );
        }
    }

    #[test]
    fn a_short_object_is_not_whole_but_has_no_bad_byte() {
        let mut verifier = Verifier::new(100);
        verifier.check(&object(99));
        assert!(!verifier.is_whole());
        assert_eq!(verifier.first_bad_offset(), None);
    }

    #[test]
    fn bytes_beyond_the_end_are_bad_from_the_end_on() {
        let mut verifier = Verifier::new(100);
        verifier.check(&object(100));
        assert!(verifier.is_whole());
        verifier.check(&object(30));
        assert!(!verifier.is_whole());
        assert_eq!(verifier.first_bad_offset(), Some(100));
        assert_eq!(
            verifier.arrived_offset(),
            Some(0),
            "the object begins again"
        );
        assert_eq!(verifier.excess_bytes(), 30);
        assert_eq!(verifier.checked_bytes(), 130);
    }

    #[test]
    fn a_pattern_that_goes_on_beyond_the_object_is_not_of_the_object() {
        let mut verifier = Verifier::new(100);
        verifier.check(&object(200));
        assert_eq!(verifier.first_bad_offset(), Some(100));
        assert_eq!(verifier.arrived_offset(), None);
    }

    #[test]
    fn a_loss_beyond_half_a_period_is_known_up_to_multiples_of_it() {
        let mut verifier = Verifier::new(1 << 40);
        verifier.check(&Pattern::PLAIN.slice(0, 1000));
        verifier.check(&Pattern::PLAIN.slice(1000 + (2 << 20), 1000));
        assert_eq!(verifier.first_bad_offset(), Some(1000));
        assert_eq!(verifier.arrived_offset(), Some(1006));
    }

    #[test]
    fn parts_in_any_order_make_a_whole_and_the_lowest_bad_offset_stays() {
        let mut verifier = Verifier::new(3000);
        verifier.check_at(0, &Pattern::PLAIN.slice(0, 1000));
        verifier.check_at(2000, &Pattern::PLAIN.slice(2000, 1000));
        assert!(!verifier.is_whole(), "1000 bytes are missing in the middle");
        let mut other = verifier.clone();
        verifier.check_at(1000, &Pattern::PLAIN.slice(1000, 2000));
        assert!(verifier.is_whole());

        other.check_at(2500, &Pattern::PLAIN.slice(0, 100));
        assert_eq!(other.first_bad_offset(), Some(2500));
        assert_eq!(other.arrived_offset(), Some(0));
        other.check_at(1000, &Pattern::PLAIN.slice(1500, 5));
        assert_eq!(other.first_bad_offset(), Some(1000));
        assert_eq!(
            other.arrived_offset(),
            None,
            "five bytes are too few to tell"
        );
        other.check(&Pattern::PLAIN.slice(1505, 20));
        assert_eq!(other.arrived_offset(), Some(1500));
    }

    #[test]
    fn offsets_at_the_end_of_the_largest_object_do_not_overflow() {
        let size = i64::MAX as u64;
        let mut verifier = Verifier::new(size);
        verifier.check_at(size - 10, &Pattern::PLAIN.slice(size - 10, 20));
        assert_eq!(verifier.first_bad_offset(), Some(size));
        assert_eq!(verifier.excess_bytes(), 10);
        verifier.check_at(u64::MAX, &[1, 2, 3]);
        assert_eq!(verifier.first_bad_offset(), Some(size));
    }

    /// All offsets of a small object at which `window` stands, by looking.
    fn everywhere(bytes: &[u8], window: &[u8]) -> Vec<u64> {
        let all = bytes.windows(window.len()).enumerate();
        all.filter(|(_, there)| *there == window)
            .map(|(at, _)| at as u64)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_window_of_a_repeating_pattern_is_found_at_the_nearest_of_its_places(
            ratio in 2u32..40, at in 0usize..60_000, expected in 0u64..60_000,
        ) {
            let pattern = Pattern::repeating(ratio);
            let bytes = pattern.slice(0, 60_016);
            let window = &bytes[at..at + 16];
            let found = pattern.nearest(window, expected, 60_016).unwrap();
            let best = everywhere(&bytes, window).into_iter().map(|at| at.abs_diff(expected)).min();
            prop_assert_eq!(Some(found.abs_diff(expected)), best);
            prop_assert!(pattern.same(found, at as u64, 16));
        }

        #[test]
        fn what_is_lost_of_a_repeating_pattern_shows_within_its_run(
            ratio in 2u32..40, at in 0usize..300_000, lost in 1usize..100_000,
        ) {
            let object = Object { size: 500_000, pattern: Pattern::repeating(ratio) };
            let whole = object.pattern.slice(0, 500_000);
            let bytes = [&whole[..at], &whole[at + lost..]].concat();
            let mut verifier = Verifier::new(object);
            feed(&mut verifier, &bytes, &[7_000]);
            let bad = first_difference(&bytes, &whole[..bytes.len()]).unwrap();
            prop_assert_eq!(verifier.first_bad_offset(), Some(bad));
            prop_assert!(bad < at as u64 + u64::from(ratio) * 64 + 2, "{} behind {}", bad, at);
            let arrived = verifier.arrived_offset().unwrap();
            prop_assert!(object.pattern.same(arrived, bad + lost as u64, 16));
        }
    }

    #[test]
    fn far_runs_of_a_repeating_pattern_are_found_and_nothing_overflows() {
        let pattern = Pattern::repeating(1000);
        let size = i64::MAX as u64;
        for at in [5_000_000_000, size - 16] {
            let window = pattern.slice(at, 16);
            let found = pattern.nearest(&window, at, size).unwrap();
            assert_eq!(found, at);
        }
        let mut verifier = Verifier::new(Object { size, pattern });
        verifier.check_at(size - 10, &pattern.slice(size - 10, 20));
        assert_eq!(verifier.first_bad_offset(), Some(size));
        assert_eq!(pattern.nearest(&[0; 16], 5, size), None);
    }
}
