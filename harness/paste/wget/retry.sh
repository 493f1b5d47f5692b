# -t 20 --waitretry=30 --retry-on-http-error=503,...; it resumes, too
# sh get.sh URL FILE: without If-Range, so the tags of all answers are compared.
if ! wget -S -t 20 --waitretry=30 --retry-connrefused --connect-timeout=30 \
    --read-timeout=60 --retry-on-http-error=408,425,429,500,502,503,504 \
    -O "$2.part" "$1" 2>"$2.log"; then
    tail -n 3 "$2.log" >&2
    exit 1
fi
# Of the answers that brought something: one strong tag, and the length of all.
size=$(wc -c <"$2.part")
if ! awk -v size="$size" '
    $1 ~ /^HTTP\// { code = $2; if (code == 200) total = ""; parts += code ~ /^20[06]$/ }
    code ~ /^20[06]$/ && tolower($1) == "etag:" { tags[$2]; tagged += $2 ~ /^"/ }
    code == 200 && tolower($1) == "content-length:" { total = $2 }
    code ~ /^(206|416)$/ && tolower($1) == "content-range:" && !/\/\*/ {
        total = $NF
        sub(/.*\//, "", total)
    }
    END {
        for (tag in tags) different++
        whole = total != "" && total + 0 == size + 0
        exit !(whole && (parts == 1 || different == 1 && tagged == parts))
    }' "$2.log"; then
    echo "no length, a short part, or parts of different objects" >&2
    exit 1
fi
rm "$2.log"
mv "$2.part" "$2"
