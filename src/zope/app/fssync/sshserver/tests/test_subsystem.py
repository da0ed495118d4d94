"""The subsystem script by itself: its configuration and its command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zope.app.fssync.sshserver.subsystem import read_config
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.processes import free_port
from zope.fssync.errors import Error

GET = b"GET /demo/@@toFS.snarf\r\n\r\n"


def run(*options: str, data: bytes = GET) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "zope.app.fssync.sshserver.subsystem", *options],
        input=data,
        capture_output=True,
        timeout=support.TIMEOUT,
    )


def test_a_setting_others_could_change_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("zope = http://127.0.0.1:1\n")
    config.chmod(0o666)
    with pytest.raises(Error, match="others than root can change"):
        read_config(config)


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes files of root's")
def test_the_file_of_root_tells_where_zope_is(
    tmp_path: Path, zope: support.StandInZope
) -> None:
    config = tmp_path / "config"
    config.write_text(f"# where\n\nzope = {zope.url}\nsame-user = no\n")
    config.chmod(0o644)
    done = run("--config", str(config))
    assert done.returncode == 0
    assert done.stdout.startswith(b"HTTP/1.0 200 OK\r\n")
    tmp_path.chmod(0o777)
    with pytest.raises(Error, match=f"others than root can change {tmp_path}\n"):
        read_config(config)


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes files of root's")
@pytest.mark.parametrize(
    "text", ["zope\n", "zope =\n", "other = 1\n", "", "zope = ftp://x\n"]
)
def test_a_file_that_does_not_say_it_right_is_an_error(
    tmp_path: Path, text: str
) -> None:
    config = tmp_path / "config"
    config.write_text(text)
    config.chmod(0o644)
    done = run("--config", str(config))
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"zsync-openssh-subsystem: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    done = run("--config", str(tmp_path / "none"))
    assert done.returncode == 1
    assert b"cannot read" in done.stderr


def test_no_zope_is_told_to_the_client() -> None:
    done = run("--zope", f"http://127.0.0.1:{free_port()}")
    assert done.stdout.startswith(b"HTTP/1.0 502 Bad Gateway\r\n")


def test_a_client_that_hangs_up_leaves_no_traceback() -> None:
    done = run("--zope", "http://127.0.0.1:1", data=b"GET /de")
    assert done.stdout.startswith(b"HTTP/1.0 400 ")
    assert done.stderr == b""
