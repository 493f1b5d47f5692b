"""What is computed of records, what is kept, and what the pages say."""

import json
import pathlib
import re
import tempfile
import unittest

import careful
import cells
import changes
import environments
import page
import pins
import play
import scoreboard
import store
from play import kinds


def record(**changed):
    """The record of a client that said success of a cut file."""
    made = {
        "scenario": "fin-chunked",
        "outcome": {"kind": "silent-truncation"},
        "as_expected": False,
        "any": {"accepted": False, "why": "it reports success with less"},
        "expected_bytes": 100,
        "elapsed_ns": 1_500_000_000,
        "client": {
            "name": "mine",
            "exit_status": 0,
            "signal": None,
            "stopped": None,
            "finding": {
                "verdict": "short",
                "length_bytes": 60,
                "true_prefix_bytes": 60,
                "first_bad_offset": None,
            },
            "stderr_tail": ["first", "done http://127.0.0.1:41234/a </script>"],
            "clock": {"factor": 50.0, "not_scaled": None},
            "known": None,
        },
        "server": {
            "sent_bytes": 180,
            "acked_bytes": 160,
            "requests": 2,
            "faults": [{"action": "fin"}, {"action": "fin"}, {"action": "reset"}],
        },
    }
    return made | changed


def version_two(length, end):
    """The record of a client whose file begins with bytes of another version."""
    made = record(outcome={"kind": "wrong-object"}, scenario="cut-then-changed-object")
    made["client"]["finding"] = {
        "verdict": "wrong-object",
        "length_bytes": length,
        "true_prefix_bytes": 0,
        "first_bad_offset": 0,
        "stands": "version",
        "version_end": end,
    }
    return made


class Named:
    def __init__(self, name):
        self.name, self.command = name, f"{name} {{url}} {{out}}"

    def version(self):
        return f"{self.name} 1.0"


def kept(*records):
    board = cells.board([Named("mine")], records)
    made = {"version": store.VERSION, "when": "2026-01-01", "machine": "a machine"}
    return made | {"boards": {"careful": board}}


class Cells(unittest.TestCase):
    def test_a_silent_failure_is_wrong_and_its_bytes_beyond_the_object_count(self):
        cell = cells.cell(record())
        self.assertEqual((cell["sign"], cell["word"], cell["said"]), ("✗", "short", "exit 0"))
        # Those that the client's kernel acknowledged.
        self.assertEqual((cell["sent"], cell["extra"], cell["requests"]), (160, 60, 2))
        self.assertEqual(cell["faults"], "fin ×2, reset")
        self.assertEqual(cells.text(cell), "✗ short!")

    def test_without_a_rule_nothing_is_judged(self):
        self.assertEqual(cells.cell(record(any=None))["sign"], cells.OPEN)

    def test_a_failure_is_right_where_the_rule_accepts_it(self):
        accepted = {"accepted": True, "why": None}
        failed = record(any=accepted, outcome={"kind": "truncated"}, as_expected=True)
        self.assertEqual(cells.cell(failed)["sign"], cells.RIGHT)
        excused = record(any=accepted, as_expected=True)
        self.assertEqual(cells.cell(excused)["sign"], cells.EXCUSED)

    def test_what_a_client_says_is_the_same_in_each_run(self):
        self.assertEqual(cells.cell(record())["words"], "done http://127.0.0.1:PORT/a </script>")
        client = record()["client"]
        client["stderr_tail"] = ["2026-11-28 22:40:06 URL:x -> /tmp/a/b 0x7f00aa00bb00"]
        self.assertEqual(cells.words_of(client), "URL:x -> /tmp/... 0x...")

    def test_all_of_a_newer_version_is_no_splice(self):
        whole = cells.cell(version_two(100, 100))
        self.assertEqual((whole["sign"], whole["word"]), ("✓", "newer"))
        self.assertNotIn("unexpected", whole)
        for length, end in ((100, 60), (60, 60)):
            self.assertEqual(cells.cell(version_two(length, end))["word"], "other")

    def test_the_size_of_another_version_is_read_from_its_scenario(self):
        self.assertEqual(cells.size_of_version("cut-then-smaller-object"), 30_000_000)
        self.assertIsNone(cells.size_of_version("healthy"))

    def test_a_full_file_is_no_success_only_if_it_is_not_the_object(self):
        full = {"verdict": "bad", "length_bytes": 100}
        self.assertTrue(cells.leaves_full_size("truncated", 100, full))
        self.assertFalse(cells.leaves_full_size("corrupt", 100, full))
        self.assertFalse(cells.leaves_full_size("truncated", 101, full))
        self.assertFalse(cells.leaves_full_size("truncated", 100, full | {"verdict": "complete"}))

    def test_silent_failures_are_counted_by_whether_something_tells_them(self):
        board = kept(record(), record(scenario="b", any={"accepted": True, "why": None}))
        count = cells.silent(board["boards"]["careful"])["mine"]
        self.assertEqual((count["silent"], count["excused"], count["cells"]), (1, 1, 2))


