"""Where the program `shortread` is that was installed with this package."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig

__all__ = ["find_binary"]

_NAME = "shortread.exe" if os.name == "nt" else "shortread"


def find_binary() -> str:
    """The path of the program.

    It is looked for beside this installation's scripts, then beside those of a
    user's installation, then in PATH.

    Raises FileNotFoundError with the places that were looked at.
    """
    places = [sysconfig.get_path("scripts"), os.path.join(sys.prefix, "bin")]
    # `pip install --user` and `pip install --target`.
    places.append(sysconfig.get_path("scripts", f"{os.name}_user"))
    places.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), "bin"))
    for place in places:
        path = os.path.join(place, _NAME)
        if os.path.isfile(path):
            return path
    if found := shutil.which(_NAME):
        return found
    looked = ", ".join(dict.fromkeys(places))
    raise FileNotFoundError(f"the program {_NAME} is neither in PATH nor in one of {looked}")
