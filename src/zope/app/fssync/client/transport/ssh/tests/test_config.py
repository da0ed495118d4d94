"""~/.ssh/config, and the names that are refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zope.app.fssync.client.transport.ssh.config import endpoint
from zope.app.fssync.client.transport.ssh.config import jump_endpoint
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.sshfixtures import StartDemo
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError

#: Passes bytes between standard input and output and a port.
NETCAT = """\
import os, socket, sys, threading
there = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def back():
    while data := there.recv(65536):
        os.write(1, data)
threading.Thread(target=back, daemon=True).start()
while data := os.read(0, 65536):
    there.sendall(data)
"""


def configure(home: support.Home, text: str) -> None:
    (home.ssh / "config").write_text(text)


def test_without_a_file_the_url_stands(home: support.Home) -> None:
    found = endpoint("example.org", None, "me")
    assert (found.host, found.port, found.user) == ("example.org", 22, "me")


def test_the_file_gives_what_the_url_leaves_open(home: support.Home) -> None:
    configure(
        home,
        "Host short\n  HostName long.example.org\n  User somebody\n  Port 2222\n"
        "  IdentityFile ~/.ssh/special\n  IdentitiesOnly yes\n"
        "  HostKeyAlias alias\n",
    )
    found = endpoint("short", None, None)
    assert (found.host, found.port, found.user) == (
        "long.example.org",
        2222,
        "somebody",
    )
    assert found.identities == (home.ssh / "special",)
    assert found.identities_only
    assert (found.known_as, found.known_port) == ("alias", 22)
    found = endpoint("short", 2200, "me")
    assert (found.port, found.user) == (2200, "me")


@pytest.mark.parametrize("proxy", ["ProxyCommand none", "ProxyJump none"])
def test_none_means_no_proxy(home: support.Home, proxy: str) -> None:
    configure(home, f"Host *\n  {proxy}\n")
    found = endpoint("example.org", None, "me")
    assert found.proxy_command is None
    assert found.jumps == ()


def test_a_file_that_cannot_be_read_is_an_error(home: support.Home) -> None:
    configure(home, "this is no configuration\n=\n")
    with pytest.raises(Error, match="cannot use"):
        endpoint("example.org", None, "me")


@pytest.mark.parametrize("port", ["0", "65536", "ssh", "-1"])
def test_a_port_that_is_none_is_an_error(home: support.Home, port: str) -> None:
    configure(home, f"Host *\n  Port {port}\n")
    with pytest.raises(Error, match="not a port"):
        endpoint("example.org", None, "me")


BAD_WORDS = ["-oProxyCommand=x", "", "a b", "a\tb", "a'b", 'a"b', "a\nb", "a\x1bb"]
BAD_WORDS += ["a`b", "a$b", "a;b", "a|b", "a\\b", "a\x00b", "\u202eab"]


@pytest.mark.parametrize("word", BAD_WORDS)
def test_names_that_could_be_more_than_a_name_are_refused(
    home: support.Home, word: str
) -> None:
    with pytest.raises(UsageError, match="not a host"):
        endpoint(word, None, "me")
    if word:
        with pytest.raises(UsageError, match="not a user"):
            endpoint("example.org", None, word)


@pytest.mark.parametrize("word", ["::1", "fe80::1%eth0", "host_name", "bücher.de"])
def test_addresses_and_names_are_hosts(home: support.Home, word: str) -> None:
    assert endpoint(word, None, "a.b+c@example.org").host == word


@pytest.mark.parametrize("word", ["a:b", "%h", "a%p"])
def test_tokens_and_ports_are_not_taken_for_hosts(
    home: support.Home, word: str
) -> None:
    with pytest.raises(UsageError):
        endpoint(word, None, "me")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jump", ("jump", 22, None)),
        ("me@jump:2222", ("jump", 2222, "me")),
        ("ssh://me@jump:2222", ("jump", 2222, "me")),
        ("me@[::1]:2222", ("::1", 2222, "me")),
    ],
)
def test_jump_servers_are_read(
    home: support.Home, text: str, expected: tuple[str, int, str | None]
) -> None:
    found = jump_endpoint(text, 0)
    host, port, user = expected
    assert (found.host, found.port) == (host, port)
    assert user is None or found.user == user


def test_jumps_in_a_circle_end(home: support.Home) -> None:
    configure(home, "Host *\n  ProxyJump a\n")
    result = support.get("zsync+ssh://zsync:zsync@b/demo", home.env)
    assert result.returncode == 1
    assert "in a circle" in result.stderr


def test_a_proxy_command_carries_the_connection(
    start_demo: StartDemo, home: support.Home, tmp_path: Path
) -> None:
    server = start_demo()
    netcat = tmp_path / "netcat.py"
    netcat.write_text(NETCAT)
    configure(
        home,
        f"Host inner\n  HostName 127.0.0.1\n  Port {server.port}\n"
        f"  ProxyCommand exec {sys.executable} {netcat} %h %p\n",
    )
    result = support.get("zsync+ssh://zsync:zsync@inner/demo", home.env)
    assert result.stdout.startswith("status 200"), result.stderr


@pytest.mark.parametrize("command", ["/none/such %h", "true", "sh -c 'exit 3'"])
def test_a_proxy_command_that_fails_is_told(home: support.Home, command: str) -> None:
    configure(home, f"Host *\n  ProxyCommand {command}\n")
    result = support.get("zsync+ssh://zsync:zsync@example.org/demo", home.env)
    assert result.returncode == 6
    assert "Traceback" not in result.stderr


def test_nobody_there_is_told(home: support.Home) -> None:
    port = free_port()
    result = support.get(f"zsync+ssh://zsync:zsync@127.0.0.1:{port}/demo", home.env)
    assert result.returncode == 6
    assert f"cannot reach 127.0.0.1:{port}: Connection refused" in result.stderr


def test_a_web_server_is_no_ssh_server(
    home: support.Home, zope: support.StandInZope
) -> None:
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{zope.server_port}/demo"
    result = support.get(url, home.env)
    assert result.returncode == 6
    assert "does not talk ssh" in result.stderr
    assert "Traceback" not in result.stderr
