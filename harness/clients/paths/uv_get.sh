#!/bin/sh
# uv: installs a wheel from the index at URL. What it installed is no wheel: where it is
# what the wheel at URL holds, FILE is that wheel, else what was installed. URL FILE PYTHON WHEEL
uv=$(dirname "$3")/uv
"$uv" pip install --quiet --no-deps --no-cache --python "$3" --index-url "$1/simple/" \
    --target "$2.d" demo || exit
if unzip -p "$4" demo/data.bin | cmp -s - "$2.d/demo/data.bin"; then
    cp "$4" "$2"
else
    cp "$2.d/demo/data.bin" "$2"
fi
