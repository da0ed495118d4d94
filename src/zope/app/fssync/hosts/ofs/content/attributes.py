"""The attributes of an object that no other file describes, in one pickle.

Its blobs are files beside it, ``blob-1`` and so on, see `zope.fssync.blobs`.

Attributes of other aspects, and names with a meaning for Zope, cannot be set here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from Acquisition import aq_base
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.component import queryUtility
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.content.blobpart.adapter import BlobSynchronizer
from zope.app.fssync.hosts.ofs import grants
from zope.app.fssync.hosts.ofs.content.aspect import Aspect
from zope.app.fssync.hosts.ofs.content.aspect import AspectSynchronizer
from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.content.properties import pickled
from zope.app.fssync.hosts.ofs.content.security import container
from zope.app.fssync.hosts.ofs.content.security import is_permission
from zope.app.fssync.hosts.ofs.permissions import ANYTHING
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync import xmlpickle
from zope.fssync.blobs import BLOB
from zope.fssync.blobs import Numbers
from zope.fssync.blobs import Source
from zope.fssync.blobs import is_blob
from zope.fssync.blobs import is_reference
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import IReservedAttributes
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.interfaces import ITakesNames
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.picklecontext import using
from zope.fssync.registry import names
from zope.fssync.synchronizer import StreamedBody

__all__ = ["BlobPart", "BlobPartSynchronizer", "OtherAttributes", "is_reserved"]

log = logging.getLogger(__name__)

#: Attributes that Zope sets and removes itself.
AUTOMATIC = frozenset(
    (
        "__allow_groups__",
        "__before_publishing_traverse__",
        "__before_traverse__",
        "__error_log__",
        "__http_etag",
        "__name__",
        "__parent__",
        "__provides__",
        "__ZCacheManager_ids__",
        "_dav_writelocks",
        "_EtagSupport__etag",
        "_objects",
        "_properties",
        "_proxy_roles",
        "id",
    )
)

#: The attributes with the owner and the local roles of an object.
SECURITY = frozenset(("__ac_local_roles__", "__ac_roles__", "_owner", "_proxy_roles"))

#: Names that look special, but are data.
FREE = frozenset(("__ac_local_roles_block__",))


def _ids(obj: Any) -> set[str]:
    """Return the ids of the items of a container, and of properties."""
    base = aq_base(obj)
    found = {each["id"] for each in getattr(base, "_objects", ())}
    if hasattr(base, "_properties"):
        found |= {each["id"] for each in obj._propertyMap()} - pickled(obj)
    return found


def _described(obj: Any) -> frozenset[str]:
    factory = synchronizer_class(obj)
    described: frozenset[str] = getattr(factory, "described", frozenset())
    return described


def _usually_empty(obj: Any) -> frozenset[str]:
    factory = synchronizer_class(obj)
    names: frozenset[str] = getattr(factory, "usually_empty", frozenset())
    return names


def _is_free(name: str) -> bool:
    """Return True unless a name is volatile, or has a meaning for Python or Zope."""
    if name.startswith(("_v_", "_p_", "aq_")) or name.endswith("__roles__"):
        return False
    return not name.startswith("__") or name in FREE


@provider(IReservedAttributes)
def is_reserved(name: str) -> bool:
    """Return True if an attribute has a meaning for Zope in any object."""
    return (
        name in AUTOMATIC
        or name in SECURITY
        or name.endswith("_Permission")
        or not _is_free(name)
    )


def other_attributes(obj: Any) -> dict[str, Any]:
    """Return the attributes of an object that no other file describes."""
    attributes = state(obj)
    skip = AUTOMATIC | _described(obj) | _ids(obj)
    skip |= {name for name in _usually_empty(obj) if not attributes.get(name)}
    if IAttributeAnnotatable.providedBy(obj):
        skip |= {"__annotations__"}
    return {
        name: value
        for name, value in sorted(attributes.items())
        if name not in skip and _is_free(name) and not is_permission(name, value)
    }


def _limits() -> Limits:
    limits: Limits = queryUtility(ILimits, default=DEFAULT)
    return limits


@implementer(ITakesNames)
class OtherAttributes(Aspect, write=ANYTHING, read=ANYTHING):
    """The attributes of an object that no other file describes."""

    name = "attributes"

    #: The blobs in the last pickle.
    _blobs: Mapping[str, Any] = MappingProxyType({})

    @property
    def present(self) -> bool:
        """See `IAspect`."""
        return bool(self._described_here())

    def names(self) -> set[str]:
        """See `ITakesNames`."""
        return set(other_attributes(self.owner))

    def dump(self, writeable: Any) -> None:
        """See `IAspect`."""
        writeable.write(self._pickle(self._described_here()))

    def load(self, readable: Any) -> None:
        """See `IAspect`."""
        limits = _limits()
        data = readable.read(limits.pickle_size + 1)
        if len(data) > limits.pickle_size:
            raise LimitExceeded(
                _(
                    "pickle is larger than ${limit} bytes",
                    mapping={"limit": limits.pickle_size},
                )
            )
        # The file of a removed part is empty.
        instances: list[Any] = []
        source = Source(self.blobs(), _empty_blob)
        load = partial(self._referred, source)
        with using(instances=instances):
            wanted = xmlpickle.loads(data, load, limits) if data else {}
        for each in instances:
            grants.settle(each, self.owner)
        if type(wanted) is not dict:
            raise SynchronizationError(_("the attributes are no dictionary"))
        present = self._described_here()
        for name in wanted:
            self._check(name, name in present)
        base = aq_base(self.owner)
        for name in present:
            if name not in wanted and name in _usually_empty(self.owner):
                setattr(base, name, type(getattr(base, name))())
            elif name not in wanted:
                delattr(base, name)
        for name, value in wanted.items():
            setattr(base, name, value)
        if source.given and self.blobs() != source.given:
            raise SynchronizationError(
                _("the references to blobs are not numbered in the order of the pickle")
            )

    def blobs(self) -> Mapping[str, Any]:
        """Return the blobs among the attributes, by the names of their files."""
        self._described_here()
        return self._blobs

    def more(self) -> Iterator[Aspect]:
        """See `Aspect`."""
        for name, blob in self.blobs().items():
            yield BlobPart(self.owner, name, blob)

    def _described_here(self) -> dict[str, Any]:
        """Return the attributes that can be pickled: a class may be missing."""
        attributes = other_attributes(self.owner)
        self._blobs = {}
        if attributes and not self._can_be_pickled(attributes):
            attributes = {
                name: value
                for name, value in attributes.items()
                if self._can_be_pickled({name: value})
            }
            self._pickle(attributes)
        return attributes

    def _can_be_pickled(self, attributes: dict[str, Any]) -> bool:
        try:
            self._pickle(attributes)
        except (LimitExceeded, PickleRefused) as error:
            log.warning("left out of the attributes of %r: %s", self.owner, error)
            return False
        return True

    def _pickle(self, attributes: dict[str, Any]) -> bytes:
        numbers = Numbers()
        data = xmlpickle.dumps(attributes, partial(self._reference, numbers), _limits())
        self._blobs = numbers.found
        return data

    def _reference(self, numbers: Numbers, obj: Any) -> str | None:
        """Return a reference to the owner or one of its containers, or to a blob.

        It is ``.`` or a path of ``..``, or the name of the blob.
        """
        if is_blob(type(obj)):
            return numbers(obj)
        steps, place = 0, self.owner
        while place is not None:
            if aq_base(place) is obj:
                return "/".join([".."] * steps) or "."
            steps, place = steps + 1, container(place)
        return None

    def _referred(self, source: Source, reference: str) -> Any:
        if is_reference(reference):
            return source(reference)
        place = self.owner
        steps = [] if reference == "." else reference.split("/")
        for step in steps:
            place = container(place)
            if step != ".." or place is None:
                raise PickleRefused(
                    _(
                        "unknown reference to an object: ${reference}",
                        mapping={"reference": reference},
                    )
                )
        # Otherwise the object could refer to a place where its editor has no rights.
        require(ANYTHING, place)
        return aq_base(place)

    def _check(self, name: Any, known: bool) -> None:
        forbidden = AUTOMATIC | _described(self.owner) | _ids(self.owner)
        if (
            not isinstance(name, str)
            or name in forbidden
            or not _is_free(name)
            or name.endswith("_Permission")
            # A replaced method might have checked permissions.
            or (not known and callable(getattr(type(aq_base(self.owner)), name, None)))
        ):
            raise SynchronizationError(
                _("${name} cannot be set as an attribute", mapping={"name": repr(name)})
            )


class BlobPart(Aspect, write=ANYTHING, read=ANYTHING):
    """A blob among the attributes, as a file."""

    present = True

    def __init__(self, owner: Any, name: str, blob: Any) -> None:
        super().__init__(owner)
        self.name = name  # type: ignore[misc]
        self.blob = blob

    @classmethod
    def create(cls, context: Any, name: str) -> BlobPart:
        """See `IObjectGenerator`."""
        kinds = getattr(synchronizer_class(context), "aspects", ())
        blob = None
        if OtherAttributes in kinds:
            blob = OtherAttributes(context).blobs().get(name)
        if blob is None:
            raise SynchronizationError(
                _("the attributes refer to no ${name}", mapping={"name": name})
            )
        return cls(context, name, blob)

    def remove(self) -> None:
        """See `Aspect`."""
        if self.name in OtherAttributes(self.owner).blobs():
            raise SynchronizationError(
                _("the attributes refer to ${name}", mapping={"name": self.name})
            )

    def load(self, readable: Any) -> None:
        """See `IAspect`."""
        BlobSynchronizer(self.blob).load(readable)


@implementer(IStreamedSerializer)
@provider(IExclusive)
class BlobPartSynchronizer(StreamedBody, AspectSynchronizer):
    """Synchronize a blob among the attributes, in pieces."""

    def length(self) -> int:
        """See `StreamedBody`."""
        return BlobSynchronizer(self.context.blob).length()

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        return BlobSynchronizer(self.context.blob).pieces()


def _empty_blob(name: str) -> Any:
    blob = names.factory(BLOB)()
    with blob.open("w"):
        return blob
