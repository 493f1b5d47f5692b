# it takes a cut chunk for the end: ask for a length, then rename
# sh get.sh URL FILE
if ! wget -S -t 1 -O "$2.part" "$1" 2>"$2.log"; then
    tail -n 3 "$2.log" >&2
    exit 1
fi
if ! awk '$1 ~ /^HTTP\// { told = 0 } tolower($1) == "content-length:" { told = 1 }
    END { exit !told }' "$2.log"; then
    echo "no Content-Length: nothing says that the file is whole" >&2
    exit 1
fi
rm "$2.log"
mv "$2.part" "$2"
