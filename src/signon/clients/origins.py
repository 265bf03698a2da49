"""The origins of public clients' pages: the only ones whose scripts may call us (CORS).

A confidential client calls from its server, where no browser asks.
"""

from urllib.parse import urlsplit

from sqlalchemy import Select, select

from signon.clients.models import clients
from signon.db import Unit
from signon.prepared import values

CACHE_SECONDS = 30


def read_origins(unit: Unit) -> frozenset[str]:
    """Scheme, host and port of every public client's web redirect URIs."""
    return frozenset(
        _origin(uri) for uris in _public(unit) for uri in uris if uri.startswith("http")
    )


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


@values
def _public() -> Select[list[str]]:
    is_public = clients.c.auth_method == "none", clients.c.disabled_at.is_(None)
    return select(clients.c.redirect_uris).where(*is_public)
