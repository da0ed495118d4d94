"""A rule that Plone does not understand is refused; the catalog would fail at it."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]


@pytest.mark.parametrize(
    "rule", ["XRULE:FREQ=DAILY", "RRULE:COUNT=3", "RDATE:" + "9" * 20]
)
def test_a_rule_that_cannot_be_parsed_is_refused_by_the_name_of_its_field(editor, rule):
    editor.edit(editor.part("event", "fields"), "title", f"recurrence = {rule}\ntitle")

    said = editor.commit(status=6)

    assert "recurrence: The recurrence rule couldn't be parsed." in said


def test_a_rule_is_a_line(editor, plone):
    rule = "RRULE:FREQ=DAILY;COUNT=3"
    fields = editor.part("event", "fields")
    editor.edit(fields, "title", f"recurrence = {rule}\ntitle")

    said = editor.commit(status=6)

    assert "start: an event with a recurrence needs the name of its time zone" in said
    editor.edit(fields, "+00:00\n", "+00:00[UTC]\n")
    editor.commit()
    said = plone.run(
        "from plone.event.interfaces import IRecurrenceSupport\n"
        f"event = site[{editor.name!r}].event\n"
        "print(event.recurrence, len(list(IRecurrenceSupport(event).occurrences())))"
    )
    assert said == f"{rule} 3\n"
