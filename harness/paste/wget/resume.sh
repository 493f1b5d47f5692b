# -t 20 resumes, without If-Range: compare the tags, ask for a length
# sh get.sh URL FILE
if ! wget -S -t 20 --waitretry=30 --retry-connrefused --connect-timeout=30 \
    --read-timeout=60 --retry-on-http-error=408,425,429,500,502,503,504 \
    -O "$2.part" "$1" 2>"$2.log"; then
    tail -n 3 "$2.log" >&2
    exit 1
fi
# Of the answers that brought something; a strong tag each, and the same.
awk '$1 ~ /^HTTP\// { good = $2 ~ /^20[06]$/; told = 0; parts += good }
    good && tolower($1) == "etag:" { tags[$2]; tagged += $2 ~ /^"/ }
    tolower($1) == "content-length:" { told = 1 }
    END {
        for (tag in tags) different++
        exit !(told && (parts == 1 || different == 1 && tagged == parts))
    }' "$2.log" || {
    echo "no length, or parts of different objects: not known to be whole" >&2
    exit 1
}
rm "$2.log"
mv "$2.part" "$2"
