"""Tokens, and the file that nobody else may read."""

import os
import pty
import stat
import subprocess
import sys
from base64 import b64decode

import pytest

from zope.app.fssync.client.credentials import PasswordManager
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error

RECORDED = b"""\
#
# Stored authentication tokens for zsync.
# Manipulate this data using the 'zsync login' and 'zsync logout';
# read the zsync documentation for more information.
#
http 127.0.0.1:18070 zsync enN5bmM6enN5bmM=
http example.invalid other b3RoZXI6cCB3
https example.invalid:8443 third dGhpcmQ6cHc=
"""


class Asked(PasswordManager):
    """Is given ``mypassword`` by its person."""

    asked: tuple[str, str] | None = None

    def getPassword(self, user, host_port):
        self.asked = user, host_port
        return "mypassword"


@pytest.fixture
def manager(tmp_path):
    return Asked(str(tmp_path / "pass"))


def write(manager, text):
    with open(manager.authfile, "wb") as stream:
        stream.write(text)
    os.chmod(manager.authfile, 0o600)


def read(manager):
    with open(manager.authfile, "rb") as stream:
        return stream.read()


def test_the_file_is_in_the_home_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PasswordManager().authfile == str(tmp_path / ".zsyncpass")


def test_a_token_is_made_of_what_is_asked_for(manager):
    token = manager.getToken("http", "Example.com:80", "me")
    assert b64decode(token) == b"me:mypassword"
    assert manager.asked == ("me", "example.com")
    assert not os.path.exists(manager.authfile)


def test_a_long_token_is_one_line(manager):
    token = manager.createToken("user:" + "ü" * 200)
    assert "\n" not in token
    assert b64decode(token).decode() == "user:" + "ü" * 200


@pytest.mark.parametrize(
    ("scheme", "host_port", "user", "token"),
    [
        ("http", "127.0.0.1:18070", "zsync", "enN5bmM6enN5bmM="),
        ("http", "EXAMPLE.invalid:80", "other", "b3RoZXI6cCB3"),
        ("https", "example.invalid:8443", "third", "dGhpcmQ6cHc="),
        ("https", "example.invalid", "third", None),
        ("http", "example.invalid:8443", "third", None),
        ("http", "127.0.0.1:18070", "Zsync", None),
        ("http", "127.0.0.1", "zsync", None),
    ],
)
def test_the_file_of_3_6_0_is_read(manager, scheme, host_port, user, token):
    write(manager, RECORDED)
    assert manager.findToken(scheme, host_port, user) == token


def test_a_new_file_is_as_3_6_0_wrote_it_and_private(manager):
    old = os.umask(0)
    try:
        for scheme, host_port, user, password in [
            ("http", "127.0.0.1:18070", "zsync", "zsync"),
            ("http", "example.invalid:80", "other", "p w"),
            ("https", "Example.invalid:8443", "third", "pw"),
        ]:
            token = manager.createToken(f"{user}:{password}")
            manager.addToken(scheme, host_port, user, token)
    finally:
        os.umask(old)
    assert read(manager) == RECORDED
    assert stat.S_IMODE(os.stat(manager.authfile).st_mode) == 0o600
    assert os.listdir(os.path.dirname(manager.authfile)) == ["pass"]


def test_a_token_replaces_its_older_one_only(manager):
    write(manager, RECORDED)
    manager.addToken("http", "example.invalid", "other", "new=\n")
    assert read(manager) == RECORDED.replace(b"b3RoZXI6cCB3", b"new=")


def test_lines_that_are_no_records_stay(manager):
    odd = (
        b"\n# x\n#http h u t\nhttp h:x u t\nfoo h u t\nhttp h u\n\xff\xfe\n http h u t"
    )
    write(manager, odd)
    manager.addToken("http", "other", "u", "t")
    assert read(manager) == odd + b"\nhttp other u t\n"
    assert manager.findToken("http", "h", "u") == "t"


