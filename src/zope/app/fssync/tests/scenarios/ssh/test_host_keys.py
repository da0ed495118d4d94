"""Host keys: known, unknown, changed, revoked, hashed; questions at a terminal."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.sshfixtures import StartDemo

pytestmark = pytest.mark.slow

QUESTION = "continue connecting (yes/no)? "


@pytest.fixture(scope="module")
def server(lasting_demo: StartDemo) -> support.Process:
    """A demo server whose host key nobody knows."""
    return lasting_demo()


@pytest.fixture
def url(server: support.Process) -> str:
    return f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo"


@pytest.fixture
def name(server: support.Process) -> str:
    return f"[127.0.0.1]:{server.port}"


def public(key: Path) -> Path:
    return Path(f"{key}.pub")


def sha256(key: Path) -> str:
    """The fingerprint as OpenSSH computes it."""
    command = ["ssh-keygen", "-l", "-E", "sha256", "-f", str(public(key))]
    return subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.split()[1]


def test_an_unknown_key_is_shown_and_kept_after_yes(
    home: support.Home, url: str, name: str, host_key: Path
) -> None:
    code, output = support.get_on_terminal(
        url, home.env, [(QUESTION, "maybe"), (QUESTION, "yes")]
    )
    assert code == 0
    assert f"The authenticity of host '{name}' can't be established." in output
    assert sha256(host_key) in output
    assert "Please type 'yes' or 'no'." in output
    own = home.ssh / "fssync_known_hosts"
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    key = " ".join(public(host_key).read_text().split()[:2])
    assert own.read_text() == f"{name} {key}\n"
    assert not (home.ssh / "known_hosts").exists()
    code, output = support.get_on_terminal(url, home.env, [])
    assert code == 0
    assert "authenticity" not in output


def test_known_hosts_of_zsync_keep_their_lines(
    home: support.Home, url: str, host_key: Path
) -> None:
    own = home.ssh / "fssync_known_hosts"
    own.write_text("# mine\nexample.org ssh-ed25519 AAAA")
    assert support.get_on_terminal(url, home.env, [(QUESTION, "yes")])[0] == 0
    first, second, third = own.read_text().splitlines()
    assert (first, second) == ("# mine", "example.org ssh-ed25519 AAAA")
    assert third.startswith("[127.0.0.1]:")


def test_an_unknown_key_is_refused_after_no(home: support.Home, url: str) -> None:
    code, output = support.get_on_terminal(url, home.env, [(QUESTION, "no")])
    assert code == 6
    assert "was not accepted" in output
    assert not (home.ssh / "fssync_known_hosts").exists()


def test_an_unknown_key_is_refused_without_a_terminal(
    home: support.Home, url: str, host_key: Path
) -> None:
    result = support.get(url, home.env)
    assert result.returncode == 6
    assert "is not known" in result.stderr
    assert sha256(host_key) in result.stderr
    assert "Run the command once in a terminal" in result.stderr
    assert not (home.ssh / "fssync_known_hosts").exists()


@pytest.mark.parametrize("file", ["known_hosts", "fssync_known_hosts"])
def test_a_changed_key_is_refused_naming_file_and_line(
    home: support.Home, url: str, name: str, tmp_path: Path, file: str
) -> None:
    other = support.make_key(tmp_path / "other")
    known = home.ssh / file
    known.write_text("# first line\n\n")
    home.trust(name, public(other), file)
    before = known.read_text()
    code, output = support.get_on_terminal(url, home.env, [])
    assert code == 6
    assert "THE HOST KEY HAS CHANGED" in output
    assert f"{known}:3" in output
    assert sha256(other) in output
    assert "continue connecting" not in output
    assert known.read_text() == before


def test_a_key_of_another_kind_than_the_known_one_is_refused(
    home: support.Home, url: str, name: str, tmp_path: Path
) -> None:
    home.trust(name, public(support.make_key(tmp_path / "k", kind="ecdsa")))
    code, output = support.get_on_terminal(url, home.env, [])
    assert code == 6
    assert "THE HOST KEY HAS CHANGED" in output


@pytest.mark.parametrize("hosts", ["*", "[127.0.0.1]:*", "example.org"])
def test_a_revoked_key_is_refused_although_it_is_known(
    home: support.Home, url: str, name: str, host_key: Path, hosts: str
) -> None:
    home.trust(name, public(host_key))
    home.trust(f"@revoked {hosts}", public(host_key), "fssync_known_hosts")
    code, output = support.get_on_terminal(url, home.env, [])
    assert code == 6
    assert "REVOKED HOST KEY" in output
    assert f"{home.ssh / 'fssync_known_hosts'}:1" in output


def test_a_revocation_that_cannot_be_read_is_not_skipped(
    home: support.Home, url: str, name: str, host_key: Path
) -> None:
    home.trust(name, public(host_key))
    with (home.ssh / "known_hosts").open("a") as known:
        known.write("@revoked * ssh-ed25519 %%%\n")
    result = support.get(url, home.env)
    assert result.returncode == 6
    assert f"{home.ssh / 'known_hosts'}:2 cannot be read" in result.stderr


def test_an_authority_for_hosts_does_not_make_a_plain_key_trusted(
    home: support.Home, url: str, host_key: Path
) -> None:
    home.trust("@cert-authority *", public(host_key))
    result = support.get(url, home.env)
    assert result.returncode == 6
    assert "zsync cannot check certificates of hosts" in result.stderr
    assert support.get_on_terminal(url, home.env, [(QUESTION, "yes")])[0] == 0


def test_names_that_openssh_hashed_are_recognised(
    home: support.Home, url: str, name: str, host_key: Path
) -> None:
    home.trust(name, public(host_key))
    known = home.ssh / "known_hosts"
    subprocess.run(
        ["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True
    )
    assert known.read_text().startswith("|1|")
    assert support.get(url, home.env).returncode == 0


def test_a_changed_key_under_a_hashed_name_is_refused(
    home: support.Home, url: str, name: str, tmp_path: Path
) -> None:
    home.trust(name, public(support.make_key(tmp_path / "other")))
    known = home.ssh / "known_hosts"
    subprocess.run(
        ["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True
    )
    result = support.get(url, home.env)
    assert result.returncode == 6
    assert f"{known}:1" in result.stderr


def test_a_server_with_several_host_keys_is_asked_for_the_known_kind(
    start_demo: StartDemo, home: support.Home, tmp_path: Path
) -> None:
    rsa = support.make_key(tmp_path / "rsa", kind="rsa")
    server = start_demo(f"--host-key={rsa}", trusted=False)
    home.trust(f"[127.0.0.1]:{server.port}", public(rsa))
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo"
    assert support.get(url, home.env).returncode == 0
