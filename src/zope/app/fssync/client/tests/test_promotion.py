"""A promotion has a scope, and its messages name no login."""

from __future__ import annotations

from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.promotion import without_login

SITES = "http://staging/site", "http://www/site"


def test_the_scope_is_sorted() -> None:
    wanted = Wanted(*SITES, ("b", "a"), ("Page", "File"))
    assert wanted.scope() == "a, b, kind File, kind Page"
    assert Wanted(*SITES).scope() == ""


def test_a_promotion_is_continued_with_the_same_filters_only() -> None:
    wanted = Wanted(*SITES, ("a",), note="May")
    assert wanted.is_of(Wanted(*SITES, ("a",), since="yesterday"))
    assert not wanted.is_of(Wanted(*SITES))
    assert not wanted.is_of(Wanted(*SITES, ("a",), ("File",)))


def test_urls_are_shown_without_login() -> None:
    assert without_login("http://me:pw@staging/site") == SITES[0]
