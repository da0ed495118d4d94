"""Apply the descriptions in an upload to an archive.

A description has everything of an object except its content.  Values that its lines do
not change stay the same to the byte, as in a working copy of layout 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple
from typing import Protocol

from zope.app.fssync.server.editedarchive import EditedArchive
from zope.fssync import paths
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Aside
from zope.fssync.description.model import Description
from zope.fssync.description.model import Part
from zope.fssync.description.reading import load
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.errors import MetadataDamaged
from zope.fssync.messages import _
from zope.fssync.metadata import Entry

__all__ = ["Names", "change", "names_of"]


class Names(NamedTuple):
    """The names of a description, and of the directory for large parts beside it."""

    description: str
    aside: str


def names_of(name: str, is_directory: bool) -> Names:
    """Return the names for the description of an object."""
    above, slash, own = name.rpartition("/")
    place, own = (f"{name}/", "") if is_directory else (f"{above}{slash}", own)
    return Names(f"{place}{description_name(own)}", f"{place}{aside_name(own)}")


class Files(Protocol):
    """The files that a description may need, by their names."""

    def get(self, name: str) -> bytes | None:
        """Return the content of a file, None if it does not exist."""


def change(
    edited: EditedArchive,
    path: str,
    text: bytes,
    base: Description,
    known: Mapping[str, str],
    names: Names,
    files: Files,
) -> None:
    """Change the object at a path of an archive as the description ``text`` says.

    ``base`` is its current description, and ``known`` has the paths of its parts.  The
    ``files`` have the parts that a description cannot hold.  Raises the errors of
    `load`.
    """
    said = load(text, base=base, path=names.description)
    _Change(edited, path, base, known, names, files).make(said)


class _Change:
    def __init__(
        self,
        edited: EditedArchive,
        path: str,
        base: Description,
        known: Mapping[str, str],
        names: Names,
        files: Files,
    ) -> None:
        self._edited = edited
        self._above, _, self._name = path.rpartition("/")
        self._base = base
        self._known = known
        self._names = names
        self._files = files

    def make(self, said: Description) -> None:
        contents = {key: self._content(key, said.parts[key]) for key in said.parts}
        self._set_entry(self._above, self._name, self._base.entry, said.entry)
        for key in sorted(said.parts):
            self._set_part(key, said.parts[key], contents[key])
        for key in self._removed(said):
            self._edited.remove(self._known[key])

    def _content(self, key: str, part: Part) -> bytes | None:
        """Return the new content of a part, None if it does not change."""
        if isinstance(part.data, Aside):
            name = f"{self._names.aside}/{key}"
            content = self._files.get(name)
            if content is not None:
                return content
            before = self._base.parts.get(key)
            if before is None or before.data is not ASIDE:
                raise MetadataDamaged(
                    _("there is no file '${name}'", mapping={"name": name}), path=name
                )
            return None
        before = self._base.parts.get(key)
        return None if before is not None and before.data == part.data else part.data

    def _set_part(self, key: str, part: Part, content: bytes | None) -> None:
        path = self._known.get(key) or self._path(key)
        above, name = path.rpartition("/")[::2]
        before = self._base.parts.get(key)
        if before is None:
            self._edited.entries(above)[name] = {**part.entry, "flag": "added"}
            if part.data is None:
                self._edited.make_directory(path)
        elif (before.data is None) != (part.data is None):
            raise MetadataDamaged(
                _(
                    "'${name}' cannot become a directory, or a file",
                    mapping={"name": key},
                ),
                path=key,
            )
        else:
            self._set_entry(above, name, before.entry, part.entry)
        if content is not None:
            self._edited.write(path, content)

    def _path(self, key: str) -> str:
        """Return the path of a new part in the archive."""
        what, _, rest = key.partition("/")
        place = paths.join_archive_path(self._above, paths.CONTROL, what, self._name)
        return f"{place}/{rest}"

    def _set_entry(
        self, above: str, name: str, before: Mapping[str, str], said: Mapping[str, str]
    ) -> None:
        """Change the entry of an object or a part, except its name."""
        changed = {
            each
            for each in before.keys() | said.keys()
            if each != "key" and before.get(each) != said.get(each)
        }
        if not changed:
            return
        entry: Entry = self._edited.entries(above)[name]
        for each in changed:
            if each in said:
                entry[each] = said[each]
            else:
                entry.pop(each, None)

    def _removed(self, said: Description) -> Iterator[str]:
        """Yield the keys of removed parts, without those below a removed one."""
        last = ""
        for key in sorted(self._base.parts.keys() - said.parts.keys()):
            if not last or not key.startswith(f"{last}/"):
                last = key
                yield key
