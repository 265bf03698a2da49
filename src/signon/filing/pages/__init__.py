"""Pages for filers at a court: linking a legacy login, proving one by mail, what is missing."""

from signon.filing.pages.linking import LinkPages
from signon.filing.pages.lost import LostLoginPages
from signon.filing.pages.ready import ReadyPages
from signon.filing.pages.registered import RegisteredPages
from signon.filing.pages.registering import RegisteringPages
from signon.filing.pages.undo import UndoPages

__all__ = [
    "LinkPages",
    "LostLoginPages",
    "ReadyPages",
    "RegisteredPages",
    "RegisteringPages",
    "UndoPages",
]
