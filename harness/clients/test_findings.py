"""The entries of findings, and how they are judged."""

import unittest

import findings_run
import play
from findings import raw
from play import kinds


class Findings(unittest.TestCase):
    def test_names_are_those_of_headings_and_differ(self):
        names = [finding.name for finding in findings_run.FINDINGS]
        self.assertEqual(len(set(names)), len(names))

    def test_each_has_a_client_and_a_scenario_of_its_board(self):
        for finding in findings_run.FINDINGS:
            self.assertEqual(findings_run.client_of(finding).name, finding.client)
            there = finding.scenario in kinds.SCENARIOS
            there = there if finding.board == "paths" else play.is_scenario(finding.scenario)
            self.assertTrue(there, finding.name)

    def test_raw_responses_are_compared_in_status_file_and_requests(self):
        finding = findings_run.FINDINGS[0]
        self.assertEqual(raw.differs(finding, raw.Played(0, b"hello", "")), [])
        self.assertEqual(len(raw.differs(finding, raw.Played(1, None, ""))), 2)
        pip = next(each for each in findings_run.FINDINGS if each.asked)
        self.assertEqual(raw.differs(pip, raw.Played(1, None, pip.asked)), [])
        self.assertEqual(len(raw.differs(pip, raw.Played(1, None, ""))), 1)

    def test_a_cell_that_is_right_is_no_finding(self):
        finding = findings_run.FINDINGS[0]
        played = raw.Played(0, b"hello", "")
        cell = {"sign": "✓", "word": "error", "said": "exit 4"}
        self.assertEqual(len(findings_run.judge(finding, cell, played)), 1)
        cell = {"sign": "✗", "word": "short", "said": "exit 0"}
        self.assertEqual(findings_run.judge(finding, cell, played), [])

    def test_a_section_of_the_specification_is_a_link(self):
        self.assertEqual(
            findings_run.link("https://www.rfc-editor.org/rfc/rfc9112#section-7.1"),
            "[RFC 9112, section 7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1)",
        )


if __name__ == "__main__":
    unittest.main()
