"""Central sign-on for electronic filing in the US federal courts."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("signon")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0"
