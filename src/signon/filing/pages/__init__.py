"""Pages for filers at a court: linking a legacy login, and proving one by mail."""

from signon.filing.pages.linking import LinkPages
from signon.filing.pages.lost import LostLoginPages

__all__ = ["LinkPages", "LostLoginPages"]