class Kept(unittest.TestCase):
    def test_what_is_written_is_read_again(self):
        made = kept(record(), record(scenario="b"))
        self.assertEqual(json.loads(store.text(made)), made)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "kept.json"
            store.write(made, path)
            self.assertEqual(store.read(path), made)
            store.write(made | {"version": store.VERSION + 1}, path)
            self.assertEqual(store.read(path)["boards"], {})

    def test_a_part_of_a_run_replaces_its_cells_alone(self):
        before = kept(record(), record(scenario="b"))
        better = record(outcome={"kind": "complete"}, any={"accepted": True, "why": None})
        after = store.merged(before, kept(better)["boards"])
        rows = after["boards"]["careful"]["rows"]
        self.assertEqual(rows["fin-chunked"]["mine"]["word"], "whole")
        self.assertEqual(rows["b"]["mine"]["word"], "short")
        # What was there is not changed by that.
        self.assertEqual(
            before["boards"]["careful"]["rows"]["fin-chunked"]["mine"]["word"], "short"
        )

    def test_changes_tell_what_became_worse_and_what_better(self):
        good = kept(record(outcome={"kind": "complete"}, any={"accepted": True, "why": None}))
        bad = kept(record(), record(scenario="new"))
        self.assertIn("wrong now:", changes.tell(good, bad))
        self.assertIn("1 cells are new", changes.tell(good, bad))
        self.assertIn("  careful: mine in fin-chunked: ✗ short -> ✓ whole", changes.tell(bad, good))
        self.assertEqual(changes.tell(bad, bad), ["nothing changed"])


class Pages(unittest.TestCase):
    def test_the_pages_are_what_is_kept(self):
        there = store.read()
        for made, path in (
            (scoreboard.text(there), scoreboard.TARGET),
            (page.text(there), page.TARGET),
        ):
            self.assertTrue(path.read_text() == made, f"{path}: run.py --pages writes it anew")

    def test_a_page_is_small_enough_to_be_mailed(self):
        self.assertLess(len(page.text(store.read()).encode()), page.MOST_BYTES)

    def test_what_a_client_says_ends_no_script(self):
        made = page.text(kept(record()))
        self.assertEqual(made.count("</script>"), 2)
        data = re.search(r'id="data">(.*?)</script>', made, re.S)[1]
        self.assertIn("done http://127.0.0.1:PORT/a </script>", json.loads(data)["texts"])

    def test_each_cell_has_its_button_and_its_data(self):
        made = page.text(kept(record(), record(scenario="b")))
        for key in ("careful/fin-chunked/mine", "careful/b/mine"):
            self.assertIn(f'data-key="{key}"', made)
            self.assertIn(f'"{key}":[', made)

    def test_the_page_asks_nobody_else(self):
        made = page.text(kept(record()))
        self.assertEqual(re.findall(r'(?:src|href)="(?!#|\w+\.md)[^"]*"', made), [])

    def test_the_table_of_careful_clients_has_requests_and_extra_bytes(self):
        made = scoreboard.text(kept(record()))
        self.assertIn("| fin-chunked | **✗ short**, 2 +60 B |", made)
        self.assertIn("| mine | 0 of 1 | success 1, failure 0 | 1 | 2 | 60 B |", made)


class Lists(unittest.TestCase):
    def test_names_of_scenarios_are_those_of_the_catalogue(self):
        listed = [*play.NOT_FOR_COMMANDS, *play.LONG, *play.WAITING, *play.KEPT, *careful.SCENARIOS]
        for name in listed:
            self.assertTrue(play.is_scenario(name), name)

    def test_the_hashes_of_a_store_are_those_of_the_pattern(self):
        import base64
        import hashlib

        made = kinds.pattern(kinds.BYTES)
        # docs/PATTERN.md.
        self.assertEqual(made[:16].hex(), "6c82a562cb808d10d632be89c8513ebf")
        digest = base64.b64encode(hashlib.md5(made).digest()).decode()
        self.assertIn(f"md5={digest}", kinds.HASHES)

    def test_a_scenario_for_each_kind_has_its_own_paths(self):
        for kind, server in kinds.KINDS.items():
            made = kinds.scenario(kind, "cut-first")
            self.assertIn(f'path = "{server["path"]}"', made)
        self.assertIsNone(kinds.scenario("index", "changed"))
        self.assertIsNone(kinds.scenario("s3", "range-ignored-without-checksum"))

    def test_names_of_packages_are_compared_as_pip_does(self):
        text = "huggingface_hub==2.4.0\n# no pin\nPyYAML==6.0\n\n"
        self.assertEqual(environments.pins(text), {"huggingface-hub": "2.4.0", "pyyaml": "6.0"})

    def test_each_package_that_is_asked_for_is_pinned(self):
        for environment, names in pins.ASKED:
            pinned = environments.pins(environment.requirements.read_text())
            for name in names.split():
                self.assertIn(environments.normal(name), pinned)

    def test_an_old_pin_is_told_with_the_reason_that_it_is_held(self):
        self.assertEqual(pins.line("a", "1", "1"), "a 1")
        self.assertEqual(pins.line("a", "1", "2"), "a 1: old, 2 is there")
        self.assertIn(pins.HELD["undici"], pins.line("undici", "7", "8"))
        self.assertEqual(pins.line("a", "1", None), "a 1: the registry does not say")


if __name__ == "__main__":
    unittest.main()
