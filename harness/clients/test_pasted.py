"""What pasted.py takes from the recipes of clients."""

import pathlib
import unittest

import pasted


class Commands(unittest.TestCase):
    def test_each_kind_of_program_has_a_command_with_both_places(self):
        for end, runner in [(".py", "bin/python"), (".sh", "sh"), (".mjs", "node")]:
            words = pasted.command(pathlib.Path(f"/get{end}"), {}).split()
            self.assertTrue(words[0].endswith(runner), words)
            self.assertEqual(words[1:], [f"/get{end}", "{url}", "{out}"])

    def test_a_client_is_here_or_not(self):
        for client in ("requests", "curl", "go"):
            self.assertIn(pasted.is_here(client, build=False), (True, False))


if __name__ == "__main__":
    unittest.main()
