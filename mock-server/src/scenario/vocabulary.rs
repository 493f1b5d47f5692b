//! The words that scenario files, records and reports share.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares an enum whose variants have one spelling, used in files, on the
/// command line and in JSON alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The one spelling.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant spelt `word`.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// The end of a trial.
    Kind {
        /// Every byte arrived and was right.
        Complete = "complete",
        /// The client reported success, the body is short.
        SilentTruncation = "silent-truncation",
        /// The body is short and the client noticed.
        Truncated = "truncated",
        /// The connection was reset before the end.
        Reset = "reset",
        /// Nothing ended it before the harness gave up.
        Stalled = "stalled",
        /// A deadline of the client ended it.
        TimedOut = "timed-out",
        /// No connection, or no response on it.
        Refused = "refused",
        /// The response could not be parsed.
        Malformed = "malformed",
        /// Wrong bytes reported as success.
        Corrupt = "corrupt",
        /// Another object (an error page, another version) reported as success.
        WrongObject = "wrong-object",
        /// A check of the client around the library failed: a status, a range, a digest.
        Rejected = "rejected",
        /// The client needed more memory than its budget.
        OutOfMemory = "out-of-memory",
        /// The client's own disk took no more.
        DiskFull = "disk-full",
        /// The tool failed, not the download.
        ToolError = "tool-error",
    }
}

words! {
    /// The party that did it.
    Party {
        /// The downloading program, its library or its kernel.
        Client = "client",
        /// The origin or a proxy in front of it.
        Server = "server",
        /// Something on the path that speaks no HTTP: a firewall, a NAT.
        Network = "network",
    }
}

words! {
    /// A deadline of the client.
    Deadline {
        /// Until the TCP connection is established.
        Connect = "connect",
        /// From the request to the end of the response head.
        Head = "head",
        /// Between two reads from the socket.
        SockRead = "sock-read",
        /// From the start of connect to the end of the body.
        Total = "total",
        /// TCP keepalive probes without an answer (the kernel's ETIMEDOUT).
        Keepalive = "keepalive",
    }
}

words! {
    /// A page that an object store sends in place of an object.
    StorePage {
        /// S3: too many requests.
        S3SlowDown = "s3-slow-down",
        /// S3: it failed.
        S3InternalError = "s3-internal-error",
        /// S3: an error in a response that began as a success.
        S3ErrorIn200 = "s3-error-in-200",
        /// S3: a presigned URL has expired.
        S3Expired = "s3-expired",
        /// S3: a range behind the end.
        S3InvalidRange = "s3-invalid-range",
        /// Cloud Storage, JSON: too many requests.
        GcsRateLimit = "gcs-rate-limit",
        /// Cloud Storage, JSON: it failed.
        GcsBackendError = "gcs-backend-error",
        /// Cloud Storage, JSON: no permission.
        GcsForbidden = "gcs-forbidden",
        /// Cloud Storage, XML: too many requests.
        GcsSlowDown = "gcs-slow-down",
        /// Cloud Storage, XML: it is not available.
        GcsUnavailable = "gcs-unavailable",
        /// Cloud Storage, XML: a signed URL has expired.
        GcsExpired = "gcs-expired",
        /// Azure: too many requests, or too much at a time.
        AzureServerBusy = "azure-server-busy",
        /// Azure: a shared access signature has expired.
        AzureExpired = "azure-expired",
    }
}

words! {
    /// A content coding.
    Coding {
        /// None.
        Identity = "identity",
        /// RFC 1952.
        Gzip = "gzip",
        /// RFC 1950: a zlib stream.
        Deflate = "deflate",
        /// RFC 7932.
        Br = "br",
        /// RFC 8878.
        Zstd = "zstd",
    }
}

words! {
    /// What the server makes of `Accept-Encoding`.
    Accept {
        /// Nothing: the body is coded whatever the client accepts.
        Ignore = "ignore",
        /// A client that does not accept the codings gets the plain object.
        Honour = "honour",
    }
}

words! {
    /// The way in which the client reads the body.
    StrategyName {
        /// `await response.read()`: the whole body in memory.
        ReadAll = "read-all",
        /// `await content.readany()` in a loop: what has arrived.
        Readany = "readany",
        /// `content.iter_chunked(n)`: at most n bytes an item.
        FixedChunk = "fixed-chunk",
        /// `content.iter_any()`: the same loop as `readany`, as an iterator.
        IterAny = "iter-any",
        /// `content.iter_chunks()`: the chunks of HTTP, as far as their ends are known.
        IterChunks = "iter-chunks",
        /// hyper's body frames: the baseline, not aiohttp.
        Frames = "frames",
    }
}

impl StrategyName {
    /// True if it follows a client library release by release, so that a
    /// profile can be chosen for it. hyper is used as it is.
    pub const fn has_profiles(self) -> bool {
        match self {
            Self::ReadAll | Self::Readany | Self::FixedChunk | Self::IterAny | Self::IterChunks => {
                true
            }
            Self::Frames => false,
        }
    }

    /// True if the application chooses the most bytes of an item.
    pub const fn has_size(self) -> bool {
        match self {
            Self::FixedChunk => true,
            Self::ReadAll | Self::Readany | Self::IterAny | Self::IterChunks | Self::Frames => {
                false
            }
        }
    }

