"""The requests that all views accept, and what a server tells of them."""

from __future__ import annotations

import pytest
from zope.interface.verify import verifyObject
from zope.publisher.browser import TestRequest

from zope.app.fssync.browser.tests.onefile import demo as demo
from zope.app.fssync.hosts.toolkit.request import ToolkitViewRequest
from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.interfaces import IViewRequest
from zope.fssync.limits import LANGUAGES_LENGTH


def test_an_exchange_keeps_its_contract():
    assert verifyObject(IViewRequest, ToolkitViewRequest(TestRequest()))


@pytest.mark.parametrize(
    "view", ["toFS.snarf", "list.snarf", "synchronize.html", "synchronize.zip"]
)
def test_languages_are_those_of_a_browser(demo, view):
    # Each text has them read anew; a field of a form is taken for them.
    url, longest = f"/demo/@@{view}", "l" * LANGUAGES_LENGTH
    answers = [
        demo.request("GET", url, "manager", Accept_Language=longest),
        demo.request("GET", url, "manager", Accept_Language=f"{longest}l"),
        demo.request("GET", f"{url}?HTTP_ACCEPT_LANGUAGE={longest}l", "manager"),
        demo.request("GET", f"{url}?HTTP_ACCEPT_LANGUAGE:list=de", "manager"),
    ]
    assert [each.status_int for each in answers] == [200, 431, 431, 431]


@pytest.mark.parametrize("name", ["REMOTE_ADDR", "QUERY_STRING"])
def test_fields_and_cookies_are_nothing_that_a_server_tells(demo, name):
    for field in (f"{name}=6.6.6.6", f"{name}:list=6.6.6.6"):
        answer = demo.app.get(
            f"/demo/@@toFS.snarf?{field}",
            headers={"Cookie": f"{name}=6.6.6.6"},
            extra_environ={
                "REMOTE_ADDR": "192.0.2.7",
                "HTTP_AUTHORIZATION": "Basic manager:managerpw",
            },
        )
        assert answer.status_int == 200
        assert ACTIVITY.newest("/demo")[0].address == "192.0.2.7"
