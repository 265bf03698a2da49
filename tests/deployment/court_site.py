"""A court on a host of its own: the smallest relying party that a browser can walk through."""

import base64
import hashlib
import html
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

COOKIE = "__Host-court_session"


@dataclass
class CourtSite:
    """Its address, its client at the provider, and how it calls the provider."""

    address: str
    issuer: str
    client_id: str
    client_secret: str
    http: httpx2.Client
    started: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def callback(self) -> str:
        """Its redirect URI."""
        return f"{self.address}/callback"

    def authorization(self, **more: str) -> str:
        """Where a browser begins to sign in."""
        state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        self.started[state] = verifier
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "response_type": "code",
            "scope": "openid profile pacer ecf",
            "state": state,
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.issuer}/oauth2/authorize?{urlencode(asked)}"

    def redemption(self, answer: dict[str, str]) -> dict[str, str]:
        """The token request for an authorization response."""
        return {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.callback,
            "code_verifier": self.started.pop(answer["state"]),
        }

    def redeem(self, answer: dict[str, str]) -> dict[str, Any]:
        """The tokens for it."""
        credentials = (self.client_id, self.client_secret)
        response = self.http.post(
            f"{self.issuer}/oauth2/token", data=self.redemption(answer), auth=credentials
        )
        assert response.status_code == 200, response.text
        return dict(response.json())

    def page(self, session: dict[str, Any] | None) -> str:
        """The court's only page."""
        if session is None:
            return '<!DOCTYPE html><h1>Court</h1><a id="sign-in" href="/sign-in">Sign in</a>'
        fields = {
            "id_token_hint": session["id_token"],
            "post_logout_redirect_uri": f"{self.address}/goodbye",
            "state": "left",
        }
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in fields.items()
        )
        # by POST from another site: the browser sends no Lax cookie with it
        return (
            f'<!DOCTYPE html><h1>Court</h1><p id="scope">{html.escape(session["scope"])}</p>'
            f'<form method="post" action="{self.issuer}/oauth2/end_session">{hidden}'
            '<button id="leave">Sign out</button></form>'
        )


@contextmanager
def serving(site: CourtSite) -> Iterator[int]:
    """Serve it on a free loopback port, for the proxy in front."""
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: CourtSite

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/sign-in":
            self._send(303, location=self.site.authorization())
        elif parts.path == "/callback":
            self._signed_in(dict(parse_qsl(parts.query)))
        elif parts.path == "/goodbye":
            self._send(200, f"<!DOCTYPE html><h1>Goodbye</h1>{html.escape(parts.query)}")
        else:
            self._send(200, self.site.page(self.site.sessions.get(self._token())))

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _signed_in(self, answer: dict[str, str]) -> None:
        if "error" in answer:
            self._send(403, answer["error"])
            return
        token = secrets.token_urlsafe(16)
        self.site.sessions[token] = self.site.redeem(answer)
        cookie = f"{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"
        self._send(303, location="/", cookie=cookie)

    def _token(self) -> str:
        given = self.headers.get("cookie", "").split("; ")
        return dict(pair.split("=", 1) for pair in given if pair).get(COOKIE, "")

    def _send(self, status: int, body: str = "", **headers: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if "location" in headers:
            self.send_header("Location", headers["location"])
        if "cookie" in headers:
            self.send_header("Set-Cookie", headers["cookie"])
        self.end_headers()
        self.wfile.write(content)
