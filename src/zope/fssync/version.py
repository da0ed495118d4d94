"""The version, stated here alone.

``pyproject.toml`` reads it from here, and so does ``zsync --version``: to ask the
metadata of the installation takes longer than most commands.
"""

__all__ = ["__version__"]

__version__ = "4.0.0.dev0"
