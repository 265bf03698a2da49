"""Rendering the demonstration's own pages: its templates and stylesheet beside the provider's."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from signon import logs
from signon.errors import SignonError
from signon.web import static_files
from signon.web.headers import ALWAYS, PAGE, content_security_policy
from signon.web.parameters import BadRequestError
from signon.web.site import environment

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STYLES = HERE / "static" / "court.css"
NOT_FOUND = "There is no such page here."
UNEXPECTED = "Something went wrong in the demonstration. Its log says what."

_log = logs.get(__name__)
_ALWAYS = {name.decode(): value.decode() for name, value in ALWAYS}


class Pages:
    """Pages of one site; `look` is a court's type or `mailbox`.

    `values` are in every page; forms may end at `form_targets`.
    """

    def __init__(
        self, *, name: str, look: str, form_targets: Sequence[str] = (), **values: Any
    ) -> None:
        self._environment = environment(TEMPLATES, name=name, demo=True)
        self._environment.globals.update(court_styles=court_styles(), look=look, **values)
        self._policy = content_security_policy(form_targets)

    def page(
        self, template: str, *, status: int = 200, policy: str | None = None, **values: Any
    ) -> Response:
        """A page that nobody keeps, frames or feeds scripts to."""
        html = self._environment.get_template(template).render(values)
        headers = {**_ALWAYS, **PAGE, "content-security-policy": policy or self._policy}
        return HTMLResponse(html, status, headers)

    def go(self, address: str) -> Response:
        """Send the browser on with GET."""
        return RedirectResponse(address, 303, {**_ALWAYS, "cache-control": "no-store"})

    def routes(self) -> list[Route]:
        """The demonstration’s own stylesheets."""
        return [*static_files.routes(), Route(court_styles(), _styles)]

    def handlers(self) -> dict[Any, Any]:
        """What turns errors into pages."""
        return {
            SignonError: self._refused,
            HTTPException: self._http,
            Exception: self._unexpected,
        }

    async def _refused(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, SignonError)
        _log.warning("refused", error=type(error).__name__, detail=error.detail)
        status = error.status if isinstance(error, BadRequestError) else 503
        return self._error(status, error.sentence)

    async def _http(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return self._error(error.status_code, NOT_FOUND)

    async def _unexpected(self, _request: Request, _error: Exception) -> Response:
        return self._error(500, UNEXPECTED)

    def _error(self, status: int, sentence: str) -> Response:
        return self.page("demo_error.html", status=status, sentence=sentence)


@cache
def court_styles() -> str:
    """The address of the demonstration's stylesheet, with its content's hash."""
    return f"/demo/{sha256(STYLES.read_bytes()).hexdigest()[:12]}/court.css"


async def _styles(_request: Request) -> Response:
    caching = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(STYLES.read_bytes(), headers=caching, media_type="text/css")
