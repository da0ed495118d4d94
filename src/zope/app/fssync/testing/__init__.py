"""Sites, servers and recorded data for tests, of add-ons too."""

from pathlib import Path

__all__ = ["DATA"]

#: Recorded data of release 3.6.0.
DATA = Path(__file__).with_name("data")
