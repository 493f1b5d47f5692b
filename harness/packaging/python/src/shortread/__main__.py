"""`python -m shortread ...` is `shortread ...`."""

import os
import subprocess
import sys

from shortread import find_binary


def main() -> int:
    command = [find_binary(), *sys.argv[1:]]
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