def test_a_token_is_removed(manager):
    write(manager, RECORDED)
    assert manager.removeToken("http", "127.0.0.1:18070", "zsync")
    assert read(manager) == RECORDED.replace(
        b"http 127.0.0.1:18070 zsync enN5bmM6enN5bmM=\n", b""
    )
    assert not manager.removeToken("http", "127.0.0.1:18070", "zsync")


def test_removing_without_a_file(manager):
    assert not manager.removeToken("http", "h", "u")
    assert not os.path.exists(manager.authfile)


def test_the_header_stays_when_the_last_token_goes(manager):
    manager.addToken("http", "h", "u", "t")
    assert manager.removeToken("http", "h", "u")
    assert read(manager).startswith(b"#\n# Stored")


def test_a_file_of_blank_lines_goes(manager):
    write(manager, b"\nhttp h u t\n\n")
    assert manager.removeToken("http", "h", "u")
    assert not os.path.exists(manager.authfile)


def test_ssh_with_and_without_port_is_the_same(manager):
    manager.addToken("zsync+ssh", "h", "u", "t")
    assert read(manager).endswith(b"\nzsync+ssh h:22 u t\n")
    assert manager.findToken("zsync+ssh", "h:22", "u") == "t"
    assert manager.findToken("zsync+ssh", "h:2222", "u") is None


def test_ipv6_addresses(manager):
    manager.addToken("http", "[::1]:80", "u", "t")
    manager.addToken("http", "[::1]:8080", "u", "s")
    assert manager.findToken("http", "[::1]", "u") == "t"
    assert manager.findToken("http", "[::1]:8080", "u") == "s"


@pytest.mark.parametrize(
    ("scheme", "host_port"), [("ftp", "h"), ("http", "h:x"), ("http", "h:0")]
)
def test_no_token_for_what_is_no_server(manager, scheme, host_port):
    with pytest.raises(Error):
        manager.addToken(scheme, host_port, "u", "t")


# Who may read it


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o644, 0o620])
def test_a_file_that_others_can_use_is_refused(manager, mode):
    write(manager, RECORDED)
    os.chmod(manager.authfile, mode)
    for use in (
        lambda: manager.getToken("http", "127.0.0.1:18070", "zsync"),
        lambda: manager.addToken("http", "h", "u", "t"),
        lambda: manager.removeToken("http", "127.0.0.1:18070", "zsync"),
    ):
        with pytest.raises(AccessDenied, match=f"mode 0{mode:o}") as error:
            use()
        assert "chmod 600" in str(error.value)
    assert read(manager) == RECORDED


