# --connect-timeout=30 --read-timeout=60 -t 1; there is no total
# sh get.sh URL FILE
exec wget -nv -t 1 --connect-timeout=30 --read-timeout=60 -O "$2" "$1"
