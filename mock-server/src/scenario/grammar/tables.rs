//! The grammar itself, a line for each key. Defaults and meanings are those of
//! docs/SCENARIOS.md, word by word; a test compares them.

use std::ops::Bound::{Excluded, Included};

use super::{
    Grammar, Key,
    Value::{
        self, Action, AnyText, Ascending, Bounds, Distinct, Duration, Fields, Flag, Hex, Landmark,
        Line, List, Listed, Method, NotEmpty, Number, Ordinals, Path, PathPattern, Rate, Release,
        Releases, Setting, Size, Span, Table, Tables, Text, Whole, Word,
    },
    word,
};
use crate::{
    body::MOST_VERSIONS,
    scenario::{
        Accept, Attempt, Coding, Counts, Deadline, Digest, Framing, Kind, Parser, Partial, Party,
        Protocol, StorePage, StrategyName, Success, TimerOrder, Validators, World,
        coded::{LARGEST_RATIO, MOST_MEMBERS},
        validate::{MOST_PARALLEL, MOST_PROBES},
    },
};

const fn table(path: &'static str, shown: &'static str, keys: &'static [Key]) -> Grammar {
    Grammar { path, shown, keys }
}

const fn key(
    name: &'static str,
    values: &'static [Value],
    default: &'static str,
    meaning: &'static str,
) -> Key {
    Key {
        name,
        values,
        default,
        meaning,
    }
}

/// The keys of a selector.
#[rustfmt::skip]
const ON: &[Key] = &[
    key("request", &[Ordinals], "all", "the request's number among those that play the scenario"),
    key("connection", &[Ordinals], "all", "the number of its connection among those that play the scenario"),
    key("position", &[Ordinals], "all", "its number on its connection: `\"2..\"` is every request on a connection that was used before"),
    key("attempt", &[Word(word::<Attempt>)], "both", "`first` for a request without a `Range` field, `resumption` for one that has it"),
    key("time", &[Span], "any", "the time since the first request that played the scenario; its end is not included"),
    key("method", &[Method], "all", "`GET`, `HEAD`, in capitals as they are sent"),
    key("protocol", &[Word(word::<Protocol>)], "all", "the HTTP version of the request"),
    key("path", &[PathPattern], "all", "the path that it asks for, percent-decoded and without its query: `\"/simple/demo/\"`, or with `\"/simple/*\"` all that begin so"),
];

/// The keys of a response.
#[rustfmt::skip]
const RESPONSE: [Key; 17] = [
    key("status", &[Whole(200, 599)], "200", "the status code. 204 and 304 need a body of 0 bytes"),
    key("headers", &[Fields], "none", "fields to add; one that the server writes itself is replaced in its place"),
    key("head_delay", &[Duration], "0", "from the arrival of the request to the first byte of the head"),
    key("head_pause", &[Duration], "0", "between any two bytes of the head; 0 sends it whole"),
    key("page", &[AnyText], "none", "sent as the body instead of the object; never compressed"),
    key("page_of", &[Word(word::<StorePage>)], "none", "a page of an object store with its status, type and fields, below; what the table states beside it counts"),
    key("page_type", &[Line], "`text/html; charset=utf-8`", "the page's `Content-Type`, such as `application/json`"),
    key("page_size", &[Size], "as written", "the page is repeated, or cut, to so many bytes; at most 16MiB"),
    key("retry_after", &[Duration], "none", "the `Retry-After` field, in whole seconds"),
    key("retry_after_date", &[Duration], "none", "the same as a date, so long after the response"),
    key("redirect", &[Line], "none", "the `Location` field; `self` is the target of the request, with which a chain or a loop needs one URL"),
    key("ranges", &[Flag], "true", "answer single ranges with 206 or 416 and honour `If-Range`; for GET of an object with status 200"),
    key("range", &[Word(word::<Partial>)], "`honour`", "how a range is answered, rightly or not, below; not with `ranges = false`"),
    key("validators", &[Word(word::<Validators>)], "`both`", "which of `ETag` and `Last-Modified` it has: `both`, `etag`, `last-modified`, `none`"),
    key("digest", &[Word(word::<Digest>)], "`none`", "the `Repr-Digest` of the object as it is coded, of its version: `sha-256`, `sha-512`, `none`, or `wrong`, a sha-256 of other bytes"),
    key("etag", &[Text], "from the size", "the `ETag`, with or without its quotes"),
    key("raw", &[Tables], "none", "`[[response.raw]]`, below"),
];

