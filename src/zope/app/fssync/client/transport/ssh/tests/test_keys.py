"""The person's keys: default ones, named ones, the agent's, with passphrases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.sshfixtures import StartDemo

pytestmark = pytest.mark.slow

PASSPHRASE = "Passphrase for the key "


@pytest.fixture(scope="module")
def list_of_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("server") / "listed"
    path.touch(0o600)
    return path


@pytest.fixture(scope="module")
def server(lasting_demo: StartDemo, list_of_server: Path) -> support.Process:
    return lasting_demo(f"--authorized-keys={list_of_server}", "--no-passwords")


@pytest.fixture
def listed(list_of_server: Path) -> Path:
    """The authorized keys of the server; none so far."""
    list_of_server.write_text("")
    return list_of_server


@pytest.fixture
def url(
    server: support.Process, home: support.Home, host_key: Path, listed: Path
) -> str:
    home.trust(f"[127.0.0.1]:{server.port}", Path(f"{host_key}.pub"))
    return f"zsync+ssh://zsync@127.0.0.1:{server.port}/demo"


def authorize(listed: Path, key: Path) -> None:
    with listed.open("a") as lines:
        lines.write(Path(f"{key}.pub").read_text())


@pytest.fixture
def agent(home: support.Home) -> Iterator[dict[str, str]]:
    socket = home.path / "agent"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)],
        stdout=subprocess.PIPE,
        env=home.env,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield {**home.env, "SSH_AUTH_SOCK": str(socket)}
    process.terminate()
    process.wait(support.TIMEOUT)
    process.stdout.close()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_default_identity_is_used(
    home: support.Home, url: str, listed: Path, kind: str
) -> None:
    authorize(listed, support.make_key(home.ssh / f"id_{kind}", kind=kind))
    assert support.get(url, home.env).returncode == 0


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True)])
def test_a_key_that_others_can_read_is_warned_of(
    home: support.Home, url: str, listed: Path, mode: int, warned: bool
) -> None:
    key = support.make_key(home.ssh / "id_ed25519")
    authorize(listed, key)
    key.chmod(mode)
    done = support.get(url, home.env)
    assert done.returncode == 0
    assert (f"warning: others can read the private key {key}" in done.stderr) is warned


def test_a_named_key_goes_first(
    home: support.Home, url: str, listed: Path, tmp_path: Path
) -> None:
    support.make_key(home.ssh / "id_ed25519")
    named = support.make_key(tmp_path / "named")
    authorize(listed, named)
    env = {**home.env, "ZSYNC_SSH_KEY": str(named)}
    assert support.get(url, env).returncode == 0


def test_a_named_key_that_is_missing_is_an_error(
    home: support.Home, url: str, tmp_path: Path
) -> None:
    env = {**home.env, "ZSYNC_SSH_KEY": str(tmp_path / "none")}
    result = support.get(url, env)
    assert result.returncode == 4
    assert f"names a key that is not there: {tmp_path / 'none'}" in result.stderr


def test_a_named_key_that_is_no_key_is_told(
    home: support.Home, url: str, tmp_path: Path
) -> None:
    (tmp_path / "none").write_text("nothing of the kind\n")
    env = {**home.env, "ZSYNC_SSH_KEY": str(tmp_path / "none")}
    result = support.get(url, env)
    assert result.returncode == 4
    assert "not a private key that can be used" in result.stderr


def test_no_key_at_all_is_told_with_what_to_do(home: support.Home, url: str) -> None:
    result = support.get(url, home.env)
    assert result.returncode == 4
    assert "there is no key to show (it accepts: publickey)" in result.stderr
    assert "ssh-keygen" in result.stderr


def test_a_refused_key_is_named(home: support.Home, url: str) -> None:
    key = support.make_key(home.ssh / "id_ed25519")
    result = support.get(url, home.env)
    assert result.returncode == 4
    assert "did not let zsync in" in result.stderr
    assert f"{key}: not accepted" in result.stderr


def test_the_passphrase_may_be_wrong_twice(
    home: support.Home, url: str, listed: Path
) -> None:
    key = support.make_key(home.ssh / "id_ed25519", passphrase="right one")
    authorize(listed, key)
    answers = [(PASSPHRASE, word) for word in ("wrong", "once more", "right one")]
    code, output = support.get_on_terminal(url, home.env, answers)
    assert code == 0
    assert output.count("Wrong passphrase.") == 2
    assert str(key) in output
    assert "right one" not in output


def test_the_third_wrong_passphrase_is_the_last(
    home: support.Home, url: str, listed: Path
) -> None:
    authorize(listed, support.make_key(home.ssh / "id_rsa", "right one", "rsa"))
    answers = [(PASSPHRASE, word) for word in ("a", "b", "c")]
    code, output = support.get_on_terminal(url, home.env, answers)
    assert code == 4
    assert "3 wrong passphrases" in output


def test_a_passphrase_is_asked_for_a_key_in_the_old_format(
    home: support.Home, url: str, listed: Path
) -> None:
    key = home.ssh / "id_rsa"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "right one", "-f", key],
        check=True,
    )
    authorize(listed, key)
    answers = [(PASSPHRASE, "wrong"), (PASSPHRASE, "right one")]
    assert support.get_on_terminal(url, home.env, answers)[0] == 0


def test_no_passphrase_is_asked_for_without_a_terminal(
    home: support.Home, url: str, listed: Path
) -> None:
    authorize(listed, support.make_key(home.ssh / "id_ed25519", "secret"))
    result = support.get(url, home.env)
    assert result.returncode == 4
    assert "there is no terminal to ask for it" in result.stderr
    assert "ssh-add" in result.stderr


def test_no_passphrase_is_asked_for_where_the_password_of_the_url_will_do(
    home: support.Home, start_demo: StartDemo
) -> None:
    support.make_key(home.ssh / "id_ed25519", "secret")
    server = start_demo()
    code, output = support.get_on_terminal(
        f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo", home.env, []
    )
    assert code == 0
    assert PASSPHRASE not in output


def test_the_agent_is_asked(
    agent: dict[str, str], url: str, listed: Path, tmp_path: Path
) -> None:
    key = support.make_key(tmp_path / "in-agent")
    subprocess.run(["ssh-add", "-q", str(key)], env=agent, check=True)
    authorize(listed, key)
    assert support.get(url, agent).returncode == 0


def test_a_key_in_the_agent_needs_no_passphrase(
    agent: dict[str, str], home: support.Home, url: str, listed: Path
) -> None:
    key = support.make_key(home.ssh / "id_ed25519")
    subprocess.run(["ssh-add", "-q", str(key)], env=agent, check=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-f", str(key)])
    (home.ssh / "config").write_text(f"Host *\n  IdentityFile {key}\n")
    code, output = support.get_on_terminal(url, agent, [])
    assert code == 4
    assert PASSPHRASE not in output
    authorize(listed, key)
    assert support.get_on_terminal(url, agent, [])[0] == 0


def test_an_agent_that_is_gone_is_no_obstacle(
    home: support.Home, url: str, listed: Path
) -> None:
    authorize(listed, support.make_key(home.ssh / "id_ed25519"))
    env = {**home.env, "SSH_AUTH_SOCK": str(home.path / "none")}
    assert support.get(url, env).returncode == 0


def test_more_keys_than_the_server_has_patience_for_are_told(
    home: support.Home, url: str, tmp_path: Path
) -> None:
    keys = [support.make_key(tmp_path / f"key{number}") for number in range(12)]
    (home.ssh / "config").write_text(
        "Host *\n" + "".join(f"  IdentityFile {key}\n" for key in keys)
    )
    result = support.get(url, home.env)
    assert result.returncode == 4
    assert "ended the connection after" in result.stderr
    assert f"{keys[0]}: not accepted" in result.stderr
    assert "ZSYNC_SSH_KEY" in result.stderr


def test_the_identity_of_the_configuration_is_used(
    home: support.Home, url: str, listed: Path, tmp_path: Path
) -> None:
    key = support.make_key(tmp_path / "configured")
    authorize(listed, key)
    (home.ssh / "config").write_text(f"Host 127.0.0.1\n  IdentityFile {key}\n")
    assert support.get(url, home.env).returncode == 0
