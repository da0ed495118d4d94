"""Faults in sources are told, or refused, and a check that fails is no fault."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import provideSubscriptionAdapter
from zope.component import provideUtility
from zope.interface import Interface
from zope.interface import implementer
from zope.interface import provider
from zope.testing.cleanup import cleanUp

from zope.app.fssync.server import faults
from zope.app.fssync.server.faults import Fault
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.limits import FAULT_MESSAGE
from zope.fssync.limits import FAULTS
from zope.fssync.limits import FAULTS_SIZE
from zope.fssync.task.commit import CommitFailed

FAULT = Fault("demo/a", 3, "no such name")


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    cleanUp()


@implementer(ISourceCheck)
class Check:
    def __init__(self, context: Any) -> None:
        self.context = context

    def faults(self) -> Iterator[tuple[int, str]]:
        yield 2, "  two\n lines "
        yield 0, "x" * (FAULT_MESSAGE + 9)


@implementer(ISourceCheck)
class Failing(Check):
    def faults(self) -> Iterator[tuple[int, str]]:
        yield 1, "first"
        raise ValueError("unexpected")


def test_messages_are_one_short_line() -> None:
    provideSubscriptionAdapter(Check, (Interface,), ISourceCheck)
    first, second = faults.faults_of(object(), "demo/a")
    assert first == ("demo/a", 2, "two lines")
    assert len(second.message) == FAULT_MESSAGE
    assert (first.place, second.place) == ("demo/a:2", "demo/a")


def test_a_check_that_fails_is_logged_and_the_others_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    provideSubscriptionAdapter(Failing, (Interface,), ISourceCheck)
    provideSubscriptionAdapter(Check, (Interface,), ISourceCheck)
    with caplog.at_level(logging.ERROR):
        found = list(faults.faults_of(object(), "demo/a"))
    assert [fault.line for fault in found] == [2, 0]
    assert "demo/a cannot be checked" in caplog.text


def test_only_the_strict_refuse() -> None:
    faults.refuse([FAULT], strict=False)
    faults.refuse([], strict=True)
    with pytest.raises(CommitFailed, match="no such name"):
        faults.refuse([FAULT], strict=True)
    provideUtility(provider(faults.IStrict)(type("Strict", (), {})), faults.IStrict)
    with pytest.raises(CommitFailed, match="demo/a:3"):
        faults.refuse([FAULT], strict=False)


def test_the_header_is_short_ascii() -> None:
    assert json.loads(faults.header([FAULT])) == [["demo/a", 3, "no such name"]]
    many = [Fault("ä" * 400, line, "x") for line in range(FAULTS + 5)]
    text = faults.header(many)
    assert text.isascii()
    assert len(text) <= FAULTS_SIZE
    assert 0 < len(json.loads(text)) < FAULTS


def test_warnings_steer_no_terminal() -> None:
    assert faults.warnings([Fault("a\x1b", 0, "\x9bred")]) == (
        "warning: a\\x1b: \\x9bred\n"
    )
    assert faults.warnings([FAULT] * (FAULTS + 1)).count("\n") == FAULTS


@pytest.mark.parametrize("what", ["Extra", "Annotations"])
@pytest.mark.parametrize("top", ["", "demo/"])
def test_a_fault_of_an_object_is_not_told_of_its_parts(what: str, top: str) -> None:
    of_object = Fault(f"{top}a.py", 3, "no such name")
    of_part = Fault(f"{top}@@Zope/{what}/a.py/settings", 3, "no such name")
    of_other = of_part._replace(path=f"{top}@@Zope/{what}/b.py/settings")
    other = of_part._replace(line=4)
    found = [of_part, of_object, of_object, of_other, other]
    assert faults.told_once(found) == [of_object, of_other, other]
    assert faults.told_once([of_part]) == [of_part]
