"""The comparer: what agrees passes, and each made-up difference fails.

    python3 -m unittest discover harness/conformance
"""

import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import bounds  # noqa: E402
import compare  # noqa: E402
import make_environments  # noqa: E402
import outcome  # noqa: E402
import pattern  # noqa: E402

SETTINGS = {
    "body": {"size_bytes": 20_000_000, "framing": "content-length", "encoding": [], "ratio": 1},
    "link": {"rate_bytes_per_second": 100_000_000},
    "client": {"total_ns": 6 * bounds.SECOND, "memory_bytes": None, "parallel": 1},
    "sink": {"pause_ns": 0, "rate_bytes_per_second": None, "blocking": False},
    "measure": False,
}

TRIAL = {
    "release": "3.14.5",
    "scenario": "made-up",
    "strategy": "readany",
    "chunk_size": None,
    "settings": SETTINGS,
    "time_factor": 0.02,
    "schedule": None,
    "exact": False,
}

TRUNCATED = {
    "kind": "truncated",
    "deadline": None,
    "exception": "ClientPayloadError",
    "delivered_bytes": 12_000_000,
    "sent_bytes": 12_000_000,
    "in_flight_bytes": 0,
    "connections": 1,
    "requests": 1,
    "sizes": {"count": 60, "min": 1_244, "p50": 222_000, "p90": 262_144, "max": 262_144},
    "peak_bytes": 800_000,
    "elapsed_ns": 120_000_000,
}

COMPLETE = {
    **TRUNCATED,
    "kind": "complete",
    "exception": None,
    "delivered_bytes": 20_000_000,
    "sent_bytes": 20_000_000,
}


def differences(real, ours, **trial):
    return compare.compare({**TRIAL, **trial}, real, ours)["differences"]


def changed(side, **fields):
    return {**copy.deepcopy(side), **fields}


def sized(side, **sizes):
    return changed(side, sizes={**side["sizes"], **sizes})


class WhatIsCompared(unittest.TestCase):
    def test_two_trials_that_are_alike_agree(self):
        self.assertEqual(differences(TRUNCATED, TRUNCATED), [])
        self.assertEqual(differences(COMPLETE, COMPLETE), [])

    def test_another_word_or_count_fails_and_both_are_named(self):
        for field, value in (
            ("kind", "silent-truncation"),
            ("deadline", "total"),
            ("exception", "SocketTimeoutError"),
            ("connections", 2),
            ("requests", 2),
        ):
            (said,) = differences(TRUNCATED, changed(TRUNCATED, **{field: value}))
            self.assertIn(str(value), said)

    def test_one_byte_fails_where_both_reported_success(self):
        (said,) = differences(COMPLETE, changed(COMPLETE, delivered_bytes=19_999_999))
        self.assertIn("19,999,999", said)

    def test_an_error_may_destroy_what_the_reader_held_and_no_more(self):
        # 3.14: the mark of 524,288 and one read of 262,144.
        lost = changed(TRUNCATED, delivered_bytes=12_000_000 - 786_432)
        self.assertEqual(differences(TRUNCATED, lost), [])
        lost = changed(TRUNCATED, delivered_bytes=12_000_000 - 786_433)
        self.assertEqual(len(differences(TRUNCATED, lost)), 1)
        # 3.13: 131,072 and the same read.
        lost = changed(TRUNCATED, delivered_bytes=12_000_000 - 393_217)
        self.assertEqual(len(differences(TRUNCATED, lost, release="3.13.5")), 1)

    def test_a_failed_read_all_delivers_nothing(self):
        real = changed(TRUNCATED, delivered_bytes=0)
        ours = changed(TRUNCATED, delivered_bytes=1)
        self.assertEqual(len(differences(real, ours, strategy="read-all")), 1)

    def test_a_server_that_was_late_is_no_difference(self):
        late = changed(TRUNCATED, delivered_bytes=9_000_000, sent_bytes=9_000_000)
        self.assertEqual(differences(TRUNCATED, late), [])

    def test_behind_silence_every_byte_counts(self):
        stalled = changed(TRUNCATED, kind="stalled", exception=None)
        ours = changed(stalled, delivered_bytes=11_999_999)
        self.assertEqual(len(differences(stalled, ours)), 1)

    def test_an_item_above_the_bound_fails_on_either_side(self):
        too_large = sized(TRUNCATED, max=786_433)
        self.assertEqual(len(differences(too_large, TRUNCATED)), 1)
        self.assertEqual(len(differences(TRUNCATED, too_large)), 1)
        fixed = {"strategy": "fixed-chunk", "chunk_size": 65_536}
        small = sized(TRUNCATED, p50=65_536, p90=65_536, max=65_536)
        self.assertEqual(differences(small, small, **fixed), [])
        self.assertEqual(len(differences(small, sized(small, max=65_537), **fixed)), 1)

    def test_memory_may_be_a_tenth_of_the_body_apart(self):
        limit = bounds.memory_tolerance(20_000_000)
        more = changed(TRUNCATED, peak_bytes=800_000 + limit)
        self.assertEqual(differences(TRUNCATED, more), [])
        more = changed(TRUNCATED, peak_bytes=800_000 + limit + 1)
        self.assertEqual(len(differences(TRUNCATED, more)), 1)

    def test_sizes_are_compared_where_the_schedule_decides_them(self):
        other = sized(TRUNCATED, p50=131_072)
        self.assertEqual(differences(TRUNCATED, other), [])
        schedule = {"compared": ("count", "p50", "p90"), "share": 0.1}
        (said,) = differences(TRUNCATED, other, schedule=schedule)
        self.assertIn("p50", said)


