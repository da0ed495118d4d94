"""Set up this project: .venv with the pinned packages, then bin/* by buildout.

    python3 bootstrap.py [--wheelhouse DIR] [--force] [buildout arguments]

It needs Python 3.11 or newer and nothing else.  versions.cfg is the only
source of pins.  Each step is skipped when nothing it depends on has changed.
This file must stay readable for any old Python, so that the error about a
Python too old can be given.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys

try:
    from configparser import RawConfigParser
except ImportError:  # Python 2 gets as far as the error in check_python
    RawConfigParser = object

OLDEST = (3, 11)
TOP = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(TOP, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
PIP_STAMP = os.path.join(VENV, "installed.stamp")
BUILDOUT_STAMP = os.path.join(VENV, "buildout.stamp")
SCRIPTS = (
    "zsync",
    "git-remote-zsync",
    "demo",
    "demo-ssh-server",
    "zsync-openssh-subsystem",
    "test",
    "py",
)


def check_python():
    if sys.version_info < OLDEST:
        sys.exit(
            "bootstrap.py needs Python {}.{} or newer; this is Python {}.{} ({}).\n"
            "Run it with a newer one, as in: python3.11 bootstrap.py".format(
                OLDEST[0],
                OLDEST[1],
                sys.version_info[0],
                sys.version_info[1],
                sys.executable,
            )
        )


class Pins(RawConfigParser):
    """versions.cfg, whose names keep their case."""

    optionxform = staticmethod(str)


def pinned(path):
    """The requirement lines of all pins, those of this very Python included."""
    pins = Pins()
    pins.read(path)
    versions = dict(pins["versions"])
    own = "versions:python{}{}".format(*sys.version_info[:2])
    if pins.has_section(own):
        versions.update(pins[own])
    return ["{}=={}".format(*item) for item in sorted(versions.items())]


def digest(*names):
    """A digest of this Python, this place and the named files."""
    seen = hashlib.sha256(repr((sys.version, TOP)).encode())
    for name in names:
        with open(os.path.join(TOP, name), "rb") as f:
            seen.update(f.read())
    return seen.hexdigest()


def stamped(path, expected):
    if not os.path.exists(path):
        return False
    with open(path) as f:
        return f.read() == expected


def stamp(path, text):
    with open(path, "w") as f:
        f.write(text)


def call(command, env):
    sys.stdout.flush()
    status = subprocess.call(command, cwd=TOP, env=env)
    if status:
        sys.exit(
            "\nbootstrap.py stopped: this command failed with status {}:\n  {}".format(
                status, " ".join(command)
            )
        )


def make_venv():
    import venv

    shutil.rmtree(VENV, ignore_errors=True)
    print("Making .venv with Python {}.{}.{}".format(*sys.version_info[:3]))
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, ImportError):
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "This Python cannot make a virtual environment with pip in it.\n"
            "On Debian and Ubuntu this helps: apt-get install python3-venv"
        )


def install(env):
    """Fill .venv with the pinned packages."""
    make_venv()
    requirements = os.path.join(VENV, "pins.txt")
    lines = pinned(os.path.join(TOP, "versions.cfg"))
    stamp(requirements, "\n".join(lines) + "\n")
    print("Installing {} pinned packages".format(len(lines)))
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    call(pip + ["--no-deps", "--requirement", requirements], env)
    # For processes that get nothing but the interpreter, as a subsystem of sshd.
    packages = subprocess.check_output(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    )
    link = os.path.join(packages.decode().strip(), "zope.app.fssync.pth")
    stamp(link, os.path.join(TOP, "src") + "\n")


def main(arguments=None):
    check_python()
    parser = argparse.ArgumentParser(
        description="Make .venv with the pinned packages, then bin/* by buildout.",
        epilog="Other arguments go to buildout.",
    )
    parser.add_argument(
        "--wheelhouse", metavar="DIR", help="take packages from DIR, use no network"
    )
    parser.add_argument(
        "--force", action="store_true", help="do every step, also where not needed"
    )
    options, to_buildout = parser.parse_known_args(arguments)
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    if options.wheelhouse:
        if not os.path.isdir(options.wheelhouse):
            parser.error("no such directory: {}".format(options.wheelhouse))
        env["PIP_NO_INDEX"] = "1"
        env["PIP_FIND_LINKS"] = os.path.abspath(options.wheelhouse)

    packages = digest("versions.cfg", "bootstrap.py")
    if options.force or not stamped(PIP_STAMP, packages):
        install(env)
        stamp(PIP_STAMP, packages)
    scripts = digest("versions.cfg", "buildout.cfg", "pyproject.toml", "setup.py")
    complete = all(os.path.exists(os.path.join(TOP, "bin", s)) for s in SCRIPTS)
    if (
        options.force
        or to_buildout
        or not complete
        or not stamped(BUILDOUT_STAMP, scripts)
    ):
        buildout = os.path.join(VENV, "bin", "buildout")
        configuration = ["-c", os.path.join(TOP, "buildout.cfg")]
        call([buildout] + configuration + to_buildout, env)
        stamp(BUILDOUT_STAMP, scripts)
    print("Ready: " + " ".join("bin/" + name for name in SCRIPTS))


if __name__ == "__main__":
    main()
