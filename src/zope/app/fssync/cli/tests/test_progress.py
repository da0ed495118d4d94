"""Progress: late enough not to flicker, and only where somebody looks."""

import fcntl
import io
import os
import pty
import struct
import termios

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.cli.common import progress_on
from zope.app.fssync.cli.progress import TerminalProgress
from zope.app.fssync.cli.progress import _State
from zope.app.fssync.cli.progress import describe
from zope.app.fssync.cli.progress import human_size
from zope.app.fssync.client.interfaces import IProgress


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def progress(stream, clock):
    return TerminalProgress(stream, clock)


def test_progress_keeps_its_contract(progress):
    assert verifyObject(IProgress, progress)


def test_a_short_transfer_shows_nothing(progress, stream, clock):
    progress("sending", 1, 10)
    clock.now += 0.4
    progress("receiving", 1, 10)
    progress.finish()
    assert stream.getvalue() == ""


def test_a_long_transfer_shows_one_line_and_removes_it(progress, stream, clock):
    clock.now += 0.6
    progress("receiving", 500_000, 1_000_000)
    assert stream.getvalue() == "\rreceiving 500.0 kB of 1.0 MB (50%)"
    clock.now += 0.05
    progress("receiving", 600_000, 1_000_000)
    assert stream.getvalue().count("\r") == 1
    clock.now += 0.1
    progress("receiving", 1_000_000, 1_000_000)
    assert stream.getvalue().endswith("\rreceiving 1.0 MB of 1.0 MB (100%) ")
    progress.finish()
    assert stream.getvalue().endswith("\r" + " " * 34 + "\r")


def test_a_new_phase_is_shown_at_once(progress, stream, clock):
    clock.now += 0.6
    progress("sending", 1, 2)
    progress("waiting", 0)
    assert stream.getvalue().endswith("\rwaiting ...".ljust(33))


def test_a_long_silence_is_shown_too(clock):
    reader, writer = os.pipe()
    with open(reader) as shown, open(writer, "w") as stream:
        progress = TerminalProgress(stream, clock)
        progress("waiting", 0)
        assert shown.read(12) == "\nwaiting ..."  # in text mode CR is a newline
        progress.finish()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("receiving", 0, None), "receiving ..."),
        (("receiving", 2_500_000, None), "receiving 2.5 MB"),
        (("receiving", 20, 10), "receiving 20 bytes of 10 bytes (100%)"),
        (("a\x1b", 0, None), "a\\x1b ..."),
        (("receiving", 0, None, 0.0, (3, 4000, "")), "receiving 3 of 4,000 objects"),
        (("sending", 10, None, 0.0, (None, 1, "")), "sending 1 object, 10 bytes"),
        (
            ("receiving", 10, None, 0.0, (None, 9, "about")),
            "receiving about 9 objects, 10 bytes",
        ),
        (("sending", 10**6, None, 0.4), "sending 1.0 MB"),
        (
            ("receiving", 10**6, None, 4.0, (2, 3, "at least")),
            "receiving 2 of at least 3 objects, 1.0 MB, 250.0 kB/s",
        ),
    ],
)
def test_describe(arguments, text):
    known = [*arguments, *(0.0, None)[len(arguments) - 3 :]]
    assert describe(_State(*known)) == text


def test_objects_are_shown_with_the_bytes_of_their_phase(progress, stream, clock):
    progress.objects("receiving", 1, 2)
    clock.now += 2
    progress("receiving", 1000)
    assert stream.getvalue() == "\rreceiving 1 of 2 objects, 1.0 kB, 500 bytes/s"
    progress("merging", 0)
    assert stream.getvalue().rstrip().endswith("\rmerging ...")


@pytest.mark.parametrize("columns", [80, 40])
def test_a_line_fits_the_terminal(clock, columns):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with open(slave, "w") as terminal:
        progress = TerminalProgress(terminal, clock)
        progress.objects("receiving", 1_000_000, 2_000_000)
        clock.now += 2
        progress("receiving", 1_500_000, 3_000_000)
        shown = os.read(master, 1000).decode()
    os.close(master)
    assert shown.startswith("\rreceiving 1,000,000 of 2,000,000 objec")
    assert len(shown) <= columns


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1_500_000, "1.5 MB"),
        (2 * 10**9, "2.0 GB"),
        (5 * 10**12, "5.0 TB"),
        (5 * 10**16, "50000.0 TB"),
    ],
)
def test_human_size(size, text):
    assert human_size(size) == text


def test_only_a_terminal_shows_progress(stream):
    assert progress_on(stream) is None
    master, slave = pty.openpty()
    with open(slave, "w") as terminal:
        assert progress_on(terminal) is not None
    os.close(master)