/// The keys of raw bytes.
#[rustfmt::skip]
const RAW: &[Key] = &[
    key("at", &[Listed(&["end"]), Table], "required", "the place, below"),
    key("bytes", &[AnyText], "empty", "the text to insert; TOML escapes such as `\\r\\n` and `\\u0000` work. It is sent as UTF-8"),
    key("bytes_hex", &[Hex], "empty", "the bytes to insert in hexadecimal, two digits each: `1f 8b 08`; in place of `bytes`"),
    key("replace", &[Size], "0", "the number of bytes of the response that it replaces at that place; not with `\"end\"`"),
];

/// The places of raw bytes.
#[rustfmt::skip]
const RAW_AT: &[Key] = &[
    key("head", &[Size], "", "bytes from the start of the head, at most its end"),
    key("body", &[Size], "", "right behind so many bytes of the body"),
];

/// The keys of an answer: those of a response, and the requests that it is for.
const ANSWER: [Key; 18] = {
    let mut all = [key(
        "on",
        &[Table],
        "all",
        "the requests that get it, [below](#requests)",
    ); 18];
    let mut index = 0;
    while index < RESPONSE.len() {
        all[index + 1] = RESPONSE[index];
        index += 1;
    }
    all
};

/// Every table but `response.headers` and `answer.headers`, whose keys are free.
#[rustfmt::skip]
pub(in crate::scenario) const TABLES: &[Grammar] = &[
    table("", "the top level", &[
        key("title", &[Line], "required", "the user's view, in one line"),
        key("cause", &[Line], "required", "a short phrase that names the cause; `list` groups by it"),
        key("why", &[Text], "empty", "a few sentences on the reason in the real world"),
        key("sources", &[List(&Text)], "empty", "documents that confirm it"),
        key("decisive", &[List(&Setting)], "empty", "the settings without which it would not fail: `[\"fault\"]`, `[\"client.total\"]`, `[\"body.declared_size\"]`; empty where nothing fails"),
        key("alias", &[Path, Distinct(&Path)], "none", "paths at which `shortread serve` has it besides /s/NAME, such as `/bucket/key`; any query may stand behind them"),
        key("body", &[Table], "required, unless there is a page", "the object and how its end is told"),
        key("response", &[Table], "", "everything about the response but its body"),
        key("answer", &[Tables], "", "what some requests get in place of what `[response]` says"),
        key("version", &[Tables], "", "the object as some requests find it: other bytes, size, validators"),
        key("link", &[Table], "", "the path between the origin and the client"),
        key("sockets", &[Table], "", "kernel buffers and congestion control"),
        key("fault", &[Tables], "", "the faults: trigger, action and responsible party"),
        key("client", &[Table], "", "the deadlines and the size of the client"),
        key("sink", &[Table], "", "the application that takes the bytes, and its pace"),
        key("tcp", &[Table], "", "the factors that make production numbers small enough for real sockets"),
        key("plan", &[Table], "", "the values that `run` tries unless the command line names others"),
        key("expect", &[Table], "", "the expected results"),
    ]),
    table("body", "[body]", &[
        key("size", &[Size], "required, unless there is a page or a file", "bytes of the object, before any content coding"),
        key("file", &[Text], "none", "the path of a real file that is the object, from the folder of the scenario on; below"),
        key("version", &[Whole(1, MOST_VERSIONS as u64)], "1", "the version of the object; each has other bytes ([PATTERN.md](PATTERN.md)). Each `[[version]]` counts on from here"),
        key("framing", &[Word(word::<Framing>)], "`content-length`", "the way in which the end is told (RFC 9112, section 6.3); `close` means that the body ends with the connection"),
        key("chunk", &[Size], "64KiB", "bytes in each chunk of a chunked body; only with `framing = \"chunked\"`"),
        key("encoding", &[Word(word::<Coding>), NotEmpty(&Word(word::<Coding>))], "`identity`", "content coding, or several in the order in which they are applied; below"),
        key("ratio", &[Whole(1, LARGEST_RATIO as u64)], "1", "how far the object compresses: one byte of so many is new. 1 does not compress"),
        key("members", &[Whole(1, MOST_MEMBERS as u64)], "1", "members of gzip or frames of zstd, of equal parts of the object; only with one of these codings alone"),
        key("truncate_at", &[Size], "none", "cut the encoded body to this many bytes, inside a complete framing; only with a coding"),
        key("garbage", &[Size], "0", "bytes behind the coded body that belong to no coding, inside the framing; at most 1MiB"),
        key("declared_encoding", &[Word(word::<Coding>), NotEmpty(&Word(word::<Coding>))], "the truth", "what `Content-Encoding` says instead; `identity` leaves it out"),
        key("accept", &[Word(word::<Accept>)], "`ignore`", "`honour` sends the plain object to a client whose `Accept-Encoding` does not take the codings; `ignore` sends the coded one to all"),
        key("declared_size", &[Size], "the truth", "a false `Content-Length`; only with `content-length`"),
    ]),
    table("response", "[response]", &RESPONSE),
    table("response.raw", "[[response.raw]]", RAW),
    table("response.raw.at", "`at`", RAW_AT),
    table("answer", "[[answer]]", &ANSWER),
    table("answer.on", "`on`", ON),
    table("answer.raw", "[[answer.raw]]", RAW),
    table("answer.raw.at", "`at`", RAW_AT),
    table("version", "[[version]]", &[
        key("on", &[Table], "all", "the requests that find it, [below](#requests)"),
        key("size", &[Size], "`body.size`", "bytes of the object in this version"),
        key("etag", &[Line], "from size and version", "its `ETag`, with or without its quotes; may be that of another version, whose bytes are others all the same"),
        key("last_modified", &[Line], "a day later for each", "its `Last-Modified`"),
    ]),
    table("version.on", "`on`", ON),
    table("link", "[link]", &[
        key("rate", &[Rate], "125MB/s", "bytes per second of the response, head and framing included, towards the client"),
        key("latency", &[Duration], "0", "one way; the request counts as arrived one latency after it was read"),
        key("jitter", &[Duration], "0", "added to the latency of each segment, uniform from zero to this; order is kept, and a segment arrives whole"),
        key("segment", &[Size], "rate x 5 ms, from 1B to 64KiB", "bytes sent at a time. The default goes with the rate in force: a connection's part of a shared link, the rate of a throttle. A size that the file states holds at every rate: `64KiB` at 10KB/s is nothing for 6.6 s, then a burst"),
        key("loss", &[Number(Included(0.0), Excluded(1.0))], "0", "the share of segments that are lost. Virtual world only; the TCP world has none"),
        key("drops_above", &[Size], "none", "segments of more bytes towards the client get lost, without a word and each time that they are sent; smaller ones pass"),
        key("connections", &[Whole(1, MOST_PARALLEL as u64)], "`client.parallel`", "downloads at a time: `client.parallel` by another name, so set one of the two"),
        key("shared", &[Flag], "false", "the downloads share `rate`, instead of having it each; needs two or more"),
    ]),
    table("sockets", "[sockets]", &[
        key("server_send", &[Size], "the kernel's", "SO_SNDBUF of the server"),
        key("client_receive", &[Size], "the kernel's", "SO_RCVBUF of the client, set before connect"),
        key("notsent_lowat", &[Size], "off", "TCP_NOTSENT_LOWAT of the server; its writes wait for it and are no longer than it, in both worlds. Linux only over TCP"),
        key("congestion", &[Text], "reno", "TCP_CONGESTION of the server. bbr, the default of many machines, halves the speed of loopback. Linux only"),
    ]),
    table("fault", "[[fault]]", &[
        key("on", &[Table], "all", "the requests that it is for, [below](#requests)"),
        key("when", &[Table], "required", "the trigger, below"),
        key("then", &[Action, Table], "required", "the action, below"),
        key("by", &[Word(word::<Party>)], "`network` for an `idle` trigger, else `server`", "whom the outcome names; it changes no byte"),
        key("drain", &[Flag], "true for `body`, `object` and `place`, and for `fin` and `reset` at `wire` or `chance`, else false", "before `fin`, `reset`, `blackhole` or `forget`: wait until the client's kernel has acknowledged all that was sent"),
        key("drain_limit", &[Duration], "1s", "the longest wait for that; then it acts anyway, and the journal says how many bytes were in flight"),
        key("settle", &[Duration], "50ms for `fin` and `reset` that drain, else 0", "from there to the FIN or the RST, so that the client has read what it has before it learns of the end. 0 is the race. Like `drain_limit` it does not scale"),
    ]),
    table("fault.on", "`on`", ON),
    table("fault.when", "`when`", &[
        key("body", &[Size], "", "when exactly so many bytes of the response's body were sent, after content coding and before transfer coding. 0 is right behind the head. In a 206 it counts the bytes of that response, not of the object. A response that is shorter does not reach it; the next one on the connection may."),
        key("wire", &[Size], "", "when exactly so many bytes of the response were sent, its head and framing included. 0 is before the first."),
        key("object", &[Size, Ascending(&Size)], "", "when exactly so many bytes of the object were sent. In a coded body, when the least of it was sent from which a decoder can have so many bytes of the object: its own offset is found by decoding. A response that begins there or behind, as one to a Range request may, passes it over: so several cut a download and each of its resumptions. A list of offsets, each larger than the one before, stands for so many faults, which differ in nothing else"),
        key("place", &[Landmark], "", "at a place of the response: behind the head; behind a share of the body; behind a chunk and its CRLF, behind its data, inside its size line; before the last chunk, which has size 0; behind a member of gzip or frame of zstd, which is between two of them, or before any garbage; before the checksum at the end of a coded body. Chunks are those of the chunked coding, which HTTP/1.0 does not have; they and members count from 1"),
        key("elapsed", &[Duration], "", "so long after the arrival of the request"),
        key("idle", &[Duration, Table], "", "when the connection showed no sign of life for so long, between requests too. `counts` is `segments` (the default: any TCP segment in either direction, keepalive probes and bare acknowledgements too, as a firewall or NAT counts) or `payload` (data that was acknowledged or received, as an HTTP load balancer counts). The counters are read every hundredth of `after`, at least every 50 ms and at most every 1 ms; the record's `error_bound_ns` says which. Linux only."),
        key("blocked", &[Duration], "", "when the server had something to send and the transport took nothing for so long: the client does not read and the buffers are full"),
        key("request", &[Whole(1, u32::MAX as u64)], "", "at the n-th request, from 1, before its response"),
        key("connection", &[Whole(1, u32::MAX as u64)], "", "at the n-th connection, from 1, as it is accepted"),
        key("chance", &[Number(Included(0.0), Included(1.0))], "", "with this probability, drawn once per connection from the seed and the connection's number, at a body offset drawn uniformly from the whole body"),
    ]),
    table("fault.when.idle", "`idle`", &[
        key("after", &[Duration], "required", "the idle limit"),
        key("counts", &[Word(word::<Counts>)], "`segments`", "the signs of life"),
    ]),
    table("fault.then", "`then`", &[
        key("stall", &[Duration, Listed(&["forever"])], "", "no byte of the response is sent for so long. TCP still answers, keepalive probes too. Other faults fire meanwhile. Of two stalls that overlap, the later end counts."),
        key("throttle", &[Rate], "", "goes on at this rate for the rest of the connection, in segments of 5 ms of it where `link.segment` does not say otherwise; at most `link.rate`"),
    ]),
    table("client", "[client]", &[
        key("connect", &[Duration, Listed(&["off"])], "30s", "until the connection is established"),
        key("head", &[Duration, Listed(&["off"])], "off", "from the request to the end of the response head"),
        key("sock_read", &[Duration, Listed(&["off"])], "off", "between two reads from the socket; it does not run while the stream reader has paused reading"),
        key("total", &[Duration, Listed(&["off"])], "300s", "for everything, from the start of connect"),
        key("keepalive", &[Duration, Listed(&["off"]), Table], "off", "TCP keepalive: silence before the first probe, time between probes (75s), unanswered probes until ETIMEDOUT (9). A duration alone is `idle`. Whole seconds, 1s to 32767s; 1 to 127 probes"),
        key("memory", &[Size], "none", "the most heap it may use above its use at the start; more is the outcome `out-of-memory`"),
        key("parallel", &[Whole(1, MOST_PARALLEL as u64)], "1, or `link.connections`", "downloads at a time, in one process; bytes in the record are sums"),
        key("requests", &[Whole(1, MOST_PARALLEL as u64)], "1", "requests of each download, one after the other over one session: each for the whole object, with limits of its own. A connection is kept between them as the library does; below"),
        key("give_up", &[Duration], "see below", "the time at which the harness stops waiting; the outcome is then `stalled`"),
        key("timers", &[Word(word::<TimerOrder>)], "`after-io`", "which the event loop serves first when a timer is due and the socket is readable: the socket (asyncio), or the timer (libuv before 1.45)"),
        key("parser", &[Word(word::<Parser>)], "`c`", "which of aiohttp's parsers reads the response. After malformed chunks the compiled one closes the connection and tells nobody: a read that waits goes on waiting until `total`, a later one fails with RuntimeError from 3.10.6 on. The one in Python closes it and fails at once. `frames` has neither"),
    ]),
    table("client.keepalive", "`keepalive`", &[
        key("idle", &[Duration], "required", "silence before the first probe; whole seconds, 1s to 32767s"),
        key("interval", &[Duration], "75s", "between two probes; whole seconds, 1s to 32767s"),
        key("count", &[Whole(1, MOST_PROBES as u64)], "9", "unanswered probes until ETIMEDOUT"),
    ]),
    table("sink", "[sink]", &[
        key("first_pause", &[Duration], "0", "between the response head and the first read of the body, as of a program that does something else first; the library reads on into its buffers"),
        key("pause", &[Duration], "0", "after each chunk"),
        key("rate", &[Rate], "none", "at most so many bytes per second, kept against the clock"),
        key("blocking", &[Flag], "false", "pauses block the event loop, as a synchronous write does; needs `first_pause`, `pause` or `rate`"),
        key("file", &[Flag], "false", "write each chunk to a file in the run's folder, removed at the end"),
        key("capacity", &[Size], "none", "the disk is full behind so many bytes of all downloads together: a write takes what fits (write(2)), the next one fails with ENOSPC, and the outcome is `disk-full`"),
    ]),
    table("tcp", "[tcp]", &[
        key("time", &[Number(Excluded(0.0), Included(1.0))], "1", "factor on every duration"),
        key("size", &[Number(Excluded(0.0), Included(1.0))], "1", "factor on every size; every rate is multiplied by `size / time`"),
        key("measure", &[Flag], "false", "the trial runs alone, since its figures are measurements"),
    ]),
    table("plan", "[plan]", &[
        key("chunk_size", &[Size, List(&Size)], "8KiB, 64KiB, 1MiB", "item sizes of `fixed-chunk`"),
        key("profile", &[Release, List(&Release)], "the newest", "releases from 3.7.0 on: `aiohttp-3.13.5`, or `aiohttp-3.12` for its last patch"),
    ]),
    table("expect", "[expect]", &[
        key("any", &[Table], "", "the rule for any client on earth"),
        key("trial", &[Tables], "", "the expectations of this project's own trials; the first that matches a trial counts"),
    ]),
    table("expect.any", "[expect.any]", &[
        key("success", &[Word(word::<Success>)], "required", "the rule for a report of success, below"),
        key("prefix", &[Size, Bounds], "all of it with `required`, else unknown", "true bytes from the object's start that one response brings to a client that takes all that comes; the least and the most if a timer or the client's settings decide"),
        key("hang", &[Flag], "false", "nothing on the wire ends it: a client without a limit on silence may wait for ever"),
    ]),
    table("expect.trial", "[[expect.trial]]", &[
        key("strategy", &[Word(word::<StrategyName>), List(&Word(word::<StrategyName>))], "all", "`read-all`, `readany`, `fixed-chunk`, `iter-any`, `iter-chunks`, `frames`"),
        key("chunk_size", &[Size, List(&Size)], "all", "item sizes of `fixed-chunk`, which alone has one"),
        key("profile", &[Releases, List(&Releases)], "all", "`aiohttp-3.14.5`, `aiohttp-3.14` for every 3.14.x, `<aiohttp-3.14` for every release before it; `frames` has none"),
        key("world", &[Word(word::<World>), List(&Word(word::<World>))], "all", "`tcp`, `virtual`"),
        key("kind", &[Word(word::<Kind>)], "required", "the outcome's kind, below"),
        key("ended_by", &[Word(word::<Party>)], "anybody", "the party that ended it"),
        key("deadline", &[Word(word::<Deadline>)], "any", "which deadline; only with `timed-out`"),
        key("delivered", &[Bounds], "required", "the least and the most bytes handed to the application, both included, of all downloads together"),
        key("lost", &[Bounds], "any", "the least and the most bytes that were received and not handed over, because the stream reader dropped them with an error. Not scaled, as buffers are not; not with a content coding"),
    ]),
];

