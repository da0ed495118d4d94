"""The page that explains how an object is synchronized."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from typing import Any

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.explaining import explained
from zope.app.fssync.server.inventory import DIRECTORY
from zope.app.fssync.server.inventory import FILE
from zope.app.fssync.server.inventory import PICKLE
from zope.app.fssync.server.inventory import found_in
from zope.app.fssync.server.inventory import kinds
from zope.fssync.limits import SERVER
from zope.fssync.messages import _
from zope.fssync.task import Checkout

__all__ = ["LookPage"]

_labels = {
    "synchronizer": _("Synchronizer"),
    "because": _("Why this one"),
    "passed-over": _("Passed over"),
    "permission-to-read": _("Permission to read"),
    "permission-to-write": _("Permission to write"),
}

_forms = {
    DIRECTORY: _("a folder"),
    FILE: _("a file"),
    PICKLE: _("a pickle, since no synchronizer describes it"),
}


class LookPage(Page):
    """Explain the context; with the argument ``all`` also the objects below it.

    With the argument ``principal`` it lists the objects withheld from that principal.
    """

    heading = _("Synchronize: look")

    _main = ViewPageTemplateFile("look.pt")

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        may_compare = self.view_request.may(self.context, "synchronize-activity.html")
        principal = self.view_request.argument("principal") if may_compare else None
        looks = self.view_request.argument("all") is not None or bool(principal)
        return str(
            self._main(
                title=self.title(),
                explained=self._explained(),
                below=self._below(principal) if looks else None,
                may_compare=may_compare,
                principal=principal or "",
            )
        )

    def _explained(self) -> list[dict[str, Any]]:
        told = explained(self.access, self.context)
        return [
            {"label": self.translated(label), "text": self.translated(told[name])}
            for name, label in _labels.items()
            if told.get(name)
        ]

    def _below(self, principal: str | None) -> dict[str, Any]:
        with self._archive() as (task, archive):
            mine = list(found_in(archive))
        pickled = [each.path for each in mine if each.form == PICKLE]
        hidden: list[str] = []
        if principal:
            hidden = self._hidden_from(principal, {each.path for each in mine})
        return {
            "count": len(mine),
            "size": sum(each.size for each in mine),
            "withheld": len(task.withheld),
            "kinds": [
                {**kind._asdict(), "form": self.translated(_forms[kind.form])}
                for kind in kinds(mine)
            ],
            "pickled": pickled[: SERVER.shown_paths],
            "more": max(len(pickled) - SERVER.shown_paths, 0),
            "hidden": hidden[: SERVER.shown_paths],
            "hidden_count": len(hidden),
        }

    def _hidden_from(self, principal: str, mine: set[str]) -> list[str]:
        """Return the paths of the objects that another principal may not read."""
        with self.frame.acting(self, principal):
            access = self.host.access(reading=True)
            if access(self.context, False) is None:
                return sorted(mine)
            with self._archive(access) as (_task, archive):
                return sorted(mine - {each.path for each in found_in(archive)})

    @contextmanager
    def _archive(self, access: Any = None) -> Iterator[tuple[Checkout, IO[bytes]]]:
        with tempfile.TemporaryFile() as archive:
            access = self.access if access is None else access
            yield checkout(self.context, self.title(), archive, access), archive
