//! The differences between the releases' parsers, one field each, by what it decides.
//!
//! Read in `_http_parser.pyx` and `http_parser.py` of the releases; of llhttp in the C
//! sources that they are built with: 9.1.3 before 3.9.4, then 9.2.1, 9.3 from 3.12.0,
//! 9.4 from 3.14.0. Each release sets the same three of its flags for responses:
//! `lenient_headers`, `lenient_optional_cr_before_lf`,
//! `lenient_spaces_after_chunk_size`.

/// The rules by which one release's parsers accept input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParserRules {
    /// llhttp takes a field without a name, before 9.2; aiohttp then drops it and
    /// puts its value before the next one's.
    pub empty_names: bool,
    /// llhttp takes `RTSP/` and `ICE/` as it takes `HTTP/`, from 9.3 on.
    pub other_protocols: bool,
    /// llhttp takes CR for LF behind the status line's CR, before 9.4.
    pub cr_ends_status_line: bool,
    /// llhttp takes a tab behind a length or a connection option, from 9.4 on.
    pub tab_behind_value: bool,
    /// llhttp takes DEL in a quoted chunk extension, before 9.3.
    pub del_in_quotes: bool,
    /// The compiled parser refuses NUL in a value, from 3.13.4. The one in Python
    /// always does.
    pub nul_refused: bool,
    /// The compiled parser strips what is behind a value, from 3.14.4: before,
    /// `gzip ` is no coding.
    pub value_stripped: bool,
    /// The compiled parser limits all of the reason, from 3.14.2; before, what came
    /// of it in one piece.
    pub reason_limited_as_whole: bool,
    /// A coding in capital letters keeps them, and is inflated as zlib whatever it
    /// is: 3.13.3 to 3.14.3.
    pub coding_keeps_capitals: bool,

    /// In Python a name is a token, from 3.9.2 (CVE-2024-23829); before, it is what
    /// has no separator.
    pub name_is_token: bool,
    /// In Python the version is all of its word, from 3.9.0; before, it begins so.
    pub version_is_word: bool,
    /// In Python what is behind a status without a reason is stripped, from 3.9.0.
    pub status_stripped: bool,
    /// In Python a response that says that it switches protocols does so only if it
    /// names one that aiohttp knows, from 3.9.4.
    pub upgrade_checked: bool,
    /// In Python it switches behind its body, from 3.14.2. Before, what comes after
    /// this piece is not parsed, and from 3.9.4 a body of a known length is none.
    pub upgrade_waits: bool,
    /// In Python each transfer coding but `chunked` is refused, before 3.10.6; then
    /// the last of a list counts.
    pub only_chunked: bool,
    /// In Python a line behind a response that closes the connection is refused, from
    /// 3.10.6.
    pub nothing_behind_close: bool,
    /// In Python a response that ends with the connection closes it, from 3.9.4.
    pub unframed_closes: bool,
    /// In Python the CR behind a chunk is dropped only where it comes with the data,
    /// before 3.10.6: else the LF is waited for for ever.
    pub cr_comes_with_data: bool,
    /// In Python what is behind a chunk is no line end, and is refused, from 3.13.4;
    /// before, the line end is waited for for ever.
    pub chunk_end_checked: bool,
    /// In Python trailers are parsed as fields are, from 3.12.14. Before, they are
    /// skipped, and a CR at the front of a line hides the end.
    pub trailers_parsed: bool,
    /// In Python a malformed body fails the connection too, from 3.12.14.
    pub bad_body_closes: bool,
    /// In Python some fields may not come twice, before 3.13.5.
    pub singletons: bool,
    /// In Python `Connection` is a list, from 3.13.4.
    pub connection_is_list: bool,
    /// In Python the size line of a chunk is limited as a whole, from 3.14.2; from
    /// 3.13.4 where it does not come at once.
    pub size_line_limited: bool,
}

impl ParserRules {
    pub(in crate::engine::aiohttp) const V3_7_0: Self = Self {
        empty_names: true,
        other_protocols: false,
        cr_ends_status_line: true,
        tab_behind_value: false,
        del_in_quotes: true,
        nul_refused: false,
        value_stripped: false,
        reason_limited_as_whole: false,
        coding_keeps_capitals: false,
        name_is_token: false,
        version_is_word: false,
        status_stripped: false,
        upgrade_checked: false,
        upgrade_waits: false,
        only_chunked: true,
        nothing_behind_close: false,
        unframed_closes: false,
        cr_comes_with_data: true,
        chunk_end_checked: false,
        trailers_parsed: false,
        bad_body_closes: false,
        singletons: true,
        connection_is_list: false,
        size_line_limited: false,
    };
    pub(in crate::engine::aiohttp) const V3_9_0: Self = Self {
        version_is_word: true,
        status_stripped: true,
        ..Self::V3_7_0
    };
    pub(in crate::engine::aiohttp) const V3_9_2: Self = Self {
        name_is_token: true,
        ..Self::V3_9_0
    };
    pub(in crate::engine::aiohttp) const V3_9_4: Self = Self {
        empty_names: false,
        upgrade_checked: true,
        unframed_closes: true,
        ..Self::V3_9_2
    };
    pub(in crate::engine::aiohttp) const V3_10_6: Self = Self {
        only_chunked: false,
        nothing_behind_close: true,
        cr_comes_with_data: false,
        ..Self::V3_9_4
    };
    pub(in crate::engine::aiohttp) const V3_12_0: Self = Self {
        other_protocols: true,
        del_in_quotes: false,
        ..Self::V3_10_6
    };
    pub(in crate::engine::aiohttp) const V3_12_14: Self = Self {
        trailers_parsed: true,
        bad_body_closes: true,
        ..Self::V3_12_0
    };
    pub(in crate::engine::aiohttp) const V3_13_3: Self = Self {
        coding_keeps_capitals: true,
        ..Self::V3_12_14
    };
    pub(in crate::engine::aiohttp) const V3_13_4: Self = Self {
        nul_refused: true,
        chunk_end_checked: true,
        connection_is_list: true,
        ..Self::V3_13_3
    };
    pub(in crate::engine::aiohttp) const V3_13_5: Self = Self {
        singletons: false,
        ..Self::V3_13_4
    };
    pub(in crate::engine::aiohttp) const V3_14_0: Self = Self {
        cr_ends_status_line: false,
        tab_behind_value: true,
        ..Self::V3_13_5
    };
    pub(in crate::engine::aiohttp) const V3_14_2: Self = Self {
        reason_limited_as_whole: true,
        upgrade_waits: true,
        size_line_limited: true,
        ..Self::V3_14_0
    };
    pub(in crate::engine::aiohttp) const V3_14_4: Self = Self {
        value_stripped: true,
        coding_keeps_capitals: false,
        ..Self::V3_14_2
    };
}
