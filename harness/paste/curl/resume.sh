# --retry begins anew up to 7.88: a loop with -C - and If-Range
# sh get.sh URL FILE
url=$1 file=$2 part=$2.part head=$2.head failed=0 most=0 tag='' total=''

field() { # of the last head: there are several where it was redirected
    tr -d '\r' <"$head" | awk -v name="$1:" '
        /^HTTP\// { value = "" }
        tolower($1) == name { sub(/^[^:]*: */, ""); value = $0 }
        END { print value }'
}
size() { if [ -f "$part" ]; then wc -c <"$part" | tr -d ' '; else echo 0; fi; }
finish() { rm -f "$head" && mv "$part" "$file" && exit 0; }

while [ "$failed" -le 5 ]; do
    # Without a strong tag nothing says that the rest is of the same object.
    [ -n "$tag" ] || rm -f "$part"
    set -- -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 60
    [ "$(size)" = 0 ] || set -- "$@" -C - -H "If-Range: $tag"
    : >"$head"
    curl "$@" -D "$head" -o "$part" "$url"
    ended=$? pause=$((1 << failed)) fits=''
    [ "$ended" != 23 ] || exit 23 # it cannot write
    case $(awk '/^HTTP\// { code = $2 } END { print code }' "$head") in
    200)
        if [ "$ended" = 33 ]; then # a range was asked for: nothing of it is saved
            tag=''
        else
            fits=yes tag=$(field etag | grep '^"') total=$(field content-length)
        fi
        ;;
    206)
        all=$(field content-range) all=${all##*/}
        [ "$all" != '*' ] || all=$total
        if [ "$(field etag)" = "$tag" ] && [ "${total:-$all}" = "$all" ] && [ "$ended" != 33 ]; then
            fits=yes total=$all
        else
            tag=''
        fi
        ;;
    416) tag='' ;;
    408 | 425 | 429 | 5*)
        after=$(field retry-after)
        case $after in '' | *[!0-9]*) ;; *) pause=$after ;; esac
        ;;
    4*) exit "$ended" ;;
    esac
    if [ -n "$fits" ] && [ "$(size)" = "$total" ]; then
        finish
    elif [ -n "$fits" ] && [ "$ended" = 0 ]; then
        pause=0 # a shorter part than was asked for
        # Where no length is announced, the last chunk or the stream of HTTP/2 ends it.
        if [ -z "$total" ]; then
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