/// The actions that are a word alone, and what they do.
#[rustfmt::skip]
pub(in crate::scenario) const ACTIONS: [(&str, &str); 5] = [
    ("fin", "closes in order: FIN behind all that was sent. Without `drain` too, what is still on the emulated link is handed to the kernel first, for at most `drain_limit`. Then the client's last words are read for up to 30 s."),
    ("reset", "aborts: RST. Without `drain`, what still waits in the server's kernel is lost."),
    ("blackhole", "nothing that the client sends is heard any more: no acknowledgement, no answer to keepalive probes, no answer to FIN. The server sends nothing new. Without `drain`, bytes that were in the server's kernel may still arrive. The connection is kept until the client's process has let go of its socket, which is asked every 50 ms at first and once a second later; at most four hours, as where it cannot be asked (another machine). Linux only."),
    ("forget", "the server sends nothing new and is silent until the client's next segment, which is answered with RST (the kernel acknowledges it first): data and FIN at once; a keepalive probe or a bare acknowledgement, of which no event tells, within an eighth of the silence before it, from 1 to 200 ms. The acknowledgement of what was sent before is none. A client that only waits sends none and waits for ever, or four hours; one that is gone is let go within a second. Linux only."),
    ("end", "ends the body as if it were complete. Chunked: the chunk that was begun is finished, then comes the last chunk. With `framing = \"close\"`: FIN. A body with a Content-Length cannot end so. A part of the head that is missing is sent first. If the connection is kept, the next request is answered on it."),
];
