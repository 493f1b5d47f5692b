//! The changes from one set of parser rules to the next, in a few words each.

use super::ParserRules;

impl ParserRules {
    /// One phrase for each rule that differs from `before` and is worth one.
    pub(in crate::engine::aiohttp) fn changes(&self, before: &Self) -> Vec<String> {
        // Named one by one: a rule that is added has to be told here.
        let Self {
            empty_names,
            other_protocols,
            name_is_token,
            version_is_word,
            cr_comes_with_data,
            chunk_end_checked,
            trailers_parsed,
            singletons,
            coding_keeps_capitals,
            value_stripped,
            // They came with those that are told, and are too many words for a line.
            cr_ends_status_line: _,
            tab_behind_value: _,
            del_in_quotes: _,
            nul_refused: _,
            reason_limited_as_whole: _,
            status_stripped: _,
            upgrade_checked: _,
            upgrade_waits: _,
            only_chunked: _,
            nothing_behind_close: _,
            unframed_closes: _,
            bad_body_closes: _,
            connection_is_list: _,
            size_line_limited: _,
        } = *self;
        let told = [
            (
                empty_names != before.empty_names,
                empty_names,
                "takes fields without a name",
                "refuses fields without a name",
            ),
            (
                other_protocols != before.other_protocols,
                other_protocols,
                "takes RTSP/ and ICE/ for HTTP/",
                "takes HTTP/ alone",
            ),
            (
                version_is_word != before.version_is_word,
                version_is_word,
                "in Python: an HTTP version is exact",
                "in Python: more may follow an HTTP version",
            ),
            (
                name_is_token != before.name_is_token,
                name_is_token,
                "in Python: field names are tokens",
                "in Python: field names are what has no separator",
            ),
            (
                cr_comes_with_data != before.cr_comes_with_data,
                cr_comes_with_data,
                "in Python: a chunk whose CRLF comes later hangs",
                "in Python: a chunk's CRLF may come later",
            ),
            (
                chunk_end_checked != before.chunk_end_checked,
                chunk_end_checked,
                "in Python: a chunk without its CRLF fails",
                "in Python: a chunk without its CRLF hangs",
            ),
            (
                trailers_parsed != before.trailers_parsed,
                trailers_parsed,
                "in Python: trailers are parsed",
                "in Python: trailers hide the end",
            ),
            (
                singletons != before.singletons,
                singletons,
                "in Python: Content-Length may not come twice",
                "in Python: the first Content-Length counts",
            ),
            (
                coding_keeps_capitals != before.coding_keeps_capitals,
                coding_keeps_capitals,
                "inflates GZIP, in capitals, as zlib",
                "inflates GZIP, in capitals, as gzip",
            ),
            (
                value_stripped != before.value_stripped,
                value_stripped,
                "spaces behind a coding are stripped",
                "a coding with spaces behind it is none",
            ),
        ];
        told.into_iter()
            .filter(|(differs, ..)| *differs)
            .map(|(_, now, yes, no)| if now { yes } else { no }.to_owned())
            .collect()
    }
}
