"""Lines of known_hosts files, as OpenSSH understands them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from zope.app.fssync.client.transport.ssh.knownhosts import HostKeyRefused
from zope.app.fssync.client.transport.ssh.knownhosts import KnownHosts
from zope.app.fssync.client.transport.ssh.knownhosts import host_key_name
from zope.app.fssync.client.transport.ssh.terminal import Terminal

KEY = b"\0\0\0\x0bssh-ed25519 the key"
OTHER = b"\0\0\0\x0bssh-ed25519 another"


class Nobody(Terminal):
    """No person to ask."""

    @property
    def interactive(self) -> bool:
        return False


def line(hosts: str, key: bytes = KEY) -> str:
    return f"{hosts} ssh-ed25519 {base64.b64encode(key).decode()} a comment\n"


def check(tmp_path: Path, text: str, name: str, key: bytes = KEY) -> None:
    (tmp_path / "known_hosts").write_text(text)
    known = KnownHosts([tmp_path / "known_hosts"], tmp_path / "own")
    known.check(name, "ssh-ed25519", key, Nobody())


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.org", "example.org"),
        ("a,example.org,b", "example.org"),
        ("*.org", "example.org"),
        ("exampl?.org", "example.org"),
        ("*", "[::1]:2200"),
        ("[example.org]:2200", "[example.org]:2200"),
        ("[*]:2200", "[example.org]:2200"),
        ("*,!other.org", "example.org"),
    ],
)
def test_a_line_speaks_for_its_hosts(tmp_path: Path, hosts: str, name: str) -> None:
    check(tmp_path, "# comment\n\n" + line(hosts), name)


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        ("example.org", "example.com"),
        ("example.org", "[example.org]:2200"),
        ("[example.org]:2200", "example.org"),
        ("example?org", "example..org"),
        ("[a-z]xample.org", "example.org"),
        ("*.org,!example.org", "example.org"),
        ("|1|AAAA|AAAA", "example.org"),
        ("|2|AAAA|AAAA|", "example.org"),
        ("# example.org", "example.org"),
    ],
)
def test_a_line_speaks_for_no_other_host(tmp_path: Path, hosts: str, name: str) -> None:
    with pytest.raises(HostKeyRefused, match="is not known"):
        check(tmp_path, line(hosts), name)


def test_one_of_several_keys_is_enough(tmp_path: Path) -> None:
    check(tmp_path, line("a", OTHER) + line("a"), "a")


def test_the_first_differing_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostKeyRefused, match=r"known_hosts:2 has the ssh-ed25519 key"):
        check(tmp_path, line("b") + line("a", OTHER), "a")


def test_a_revoked_key_of_another_host_harms_nobody_else(tmp_path: Path) -> None:
    check(tmp_path, line("@revoked *", OTHER) + line("a"), "a")


@pytest.mark.parametrize("junk", ["a", "a ssh-ed25519", "a ssh-ed25519 %%", "\x00\xff"])
def test_lines_that_say_nothing_are_passed_over(tmp_path: Path, junk: str) -> None:
    check(tmp_path, junk + "\n" + line("a"), "a")


def test_a_file_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "known_hosts").mkdir()
    known = KnownHosts([tmp_path / "known_hosts"], tmp_path / "own")
    with pytest.raises(HostKeyRefused, match="cannot read the known hosts"):
        known.check("a", "ssh-ed25519", KEY, Nobody())


def test_names_carry_the_port_unless_it_is_22() -> None:
    assert host_key_name("::1", 22) == "::1"
    assert host_key_name("::1", 2200) == "[::1]:2200"
