"""One text for all of an object but its content, see docs/descriptions.rst."""

from zope.fssync.description.defaults import Defaults as Defaults
from zope.fssync.description.defaults import implied as implied
from zope.fssync.description.defaults import register as register_defaults
from zope.fssync.description.marks import MARKS as MARKS
from zope.fssync.description.marks import conflicts as conflicts
from zope.fssync.description.marks import take as take
from zope.fssync.description.merging import Merged as Merged
from zope.fssync.description.merging import merge as merge
from zope.fssync.description.model import ASIDE as ASIDE
from zope.fssync.description.model import Description as Description
from zope.fssync.description.model import Part as Part
from zope.fssync.description.partforms import register as register_part
from zope.fssync.description.reading import load as load
from zope.fssync.description.text import dump as dump
from zope.fssync.description.valueforms import register as register_value

__all__ = [
    "ASIDE",
    "MARKS",
    "Defaults",
    "Description",
    "Merged",
    "Part",
    "conflicts",
    "dump",
    "implied",
    "load",
    "merge",
    "register_defaults",
    "register_part",
    "register_value",
    "take",
]
