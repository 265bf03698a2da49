"""What a court and a case locator do with a program's token: ask the provider, and hand on a new one.

The token comes in a cookie or a header under the names that programs of today use (domain facts 3).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from httpx2 import AsyncBaseTransport, AsyncClient, HTTPError
from starlette.requests import Request
from starlette.responses import Response

from signon.demo.relying_party import TIMEOUT_SECONDS, UNREACHABLE, UnreachableError
from signon.opaque_tokens import looks_like_cso

COOKIES = ("NextGenCSO", "PacerSession")
CLIENT_CODE = "PacerClientCode"
HEADER = "X-NEXT-GEN-CSO"
DOMAIN = ".uscourts.gov"
"""What real courts set their cookies for; here only where somebody comes by such a name."""


@dataclass(frozen=True, slots=True)
class SeenProgram:
    """A living token: what the provider says of it, and the one that takes its place, if any."""

    claims: Mapping[str, Any]
    renewed: str | None


class Programs:
    """One registered client's questions about tokens."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        transport: AsyncBaseTransport | None = None,
    ) -> None:
        self._options: dict[str, Any] = {
            "base_url": issuer,
            "auth": (client_id, client_secret),
            "timeout": TIMEOUT_SECONDS,
            "trust_env": False,
            "transport": transport,
        }

    async def look(self, token: str | None) -> SeenProgram | None:
        """Who a token speaks for now; None when it is nobody. Raises UnreachableError."""
        if not token or not looks_like_cso(token):
            return None
        claims = await self._post("/oauth2/introspect", data={"token": token})
        if not claims.get("active"):
            return None
        return SeenProgram(claims, claims.get("next_gen_cso"))

    async def sign_out(self, token: str) -> None:
        """End it at the provider. Raises UnreachableError."""
        await self._post("/services/cso-logout", json={"nextGenCSO": token})

    async def _post(self, path: str, **body: Any) -> dict[str, Any]:
        try:
            async with AsyncClient(**self._options) as http:
                answer = await http.post(path, **body)
            found: dict[str, Any] = answer.raise_for_status().json()
        except (HTTPError, ValueError) as error:
            raise UnreachableError(UNREACHABLE, detail=str(error)) from error
        return found


def cookie(request: Request, names: Iterable[str]) -> str | None:
    """The first of these cookies, in whatever case its name is written."""
    sent = {name.lower(): value for name, value in request.cookies.items()}
    return next((sent[name.lower()] for name in names if name.lower() in sent), None)


def hand_on(request: Request, response: Response, token: str) -> None:
    """Tell the program its new token, as courts do: in the header, and in both cookies."""
    response.headers[HEADER] = token
    for name in COOKIES:
        response.set_cookie(name, token, domain=_domain(request), samesite="lax", httponly=True)


def forget(request: Request, response: Response) -> None:
    """Take the cookies away."""
    for name in (*COOKIES, CLIENT_CODE):
        response.delete_cookie(name, domain=_domain(request))


def _domain(request: Request) -> str | None:
    return DOMAIN if (request.url.hostname or "").endswith(DOMAIN) else None
