# --retry begins anew up to 7.88: a loop with Range and If-Range
# `-C -` refuses a server that answers with all of it, so parts are joined here.
# sh get.sh URL FILE
url=$1 file=$2 part=$2.part new=$2.new head=$2.head failed=0 most=0 tag='' total=''

field() { # of the last head: there are several where it was redirected
    tr -d '\r' <"$head" | awk -v name="$1:" '
        /^HTTP\// { value = "" }
        tolower($1) == name { sub(/^[^:]*: */, ""); value = $0 }
        END { print value }'
}
size() { wc -c <"$part" | tr -d ' '; }
finish() { rm -f "$head" "$new" && mv "$part" "$file" && exit 0; }

: >"$part" || exit
while [ "$failed" -le 5 ]; do
    have=$(size)
    [ -n "$tag" ] || have=0 # nothing says that the rest is of the same object
    set -- -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 60
    [ "$have" = 0 ] || set -- "$@" -H "Range: bytes=$have-" -H "If-Range: $tag"
    rm -f "$new" && : >"$head"
    curl "$@" -D "$head" -o "$new" "$url"
    ended=$? pause=$((1 << failed)) fits=''
    [ "$ended" != 23 ] || exit 23 # it cannot write
    range=$(field content-range) all=${range##*/}
    case $(awk '/^HTTP\// { code = $2 } END { print code }' "$head") in
    200)
        : >>"$new" && mv "$new" "$part" || exit
        fits=yes tag=$(field etag | grep '^"') total=$(field content-length)
        ;;
    206)
        [ "$all" != '*' ] || all=$total
        case "$(field etag) ${total:-$all} $range" in
        "$tag $all bytes $have-"*)
            { [ ! -f "$new" ] || cat "$new" >>"$part"; } || exit
            fits=yes total=$all
            ;;
        *) tag='' ;; # another range, or of another object
        esac
        ;;
    416)
        [ "$have" = 0 ] || [ "$range" != "bytes */$have" ] || finish
        tag=''
        ;;
    408 | 425 | 429 | 500 | 502 | 503 | 504)
        after=$(field retry-after)
        case $after in '' | *[!0-9]*) ;; *) pause=$after ;; esac
        ;;
    [1-5]*) exit 22 ;;
    esac
    if [ -n "$fits" ] && [ "$(size)" = "$total" ]; then
        finish
    elif [ -n "$fits" ] && [ "$ended" = 0 ]; then
        pause=0 # a shorter part than was asked for
        # Where no length is announced, the last chunk or the stream of HTTP/2 ends it.
        if [ -z "$total$range" ]; then
            [ -z "$(field transfer-encoding)" ] && ! grep -q '^HTTP/[23]' "$head" || finish
            echo "no length: nothing says that the file is whole" >&2
            exit 1
        fi
    fi
    # Who gets any further may go on.
    failed=$((failed + 1))
    [ "$(size)" -le "$most" ] || most=$(size) failed=0
    sleep "$pause"
done
echo "not whole" >&2
exit 1
