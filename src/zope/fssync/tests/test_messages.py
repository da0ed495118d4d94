"""Sentences that a page can translate."""

from __future__ import annotations

import copy
import pickle

import pytest

from zope.fssync.description.reading import load
from zope.fssync.errors import Error
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.messages import Message
from zope.fssync.messages import _
from zope.fssync.messages import reason_of
from zope.fssync.paths import split_archive_path


def test_a_message_is_its_text_with_all_values() -> None:
    text = _("'${name}' of ${number}", mapping={"name": "${number}", "number": 3})
    assert text == "'${number}' of 3"
    assert text.form == "'${name}' of ${number}"
    assert str(Error(text, advice=_("Try again."))) == f"{text}\nTry again."


def test_a_text_without_values_is_itself() -> None:
    for form in ("", "a}", "plain"):
        assert _(form) == form
        assert _(form).mapping == {}


def test_a_copy_is_a_plain_text() -> None:
    text = _("'${name}'", mapping={"name": "${x}"})
    assert copy.deepcopy(text) == pickle.loads(pickle.dumps(text)) == "'${x}'"  # noqa: S301


def test_a_value_that_is_missing_is_noticed() -> None:
    with pytest.raises(KeyError):
        _("${name}")


@pytest.mark.parametrize("kind", [Error, ValueError])
def test_an_error_in_a_message_keeps_its_message(kind: type[Exception]) -> None:
    inner = _("more than ${number}", mapping={"number": 3})
    outer = _("line ${line}: ${reason}", mapping={"line": 1, "reason": kind(inner)})
    assert outer == "line 1: more than 3"
    assert outer.mapping["reason"] is inner


def test_the_reason_of_another_error_is_its_text() -> None:
    assert reason_of(Error("it", 1)) == "it 1"
    assert reason_of(KeyError("it")) == "'it'"
    assert reason_of(ValueError()) == ""


def test_errors_keep_their_messages_on_their_way() -> None:
    with pytest.raises(MetadataDamaged) as damaged:
        load(b"title = more (\n[\n", None, path="a.txt@@")
    assert str(damaged.value.message) == (
        "damaged description in a.txt@@: line 2: ']' is missing"
    )
    reason = damaged.value.msg.mapping["reason"]  # type: ignore[attr-defined]
    assert isinstance(reason, Message)
    with pytest.raises(PathRefused) as refused:
        split_archive_path("a/../b")
    assert isinstance(refused.value.msg, Message)
    assert refused.value.msg.form == "${reason}, in path '${path}'"
    assert isinstance(refused.value.msg.mapping["reason"], Message)
