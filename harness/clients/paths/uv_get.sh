#!/bin/sh
# uv: installs a wheel from the index at URL. What it installed is no wheel: where it is
# what the wheel at URL holds, FILE is that wheel, else what was installed. URL FILE PYTHON WHEEL
uv=$(dirname "$3")/uv
"$uv" pip install --quiet --no-config --no-deps --no-cache --python "$3" \
    --index-url "$1/simple/" --target "$2.d" demo || exit
"$3" -m zipfile -e "$4" "$2.w"
if cmp -s "$2.w/demo/data.bin" "$2.d/demo/data.bin"; then
    cp "$4" "$2"
else
    cp "$2.d/demo/data.bin" "$2"
fi
