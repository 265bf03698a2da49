"""Pages for filers at a court: linking a legacy login."""

from signon.filing.pages.linking import LinkPages

__all__ = ["LinkPages"]
