"""A server in memory that names files as real ones do."""

from __future__ import annotations

import io

from zope.app.fssync.testing.clientside import Server
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import ANSWER
from zope.fssync.task.walk import original_key

__all__ = ["NamingServer"]


class NamingServer(Server):
    """Decomposes names, and numbers those that differ in case or form alone."""

    def archive(self, top: str) -> bytes:
        stream = io.BytesIO()
        repository = SnarfRepository(stream, case_insensitive=True, enforce_nfd=True)
        self._put(repository, "", [top] if top in self.objects else [])
        if self.streamed:
            self._file(repository, ANSWER, b"X-Fssync-Withheld 0\n")
        return stream.getvalue()

    def _put(self, repository: SnarfRepository, where: str, objects: list[str]) -> None:
        places, entries = {}, {}
        for path in objects:
            key = path.rpartition("/")[2]
            name = repository.disambiguate(where, key)
            places[path] = "/".join(filter(None, [where, name]))
            entries[name] = self._entry(path)
            if key != name:
                entries[name]["key"] = key
        self._store(repository, where, entries)
        for path, place in places.items():
            if path in self.extras:
                self._extra(repository, place, self.extras[path])
        for path, place in places.items():
            content = self.objects[path]
            if content is None:
                self._put(repository, place, self.children(path))
            else:
                self._file(repository, place, content)

    def store(self, top: str, archive: SnarfRepository) -> None:
        self.submission = archive
        self._take(archive, "", top.rpartition("/")[0])

    def _take(self, archive: SnarfRepository, where: str, above: str) -> None:
        metadata = archive.getMetadata()
        keys = {path.rpartition("/")[2] for path in self.children(above)}
        for name in metadata.getnames(where):
            place = "/".join(filter(None, [where, name]))
            entry = metadata.getentry(place)
            key = original_key({**entry, "keytype": "builtins.str"}, name, keys)
            path = "/".join(filter(None, [above, key]))
            if entry.get("flag") == "removed":
                for each in list(self.objects):
                    if each == path or each.startswith(f"{path}/"):
                        del self.objects[each]
            elif archive.isdir(place):
                self.objects.setdefault(path, None)
                self._take(archive, place, path)
            elif archive.isfile(place):
                self.objects[path] = archive.readFile(place)
            extra = "/".join(filter(None, [where, "@@Zope/Extra", name, "contentType"]))
            if archive.isfile(extra):
                self.extras[path] = archive.readFile(extra)
