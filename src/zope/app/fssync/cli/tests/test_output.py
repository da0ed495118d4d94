"""What reaches a terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.app.fssync.cli.output import from_here
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.output import terminal_bytes
from zope.fssync.terminal import TEXT
from zope.fssync.terminal import escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 漢", "plain ü 漢"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\r\x08\x7f\x9b1m", "\\x0d\\x08\\x7f\\x9b1m"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("\udcff\udc80", "\\xff\\x80"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
        ("a\\x1b", "a\\x1b"),
    ],
)
def test_escape(text, shown):
    assert escape(text, TEXT) == shown
    assert escape(shown, TEXT) == shown


@given(st.text(st.characters()))
def test_nothing_unprintable_is_left(text):
    assert escape(text).isprintable()
    assert escape(escape(text)) == escape(text)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_say_never_fails(encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    say("ü漢\udcff\x1b", stream)
    stream.flush()
    shown = stream.buffer.getvalue()
    assert shown.endswith(b"\\xff\\x1b\n")
    assert shown.decode(encoding)


def test_content_on_a_terminal():
    assert terminal_bytes(b"+a\tb\r\n") == b"+a\tb\r\n"
    assert terminal_bytes(b"-\x1b[2J\xc3\xbc\xff\rx\n") == (
        b"-\\x1b[2J\xc3\xbc\\xff\\x0dx\n"
    )
    assert terminal_bytes(b"\xc2\x9b1m") == b"\\x9b1m"


def test_content_comes_in_the_encoding_of_the_terminal() -> None:
    data = "\u00fc\u65e5".encode()
    assert terminal_bytes(data, "latin-1") == b"\xfc\\u65e5"
    assert terminal_bytes(data, "ascii") == b"\\xfc\\u65e5"


PRINT = """
from zope.app.fssync.cli.output import finish_output, say, warn, write_bytes
write_bytes(b"\\xff\\x1b\\r\\n")
say("\\u00fc\\udcff")
warn("\\u00fc")
finish_output()
"""


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, b"\\xfc\\xff"),
        ({"PYTHONIOENCODING": "ascii"}, b"\\xfc\\xff"),
        ({"PYTHONIOENCODING": "utf-8"}, "ü\\xff".encode()),
    ],
)
def test_any_locale_will_do(environment, shown):
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"\xff\x1b\r\n" + shown + b"\n"
    assert done.stderr == shown[:-4] + b"\n"


MANY = """
import sys
from zope.app.fssync.cli.output import finish_output, say, write_bytes
for number in range(20000):
    say("a line that nobody reads")
    write_bytes(b"nor this one\\n")
finish_output()
print("done", file=sys.stderr)
"""


def test_a_closed_pipe_stops_nothing():
    with subprocess.Popen(
        [sys.executable, "-c", MANY], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b"done\n"
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lost: '{co}/sub/a b.txt'", "lost: 'a b.txt'"),
        ("'zsync revert {co}/f.txt' or {co}/sub/x", "'zsync revert ../f.txt' or x"),
        ("{home}/else, http://h{co}/sub/x", "{home}/else, http://h{co}/sub/x"),
        ("{home}/co2/f x{co}/sub/f", "{home}/co2/f x{co}/sub/f"),
    ],
)
def test_paths_in_messages_are_called_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, shown: str
) -> None:
    names = {"home": tmp_path.resolve(), "co": tmp_path.resolve() / "co"}
    for directory in ("co/@@Zope", "co/sub/@@Zope"):
        (tmp_path / directory).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "co" / "sub")
    assert from_here(text.format(**names)) == shown.format(**names)


def test_messages_stay_where_the_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert from_here(f"{tmp_path}/f") == f"{tmp_path}/f"
