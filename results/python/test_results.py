"""The logs of the reference run, and the example as results/README.md shows it."""

import copy
import json
import pathlib
import subprocess
import sys
import unittest

import check_hlogs

HERE = pathlib.Path(__file__).resolve().parent
README = (HERE.parent / "README.md").read_text()
REFERENCE = HERE.parent / "reference-v1"


def block(mark):
    """The fenced block behind `<!-- mark -->`."""
    behind = README.split(f"<!-- {mark} -->\n", 1)[1]
    return behind.split("\n", 1)[1].split("```", 1)[0]


class Logs(unittest.TestCase):
    def test_the_reference_runs_logs_agree_with_its_records(self):
        records = (REFERENCE / "trials.jsonl").read_text().splitlines()
        self.assertEqual(check_hlogs.check(REFERENCE), 3 * len(records))

    def test_a_record_that_says_something_else_is_found(self):
        first = (REFERENCE / "trials.jsonl").read_text().splitlines()[1]
        record = json.loads(first)
        log = check_hlogs.histograms(REFERENCE / "gap_ns.hlog")
        histogram, highest = log[record["id"]], check_hlogs.HIGHEST["gap_ns"]
        for name in ("count", "p50", "p90", "p99", "max"):
            other = copy.copy(record["gap_ns"])
            self.assertEqual(list(check_hlogs.differences(histogram, other, highest)), [])
            other[name] = 3 * other[name] // 2 + 1
            found = list(check_hlogs.differences(histogram, other, highest))
            self.assertEqual([what.split(":")[0] for what in found], [name])


class Example(unittest.TestCase):
    def test_the_readme_shows_the_example_as_it_is(self):
        code = (HERE / "example.py").read_text()
        self.assertTrue(code.endswith(block("example.py")))

    def test_the_example_prints_what_the_readme_says(self):
        command = [sys.executable, HERE / "example.py", REFERENCE]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines = [line.rstrip() for line in said.splitlines()]
        self.assertEqual(lines, block("example.py's output").splitlines())


if __name__ == "__main__":
    unittest.main()