def test_a_link_is_refused(manager, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(RECORDED)
    victim.chmod(0o600)
    os.symlink(victim, manager.authfile)
    with pytest.raises(AccessDenied, match="symbolic link"):
        manager.findToken("http", "127.0.0.1:18070", "zsync")
    with pytest.raises(AccessDenied, match="symbolic link"):
        manager.addToken("http", "h", "u", "t")
    assert victim.read_bytes() == RECORDED


def test_a_dangling_link_is_refused(manager, tmp_path):
    os.symlink(tmp_path / "nowhere", manager.authfile)
    with pytest.raises(AccessDenied):
        manager.addToken("http", "h", "u", "t")
    assert not (tmp_path / "nowhere").exists()


def test_a_fifo_does_not_block(manager):
    os.mkfifo(manager.authfile, 0o600)
    with pytest.raises(AccessDenied, match="no regular file"):
        manager.findToken("http", "h", "u")


def test_a_directory_is_refused(manager):
    os.mkdir(manager.authfile, 0o700)
    with pytest.raises(AccessDenied):
        manager.findToken("http", "h", "u")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_someone_else_is_refused(manager):
    write(manager, RECORDED)
    os.chown(manager.authfile, 12345, 12345)
    with pytest.raises(AccessDenied, match="belongs to someone else"):
        manager.findToken("http", "127.0.0.1:18070", "zsync")


# Asking

ASK = (
    "from zope.app.fssync.passwd import PasswordManager;"
    "print(PasswordManager('/nonexistent/file').getPassword('m\\x1be', 'h:80'))"
)


def test_without_a_terminal_nobody_is_asked():
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "AccessDenied" in done.stderr
    assert "no terminal to ask" in done.stderr
    assert "zsync login" in done.stderr
    assert "\x1b" not in done.stderr


def test_on_a_terminal_the_password_is_not_echoed():
    child, master = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", ASK])
    shown = b""
    while b"Password for" not in shown or not shown.endswith(b": "):
        shown += os.read(master, 1000)
    assert shown == b"Password for m\\x1be at h:80: "
    os.write(master, b"secret\n")
    answer = b""
    try:
        while more := os.read(master, 1000):
            answer += more
    except OSError:  # how Linux tells that the other end is closed
        pass
    os.close(master)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert answer.split() == [b"secret"]


@pytest.mark.parametrize(
    "user",
    ["a b", " a", "a%20b", "50%", "Jürgen Groß", "#", "a\u2028b", "a\u3000b", "a\xa0b"],
)
def test_users_of_any_text_come_back(manager, user):
    manager.addToken("http", "h", "other", "o=")
    manager.addToken("http", "h", user, "t=")
    assert manager.findToken("http", "h", user) == "t="
    assert manager.findToken("http", "h", "other") == "o="
    assert len(read(manager).splitlines()) == len(RECORDED.splitlines()) - 1
    manager.addToken("http", "h", user, "new=")
    assert manager.findToken("http", "h", user) == "new="
    assert manager.removeToken("http", "h", user)
    assert manager.findToken("http", "h", user) is None


@pytest.mark.parametrize(
    "user", ["", "a:b", ":", "a\nhttp h u t", "a\tb", "a\x00", "\udcff", "\x85"]
)
def test_users_that_no_login_can_carry_are_refused(manager, user):
    for function, *more in [
        (manager.addToken, "t"),
        (manager.findToken,),
        (manager.removeToken,),
        (manager.askToken,),
    ]:
        with pytest.raises(Error, match="a user name is text without a colon"):
            function("http", "h", user, *more)
    assert manager.asked is None
    assert not os.path.exists(manager.authfile)


@pytest.mark.parametrize("host", ["", "a b", "a\nb", "a\u2028b", ":80", "a\x00"])
def test_hosts_that_are_none_are_refused(manager, host):
    with pytest.raises(Error, match="a host holds no blanks"):
        manager.addToken("http", host, "u", "t")
    assert not os.path.exists(manager.authfile)


def test_a_password_that_is_no_text_is_refused(manager):
    with pytest.raises(AccessDenied, match="no text"):
        manager.createToken("user:\udcff")


STORE = """
import sys
from zope.app.fssync.client.credentials import PasswordManager
manager = PasswordManager(sys.argv[1])
for number in range(20):
    manager.addToken("http", "host", f"{sys.argv[2]}-{number}", "token")
manager.addToken("http", "host", "passing", "token")
manager.removeToken("http", "host", f"{sys.argv[2]}-0")
"""


def test_tokens_of_parallel_commands_are_all_kept(manager):
    processes = [
        subprocess.Popen([sys.executable, "-c", STORE, manager.authfile, str(number)])
        for number in range(4)
    ]
    assert [process.wait(300) for process in processes] == [0, 0, 0, 0]
    kept = [
        (process, number)
        for process in range(4)
        for number in range(20)
        if manager.findToken("http", "host", f"{process}-{number}")
    ]
    assert kept == [(process, n) for process in range(4) for n in range(1, 20)]
    assert os.listdir(os.path.dirname(manager.authfile)) == ["pass"]


def test_a_command_waits_no_longer_than_it_says(manager, monkeypatch):
    from zope.app.fssync.client import credentials
    from zope.app.fssync.client.workingcopy.lock import Lock

    monkeypatch.setattr(credentials, "TOKEN_PATIENCE", 0)
    with (
        Lock(f"{manager.authfile}.lock"),
        pytest.raises(Error, match="another command uses the token file"),
    ):
        manager.addToken("http", "h", "u", "t")
    manager.addToken("http", "h", "u", "t")
