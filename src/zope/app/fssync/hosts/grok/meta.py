"""Grokkers that allow entries to name the classes of an application.

The grokked synchronizers of an application are registered as ``fssync:synchronizer``
does; ``configure.zcml`` has those for all containers and models.
"""

from __future__ import annotations

from typing import Any

import martian
from grokcore.annotation import Annotation
from grokcore.component import context
from grokcore.content import Container
from grokcore.content import Model
from grokcore.security import require
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.component import queryUtility

from zope.app.fssync.hosts.grok.adapter import Maker
from zope.app.fssync.hosts.grok.adapter import Synchronizer
from zope.app.fssync.server.registration import Described
from zope.app.fssync.server.registration import Registration
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.synchronizer import dottedname

__all__ = [
    "AnnotationGrokker",
    "ContainerGrokker",
    "ModelGrokker",
    "SynchronizerGrokker",
]

PERMISSION = "zope.ManageContent"

#: After everything that an application registers itself.
LAST = 100_000


def allow(klass: type, component: Any) -> None:
    """Allow entries and pickles to name a class."""
    name = dottedname(klass)
    if queryUtility(IAllowedGlobal, name=name) is None:
        provideUtility(component, IAllowedGlobal, name)


class SynchronizerGrokker(martian.ClassGrokker):
    """Register the synchronizers of an application."""

    martian.component(Synchronizer)
    martian.directive(context)
    martian.directive(require, name="permission")

    def execute(
        self, factory: Any, config: Any, context: Any, permission: Any, **kw: Any
    ) -> bool:
        wanted = permission or PERMISSION
        registered = Registration(factory, wanted, wanted, True, True)
        config.action(
            discriminator=("zope.app.fssync.hosts.grok", dottedname(factory)),
            callable=provideAdapter,
            args=(Described(registered, True), (context,), ISynchronizer),
        )
        return True


class ContainerGrokker(martian.ClassGrokker):
    """Allow entries to name the containers of an application."""

    martian.component(Container)

    def execute(self, factory: Any, config: Any, **kw: Any) -> bool:
        _allow_later(config, factory, Maker(factory))
        return True


class ModelGrokker(martian.ClassGrokker):
    """Allow entries to name the models of an application."""

    martian.component(Model)

    def execute(self, factory: Any, config: Any, **kw: Any) -> bool:
        _allow_later(config, factory, Maker(factory))
        return True


class AnnotationGrokker(martian.ClassGrokker):
    """Allow pickles to name the annotations of an application."""

    martian.component(Annotation)

    def execute(self, factory: Any, config: Any, **kw: Any) -> bool:
        _allow_later(config, factory, factory)
        return True


def _allow_later(config: Any, klass: type, component: Any) -> None:
    config.action(
        discriminator=("zope.app.fssync.hosts.grok", dottedname(klass)),
        callable=allow,
        args=(klass, component),
        order=LAST,
    )
