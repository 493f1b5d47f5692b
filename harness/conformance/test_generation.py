"""The generator of odd responses, and what counts as a difference."""

import unittest

from generation.cases import KINDS, case, cases
from generation.compare import differs, reason_for

WHOLE = {"head": 200, "length": 3, "crc": 1, "items": [], "end": "eof"}
CASE = {"kind": "chunks", "pieces": [b"HTTP/1.1 200 OK\r\n\r\nabc".hex()], "limit": None}


class Generation(unittest.TestCase):
    def test_a_seed_draws_the_same_cases_again_and_one_alone_is_the_same_too(self):
        drawn = list(cases(5, 24))
        self.assertEqual(drawn, list(cases(5, 24)))
        self.assertNotEqual(drawn, list(cases(6, 24)))
        alone = list(case(5, 7))
        self.assertEqual([one for one in drawn if one in alone], alone)

    def test_each_kind_is_drawn_and_all_forms_have_the_same_bytes(self):
        self.assertEqual({one["kind"] for one in cases(1, len(KINDS))}, set(KINDS))
        for number in range(40):
            wires = {"".join(one["pieces"]) for one in case(1, number)}
            self.assertEqual(len(wires), 1)

    def test_a_text_of_the_chain_is_a_difference_and_has_no_reason(self):
        real = {**WHOLE, "end": [["ClientPayloadError", "one"]]}
        ours = {**WHOLE, "end": [["ClientPayloadError", "other"]]}
        self.assertEqual(differs(real, ours), ["end"])
        self.assertIsNone(reason_for("3.14.5", "c", CASE, real, ours))

    def test_a_reason_holds_for_its_release_alone(self):
        endless = {**WHOLE, "length": 0, "end": "endless"}
        ours = {**WHOLE, "length": 0}
        self.assertIsNotNone(reason_for("3.8.6", "c", CASE, endless, ours))
        self.assertIsNone(reason_for("3.9.5", "c", CASE, endless, ours))


if __name__ == "__main__":
    unittest.main()
