# -t 6 --waitretry=30 --retry-on-http-error=503,... (it resumes)
# What is there it does not fetch anew, and it sends no If-Range.
# sh get.sh URL FILE
exec wget -nv -t 6 --waitretry=30 --retry-connrefused --connect-timeout=30 \
    --read-timeout=60 --retry-on-http-error=408,425,429,500,502,503,504 -O "$2" "$1"
