"""The plugin as its users have it: installed, with the program of its wheel."""

import json
import pathlib
import subprocess
import sys
import textwrap

import pytest

# A download as many write it: a short body is an error for `urlopen().read()`,
# one that ends with its connection is not.
DOWNLOAD = """
    import urllib.request

    import pytest
    from pytest_shortread import answer, fault, version

    def download(url):
        return urllib.request.urlopen(url).read()
"""


def test_the_example_of_the_page_passes(pytester):
    page = (pathlib.Path(__file__).parent.parent / "README.md").read_text()
    example = page.split("```python\n")[1].split("```")[0]
    asks_again = """
    def download(url, path):
        for last in (False, True):
            try:
                path.write_bytes(urllib.request.urlopen(url).read())
            except OSError:
                if last:
                    raise
    """
    pytester.makepyfile(example + textwrap.dedent(asks_again))
    pytester.runpytest().assert_outcomes(passed=3)


def test_a_url_breaks_as_it_says_and_the_bytes_are_known(pytester):
    pytester.makepyfile(
        DOWNLOAD
        + """
    def test_cut(shortread):
        with pytest.raises(Exception):
            download(shortread.url(size="100KB", fault="fin@40KB"))

    def test_silently_cut(shortread):
        asked = dict(size="100KB", framing="close", fault=fault("fin@40KB", settle="0"))
        body, whole = download(shortread.url(**asked)), shortread.expected(**asked)
        assert len(whole) == 100_000 and body == whole[:40_000]

    def test_busy_and_then_another_version(shortread):
        url = shortread.url(
            size="100KB",
            answer=answer(503, on="1", retry_after="2s"),
            version=version("same", on="3"),
        )
        with pytest.raises(Exception, match="503"):
            download(url)
        first, second = download(url), download(url)
        assert first == shortread.expected(size="100KB")
        assert len(second) == len(first) and second != first

    def test_by_name(shortread):
        with pytest.raises(Exception):
            download(shortread.url("reset-mid-body"))
        assert len(shortread.expected("reset-mid-body")) > 1_000_000
    """
    )
    pytester.makeini("[pytest]\nshortread_args = --scaled\n")
    pytester.runpytest().assert_outcomes(passed=4)


def test_the_mark_says_what_breaks(pytester):
    pytester.makepyfile(
        DOWNLOAD
        + """
    @pytest.mark.shortread(size="100KB", fault=["stall:10ms@1KB", "fin@40KB"])
    def test_cut(shortread):
        with pytest.raises(Exception):
            download(shortread.url())
        faults = [e for e in shortread.journal() if e["event"] == "fault"]
        assert [f["at_bytes"] for f in faults] == [1000, 40_000]

    @pytest.mark.shortread("healthy", size=1)
    def test_wrong_mark(shortread):
        pass

    def test_no_mark(shortread):
        shortread.url()
    """
    )
    result = pytester.runpytest("--strict-markers")
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*the mark shortread takes the name of a scenario, or*"])
    result.stdout.fnmatch_lines(["*url() needs a scenario or parameters*"])


