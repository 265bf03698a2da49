"""The one place that turns an error into an answer: a page for browsers, a problem for programs.

Protocol endpoints answer OAuth errors themselves (`oidc.endpoints`); what reaches this place
from them is what OAuth has no word for.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from signon import logs
from signon.errors import (
    BusyError,
    InputError,
    NotFoundError,
    RefusedError,
    SignInFirstError,
    SignonError,
)
from signon.web.csrf import CookiesOffError, ExpiredFormError, ForeignFormError
from signon.web.parameters import BadRequestError
from signon.web.problems import BASE, ApiError, as_api_error, problem_type
from signon.web.site import Site
from signon.web.visitor import own_address
from signon.words.sentences import _

_log = logs.get(__name__)

HEADINGS = {
    400: _("The request cannot be used"),
    401: _("Who is asking must be shown"),
    403: _("Not allowed"),
    404: _("There is no such page"),
    405: _("This address does not take that request"),
    409: _("That cannot be done as things stand"),
    412: _("That was changed meanwhile"),
    413: _("That is too large"),
    414: _("That address is too long"),
    415: _("That is the wrong kind of content"),
    422: _("What was sent cannot be used"),
    428: _("The version must be named"),
    429: _("That is too often"),
    500: _("Something went wrong on our side"),
    503: _("The service is busy"),
}
NO_ANSWER = _("The request cannot be answered")
FORM_ERRORS = (CookiesOffError, ExpiredFormError, ForeignFormError)
TOO_LONG = _(
    "Go back to the page that led here and try once more. If it leads here again, tell whoever runs "
    "that page that its link is too long."
)
UNEXPECTED = _(
    "Nothing that you entered was lost by you. Try again; if it happens again, "
    "tell the help desk the number below."
)


class Answers:
    """Exception handlers for the application."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def refused(self, request: Request, error: Exception) -> Response:
        """A SignonError: its sentence is for people, its detail for the log."""
        assert isinstance(error, SignonError)
        if _is_rest(request):
            error = as_api_error(error) or error
        status = status_of(error)
        _log.info("refused", error=type(error).__name__, status=status, detail=error.detail)
        return self._answer(request, status, error.told, error)

    async def http(self, request: Request, error: Exception) -> Response:
        """Starlette's own: unknown address, wrong method."""
        assert isinstance(error, HTTPException)
        sentence = _("{heading}.", heading=HEADINGS.get(error.status_code, NO_ANSWER))
        response = self._answer(request, error.status_code, sentence, error)
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    async def unexpected(self, request: Request, error: Exception) -> Response:
        """Everything else is a fault of ours: logged whole, answered without a word of it."""
        _log.error("unexpected", error=type(error).__name__, exc_info=error)
        return self._answer(request, 500, UNEXPECTED, error)

    def _answer(self, request: Request, status: int, sentence: str, error: Exception) -> Response:
        if isinstance(error, ApiError):
            response = problem(
                status, sentence, kind=problem_type(error.reason), members=error.members
            )
            response.headers.update(error.headers)
        # what went wrong with one of our own forms is a page, whatever the browser says it takes
        elif isinstance(error, FORM_ERRORS) or _wants_page(request):
            response = self._page(request, status, sentence, error)
        else:
            response = problem(status, sentence)
        if isinstance(error, BusyError):
            response.headers["retry-after"] = str(error.retry_after)
        return response

    def _page(self, request: Request, status: int, sentence: str, error: Exception) -> Response:
        visit = self._site.visit(request)
        again = own_address(request)
        if isinstance(error, CookiesOffError):
            return self._site.page(visit, "cookies.html", status=status, retry_url=again)
        if isinstance(error, ExpiredFormError):
            return self._site.page(
                visit, "expired.html", status=status, restart_url=again, restart_label=None
            )
        return self._site.page(
            visit,
            "error.html",
            status=status,
            heading=HEADINGS.get(status, NO_ANSWER),
            what=sentence,
            mend=TOO_LONG if status == 414 else None,
            actions=({"label": _("Go to the start page"), "href": "/"},) if status == 414 else (),
        )


def _is_rest(request: Request) -> bool:
    return str(request.scope["path"]).startswith(f"{BASE}/")


def _wants_page(request: Request) -> bool:
    """Programs that read the REST interface get problems, whatever they say they take."""
    return "text/html" in request.headers.get("accept", "") and not _is_rest(request)


def status_of(error: SignonError) -> int:
    """The HTTP status that says what a SignonError says."""
    match error:
        case BadRequestError() | ApiError():
            return error.status
        case BusyError():
            return 503
        case SignInFirstError():
            return 401
        case NotFoundError():
            return 404
        case RefusedError() | ForeignFormError():
            return 403
        case InputError() | CookiesOffError() | ExpiredFormError():
            return 400
        case _:
            return 500


def problem(
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    members: Mapping[str, Any] | None = None,
) -> Response:
    """An RFC 9457 problem document; `members` are its extension members."""
    title = HEADINGS.get(status, NO_ANSWER)
    said = {"type": kind, "title": title, "status": status, "detail": detail, **(members or {})}
    headers = {"cache-control": "no-store"}
    return Response(json.dumps(said), status, headers, media_type="application/problem+json")
