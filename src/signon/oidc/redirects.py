"""Redirect URIs at use: an exact comparison, but for the port of a native app's loopback address."""

import ipaddress
from urllib.parse import urlsplit

from signon.clients.registry import Client


def is_registered(client: Client, redirect_uri: str) -> bool:
    """Whether the client registered this redirect URI (RFC 9700 section 2.1)."""
    if redirect_uri in client.redirect_uris:
        return True
    if not client.is_public:
        return False
    without_port = _without_loopback_port(redirect_uri)
    return without_port is not None and without_port in map(
        _without_loopback_port, client.redirect_uris
    )


def _without_loopback_port(redirect_uri: str) -> str | None:
    """RFC 8252 section 7.3: "MUST allow any port" for loopback IP literals, not for localhost."""
    try:
        parts = urlsplit(redirect_uri)
        is_loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or not is_loopback or "@" in parts.netloc:
        return None
    netloc = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc
    return parts._replace(netloc=netloc).geturl()
