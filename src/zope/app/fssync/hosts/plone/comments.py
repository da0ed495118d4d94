"""The comments on an object: who said what, when, and in reply to which other one.

They are for those who review comments.  What is added this way sends no mail, since it
was said before; the mail addresses of authors are not told.  Who says that another user
has said something needs the permission to give objects to others.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.Permissions import view
from Acquisition import aq_base
from BTrees.LLBTree import LLSet
from Products.CMFCore.utils import getToolByName
from zope.annotation.interfaces import IAnnotations
from zope.component import createObject
from zope.component import queryAdapter
from zope.event import notify
from zope.lifecycleevent import ObjectModifiedEvent

from zope.app.fssync.hosts.ofs.permissions import CHANGE_OWNER
from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.app.fssync.hosts.ofs.permissions import require
from zope.app.fssync.hosts.plone.bodies import SAFE
from zope.app.fssync.hosts.plone.fields import json_item
from zope.app.fssync.hosts.plone.fields import json_value
from zope.app.fssync.hosts.plone.parts import TextPart
from zope.app.fssync.hosts.plone.values import parse
from zope.app.fssync.hosts.plone.values import serialize
from zope.app.fssync.hosts.plone.workflow import Workflow
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

try:
    from plone.app.discussion.interfaces import IConversation
except ImportError:
    # It is an add-on of Plone.
    IConversation = None

__all__ = ["Comments"]

#: The annotation that holds the comments on an object.
STORED = "plone.app.discussion:conversation"

#: The attributes of a comment that are texts, by the names that the part has for them.
TEXTS = {
    "author": "author_name",
    "creator": "creator",
    "mime_type": "mime_type",
    "text": "text",
    "title": "title",
    "user": "author_username",
}
TIMES = {"created": "creation_date", "modified": "modification_date"}

#: What a comment has where the part says nothing.
DEFAULTS = {"mime_type": "text/plain"}

#: What may be changed of a comment that is there.
EDITABLE = frozenset(("modified", "mime_type", "text", "title", "workflow"))

_number = re.compile(r"[1-9][0-9]{0,17}")


class Comments(TextPart, write="Review comments", read="Review comments"):
    """The comments that the caller may view, by their numbers."""

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        annotations = IAnnotations(self.owner, None)
        if annotations is None or STORED not in annotations:
            return
        for comment in _conversation(self.owner).getComments():
            if allowed(view, comment):
                yield json_item(comment.getId(), _values(comment))

    def replace(self, items: list[Item]) -> None:
        """See `TextPart`."""
        conversation = _conversation(self.owner)
        wanted = {item.key: _checked(item) for item in items}
        current = {item.key: json_value(item) for item in self.items()}
        for key in current.keys() - wanted.keys():
            # Plone removes the replies to a comment with it.
            if key in conversation:
                require("Delete comments", conversation[key])
                del conversation[key]
        for key in sorted(wanted, key=int):
            if key not in conversation:
                self._add(conversation, int(key), wanted[key])
            elif wanted[key] != current.get(key):
                _change(conversation[key], current.get(key), wanted[key])

    def _add(self, conversation: Any, number: int, values: dict[str, Any]) -> None:
        require("Reply to item", self.owner)
        me = getSecurityManager().getUser().getId()
        if not {values.get("user") or me, values.get("creator") or me} <= {me}:
            require(CHANGE_OWNER, self.owner)
        comment = createObject("plone.Comment")
        comment.comment_id = number
        comment.in_reply_to = values.get("in_reply_to", 0)
        _set(comment, values)
        # It belongs to its author, not to whoever brings it here.
        user = comment.author_username
        comment.__ac_local_roles__ = {user: ["Owner"]} if user else {}
        _insert(aq_base(conversation), comment)
        annotations = IAnnotations(self.owner)
        if STORED not in annotations:
            annotations[STORED] = aq_base(conversation)
        placed = conversation[number]
        getToolByName(placed, "portal_workflow").notifyCreated(placed)
        _set_state(placed, values)
        placed.indexObject()


def _conversation(obj: Any) -> Any:
    found = None if IConversation is None else queryAdapter(obj, IConversation)
    if found is None:
        raise SynchronizationError(_("this object cannot have comments"))
    return found


def _values(comment: Any) -> dict[str, Any]:
    """Return what a comment says, without what goes without saying."""
    found: dict[str, Any] = {k: getattr(comment, a, None) for k, a in TEXTS.items()}
    found |= {key: serialize(getattr(comment, name)) for key, name in TIMES.items()}
    found["in_reply_to"] = comment.in_reply_to
    found["workflow"] = dict(_states(comment))
    return {k: v for k, v in found.items() if v and v != DEFAULTS.get(k)}


def _states(comment: Any) -> Iterator[tuple[str, str | None]]:
    for item in Workflow(comment, "workflow").items():
        yield item.key, item.value


def _checked(item: Item) -> dict[str, Any]:
    if not _number.fullmatch(item.key):
        raise SynchronizationError(
            _("${key} is no number of a comment", mapping={"key": repr(item.key)})
        )
    try:
        values = json_value(item)
    except (ValueError, TypeError, RecursionError) as error:
        raise SynchronizationError(
            _("${key}: no JSON: ${reason}", mapping={"key": item.key, "reason": error})
        ) from error
    known = {*TEXTS, *TIMES, "in_reply_to", "workflow"}
    if not isinstance(values, dict) or values.keys() - known:
        raise SynchronizationError(
            _(
                "${key}: a comment has nothing but ${names}",
                mapping={"key": item.key, "names": ", ".join(sorted(known))},
            )
        )
    kinds = {"in_reply_to": int, "workflow": dict}
    for key, value in values.items():
        if not isinstance(value, kinds.get(key, str)):
            raise SynchronizationError(
                _(
                    "${key}: ${part} cannot be ${value}",
                    mapping={"key": item.key, "part": key, "value": repr(value)},
                )
            )
    if values.get("mime_type") == SAFE:
        raise SynchronizationError(
            _("a text cannot be declared to be ${type}", mapping={"type": SAFE})
        )
    return values


def _set(comment: Any, values: Mapping[str, Any]) -> None:
    for key, name in TEXTS.items():
        setattr(comment, name, values.get(key, DEFAULTS.get(key, "")))
    try:
        for key, name in TIMES.items():
            if key in values:
                setattr(comment, name, parse(values[key]))
    except ValueError as error:
        raise SynchronizationError(str(error)) from error


def _insert(conversation: Any, comment: Any) -> None:
    """Put a comment into a conversation under its own number."""
    reply_to = comment.in_reply_to
    if reply_to and reply_to not in conversation:
        raise SynchronizationError(
            _(
                "there is no comment ${number} to reply to",
                mapping={"number": reply_to},
            )
        )
    comment.__parent__ = conversation
    conversation._comments[comment.comment_id] = comment
    conversation._children.setdefault(reply_to, LLSet()).insert(comment.comment_id)
    user = comment.author_username
    if user:
        said = conversation._commentators
        said[user] = said.get(user, 0) + 1


def _change(
    comment: Any, current: dict[str, Any] | None, wanted: dict[str, Any]
) -> None:
    if current is None:
        raise SynchronizationError(
            _(
                "another comment has the number ${number}",
                mapping={"number": comment.getId()},
            )
        )
    changed = {k for k in {*current, *wanted} if current.get(k) != wanted.get(k)}
    if fixed := changed - EDITABLE:
        raise SynchronizationError(
            _(
                "${name} of a comment stays what it is",
                mapping={"name": repr(min(fixed))},
            )
        )
    if changed - {"workflow"}:
        require("Edit comments", comment)
        _set(comment, wanted)
        if "modified" not in changed:
            comment.modification_date = datetime.datetime.now(datetime.UTC)
        notify(ObjectModifiedEvent(comment))
    _set_state(comment, wanted)


def _set_state(comment: Any, values: Mapping[str, Any]) -> None:
    states = [
        Item(name, str(value)) for name, value in values.get("workflow", {}).items()
    ]
    Workflow(comment, "workflow").replace(states)()
