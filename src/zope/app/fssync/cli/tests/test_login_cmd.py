"""Where commands take a user and a password from, and to whom they give them."""

from __future__ import annotations

import sys
import types
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer

CHECKOUT = recorded_answer("checkout-demo")
REFUSED = answer(b"no", kind="text/plain", status="401 Unauthorized")

#: A credential helper that notes what it is told, and answers from a file.
HELPER = """\
#!/bin/sh
echo "== $*" >> "$(dirname "$0")/told"
cat >> "$(dirname "$0")/told"
if [ "$1" = get ]; then cat "$(dirname "$0")/known"; fi
"""


class Caller(Person):
    """Somebody with a home directory, commands, and a server that answers."""

    def __init__(self, home: Path, server: RawServer) -> None:
        super().__init__(home, home)
        self.server = server
        self.settings = home / ".config" / "zsync" / "config.toml"

    def url(self, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.server.port}/demo"

    def __call__(self, *args: str, answers: Sequence[bytes] = (), **more: Any) -> str:
        self.server.answers[:] = answers
        self.server.requests.clear()
        return super().__call__(*args, **more)

    def asked(
        self,
        args: Sequence[str],
        *dialogue: tuple[bytes, bytes],
        answers: Sequence[bytes] = (),
    ) -> tuple[int, bytes]:
        """Run zsync on a terminal, where it asks."""
        self.server.answers[:] = answers
        self.server.requests.clear()
        return self.talk(args, *dialogue)

    def given(self) -> list[str | None]:
        """The logins of the requests."""
        tokens = [r.header("Authorization") for r in self.server.requests]
        return [token and b64decode(token[6:]).decode() for token in tokens]

    def set(self, *lines: str) -> None:
        self.settings.parent.mkdir(parents=True, exist_ok=True)
        self.settings.write_text("\n".join(lines) + "\n")

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.home / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def helper(self, known: str = "") -> Path:
        """Have a credential helper that knows this; returns what it was told."""
        path = self.write("helper", HELPER, 0o700)
        self.write("known", known)
        self.set("[credential]", f"helper = '{path}'")
        return self.write("told", "")

    def root(self) -> str:
        return (control(self.home / "demo" / "..") / "Root").read_text().strip()


@pytest.fixture
def me(tmp_path):
    with RawServer([]) as server:
        yield Caller(tmp_path, server)


def test_the_user_and_the_password_of_the_environment(me):
    me(
        *("checkout", me.url()),
        answers=[CHECKOUT],
        ZSYNC_USER="ann",
        ZSYNC_PASSWORD="s cret",
    )
    assert me.given() == ["ann:s cret"]
    assert me.root() == me.url("ann@")
    assert not (me.home / ".zsyncpass").exists()


def test_the_password_of_a_file(me):
    me.write("secret", "of a file\r\nsecond\n", 0o444)
    me(
        *("checkout", me.url("ann@")),
        answers=[CHECKOUT],
        ZSYNC_PASSWORD_FILE="secret",
    )
    assert me.given() == ["ann:of a file"]


@pytest.mark.parametrize("content", ["", "\nsecond\n"])
def test_a_file_without_a_password_is_an_error(me, content):
    me.write("secret", content)
    me("checkout", me.url("ann@"), status=4, ZSYNC_PASSWORD_FILE="secret")
    assert "there is no password in secret" in me.said


def test_a_password_of_the_environment_is_for_its_user_only(me):
    me(
        *("checkout", me.url("bob@")),
        status=4,
        ZSYNC_USER="ann",
        ZSYNC_PASSWORD="secret",
    )
    assert "no password for bob" in me.said
    assert not me.server.requests


def test_a_password_for_nobody_is_told(me):
    me("checkout", me.url(), answers=[CHECKOUT], ZSYNC_PASSWORD="secret")
    assert me.given() == [None]
    assert "ZSYNC_USER" in me.said
    assert "secret" not in me.said


def test_the_url_counts_before_the_environment(me):
    me(
        *("checkout", me.url("ann:url@")),
        answers=[CHECKOUT],
        ZSYNC_USER="bob",
        ZSYNC_PASSWORD="no",
    )
    assert me.given() == ["ann:url"]


def test_a_password_of_standard_input(me):
    me(
        "checkout",
        "--password-stdin",
        me.url("ann@"),
        stdin="typed\n",
        answers=[CHECKOUT],
    )
    assert me.given() == ["ann:typed"]
    me("update", ".", "--password-stdin", stdin="typed", answers=[CHECKOUT])
    assert me.given() == ["ann:typed"]
    me("update", "--password-stdin", "--targets", "-", status=2)
    me("commit", "--password-stdin", "-F", "-", status=2)
    me("update", "--password-stdin", status=4)
    assert "no password in standard input" in me.said


