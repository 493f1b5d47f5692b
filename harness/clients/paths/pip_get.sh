#!/bin/sh
# pip: a wheel from the index at URL into a folder, and from there into FILE. URL FILE PYTHON
"$3" -m pip download --quiet --no-deps --no-cache-dir --disable-pip-version-check \
    --resume-retries 5 --index-url "$1/simple/" --dest "$2.d" demo && mv "$2.d"/*.whl "$2"
