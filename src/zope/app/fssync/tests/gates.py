"""Finds, in source text, what only a gate may use.

A name counts wherever it stands, called or not, under whatever name it was
imported.  Methods of `pathlib.Path` count in modules that import it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["FILES", "NAMES", "PROGRAMS", "used"]

#: What opens, changes or follows a path.
FILES = frozenset(
    [
        *("open", "io.open", "io.open_code", "io.FileIO", "codecs.open"),
        *(
            f"os.{name}"
            for name in (
                *("open", "rename", "renames", "replace", "unlink", "remove", "rmdir"),
                *("removedirs", "mkdir", "makedirs", "link", "symlink", "mkfifo"),
                *("mknod", "truncate", "chmod", "chown", "lchown", "utime", "stat"),
                *("access", "listdir", "scandir", "walk", "fwalk", "chdir", "chroot"),
            )
        ),
        *(
            f"os.path.{name}"
            for name in (
                *("exists", "isfile", "isdir", "ismount", "samefile", "getsize"),
                *("getmtime", "getatime", "getctime"),
            )
        ),
        *(
            f"tempfile.{name}"
            for name in ("mktemp", "mkstemp", "mkdtemp", "NamedTemporaryFile")
        ),
        *("tempfile.TemporaryDirectory", "fileinput.input", "glob.glob", "glob.iglob"),
        *(
            f"shutil.{name}"
            for name in (
                *("copyfile", "copy", "copy2", "copytree", "copymode", "copystat"),
                *("move", "rmtree", "chown", "make_archive", "unpack_archive"),
            )
        ),
        *(
            f"pathlib.Path.{name}"
            for name in (
                *("open", "rename", "unlink", "rmdir", "mkdir", "touch"),
                *("symlink_to", "hardlink_to", "chmod", "stat", "exists", "is_file"),
                *("is_dir", "iterdir", "glob", "rglob", "read_text"),
                *("read_bytes", "write_text", "write_bytes", "samefile"),
            )
        ),
    ]
)

#: What makes code or objects of a text.
NAMES = frozenset(
    [
        *("eval", "exec", "compile", "__import__", "importlib.import_module"),
        *("importlib.__import__", "pkgutil.resolve_name", "runpy.run_path"),
        *("runpy.run_module", "zope.dottedname.resolve.resolve"),
        *("zope.configuration.name.resolve", "pickle.load", "pickle.loads"),
        *("pickle.Unpickler", "pickle._Unpickler", "_pickle.Unpickler"),
        *("marshal.load", "marshal.loads", "shelve.open", "copyreg.__newobj__"),
        *("ZODB._compat.loads", "ZODB._compat.Unpickler", "zodbpickle.loads"),
    ]
)

#: What runs another program, or stops this one in a debugger.
PROGRAMS = frozenset(
    [
        *(f"subprocess.{name}" for name in ("Popen", "run", "call", "check_call")),
        *("subprocess.check_output", "subprocess.getoutput", "os.system", "os.popen"),
        *(f"os.exec{kind}" for kind in ("v", "ve", "vp", "vpe", "l", "le", "lp")),
        *("os.fork", "os.posix_spawn", "os.spawnv", "pty.spawn", "os.startfile"),
        *("breakpoint", "pdb.set_trace", "pdb.post_mortem"),
        *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
    ]
)

_METHODS = {name.rpartition(".")[2]: name for name in FILES if "pathlib" in name}


def used(source: str, names: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Iterate over the names of a gate that a module uses, with their lines."""
    tree = ast.parse(source)
    imported = _imported(tree)
    paths = any(name.startswith("pathlib") for name in imported.values())
    inner = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (name := f"{node.module}.{alias.name}") in names:
                    yield name, node.lineno
        elif isinstance(node, ast.Attribute):
            dotted = _dotted(node, imported)
            if dotted is None and paths:
                dotted = _METHODS.get(node.attr)
            if dotted in names:
                yield dotted, node.lineno
        elif (
            isinstance(node, ast.Name)
            and id(node) not in inner
            and node.id not in imported
            and node.id in names
        ):
            yield node.id, node.lineno


def _imported(tree: ast.AST) -> dict[str, str]:
    """What the names at hand mean, by import."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _dotted(node: ast.AST, imported: dict[str, str]) -> str | None:
    """The full name of what is meant, None where no import tells."""
    if isinstance(node, ast.Name):
        return imported.get(node.id)
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value, imported)
        return None if head is None else f"{head}.{node.attr}"
    return None
