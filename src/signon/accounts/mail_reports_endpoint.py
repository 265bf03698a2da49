"""`/services/mail-reports`: where a mail server or a mail provider hands over delivery reports.

It is there for whoever holds `SIGNON_MAIL_REPORTS_TOKEN`, and not there without one; a mail server
on the same machine pipes into `signon mail report` instead. The report proves itself
(`notices.reports`); the token keeps strangers from making us read.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import unreachable
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import RefusedError
from signon.notices.reports import MOST_BYTES
from signon.web import parameters
from signon.web.answers import problem
from signon.web.probes import holds
from signon.web.problems import problem_type

PATH = "/services/mail-reports"


class MailReports:
    """The endpoint: a whole mail as the body of a POST."""

    def __init__(self, settings: Settings, database: Database, ring: KeyRing) -> None:
        token = settings.mail_reports_token
        self._token = token.get_secret_value() if token else None
        self._database = database
        self._ring = ring

    def routes(self) -> list[Route]:
        """Where it is, if it is."""
        return [Route(PATH, self.take, methods=["POST"])] if self._token else []

    async def take(self, request: Request) -> Response:
        """204 for a report that was read, also one that told nothing new; 422 for anything else."""
        if not holds(request, self._token or ""):
            answer = problem(401, "Reports need their token: Authorization: Bearer ….")
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        raw = await parameters.read_body(request, limit=MOST_BYTES)
        try:
            await self._database.write(unreachable.take_report, self._ring, raw)
        except RefusedError as error:
            return problem(422, error.told, kind=problem_type(error.reason))
        return Response(status_code=204)
