"""Convert a folder that a browser has sent to a zip.

Browsers send the path of each file, relative to the folder's parent, as its name.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from typing import Any

from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import SERVER
from zope.fssync.limits import ServerLimits
from zope.fssync.messages import _
from zope.fssync.streams import chunks

__all__ = ["sent_files", "zipped_folder"]


def sent_files(field: Any) -> list[Any]:
    """Return the files of a field, which has none, one or several."""
    found = field if isinstance(field, list) else [field]
    return [each for each in found if getattr(each, "filename", "")]


@contextmanager
def zipped_folder(
    files: Iterable[Any], limits: ServerLimits = SERVER
) -> Iterator[IO[bytes]]:
    """Yield a temporary file with a zip of uploaded files.

    `zope.app.fssync.server.uploaded.Upload` is the gate for their names.
    """
    with tempfile.TemporaryFile() as stream:
        with zipfile.ZipFile(stream, "w") as made:
            for number, file in enumerate(files, 1):
                if number > limits.uploaded_files:
                    raise LimitExceeded(
                        _(
                            "the folder has more than ${number} files",
                            mapping={"number": limits.uploaded_files},
                        )
                    )
                file.seek(0)
                # Some browsers send the separators of Windows.
                name = file.filename.replace("\\", "/").lstrip("/")
                # A zip takes no name that is too long.
                paths.split_archive_path(name)
                with made.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                    for piece in chunks(file):
                        member.write(piece)
        stream.seek(0)
        yield stream
