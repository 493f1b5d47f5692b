# it compares a length; look for one in the head, then rename
# sh get.sh URL FILE
curl -fsSL -D "$2.head" -o "$2.part" "$1" || exit
# Of several heads, as redirects have them, the last.
if ! tr -d '\r' <"$2.head" | awk '
    /^HTTP\// { told = /^HTTP\/[23]/ }
    tolower($1) ~ /^(content-length|transfer-encoding):$/ { told = 1 }
    END { exit !told }'; then
    echo "no length: nothing says that the file is whole" >&2
    exit 1
fi
rm "$2.head"
mv "$2.part" "$2"
