"""`/services/cso-auth` and `/services/cso-logout`.

A refused sign-in is answered with 200: clients take every other status for a broken service. Only
what cannot be read gets 400, in the request's own format, and a full server 503.
"""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.client_codes import RuleOf
from signon.errors import BusyError, RefusedError, WaitError
from signon.filing.rights.second_factor import SecondFactor
from signon.opaque_tokens import looks_like_cso
from signon.pacer_api import texts, wire
from signon.pacer_api.signing_in import REFUSED, Answer, Beginning, Wish
from signon.pacer_api.wire import Format, MalformedError, Members
from signon.signin import cso_sessions
from signon.signin.programs import ProgramSignIn, Shown
from signon.signin.wiring import Wiring
from signon.web.parameters import BadRequestError, read_body
from signon.web.visitor import source_of

AUTH, LOGOUT = "/services/cso-auth", "/services/cso-logout"
TOKEN, RESULT, TEXT = "nextGenCSO", "loginResult", "errorDescription"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read, and the format of its answer."""

    members: Members
    answer_in: Format

    def text(self, name: str) -> str:
        """A member without the white space around it, which XML brings; empty where it is none."""
        return self.members.get(name, "").strip()


class PacerApi:
    """The two addresses; where the interface is off there are none."""

    def __init__(self, wiring: Wiring, rule_of: RuleOf, factor: SecondFactor) -> None:
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._sign_in = ProgramSignIn(wiring)
        self._beginning = Beginning(self._settings, rule_of, factor)

    def routes(self) -> list[Route]:
        """Both, or none."""
        if self._settings.cso_api == "off":
            return []
        return [
            Route(AUTH, self.sign_in, methods=["POST"]),
            Route(LOGOUT, self.sign_out, methods=["POST"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """POST `/services/cso-auth`."""
        try:
            asked = await self._read(request)
        except MalformedError as error:
            return self._unreadable(request, error)
        try:
            answer, wait = await self._answer(request, asked)
        except BusyError as busy:
            answer = Answer(texts.UNAVAILABLE, busy.sentence)
            return _write(_members(answer), asked.answer_in, 503, busy.retry_after)
        return _write(_members(answer), asked.answer_in, wait=wait)

    async def sign_out(self, request: Request) -> Response:
        """POST `/services/cso-logout`: whatever the token was, it is worth nothing now."""
        try:
            asked = await self._read(request)
        except MalformedError as error:
            return self._unreadable(request, error)
        token = asked.text(TOKEN)
        source = source_of(request, self._settings.trusted_proxies)
        if looks_like_cso(token):
            await self._database.write(cso_sessions.sign_out, token, self._settings, source=source)
        done = {RESULT: texts.SUCCESS, TEXT: ""}
        if asked.answer_in is Format.XML:
            # the guide's sample in XML has the token, the one in JSON has not
            done = {TOKEN: token if looks_like_cso(token) else "", **done}
        return _write(done, asked.answer_in)

    async def _answer(self, request: Request, asked: Asked) -> tuple[Answer, int]:
        """And how many seconds the next attempt has to wait. Raises BusyError."""
        source = source_of(request, self._settings.trusted_proxies)
        code = "".join(asked.text("otpCode").split())
        shown = Shown(asked.text("loginId"), asked.members.get("password", ""), code, source)
        if not shown.username or not shown.password:
            return REFUSED, 0
        wish = Wish(asked.text("clientCode"), asked.text("redactFlag") == "1", source)
        try:
            return await self._sign_in.sign_in(shown, partial(self._beginning.begin, wish=wish)), 0
        except WaitError as wait:
            return REFUSED, wait.seconds
        except RefusedError:
            return REFUSED, 0

    async def _read(self, request: Request) -> Asked:
        """Raises MalformedError."""
        try:
            body = await read_body(request, limit=self._settings.body_limit_bytes)
        except BadRequestError as error:
            raise MalformedError(error.sentence, status=error.status) from error
        sent = wire.format_of(request.headers.get("content-type", ""))
        return Asked(wire.read(body, sent), self._answers_in(request, sent))

    def _answers_in(self, request: Request, sent: Format) -> Format:
        default = {"json": Format.JSON, "xml": Format.XML, "request": sent}
        otherwise = default[self._settings.cso_default_format]
        return wire.wanted(request.headers.get("accept", ""), otherwise)

    @staticmethod
    def _unreadable(request: Request, error: MalformedError) -> Response:
        try:
            to = wire.format_of(request.headers.get("content-type", ""))
        except MalformedError:
            to = Format.JSON
        answer = Answer(texts.MALFORMED, error.sentence)
        return _write(_members(answer), to, error.status)


def _members(answer: Answer) -> Members:
    return {TOKEN: answer.token, RESULT: answer.result, TEXT: answer.text}


def _write(members: Members, to: Format, status: int = 200, wait: int = 0) -> Response:
    response = Response(wire.write(members, to), status, NO_STORE, media_type=to.value)
    if wait:
        response.headers["retry-after"] = str(wait)
    return response
