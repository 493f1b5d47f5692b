#!/bin/sh
# pip: a wheel from the index at URL into a folder, and from there into FILE. URL FILE PYTHON
# Without what a user's own settings would add, such as another index.
export PIP_CONFIG_FILE=/dev/null PIP_EXTRA_INDEX_URL= PIP_FIND_LINKS=
"$3" -m pip download --quiet --no-deps --no-cache-dir --disable-pip-version-check \
    --resume-retries 5 --index-url "$1/simple/" --dest "$2.d" demo && mv "$2.d"/*.whl "$2"
