"""The site: what every page and form handler of ours is given.

A page's way: `visit` (who is asking) → a rule in one hop → `page` or `go`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from signon.config import SITE_NAME, Settings
from signon.crypto import KeyRing
from signon.errors import RefusedError
from signon.opaque_tokens import new_token
from signon.web import csrf, dates, languages, lines, parameters, repeats, uploads
from signon.web.cookies import Cookie, device_cookie, language_cookie, session_cookie
from signon.web.headers import PAGE, content_security_policy
from signon.web.parameters import Parameters
from signon.web.static_files import static_address
from signon.web.uploads import Upload
from signon.web.visitor import Source, source_of
from signon.words import templates
from signon.words.language import current, newly_chosen

PACKAGE = Path(__file__).parents[1]
APART = {"demo", "notices"}
"""The demonstration's pages are its own, and a mail is no page."""
TEMPLATES = tuple(
    sorted(one for one in PACKAGE.rglob("templates") if not APART & set(one.parts[-2:-1]))
)
"""Every feature keeps its pages' templates beside them; a name is taken once."""
HELP = ("help_name", "help_phone", "help_hours", "help_email")
"""The settings that say whom to ask, and when."""
STATIC_SCRIPT = '<script type="module" src="/static/'
"""How a template names a script of ours; what people typed is escaped and cannot look like it."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem of a form, named next to its field and in the summary at the top.

    A `field` of None: it belongs to the whole page, and stands in the summary only.
    """

    field: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as pages see it: the browser, its cookies and where it came from."""

    request: Request
    source: Source
    device: str | None
    session_token: str | None


Handler = Callable[[Request], Awaitable[Response]]
"""A page's or form's, as a route takes it."""
E = TypeVar("E", bound=RefusedError)


class Site:
    """Pages, forms and cookies under one issuer."""

    def __init__(self, settings: Settings, ring: KeyRing, *, demo: bool = False) -> None:
        self.settings = settings
        self.issuer = settings.issuer
        self.is_demo = demo
        self.session_cookie: Cookie = session_cookie(secure=settings.is_https)
        self.device_cookie: Cookie = device_cookie(secure=settings.is_https)
        self.language_cookie: Cookie = language_cookie(secure=settings.is_https)
        self._ring = ring
        whom = {name: getattr(settings, name) for name in HELP}
        self._templates = environment(name=SITE_NAME, issuer=settings.issuer, demo=demo, **whom)

    def visit(self, request: Request) -> Visit:
        """Who is asking; from here on they are spoken to in their language."""
        languages.hear(request, self.language_cookie.name)
        return Visit(
            request,
            source_of(request, self.settings.trusted_proxies),
            self.device_cookie.read(request),
            self.session_cookie.read(request),
        )

    def telling(
        self, handler: Handler, refused: Callable[[Visit, E], Response], error: type[E]
    ) -> Handler:
        """The handler, with one page for everything that it refuses by that error."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except error as refusal:
                return refused(self.visit(request), refusal)

        return guarded

    async def submitted(self, visit: Visit, *, limit: int | None = None) -> Parameters:
        """The fields of one of our own forms; `limit` in bytes where more is pasted than usual.

        Raises BadRequestError, ForeignFormError, CookiesOffError or ExpiredFormError, each of
        which becomes a page of its own; nothing was changed. RepeatedError: it was answered before.
        """
        fields = await parameters.form(visit.request, limit=limit or self.settings.body_limit_bytes)
        csrf.check(
            visit.request,
            ring=self._ring,
            issuer=self.issuer,
            device=visit.device,
            token=fields.get("csrf_token"),
        )
        await repeats.sent(visit.device, *_address(visit.request), repr(fields.lists()))
        return fields

    async def uploaded(self, visit: Visit, *, field: str, limit: int) -> Upload:
        """One of our own forms with a file in it. Raises as `submitted` does."""
        upload = await uploads.read(visit.request, field=field, limit=limit)
        csrf.check(
            visit.request,
            ring=self._ring,
            issuer=self.issuer,
            device=visit.device,
            token=upload.fields.get("csrf_token"),
        )
        # a list has many MiB: its digest is enough to know it by
        what = (repr(upload.fields), upload.name, sha256(upload.content).digest())
        await repeats.sent(visit.device, *_address(visit.request), *what)
        return upload

    def page(
        self,
        visit: Visit,
        template: str,
        *,
        status: int = 200,
        form_targets: Sequence[str] = (),
        account: object = None,
        errors: Sequence[FieldError] = (),
        script_nonce: str | None = None,
        **values: Any,
    ) -> Response:
        """Render a page; its forms are bound to this browser.

        `form_targets` are the verified origins that a form on it may end at; `account` is who
        is signed in (`display_name`, `username`), or None; `script_nonce` lets the page's own
        script run.
        """
        device = visit.device or new_token()
        html = self._templates.get_template(template).render(
            csrf_token=csrf.form_token(self._ring, device),
            script_nonce=script_nonce,
            request_id=visit.source.request_id,
            account=account,
            errors=errors,
            **{"switches": languages.switches(visit.request), **values},
        )
        policy = content_security_policy(
            form_targets, script_nonce, own_scripts=STATIC_SCRIPT in html
        )
        spoken = {"content-language": current().tag, "content-security-policy": policy}
        response = HTMLResponse(html, status, {**PAGE, **spoken})
        self._remember_language(response)
        if visit.device is None:
            self.device_cookie.set(response, device)
        return response

    def go(self, address: str) -> Response:
        """Send the browser on with GET: 303, never 307, after a form (RFC 9700 section 4.12)."""
        response = RedirectResponse(address, 303, {"cache-control": "no-store"})
        self._remember_language(response)
        return response

    def signed_in(self, visit: Visit, address: str, token: str) -> Response:
        """Send the browser on with its new session's cookie; the device's own lives longer again."""
        response = self.go(address)
        self.session_cookie.set(response, token)
        if visit.device:
            self.device_cookie.set(response, visit.device)
        return response

    def _remember_language(self, response: Response) -> None:
        if chosen := newly_chosen():
            self.language_cookie.set(response, chosen.tag)


def _address(request: Request) -> tuple[str, bytes]:
    return request.scope["path"], request.scope["query_string"]


def environment(*more: Path, **site: object) -> jinja2.Environment:
    """Jinja2 as the pages need it: escaped, strict, and with `site` and `demo` at hand.

    `more`: folders that come before the features' own.
    """
    loader = jinja2.FileSystemLoader([*more, *TEMPLATES])
    made = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    host = urlsplit(str(site.get("issuer", ""))).netloc
    made.globals.update(
        site={**site, "host": host}, demo=site.get("demo", False), static=static_address
    )
    templates.install(made)
    made.filters.update(day=dates.day, moment=dates.moment, telephone=telephone, whole=lines.whole)
    return made


def telephone(number: str) -> Markup:
    """A telephone number to be called; one of North America as it is written there."""
    digits = "".join(one for one in number if one.isdigit())
    shown = number
    if len(digits) == len("18006766856") and digits.startswith("1"):
        shown = f"({digits[1:4]}) {digits[4:7]}-{digits[7:]}"
    return Markup('<a href="tel:{}">{}</a>').format(number.replace(" ", ""), shown)