    /// True if the application gets all bytes together when the download is whole,
    /// and none when it fails.
    pub const fn hands_over_at_end(self) -> bool {
        match self {
            Self::ReadAll => true,
            Self::Readany | Self::FixedChunk | Self::IterAny | Self::IterChunks | Self::Frames => {
                false
            }
        }
    }
}

words! {
    /// The world of a trial.
    World {
        /// In-memory link, simulated clock.
        Virtual = "virtual",
        /// Real sockets, real clock.
        Tcp = "tcp",
    }
}

words! {
    /// The way in which a body ends (RFC 9112, section 6.3).
    Framing {
        /// `Content-Length`.
        ContentLength = "content-length",
        /// `Transfer-Encoding: chunked`.
        Chunked = "chunked",
        /// Neither: the body ends when the connection does.
        Close = "close",
    }
}

words! {
    /// The signs of life that an idle timer counts.
    Counts {
        /// Any TCP segment, keepalive probes and bare acknowledgements too.
        Segments = "segments",
        /// Segments with data only, as an HTTP load balancer counts.
        Payload = "payload",
    }
}

words! {
    /// Which a client's event loop serves first when a timer is due and the
    /// socket is readable at the same wake-up.
    TimerOrder {
        /// The socket (asyncio; libuv from 1.45 on).
        AfterIo = "after-io",
        /// The timer (libuv before 1.45; a read timeout that is polled before
        /// the body, as in reqwest).
        BeforeIo = "before-io",
    }
}

words! {
    /// Which of aiohttp's two response parsers the client has: they fail
    /// differently on a malformed body.
    Parser {
        /// The compiled one (llhttp), which every binary wheel has.
        C = "c",
        /// The one in Python, for where there is no wheel.
        Python = "python",
    }
}

words! {
    /// The rule for any client that plays a scenario.
    Success {
        /// It must report success.
        Required = "required",
        /// It must not report success.
        Forbidden = "forbidden",
        /// Nobody can tell without another source of the length.
        Undetectable = "undetectable",
    }
}

words! {
    /// Whether a request begins a download or goes on with one.
    Attempt {
        /// It asks for the whole object: there is no `Range` field.
        First = "first",
        /// It has a `Range` field.
        Resumption = "resumption",
    }
}

words! {
    /// The HTTP version of a request.
    Protocol {
        /// HTTP/1.0.
        Http10 = "HTTP/1.0",
        /// HTTP/1.1.
        Http11 = "HTTP/1.1",
    }
}

words! {
    /// The way in which a server answers a request for a range (RFC 9110, section
    /// 15.3.7), rightly or not.
    #[derive(Default)]
    Partial {
        /// 206 with the range that was asked for.
        #[default]
        Honour = "honour",
        /// 200 with the whole object, although the server says that it takes ranges.
        Ignore = "ignore",
        /// The range, under status 200.
        As200 = "as-200",
        /// 206 from half of the offset that was asked for, and it says so.
        OtherStart = "other-start",
        /// 206 from the middle of the range on, and it says so.
        LaterStart = "later-start",
        /// 206 with the whole object, and it says so.
        Whole = "whole",
        /// From half of the offset too, but it says that they are the bytes asked for.
        WrongStart = "wrong-start",
        /// 206 whose `Content-Range` has a total that is one byte more.
        OtherTotal = "other-total",
        /// 206 whose `Content-Range` has `*` for the total, which is allowed.
        UnknownTotal = "unknown-total",
        /// 206 without `Content-Range`.
        NoContentRange = "no-content-range",
        /// 206 with `Content-Range: bytes=...`, which cannot be read.
        Malformed = "malformed",
        /// 206 with the first half of the range, and it says so, which is allowed.
        Fewer = "fewer",
        /// 206 with all bytes behind the start that was asked for, and 1000 more than the
        /// object has; it says that they are the range.
        More = "more",
        /// 206 with the range as the only part of a `multipart/byteranges`.
        Multipart = "multipart",
        /// 206 with the range whatever `If-Range` says.
        AnyIfRange = "any-if-range",
        /// 416, whatever the range.
        Unsatisfiable = "unsatisfiable",
    }
}

words! {
    /// The validators of a response (RFC 9110, section 8.8).
    #[derive(Default)]
    Validators {
        /// `ETag` and `Last-Modified`.
        #[default]
        Both = "both",
        /// `ETag` alone.
        Etag = "etag",
        /// `Last-Modified` alone.
        LastModified = "last-modified",
        /// Neither.
        None = "none",
    }
}

words! {
    /// The digest of the object in a response (`Repr-Digest`, RFC 9530).
    #[derive(Default)]
    Digest {
        /// None.
        #[default]
        None = "none",
        /// SHA-256.
        Sha256 = "sha-256",
        /// SHA-512.
        Sha512 = "sha-512",
        /// SHA-256, of other bytes.
        Wrong = "wrong",
    }
}

impl Validators {
    /// True with an `ETag`.
    pub const fn has_etag(self) -> bool {
        match self {
            Self::Both | Self::Etag => true,
            Self::LastModified | Self::None => false,
        }
    }

    /// True with `Last-Modified`.
    pub const fn has_date(self) -> bool {
        match self {
            Self::Both | Self::LastModified => true,
            Self::Etag | Self::None => false,
        }
    }
}