def test_logins_of_the_environment_are_for_the_first_server_only(me):
    me("checkout", me.url("ann:x@"), "one", answers=[CHECKOUT])
    with RawServer([CHECKOUT]) as other:
        url = f"http://ann:y@127.0.0.1:{other.port}/demo"
        me("checkout", url, "two")
        (me.home / ".zsyncpass").unlink()
        me("update", "one", "two", answers=[CHECKOUT], status=4, ZSYNC_PASSWORD="z")
        assert me.given() == ["ann:z"]
        assert len(other.requests) == 1
    assert "no password for ann" in me.said


# Credential helpers


def test_a_helper_is_asked_as_git_asks(me):
    told = me.helper("username=ann\npassword=kept=1\n")
    me("checkout", me.url("ann@"), answers=[CHECKOUT])
    assert me.given() == ["ann:kept=1"]
    server = f"protocol=http\nhost=127.0.0.1:{me.server.port}\nusername=ann\n"
    assert told.read_text() == (
        f"== get\n{server}\n== store\n{server}password=kept=1\n\n"
    )


def test_a_helper_names_the_user_when_the_server_wants_one(me):
    told = me.helper("username=ann\npassword=kept\n")
    me("checkout", me.url(), answers=[REFUSED, CHECKOUT])
    assert me.given() == [None, "ann:kept"]
    assert me.root() == me.url("ann@")
    told.write_text("")
    (me.home / "demo" / "readme.txt").write_text("mine\n")
    refused = recorded_answer("commit-conflict")
    me("commit", "-m", "x", answers=[refused], status=5)
    assert me.given() == ["ann:kept"]


def test_a_helper_is_not_asked_where_nobody_wants_a_name(me):
    told = me.helper("username=ann\npassword=kept\n")
    me("checkout", me.url(), answers=[CHECKOUT])
    assert (me.given(), told.read_text()) == ([None], "")


def test_a_refused_password_is_erased_at_the_helper(me):
    told = me.helper("username=ann\npassword=old\n")
    me("checkout", me.url("ann@"), answers=[REFUSED], status=4)
    assert me.given() == ["ann:old"]
    server = f"protocol=http\nhost=127.0.0.1:{me.server.port}\nusername=ann\n"
    assert told.read_text().endswith(f"== erase\n{server}password=old\n\n")


@pytest.mark.parametrize(
    "known",
    [
        "username=bob\npassword=kept\n",
        "username=ann\n",
        "password=kept\n",
        "username=ann\npassword=kept\npassword_expiry_utc=1\n",
        "no\x00nsense\n\xff",
    ],
)
def test_an_answer_of_a_helper_that_does_not_fit_is_not_used(me, known):
    me.helper(known)
    me("checkout", me.url("ann@"), status=4)
    assert not me.server.requests


def test_a_helper_may_say_to_stop(me):
    me.helper("quit=true\n")
    me("checkout", me.url("ann@"), status=4)
    assert "says to stop" in me.said


def test_a_helper_that_is_missing_or_fails_is_passed_over(me):
    me.write(".netrc", f"machine 127.0.0.1:{me.server.port} login ann password rc\n")
    me.write("fails", "#!/bin/sh\necho username=ann\necho password=x\nexit 1\n", 0o700)
    me.set("[credential]", f"helper = ['{me.home}/nosuch', '{me.home}/fails']")
    me("checkout", me.url("ann@"), answers=[CHECKOUT])
    assert me.given() == ["ann:rc"]
    assert "nosuch' does not run" in me.said


def test_nothing_of_a_url_reaches_a_command_line(me):
    told = me.helper()
    me.set("[credential]", f"helper = \"!sh '{me.home}/helper' extra\"")
    user = "%24(touch%20evil)%3Btouch%20evil"
    me("checkout", me.url(f"{user}@"), status=4)
    assert told.read_text().splitlines()[0] == "== extra get"
    assert "username=$(touch evil);touch evil\n" in told.read_text()
    assert not (me.home / "evil").exists()


def test_the_store_of_git_works(me):
    me.set("[credential]", f"helper = 'store --file {me.home}/kept'")
    me("login", me.url("ann:pass%3Aword@"), answers=[answer()])
    assert (me.home / "kept").read_text() == (
        f"http://ann:pass%3aword@127.0.0.1%3a{me.server.port}\n"
    )
    assert not (me.home / ".zsyncpass").exists()
    me("checkout", me.url("ann@"), answers=[CHECKOUT])
    assert me.given() == ["ann:pass:word"]
    me("logout", me.url("ann@"))
    assert (me.home / "kept").read_text() == ""
    me("logout", me.url("ann@"), status=1)