def test_a_file_is_verified_against_what_was_asked_for(pytester):
    pytester.makepyfile(
        DOWNLOAD
        + """
    def save(url, path):
        path.write_bytes(download(url))

    def test_short(shortread, tmp_path):
        file = tmp_path / "file"
        save(shortread.url(size="100KB", framing="close", fault="fin@40KB"), file)
        found = shortread.verify(file)
        assert not found and "short at 40000" in repr(found)
        assert "on purpose" in found.finding
        save(shortread.url(size="100KB"), file)
        assert shortread.verify(file) and shortread.verify(file, size="100KB")
        assert not shortread.verify(file, size="99KB")

    def test_missing(shortread, tmp_path):
        shortread.url(size="100KB")
        shortread.verify(tmp_path / "missing")
    """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*ServerError*missing*"])


def test_each_test_has_counters_of_its_own_each_time_that_it_runs(pytester):
    pytester.makepyfile(
        DOWNLOAD
        + """
    @pytest.mark.parametrize("run", range(3))
    def test_first_request(shortread, run):
        url = shortread.url(size=1000, fault="fin@request:1")
        with pytest.raises(Exception):
            download(url)
        assert download(url) == shortread.expected(size=1000)
    """
    )
    pytester.runpytest().assert_outcomes(passed=3)
    pytester.runpytest("-n", "2").assert_outcomes(passed=3)


def test_a_failed_test_shows_what_the_server_did(pytester):
    pytester.makepyfile(
        DOWNLOAD
        + """
    def test_fails(shortread):
        download(shortread.url(size="100KB", fault="reset@40KB"))

    def test_asks_nothing(shortread):
        assert False

    def test_passes(shortread):
        download(shortread.url(size=10))
    """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*shortread: what the server did*",
            '*request number=1 method="GET"*',
            "*fault action=*reset* at_bytes=40000*",
            "*rst-sent",
        ]
    )
    result.stdout.fnmatch_lines(["nothing was asked for (key *"])


def test_each_worker_has_a_server_that_begins_at_first_use(pytester):
    pytester.makepyfile(
        """
    import os, pathlib, pytest

    @pytest.mark.parametrize("n", range(8))
    def test_server(shortread, n):
        worker = os.environ["PYTEST_XDIST_WORKER"]
        path = pathlib.Path(os.environ["SEEN"]) / worker
        path.open("a").write(shortread.base + "\\n")

    def test_without():
        pass
    """
    )
    seen = pytester.mkdir("seen")
    pytester._monkeypatch.setenv("SEEN", str(seen))
    pytester.runpytest("-n", "2", "--dist", "each").assert_outcomes(passed=18)
    servers = [set(path.read_text().split()) for path in seen.iterdir()]
    assert len(servers) == 2 and all(len(of_one) == 1 for of_one in servers)
    assert servers[0] != servers[1]


def test_a_program_that_is_missing_is_an_error_unless_it_may_be_skipped(pytester):
    pytester.makepyfile("def test_it(shortread): pass\ndef test_other(): pass")
    result = pytester.runpytest("--shortread-binary", "no-such-program")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*no-such-program is not a program*--shortread-skip*"])
    result = pytester.runpytest("--shortread-binary", "no-such-program", "--shortread-skip")
    result.assert_outcomes(passed=1, skipped=1)


def test_arguments_of_the_server_come_from_the_ini_file(pytester):
    pytester.makeini("[pytest]\nshortread_args = mine.toml\n")
    (pytester.path / "mine.toml").write_text(
        'title = "mine"\ncause = "a try"\nbody.size = "2KB"\nfault = []\n'
    )
    pytester.makepyfile(
        """
    def test_mine(shortread):
        assert len(shortread.expected("mine")) == 2000
    """
    )
    pytester.runpytest().assert_outcomes(passed=1)
    (pytester.path / "mine.toml").write_text('title = "mine"\n')
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mine.toml*"])


def test_nothing_is_left_of_the_server(pytester):
    pytester.makepyfile(
        """
    import pathlib
    def test_it(shortread_server):
        pid = shortread_server._process.pid
        pathlib.Path("pid").write_text(str(pid))
    """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    pid = (pytester.path / "pid").read_text()
    assert not pathlib.Path("/proc", pid).exists()


@pytest.mark.skipif(sys.version_info < (3, 10), reason="mypy of today needs 3.10")
def test_what_it_gives_is_typed(tmp_path):
    pytest.importorskip("mypy")
    user = tmp_path / "test_user.py"
    user.write_text(
        "from pytest_shortread import Shortread\n"
        "def test_it(shortread: Shortread) -> None:\n"
        "    reveal_type(shortread.url(size='1MB', fault=['fin@400KB']))\n"
        "    shortread.expected(size=object())\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--output", "json", str(user)]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    assert any(line["line"] == 3 and "str" in line["message"] for line in lines), said
    assert [line["line"] for line in lines if line["severity"] == "error"] == [4], said
