"""Grokkers: each class of an application registers itself.

What an application registers for one of its classes, in ZCML or by grokking, stays.
"""

from __future__ import annotations

from typing import Any

import martian
from grokcore.annotation import Annotation
from grokcore.component import context
from grokcore.content import Container
from grokcore.content import Model
from grokcore.security import require
from zope.component import provideUtility
from zope.component import queryUtility
from zope.component.security import proxify
from zope.security.checker import NamesChecker
from zope.security.checker import defineChecker
from zope.security.checker import getCheckerForInstancesOf

from zope.app.fssync.hosts.grok.adapter import ContainerSynchronizer
from zope.app.fssync.hosts.grok.adapter import Maker
from zope.app.fssync.hosts.grok.adapter import ModelSynchronizer
from zope.app.fssync.hosts.grok.adapter import Synchronizer
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import dottedname

__all__ = [
    "AnnotationGrokker",
    "ContainerGrokker",
    "ModelGrokker",
    "SynchronizerGrokker",
]

PERMISSION = "zope.ManageContent"

#: After all that an application registers by itself.
LAST = 100_000


def allow(klass: type, component: Any) -> None:
    """Let entries and pickles name a class."""
    name = dottedname(klass)
    if queryUtility(IAllowedGlobal, name=name) is None:
        provideUtility(component, IAllowedGlobal, name)


def register(klass: type, synchronizer: Any, permission: str = PERMISSION) -> None:
    """Register a synchronizer for a class, unless there is one."""
    name = dottedname(klass)
    allow(klass, Maker(klass))
    if queryUtility(ISynchronizerFactory, name=name) is None:
        factory = proxify(
            synchronizer, provides=ISynchronizerFactory, permission=permission
        )
        provideUtility(factory, ISynchronizerFactory, name)


def protect(synchronizer: type, permission: str) -> None:
    """Let every use of a synchronizer ask for a permission."""
    if getCheckerForInstancesOf(synchronizer) is None:
        names = {*IDirectorySynchronizer.names(True), *IFileSynchronizer.names(True)}
        defineChecker(synchronizer, NamesChecker(sorted(names), permission))


class SynchronizerGrokker(martian.ClassGrokker):
    """Registers the synchronizers that an application has grokked."""

    martian.component(Synchronizer)
    martian.directive(context)
    martian.directive(require, name="permission")

    def execute(
        self, factory: Any, config: Any, context: Any, permission: Any, **kw: Any
    ) -> bool:
        def provide() -> None:
            protect(factory, permission or PERMISSION)
            register(context, factory, permission or PERMISSION)

        config.action(("zope.app.fssync.hosts.grok", dottedname(factory)), provide)
        return True


class ContainerGrokker(martian.ClassGrokker):
    """Registers the containers of an application."""

    martian.component(Container)

    def execute(self, factory: Any, config: Any, **kw: Any) -> bool:
        config.action(
            discriminator=("zope.app.fssync.hosts.grok", dottedname(factory)),
            callable=register,
            args=(factory, ContainerSynchronizer),
            order=LAST,
        )
        return True


class ModelGrokker(martian.ClassGrokker):
    """Registers the models of an application."""

    martian.component(Model)

    def execute(self, factory: Any, config: Any, **kw: Any) -> bool:
        config.action(
            discriminator=("zope.app.fssync.hosts.grok", dottedname(factory)),
            callable=register,
            args=(factory, ModelSynchronizer),
            order=LAST,
        )
        return True


class AnnotationGrokker(martian.ClassGrokker):
    """Lets pickles hold the annotations of an application."""

    martian.component(Annotation)

    def execute(self, factory: Any, config: Any, **kw: Any) -> bool:
        config.action(
            discriminator=("zope.app.fssync.hosts.grok", dottedname(factory)),
            callable=allow,
            args=(factory, factory),
            order=LAST,
        )
        return True