class WhatTheRealLibraryRaised(unittest.TestCase):
    def kind(self, *links, events=(), **download):
        errors = [{"class": name, "text": text, "errno": None} for name, text in links]
        plain = {"verdict": "failure", "status": 200, "head_deadline": False, "matches": True}
        one = {**plain, "delivered_bytes": 0, "errors": errors, **download}
        return outcome.outcome(one, outcome.Journal(list(events)), 100)

    def test_a_cut_and_a_reset_are_told_apart_by_the_error_within(self):
        cut = "Response payload is not completed: <ContentLengthError: 400, ...>"
        self.assertEqual(self.kind(("ClientPayloadError", cut))[0], "truncated")
        reset = f"{cut}. ConnectionResetError(104, 'Connection reset by peer')"
        self.assertEqual(self.kind(("ClientPayloadError", reset))[0], "reset")
        silent = ("ClientPayloadError", "Response payload is not completed")
        fault = {"event": "fault", "action": "reset", "in_flight_bytes": 0, "at_wire_bytes": 9}
        self.assertEqual(self.kind(silent)[0], "truncated")
        self.assertEqual(self.kind(silent, events=[fault])[0], "reset")

    def test_a_bomb_that_is_refused_is_malformed_though_its_text_has_no_class(self):
        text = "400, message:\n  Decompressed data exceeds the configured limit of 33554432 bytes"
        links = [
            {"class": "ClientPayloadError", "text": text, "errno": None},
            {"class": "DecompressSizeError", "text": text, "errno": None},
        ]
        self.assertEqual(outcome.payload_error(links, None), "malformed")

    def test_success_is_judged_by_the_bytes(self):
        def kind(delivered, matches=True):
            fields = {"verdict": "success", "delivered_bytes": delivered, "matches": matches}
            return self.kind(**fields)[0]

        self.assertEqual(kind(100), "complete")
        self.assertEqual(kind(99), "silent-truncation")
        self.assertEqual(kind(100, matches=False), "corrupt")
        self.assertEqual(kind(20, matches=False), "wrong-object")


class Inflating(unittest.TestCase):
    def test_an_item_of_a_body_that_inflates_may_be_larger_by_its_ratio(self):
        held = bounds.largest_item("3.9.5", "readany", None, 60_000_000)
        larger = bounds.largest_item("3.9.5", "readany", None, 60_000_000, 10)
        self.assertEqual(larger, 10 * held)
        self.assertEqual(bounds.largest_item("3.9.5", "readany", None, 9, 10), 9)
        body = {"encoding": ["gzip"], "ratio": 7}
        self.assertEqual(compare.inflates({"settings": {"body": body}}), 7)
        body["encoding"] = []
        self.assertEqual(compare.inflates({"settings": {"body": body}}), 1)


class TheRest(unittest.TestCase):
    def test_the_pattern_is_that_of_the_server_and_a_wrong_byte_is_seen(self):
        period = pattern.template()
        body = (period * 3)[: 2 * pattern.PERIOD + 7]
        whole = pattern.Verifier(period)
        whole.check(body[:10])
        whole.check(body[10:])
        self.assertTrue(whole.matches)
        # mock-server/src/body/template.rs: the top byte of the first state.
        self.assertEqual(period[0], ((pattern.MULTIPLIER + pattern.INCREMENT) >> 56) & 0xFF)
        damaged = bytearray(body)
        damaged[-1] ^= 1
        wrong = pattern.Verifier(period)
        wrong.check(bytes(damaged))
        self.assertFalse(wrong.matches)

    def test_a_ratio_repeats_each_block(self):
        period = pattern.template()
        body = b"".join(period[at : at + 64] * 3 for at in range(0, 6400, 64))
        for matches, data in [(True, body), (False, body[:500] + body[501:])]:
            verifier = pattern.Verifier(period, 3)
            verifier.check(data[:700])
            verifier.check(data[700:])
            self.assertEqual(verifier.matches, matches)

    def test_aiohttp_3_8_is_refused_on_a_later_python_with_the_reason(self):
        asked = make_environments.version_of
        make_environments.version_of = lambda python: (3, 12)
        try:
            with self.assertRaisesRegex(make_environments.Refusal, "needs CPython <= 3.11"):
                make_environments.fitting_python("3.8.6")
            self.assertTrue(make_environments.fitting_python("3.14.5"))
        finally:
            make_environments.version_of = asked


if __name__ == "__main__":
    unittest.main()
