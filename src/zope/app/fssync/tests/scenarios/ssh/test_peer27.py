"""The client and the server of 3.6.0 themselves, where Python 2.7 has them.

FSSYNC_PEER27 names a folder with `venv/bin/python`, a Python 2.7 with
zope.app.fssync 3.6.0, zope.fssync 3.6.1 and paramiko 2 in it.
"""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing import DATA
from zope.app.fssync.testing import recorded_body
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.sshfixtures import StartDemo

PYTHON = Path(os.environ.get("FSSYNC_PEER27", "")) / "venv" / "bin" / "python"
MAIN = "import sys; from zope.app.fssync.main import main; sys.exit(main())"
SSH = DATA / "ssh"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "FSSYNC_PEER27" not in os.environ or not PYTHON.exists(),
        reason="FSSYNC_PEER27 names no Python 2.7 with zope.app.fssync 3.6.0",
    ),
]


def zsync27(home: support.Home, *arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", MAIN, *arguments],
        env=home.env,
        cwd=home.path,
        capture_output=True,
        text=True,
        timeout=support.TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_of_3_6_0_works_with_our_server(
    start_demo: StartDemo, home: support.Home, zope: support.StandInZope
) -> None:
    key = support.make_key(home.ssh / "id_rsa", kind="rsa")
    server = start_demo(f"--authorized-keys={key}.pub")
    zope.answer_body = recorded_body("ssh/001.response")
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo/sub"
    assert "U co/sub/deep/leaf.txt" in zsync27(home, "checkout", url, "co")
    leaf = home.path / "co" / "sub" / "deep" / "leaf.txt"
    leaf.write_bytes(leaf.read_bytes() + b"over ssh\n")
    zope.answer_body = recorded_body("ssh/002.response")
    assert "All done." in zsync27(home, "commit", "co")
    seen = zope.seen[-1]
    assert (seen.method, seen.target) == (
        "POST",
        "/demo/sub/@@fromFS.snarf?note=fssync_commit",
    )
    assert b"over ssh\n" in seen.start


def test_our_client_works_with_the_server_of_3_6_0(
    home: support.Home, zope: support.StandInZope, tmp_path: Path
) -> None:
    support.make_key(home.ssh / "id_ed25519")
    host_key = support.make_key(tmp_path / "rsa", kind="rsa")
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "", "-f", str(host_key)],
        check=True,
    )
    zope.answer_body = recorded_body("ssh/001.response")
    command = (str(PYTHON), "-W", "ignore", str(SSH / "peer27_server.py2"))
    with support.process(
        *command, str(host_key), str(zope.server_port), env=home.env, cwd=tmp_path
    ) as server:
        port = server.wait_for(r"ready on port (\d+)")[1]
        home.trust(f"[127.0.0.1]:{port}", Path(f"{host_key}.pub"))
        url = RootURL.parse(f"zsync+ssh://zsync:zsync@127.0.0.1:{port}/demo/sub")
        there = open_transport(url)
        headers = [("Authorization", support.TOKEN)]
        answer = there.request("GET", "/demo/sub/@@toFS.snarf", headers)
        assert (answer.status, answer.reason) == (200, "OK")
        assert answer.fp.read() == recorded_body("ssh/001.response")
        body = recorded_body("ssh/002.request")
        headers.append(("Content-Type", "application/x-snarf"))
        target = "/demo/sub/@@fromFS.snarf?note=x"
        answer = there.request("POST", target, headers, io.BytesIO(body), len(body))
        assert answer.fp.read() == recorded_body("ssh/001.response")
        assert zope.seen[-1].start == body
        there.close()
