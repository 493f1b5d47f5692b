# --retry 5 --retry-all-errors (7.71), which repeats a 404 too
# Each attempt begins anew; with `-C -` a newer curl than 7.88 would go on, without If-Range.
# sh get.sh URL FILE
exec curl -fsSL --retry 5 --retry-all-errors --connect-timeout 30 \
    --speed-limit 1 --speed-time 60 -o "$2" "$1"
