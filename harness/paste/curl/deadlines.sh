# --connect-timeout 30 --speed-limit 1 --speed-time 60; no total
# sh get.sh URL FILE
exec curl -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 60 -o "$2" "$1"
