"""The rule by which an event takes place again."""

from __future__ import annotations

from typing import Any

from plone.event.interfaces import IEventRecurrence
from plone.event.recurrence import recurrence_sequence_ical
from plone.event.utils import utc
from plone.formwidget.recurrence.z3cform.interfaces import RecurrenceValidationError

from zope.app.fssync.hosts.plone.sentences import naming
from zope.fssync.errors import SynchronizationError
from zope.fssync.messages import _

__all__ = ["require_rule"]

#: The field with the rule.
RULE = "recurrence"


def require_rule(obj: Any) -> None:
    """Refuse an event whose rule Plone cannot follow.

    The field takes any text; the catalog would fail when the transaction ends.
    """
    rule = IEventRecurrence.providedBy(obj) and getattr(obj, RULE, None)
    if not rule:
        return
    start = obj.start
    with naming(RULE):
        try:
            next(recurrence_sequence_ical(utc(start), recrule=rule))
        except (ValueError, TypeError, ArithmeticError) as error:
            raise RecurrenceValidationError(str(error)) from error
    if start.tzinfo is not None and not hasattr(start.tzinfo, "localize"):
        raise SynchronizationError(
            _("start: an event with a recurrence needs the name of its time zone"),
            advice=_("Write it after the offset, as in +02:00[Europe/Vienna]."),
        )
