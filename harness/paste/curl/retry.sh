# --retry 5 --retry-all-errors (7.71), which repeats a 404 too
# Before 7.76 `-f` is needed for it to see a status, and up to 7.88 it begins anew even
# with `-C -`, which is right here. sh get.sh URL FILE
exec curl -fsSL --retry 5 --retry-all-errors --connect-timeout 30 \
    --speed-limit 1 --speed-time 60 -o "$2" "$1"
