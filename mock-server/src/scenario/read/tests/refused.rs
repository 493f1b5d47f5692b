//! What is written and means nothing, each with a remedy.

use super::wrong;

#[test]
fn what_is_empty_or_means_nothing_is_refused_with_a_remedy() {
    let text = r#"title = "t"
cause = " "
alias = ["//x", "/a%20b", "/a/*", "/a", "/a", "/a%3Fb"]

[body]
file = ""
encoding = []
declared_encoding = ["identity", "br"]

[response]
etag = ""

[[answer]]
on = { path = "/a%2Fb*" }
status = 404
"#;
    insta::assert_snapshot!(wrong(text), @r#"
    error: `cause` is empty
     --> it.toml:2:9
      |
    2 | cause = " "
      |         ^^^
      |
      = help: write it in a few words

    error: `//x` cannot be an alias
     --> it.toml:3:10
      |
    3 | alias = ["//x", "/a%20b", "/a/*", "/a", "/a", "/a%3Fb"]
      |          ^^^^^
      |
      = help: clients take what stands behind // for a host (RFC 3986, section 4.2): write one / at its start

    error: `/a%20b` cannot be an alias
     --> it.toml:3:17
      |
    3 | alias = ["//x", "/a%20b", "/a/*", "/a", "/a", "/a%3Fb"]
      |                 ^^^^^^^^
      |
      = help: paths are compared as they read after percent decoding: write "/a b"

    error: `/a/*` cannot be an alias
     --> it.toml:3:27
      |
    3 | alias = ["//x", "/a%20b", "/a/*", "/a", "/a", "/a%3Fb"]
      |                           ^^^^^^
      |
      = help: it is one path, in which a star stands for nothing: write each path, as in ["/a/b", "/a/c"]

    error: the alias `/a` is given twice
     --> it.toml:3:41
      |
    3 | alias = ["//x", "/a%20b", "/a/*", "/a", "/a", "/a%3Fb"]
      |                                         ^^^^
      |
      = help: keep one of them

    error: `/a%3Fb` cannot be an alias
     --> it.toml:3:47
      |
    3 | alias = ["//x", "/a%20b", "/a/*", "/a", "/a", "/a%3Fb"]
      |                                               ^^^^^^^^
      |
      = help: paths are compared as they read after percent decoding, and then this is none

    error: `body.file` is empty
     --> it.toml:6:8
      |
    6 | file = ""
      |        ^^
      |
      = help: write the path of a file, or `size` in its place

    error: `body.encoding` is an empty list
     --> it.toml:7:12
      |
    7 | encoding = []
      |            ^^
      |
      = help: write one coding or more, or `identity` for none

    error: `identity` in `body.declared_encoding` codes nothing, so it stands alone
     --> it.toml:8:21
      |
    8 | declared_encoding = ["identity", "br"]
      |                     ^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out of the list

    error: `response.etag` is empty
      --> it.toml:11:8
       |
    11 | etag = ""
       |        ^^
       |
       = help: write a text, or leave it out

    error: `/a%2Fb*` can never match: paths are compared after percent decoding
      --> it.toml:14:15
       |
    14 | on = { path = "/a%2Fb*" }
       |               ^^^^^^^^^
       |
       = help: write "/a/b*"
    "#);
}

#[test]
fn what_cannot_be_sent_is_refused_at_its_key() {
    let text = r#"title = "t"
cause = "c"
body.size = "1MB"

[response]
etag = "\"v1"

[[answer]]
on.request = 2
status = 304
page_of = "s3-expired"

[[answer]]
on.request = 3
status = 204
page = "x"

[[version]]
on.request = 4
etag = "a\"b"
"#;
    insta::assert_snapshot!(wrong(text), @r#"
    error: `"v1` is not an entity tag
     --> it.toml:6:1
      |
    6 | etag = "\"v1"
      | ^^^^^^^^^^^^^
      |
      = help: it has no quotes, spaces or control characters inside its quotes, which may be left out (RFC 9110, section 8.8.3); `response.headers` takes any other

    error: a response with status 304 has no body
      --> it.toml:10:1
       |
    10 | status = 304
       | ^^^^^^^^^^^^
       |
       = help: leave `status` out, which is the page's own then, or leave out `page_of`

    error: a response with status 204 has no body
      --> it.toml:15:1
       |
    15 | status = 204
       | ^^^^^^^^^^^^
       |
       = help: write another status, or `page = ""`

    error: `a"b` is not an entity tag
      --> it.toml:20:1
       |
    20 | etag = "a\"b"
       | ^^^^^^^^^^^^^
       |
       = help: it has no quotes, spaces or control characters inside its quotes, which may be left out (RFC 9110, section 8.8.3)
    "#);
}