def test_a_working_copy_names_no_helper(me):
    me("checkout", me.url("ann:x@"), answers=[CHECKOUT])
    (me.home / ".zsyncpass").unlink()
    (control(me.home) / "config.toml").write_text(
        "[credential]\nhelper = '!touch evil'\n[http]\nproxy = 'http://127.0.0.1:1'\n"
    )
    me("update", ".", status=4)
    assert "'credential.helper' is not taken from a working copy" in me.said
    assert "'http.proxy' is not taken from a working copy" in me.said
    assert not (me.home / "evil").exists()


# keyring


class Keyring:
    """What the package of this name keeps, here in memory."""

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_credential(self, service: str, user: str | None) -> object:
        self._check()
        for (place, name), password in self.passwords.items():
            if place == service and user in (None, name):
                return types.SimpleNamespace(username=name, password=password)
        return None

    def get_password(self, service: str, user: str) -> str | None:
        return self.passwords.get((service, user))

    def set_password(self, service: str, user: str, password: str) -> None:
        self._check()
        self.passwords[service, user] = password

    def delete_password(self, service: str, user: str) -> None:
        del self.passwords[service, user]

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError("locked")


@pytest.fixture
def keyring(me, monkeypatch):
    keyring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    me.set("[credential]", "keyring = true")
    return keyring


def test_a_keyring_keeps_a_login(me, keyring):
    me("login", me.url("ann:ring@"), answers=[answer()])
    assert not (me.home / ".zsyncpass").exists()
    me("checkout", me.url("ann@"), answers=[CHECKOUT])
    assert me.given() == ["ann:ring"]
    me("logout", me.url("ann@"))
    me("logout", me.url("ann@"), status=1)
    keyring.locked = True
    me("login", me.url("ann:ring@"), answers=[answer()], status=4)
    assert "keyring keeps nothing: locked" in me.said


def test_a_keyring_that_fails_is_passed_over(me, keyring):
    keyring.locked = True
    me("checkout", me.url("ann@"), status=4)
    assert "keyring does not answer: locked" in me.said


