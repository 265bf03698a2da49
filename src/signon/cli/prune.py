"""`signon prune`: removing what has expired, now."""

import asyncio

from signon.app import prunable
from signon.cli.terminal import AsJson, show, workplace
from signon.pruning import prune_all


def prune(as_json: AsJson = False) -> None:
    """Remove what has expired, in small batches; a running server does the same by itself."""
    with workplace() as place:
        counts = asyncio.run(prune_all(place.database, prunable(place.settings)))
    show(counts, as_json=as_json)
