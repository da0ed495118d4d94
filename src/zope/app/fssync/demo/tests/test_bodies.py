"""What the demo server stores of a body before the application is called."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import transaction
import ZODB
from waitress.adjustments import Adjustments
from zope.app.publication.zopepublication import ZopePublication
from zope.authentication.interfaces import IAuthentication
from zope.component import getGlobalSiteManager
from zope.interface import implementer
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager
from zope.testing.cleanup import cleanUp

from zope.app.fssync.demo.bodies import SERVER
from zope.app.fssync.demo.bodies import Accounts
from zope.app.fssync.demo.bodies import Parser
from zope.fssync.limits import DEMO_COOKIES
from zope.fssync.limits import DEMO_ESCAPES
from zope.fssync.limits import DEMO_FIELDS
from zope.fssync.limits import DEMO_HEADERS
from zope.fssync.limits import DEMO_STEPS
from zope.fssync.limits import LANGUAGES_LENGTH

#: More than somebody without an account may send.
LARGE = SERVER.anonymous_body + 1


@implementer(IAuthentication)
class Account:
    """One account, and its password."""

    def __init__(self, user: str, password: str) -> None:
        self._login = (user.encode(), password.encode())

    def authenticate(self, request: Any) -> object:
        return "principal" if request._authUserPW() == self._login else None


def basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode()).decode()}"


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    """The account ``boss`` of the configuration, ``local`` of the site /été."""
    getGlobalSiteManager().registerUtility(Account("boss", "pw"), IAuthentication)
    db = ZODB.DB(None)
    with db.transaction() as connection:
        root = connection.root()[ZopePublication.root_name] = Folder()
        site = root["\xe9t\xe9"] = Folder()
        site["below"] = Folder()
        manager = LocalSiteManager(site)
        site.setSiteManager(manager)
        manager.registerUtility(Account("local", "pw"), IAuthentication)
    yield Accounts(db)
    assert all(each["opened"] is None for each in db.connectionDebugInfo())
    db.close()
    transaction.abort()
    cleanUp()


def parsed(
    accounts: Accounts,
    path: str,
    login: str | None = None,
    length: int = LARGE,
    *more: str,
    kind: str | None = "application/x-snarf",
) -> Parser:
    """Return what is known of a request after its head."""
    lines = [f"POST {path} HTTP/1.1", *more]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    if length:
        lines.append(f"Content-Length: {length}")
    if login is not None:
        lines.append(f"Authorization: {login}")
    parser = Parser(Adjustments(max_request_body_size=1 << 40), accounts)
    parser.received("\r\n".join([*lines, "", ""]).encode())
    return parser


def answer(parser: Parser) -> int | None:
    return None if parser.error is None else parser.error.code


VIEW = "/%C3%A9t%C3%A9/below/@@fromFS.snarf"


@pytest.mark.parametrize("login", ["boss:pw", "local:pw"])
def test_a_large_body_is_taken_from_an_account(accounts: Accounts, login: str) -> None:
    parser = parsed(accounts, VIEW, basic(login))
    assert answer(parser) is None
    assert not parser.completed


@pytest.mark.parametrize(
    "login",
    [
        None,
        "",
        basic("boss:wrong"),
        basic("local:wrong"),
        basic("nobody:pw"),
        basic("boss"),
        "Basic !",
        "Basic a",
        "Bearer x",
    ],
)
def test_a_large_body_is_not_taken_from_anybody_else(
    accounts: Accounts, login: str | None
) -> None:
    parser = parsed(accounts, VIEW, login)
    assert answer(parser) == 401
    assert parser.completed
    assert parser.error is not None
    headers = dict(parser.error.to_response()[1])
    assert headers["WWW-Authenticate"] == 'basic realm="Zope"'


def test_an_account_of_a_site_is_none_elsewhere(accounts: Accounts) -> None:
    assert answer(parsed(accounts, "/@@fromFS.snarf", basic("local:pw"))) == 401


def test_a_virtual_host_does_not_hide_the_site(accounts: Accounts) -> None:
    path = f"/++vh++http:example.org:80/++{VIEW}"
    assert answer(parsed(accounts, path, basic("local:pw"))) is None


def test_a_small_body_is_left_to_the_application(accounts: Accounts) -> None:
    for login in (None, basic("boss:wrong")):
        assert answer(parsed(accounts, VIEW, login, SERVER.anonymous_body - 1)) is None


def test_chunks_are_taken_up_to_the_limit(accounts: Accounts) -> None:
    chunk = b"%x\r\n%s\r\n" % (LARGE, b"x" * LARGE)
    chunked = "Transfer-Encoding: chunked"
    parser = parsed(accounts, VIEW, basic("boss:wrong"), 0, chunked)
    parser.received(chunk)
    assert answer(parser) == 401
    parser = parsed(accounts, VIEW, basic("boss:pw"), 0, chunked)
    parser.received(chunk)
    assert answer(parser) is None


@pytest.mark.parametrize(
    ("name", "most"), [("Cookie", DEMO_COOKIES), ("Accept-Language", LANGUAGES_LENGTH)]
)
def test_long_headers_are_refused(accounts: Accounts, name: str, most: int) -> None:
    header = f"{name}: {'x' * most}"
    assert answer(parsed(accounts, "/", None, 0, header)) is None
    assert answer(parsed(accounts, "/", None, 0, f"{header}x")) == 400


@pytest.mark.parametrize(
    ("path", "header", "each", "most"),
    [
        ("/", 'Cookie: a="{}"', "\\", DEMO_ESCAPES),
        ("{}", "A: b", "/@@", DEMO_STEPS),
        ("/{}", "A: b", "%2f", DEMO_STEPS - 1),
        ("/{}", "A: b", "x", DEMO_HEADERS - 1),
        ("/?a=1{}", "A: b", "&a=1", DEMO_FIELDS - 1),
    ],
)
def test_requests_that_keep_a_publisher_busy_are_refused(
    accounts: Accounts, path: str, header: str, each: str, most: int
) -> None:
    for many, expected in ((each * most, None), (each * (most + 1), 400)):
        head = path.format(many), None, 0, header.format(many)
        assert answer(parsed(accounts, *head)) == expected


def test_several_headers_of_a_name_are_one(accounts: Accounts) -> None:
    header = f"Cookie: {'x' * (DEMO_COOKIES // 2)}"
    assert answer(parsed(accounts, "/", None, 0, header, header)) == 400


def test_character_sets_are_not_handed_on(accounts: Accounts) -> None:
    header = f"Accept-Charset: {'us-ascii,' * 1000}"
    parser = parsed(accounts, "/", None, 0, header, "Accept: text/html")
    assert answer(parser) is None
    assert set(parser.headers) == {"ACCEPT", "CONTENT_TYPE"}


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded;a=b",
        None,
    ],
)
def test_a_form_without_files_is_short(accounts: Accounts, kind: str | None) -> None:
    for login in (None, basic("boss:pw")):
        for length, expected in ((SERVER.form_body - 1, None), (SERVER.form_body, 413)):
            assert answer(parsed(accounts, VIEW, login, length, kind=kind)) == expected


def test_nobody_is_asked_to_go_on_with_what_is_refused(accounts: Accounts) -> None:
    expect = "Expect: 100-continue"
    refused = parsed(accounts, VIEW, basic("boss:wrong"), LARGE, expect)
    assert not refused.expect_continue
    assert parsed(accounts, VIEW, basic("boss:pw"), LARGE, expect).expect_continue


def test_an_account_does_not_raise_the_limit_of_a_page(accounts: Accounts) -> None:
    boss = basic("boss:pw")
    assert answer(parsed(accounts, "/page", boss, SERVER.page_body - 1)) is None
    assert answer(parsed(accounts, "/page", boss, SERVER.page_body)) == 413
    assert answer(parsed(accounts, VIEW, boss, SERVER.page_body)) is None


def test_anybody_may_ask_for_hidden_paths_up_to_a_limit(accounts: Accounts) -> None:
    view = "/@@hidden.snarf"
    assert answer(parsed(accounts, view, None, SERVER.asked_body - 1)) is None
    assert answer(parsed(accounts, view, None, SERVER.asked_body)) == 413