def test_a_missing_keyring_is_told(me, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    me.set("[credential]", "keyring = true")
    me("checkout", me.url("ann@"), status=4)
    assert "zope.app.fssync[keyring]" in me.said


# netrc


def test_netrc_knows_the_user_and_the_password(me):
    me.write(".netrc", f"machine 127.0.0.1:{me.server.port} login ann password rc\n")
    me("checkout", me.url(), answers=[CHECKOUT])
    assert me.given() == ["ann:rc"]
    assert me.root() == me.url("ann@")


@pytest.mark.parametrize(
    "line",
    [
        "machine 127.0.0.1 login ann password rc",
        "machine 127.0.0.1:1 login ann password rc",
        "default login ann password rc",
        "machine 127.0.0.1:PORT login bob password rc",
        "machine 127.0.0.1:PORT login ann",
    ],
)
def test_netrc_gives_nothing_to_another_server(me, line):
    me.write(".netrc", line.replace("PORT", str(me.server.port)) + "\n")
    me("checkout", me.url("ann@"), status=4)
    assert not me.server.requests


def test_a_netrc_that_others_read_is_not_used(me):
    line = f"machine 127.0.0.1:{me.server.port} login ann password rc\n"
    path = me.write("other", line, 0o644)
    me("checkout", me.url("ann@"), status=4, NETRC=str(path))
    assert "chmod 600" in me.said
    path.chmod(0o600)
    path.write_text("machine\n")
    me("checkout", me.url("ann@"), status=4, NETRC=str(path))
    assert "is not used" in me.said
    path.unlink()
    path.mkdir()
    me("checkout", me.url("ann@"), status=4, NETRC=str(path))
    assert "is not used" in me.said


# The token file


def test_the_only_stored_login_is_used(me):
    me("login", me.url("ann:kept@"), answers=[answer()])
    me("checkout", me.url(), answers=[CHECKOUT])
    assert me.given() == ["ann:kept"]


def test_several_stored_logins_are_not_guessed_from(me):
    me("login", me.url("ann:kept@"), answers=[answer()])
    me("login", me.url("bob:kept@"), answers=[answer()])
    me("checkout", me.url(), answers=[REFUSED], status=4)
    assert me.given() == [None]


def test_a_stored_login_goes_to_no_other_port(me):
    me("login", me.url("ann:kept@"), answers=[answer()])
    with RawServer([CHECKOUT]) as other:
        me("checkout", f"http://127.0.0.1:{other.port}/demo")
        (request,) = other.requests
        assert request.header("Authorization") is None


# Logging in


def test_login_lists_and_logout_forgets(me):
    for user in ("ann:1", "b%20b:2"):
        me("login", me.url(f"{user}@"), answers=[answer()])
    server = f"http://127.0.0.1:{me.server.port}"
    assert me("login", "--list") == f"{server}  ann\n{server}  b b\n"
    me("logout", "--all", "-u", "ann", status=2)
    assert me("logout", "--all") == "2 deleted\n"
    assert me("login", "--list") == ""
    assert me("logout", "--all") == "0 deleted\n"


@pytest.mark.parametrize(
    "refusal",
    [
        REFUSED,
        answer(status="302 Found", extra="Location: http://a.invalid/login\r\n"),
        answer(b"<input type='password'>", kind="text/html", old=True),
    ],
)
def test_login_stores_no_password_that_the_server_refuses(me, refusal):
    me("login", me.url("ann:wrong@"), answers=[refusal], status=4)
    assert "does not accept this password of 'ann' for /demo" in me.said
    assert "wrong" not in me.said
    assert not (me.home / ".zsyncpass").exists()
    assert me.server.requests[0].line == "GET /demo/@@fromFS.snarf HTTP/1.1"


def test_login_stores_nothing_where_no_server_answers(me):
    missing = answer(b"none", kind="text/plain", status="404 Not Found", old=True)
    me("login", me.url("ann:x@"), answers=[missing], status=6)
    assert not (me.home / ".zsyncpass").exists()
    me("login", "--no-check", me.url("ann:x@"))
    assert not me.server.requests
    assert me("login", "--list").endswith("  ann\n")


def test_a_login_says_where_the_password_is_kept(me):
    said = me("login", me.url("ann:kept@"), answers=[answer()])
    assert said == f"The password of ann at {me.url()[:-5]} is kept: token file.\n"
    me.helper()
    assert "credential.helper" in me("login", me.url("ann:kept@"), answers=[answer()])
    assert me("--compat", "login", me.url("ann:kept@"), answers=[answer()]) == ""


def test_a_refusal_says_where_the_password_comes_from(me):
    url = me.url()
    me("checkout", url, answers=[REFUSED], status=4)
    assert f"'zsync login {url}' keeps a password" in me.said
    variables = {"ZSYNC_USER": "ann", "ZSYNC_PASSWORD": "wrong"}
    me("checkout", url, answers=[REFUSED], status=4, **variables)
    assert "password of ann comes from the environment" in me.said
    me("checkout", me.url("ann:wrong@"), answers=[REFUSED], status=4)
    assert "zsync logout" in me.said


# On a terminal


def test_a_refusal_asks_on_a_terminal(me):
    status, shown = me.asked(
        ["checkout", me.url()],
        (b"asks for a login", b""),
        (b"Username: ", b"ann\n"),
        (b"Password for ann at ", b"wrong\n"),
        (b"refused the login of ann", b""),
        (b"Username: ", b"ann\n"),
        (b"Password for ann at ", b"right\n"),
        answers=[REFUSED, REFUSED, CHECKOUT],
    )
    assert status == 0, shown
    assert me.given() == [None, "ann:wrong", "ann:right"]
    assert f"'zsync login {me.url('ann@')}' stores".encode() in shown
    assert not (me.home / ".zsyncpass").exists()
    assert me.root() == me.url("ann@")


def test_a_stored_password_that_was_refused_is_replaced(me):
    me("login", "--no-check", me.url("ann:old@"))
    status, shown = me.asked(
        ["checkout", me.url("ann@")],
        (b"refused the login of ann", b""),
        (b"Password for ann at ", b"new\n"),
        answers=[REFUSED, CHECKOUT],
    )
    assert status == 0, shown
    assert me.given() == ["ann:old", "ann:new"]
    me("update", ".", answers=[CHECKOUT])
    assert me.given() == ["ann:new"]


def test_a_password_of_the_terminal_goes_to_the_helper(me):
    told = me.helper("username=ann\npassword=old\n")
    status, shown = me.asked(
        ["checkout", me.url("ann@")],
        (b"Password for ann at ", b"new\n"),
        answers=[REFUSED, CHECKOUT],
    )
    assert status == 0, shown
    actions = [x for x in told.read_text().splitlines() if x[:3] in ("== ", "pas")]
    assert actions == [
        *("== get", "== erase", "password=old", "== store", "password=new"),
    ]


def test_a_person_is_asked_three_times(me):
    status, shown = me.asked(
        ["checkout", me.url("ann@")],
        *[(b"Password for ann at ", word) for word in (b"a\n", b"b\n", b"c\n")],
        answers=[REFUSED] * 3,
    )
    assert status == 4, shown
    assert me.given() == ["ann:a", "ann:b", "ann:c"]


def test_a_commit_is_sent_again_with_the_right_password(me):
    me("checkout", me.url("ann:x@"), answers=[CHECKOUT])
    (me.home / "demo" / "readme.txt").write_text("mine\n")
    status, shown = me.asked(
        ["commit", "-m", "x"],
        (b"refused the login of ann", b""),
        (b"Password for ann at ", b"new\n"),
        answers=[REFUSED, recorded_answer("commit-conflict")],
    )
    assert status == 5, shown
    first, second = me.server.requests
    assert first.body == second.body != b""
