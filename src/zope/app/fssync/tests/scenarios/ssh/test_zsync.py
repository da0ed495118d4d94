"""The command zsync over ssh, when the connection does not hold."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.testing import recorded_body
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.processes import zsync_command
from zope.app.fssync.testing.sshfixtures import StartDemo

pytestmark = pytest.mark.slow


def start(home: support.Home, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        zsync_command(*arguments),
        env=home.env,
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def zsync(home: support.Home, *arguments: str, expected: int = 0) -> tuple[str, str]:
    with start(home, *arguments) as command:
        output, errors = command.communicate(timeout=support.TIMEOUT)
    assert command.returncode == expected, output + errors
    return output, errors


@pytest.fixture
def checked_out(
    start_demo: StartDemo, home: support.Home, zope: support.StandInZope
) -> tuple[support.Process, Path]:
    """The ssh server, and a working copy with a local change."""
    server = start_demo()
    zope.answer_body = recorded_body("ssh/001.response")
    zsync(home, "co", f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo/sub", "co")
    leaf = home.path / "co" / "sub" / "deep" / "leaf.txt"
    leaf.write_bytes(leaf.read_bytes() + b"changed here\n")
    return server, home.path / "co"


@pytest.mark.parametrize("verb", ["update", "commit"])
def test_a_server_killed_while_it_answers_harms_nothing(
    checked_out: tuple[support.Process, Path],
    home: support.Home,
    zope: support.StandInZope,
    verb: str,
) -> None:
    server, folder = checked_out
    before = snapshot(folder)
    zope.answer_body = recorded_body("ssh/002.response")
    zope.stop_half_way = True
    zope.started.clear()
    with start(home, verb, "co") as command:
        assert zope.started.wait(support.TIMEOUT)
        server.popen.kill()
        _, errors = command.communicate(timeout=support.TIMEOUT)
    assert command.returncode == 6, errors
    assert "broke off" in errors
    assert snapshot(folder) == before
    output, _ = zsync(home, "status", "co")
    assert output == "M  co/sub/deep/leaf.txt\n"


def test_a_server_killed_while_a_commit_is_sent_harms_nothing(
    checked_out: tuple[support.Process, Path],
    home: support.Home,
    zope: support.StandInZope,
) -> None:
    server, folder = checked_out
    big = folder / "sub" / "deep" / "leaf.txt"
    with big.open("ab") as file:
        file.truncate(300 << 20)
    before = snapshot(folder)
    zope.receiving.clear()
    with start(home, "commit", "co") as command:
        assert zope.receiving.wait(support.TIMEOUT)
        server.popen.kill()
        _, errors = command.communicate(timeout=support.TIMEOUT)
    assert command.returncode == 6, errors
    assert snapshot(folder) == before
    assert not any(seen.size > 100 << 20 for seen in zope.seen)


def test_the_token_of_the_checkout_opens_the_ssh_server_too(
    checked_out: tuple[support.Process, Path],
    home: support.Home,
    zope: support.StandInZope,
) -> None:
    _, folder = checked_out
    assert ":zsync@" not in (control(folder) / "Root").read_text()
    output, _ = zsync(home, "update", "co")
    assert output == "Up to date.\n"


def test_a_clone_is_attached_over_ssh(
    start_demo: StartDemo, home: support.Home, zope: support.StandInZope
) -> None:
    server = start_demo()
    zope.answer_body = recorded_body("ssh/001.response")
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo/sub"
    zsync(home, "co", "--layout", "3", url, "co")
    copy = home.path / "co"
    data = snapshot(control(copy))
    shutil.rmtree(control(copy))
    leaf = copy / "sub" / "deep" / "leaf.txt"
    leaf.write_bytes(leaf.read_bytes() + b"changed here\n")
    files = snapshot(copy)
    assert zsync(home, "attach", url, "co") == ("Attached co\n", "")
    assert {**snapshot(copy), **files} == snapshot(copy)
    assert snapshot(control(copy)).keys() == data.keys()
    assert zsync(home, "status", "co") == ("M  co/sub/deep/leaf.txt\n", "")
    assert zsync(home, "update", "co") == ("Up to date.\n", "")


def test_an_unknown_host_key_ends_with_6_and_nothing_made(
    start_demo: StartDemo, home: support.Home
) -> None:
    server = start_demo(trusted=False)
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo/sub"
    _, errors = zsync(home, "co", url, "co", expected=6)
    assert "is not known" in errors
    assert "Run the command once in a terminal" in errors
    assert not (home.path / "co").exists()


def test_no_way_in_ends_with_4(start_demo: StartDemo, home: support.Home) -> None:
    server = start_demo()
    url = f"zsync+ssh://zsync:wrong@127.0.0.1:{server.port}/demo/sub"
    _, errors = zsync(home, "co", url, "co", expected=4)
    assert "did not let zsync in" in errors
    assert "wrong@" not in errors
