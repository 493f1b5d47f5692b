# --speed-limit 10 --speed-time 30
# sh get.sh URL FILE
exec curl -fsSL --connect-timeout 30 --speed-limit 10 --speed-time 30 -o "$2" "$1"
