"""zsync logout."""

import pytest

pytestmark = pytest.mark.layout(3)


@pytest.fixture
def known(zsync):
    """The URL of a server with a stored password."""
    return f"http://zsync@{zsync.host}/demo"


def test_logout_forgets_a_password_once(zsync, known):
    assert zsync("logout", known) == ""
    assert zsync.refused("logout", known) == "zsync: matching login info not found\n"


def test_logout_knows_the_server_of_the_working_copy(zsync):
    assert zsync("-C", "co", "logout") == ""
    assert zsync("login", "--list") == ""


def test_logout_forgets_all(zsync, known):
    messages = zsync.document("logout", "--all")["messages"]
    assert messages == [{"level": "text", "text": "1 deleted\n"}]
    assert zsync("login", "--list") == ""


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["a", "b"], "logout allows at most one argument"),
        (["--all", "-u", "me"], "logout --all takes no URL and no user"),
    ],
)
def test_logout_refuses_what_makes_no_sense(zsync, args, text):
    assert text in zsync.refused("logout", *args, status=2)
