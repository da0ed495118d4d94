"""Only the views of zsync are passed on, in one spelling of their path."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest

import zope.app.fssync
from zope.app.fssync.protocol.sshframing import Request
from zope.app.fssync.protocol.sshframing import RequestRefused
from zope.app.fssync.sshserver.policy import VIEWS
from zope.app.fssync.sshserver.policy import answer_headers
from zope.app.fssync.sshserver.policy import forwarded


def target(
    path: str, method: str = "GET", length: int | None = None, **headers: str
) -> str:
    return forwarded(Request(method, path, tuple(headers.items()), length)).target


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_its_methods(view: str) -> None:
    for method in ("GET", "POST", "PUT"):
        length = 0 if method == "POST" else None
        if method in VIEWS[view]:
            assert target(f"/a/{view}", method, length) == f"/a/{view}"
        else:
            with pytest.raises(RequestRefused, match="is called with") as error:
                target(f"/a/{view}", method, length)
            assert error.value.status == 405


def test_the_document_lists_each_view_and_method() -> None:
    text = Path(*zope.app.fssync.__path__, "ssh.txt").read_text()
    listed = re.findall(r"(GET|POST) +[.]{3}/(@@\S+)", text)
    assert sorted(listed) == sorted(
        (method, view) for view, methods in VIEWS.items() for method in methods
    )


@pytest.mark.parametrize(
    ("path", "passed"),
    [
        ("/@@toFS.snarf", "/@@toFS.snarf"),
        ("/%61/%C3%A9/@@toFS.snarf", "/a/%C3%A9/@@toFS.snarf"),
        ("/a;b/@@toFS.snarf?", "/a%3Bb/@@toFS.snarf"),
        ("/++etc++site/@@toFS.snarf", "/++etc++site/@@toFS.snarf"),
        ("/a/@@toFS.snarf?note=a+b&raise=", "/a/@@toFS.snarf?note=a%20b&raise="),
    ],
)
def test_a_path_has_one_spelling(path: str, passed: str) -> None:
    assert target(path) == passed


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a/@@toFS.snarf", "the path does not start with a slash"),
        ("/a/@@manage", "only the views of zsync are served here"),
        ("/@@a/@@toFS.snarf", "the path names more than content"),
        ("/++skin++a/@@toFS.snarf", "the path names more than content"),
        ("/a//@@toFS.snarf", "a component that is empty or a dot"),
        ("/%2e%2e/@@toFS.snarf", "a component that is empty or a dot"),
        ("/a%2Fb/@@toFS.snarf", "characters that have no place in a name"),
        ("/a%0Ab/@@toFS.snarf", "characters that have no place in a name"),
        ("/%FF/@@toFS.snarf", "the path is not UTF-8"),
        ("/a#b/@@toFS.snarf", "the path holds a #"),
        ("/@@toFS.snarf?a", "the arguments cannot be read"),
        ("/@@toFS.snarf?a:method=b", "an argument has a name that has no place"),
    ],
)
def test_other_paths_are_refused(path: str, said: str) -> None:
    with pytest.raises(RequestRefused, match=said):
        target(path)


def test_a_body_belongs_to_a_post() -> None:
    with pytest.raises(RequestRefused, match="Content-Length is missing"):
        target("/@@fromFS.snarf", "POST")
    with pytest.raises(RequestRefused, match="a GET has no body"):
        target("/@@toFS.snarf", "GET", 1)


def test_few_headers_are_passed_on() -> None:
    headers = (
        ("accept", "*/*"),
        ("cookie", "a=b"),
        ("host", "evil"),
        ("x-zsync-state", "a"),
        ("x-forwarded-for", "a"),
    )
    passed = forwarded(Request("GET", "/@@toFS.snarf", headers, None))
    assert passed.headers == (("accept", "*/*"), ("x-zsync-state", "a"))


@pytest.mark.parametrize("sent", ["Basic {}", "basic {}"])
def test_a_user_of_ssh_is_that_of_zope(sent: str) -> None:
    def request(login: str) -> Request:
        token = b64encode(login.encode()).decode()
        headers = (("authorization", sent.format(token)),)
        return Request("GET", "/@@toFS.snarf", headers, None)

    assert forwarded(request("ann:pw"), "ann").method == "GET"
    for login in ("bob:pw", "", "anna:pw"):
        with pytest.raises(RequestRefused, match="only the user ann may use this way"):
            forwarded(request(login), "ann")


def test_headers_of_the_connection_stay_behind() -> None:
    headers = [("Content-Type", "a\r\n b"), ("Connection", "close"), ("TE", "x")]
    assert answer_headers(headers) == [("content-type", "a b")]
