# --read-timeout=30 -t 1; a trickle it bears for ever
# sh get.sh URL FILE
exec wget -nv -t 1 --connect-timeout=30 --read-timeout=30 -O "$2" "$1"
