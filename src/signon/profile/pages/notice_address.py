"""`/account/courts/{court}/notices`: where a court's notices go."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court, CourtRegistry
from signon.db import Unit
from signon.errors import BusyError, InputError
from signon.filing.rights import notice_addresses
from signon.profile.own_acts import CHANGE_NOTICES
from signon.profile.pages.holder import ACCOUNT, Holder
from signon.signin.session import Session
from signon.web.site import FieldError, Visit
from signon.words.sentences import _

COURTS = f"{ACCOUNT}/courts"
ASKED = _("We mailed a link to that address. Notices go there once somebody opens it.")
PATH = f"{COURTS}/{{court}}/notices"


class NoticeAddressPages:
    """For whoever has a right there."""

    def __init__(self, holder: Holder, courts: CourtRegistry) -> None:
        self._holder = holder
        self._courts = courts

    def routes(self) -> list[Route]:
        """The form, and saving it."""
        return [
            Route(PATH, self.ask, methods=["GET"]),
            self._holder.changing(PATH, self.save, back=COURTS),
        ]

    async def ask(self, request: Request) -> Response:
        """What is there now."""
        visit, court = await self._at(request)
        session = await self._holder.session(visit, fresh=True)
        if session is None:
            return await self._holder.sign_in(f"{COURTS}/{court.id}/notices", fresh=True)
        there, waits = await self._holder.database.read(_there, session.account.id, court.id)
        return self._page(visit, session, court, there or "", waits=waits)

    async def save(self, request: Request) -> Response:
        """Keep it, or say what is wrong."""
        visit, court = await self._at(request)
        fields = await self._holder.site.submitted(visit)
        typed = fields.text("notice_email")
        try:
            _session, became = await self._holder.own.do(request, CHANGE_NOTICES, court, typed)
        except (InputError, BusyError) as error:
            session = await self._holder.session(visit)
            assert session is not None
            problem = FieldError("notice_email", error.told)
            status = 429 if isinstance(error, BusyError) else 400
            return self._page(visit, session, court, typed, [problem], status=status)
        return self._holder.site.go(f"{COURTS}?done={became.value}")

    async def _at(self, request: Request) -> tuple[Visit, Court]:
        court = await self._courts.get(request.path_params["court"])
        return self._holder.site.visit(request), court

    def _page(
        self,
        visit: Visit,
        session: Session,
        court: Court,
        typed: str,
        errors: Sequence[FieldError] = (),
        *,
        status: int = 200,
        waits: str | None = None,
    ) -> Response:
        return self._holder.site.page(
            visit,
            "account_court_notices.html",
            status=status,
            errors=errors,
            account=session.account,
            court=court,
            typed=typed,
            waits=waits,
        )


def _there(unit: Unit, account_id: str, court_id: str) -> tuple[str | None, str | None]:
    return (
        notice_addresses.of_account(unit, account_id, court_id),
        notice_addresses.waiting(unit, account_id, court_id),
    )
