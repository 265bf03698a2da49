"""`/courts/{court}/link`: the legacy login and its password → whose login it is → linked."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import password_work
from signon.accounts.hashing import Turn
from signon.courts.registry import Court
from signon.errors import RefusedError, WaitError
from signon.filing.court import court_policy
from signon.filing.court.court_policy import epoc_url
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import linking, proving
from signon.filing.linking.folding import SECOND
from signon.filing.linking.link_steps import LinkSteps, SeenLink
from signon.filing.linking.linking import Linked
from signon.filing.linking.mailed_proofs import LINK
from signon.filing.linking.pages.stopping import expired, path, stop
from signon.filing.linking.prepared_links import Prepared
from signon.filing.linking.proving import Attempt
from signon.filing.rights import redaction
from signon.filing.roles import labels
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin.wiring import Wiring
from signon.snapshots import Snapshot
from signon.web import parameters
from signon.web.headers import form_target
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit
from signon.words.sentences import _


class LinkPages:
    """Linking a legacy login to the account that is signed in."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._steps = LinkSteps(wiring.ring, wiring.site.settings)
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._trials = wiring.trials
        self._ring = wiring.ring
        self._clients = wiring.clients
        self._courts = wiring.courts
        self._works: dict[str, Snapshot[frozenset[str]]] = {}

    def routes(self) -> list[Route]:
        """Where they are."""
        at = "/courts/{court}/link"
        return [
            Route(at, self.ask, methods=["GET"]),
            Route(at, self.prove, methods=["POST"]),
            Route(f"{at}/confirm", self.show, methods=["GET"]),
            Route(f"{at}/confirm", self.confirm, methods=["POST"]),
            Route(f"{at}/cancel", self.cancel, methods=["POST"]),
        ]

    # ── Step 1: the legacy login ─────────────────────────────────────────────

    async def ask(self, request: Request) -> Response:
        """The form; without a journey, begin one and come back with its handle."""
        self._site.visit(request)  # the language that its link chose is remembered on the way
        asked = parameters.query(request)
        court = await self._court(request)
        if asked.get("journey") is None:
            return await self._set_out(court, asked)
        seen = await self._look(request, court, asked.get("journey"))
        if seen.journey is None:
            return self._site.go(path(court))
        if seen.proof or seen.linked:
            return self._site.go(path(court, "/confirm", seen))
        if seen.session and seen.prepared:
            return self._ready(seen, seen.prepared)
        if LINK in seen.journey.request:
            return self._site.go(path(court, "/proof", seen))
        return stop(self._site, seen) or self._form(seen, seen.login)

    async def prove(self, request: Request) -> Response:
        """Check login and password; a proof leads to the second page by GET."""
        visit, fields, court = await self._submitted(request)
        login, password = fields.text("ecf_login"), fields.get("ecf_password") or ""
        if errors := _missing(login, password):
            seen = await self._look(request, court, fields.get("journey"))
            return stop(self._site, seen) or self._form(seen, login, errors, status=400)
        handle = fields.get("journey")
        try:
            with self._gate.turn() as turn:
                seen, made = await self._database.write(
                    self._steps.begin, visit, court, handle, login
                )
                ended = await self._finish(seen, made, password, turn) if made else None
        except RefusedError as error:
            now = await self._look(request, court, handle)
            return self._refused(now, error, login)
        if ended is None:
            now = await self._look(request, court, handle)
            return stop(self._site, now) or self._site.go(path(court))
        return self._site.go(path(court, "/confirm", replace(seen, journey=ended)))

    # ── Step 2: whose login it is ────────────────────────────────────────────

    async def show(self, request: Request) -> Response:
        """Whose login was proved; after the confirmation, that it is linked."""
        court = await self._court(request)
        seen = await self._look(request, court, parameters.query(request).get("journey"))
        if seen.session and seen.linked:
            if not seen.linked.waits_for_review and redaction.is_owed(court, seen.session.met):
                return self._site.go(redaction.address(seen.handle))
            return self._done(seen, seen.linked)
        if seen.session and seen.prepared:
            return self._ready(seen, seen.prepared)
        if stopped := stop(self._site, seen):
            return stopped
        if seen.proof is None or seen.session is None:
            return expired(self._site, seen)
        account = seen.session.account
        return self._site.page(
            seen.visit,
            "link_confirm.html",
            account=account,
            form_targets=[form_target(seen.return_url)],
            court=court,
            filer=_filer(seen.proof.login),
            is_other_name=seen.is_other_name,
            waits_for_review=seen.is_other_name and court_policy.reviews_names(court),
            day=seen.day,
            is_second=seen.is_second,
            is_looked_at=seen.is_second and court_policy.reviews_second_logins(court),
            journey=seen.handle,
        )

    async def confirm(self, request: Request) -> Response:
        """Link; the answer is a GET, so that it may be reloaded."""
        visit, fields, court = await self._submitted(request)
        handle = fields.get("journey")
        try:
            seen, made = await self._database.write(self._steps.confirm, visit, court, handle)
        except RefusedError as error:
            seen = replace(await self._look(request, court, handle), refusal=error)
            if error.reason == linking.PROOF_GONE:
                return expired(self._site, seen)
            return stop(self._site, seen) or expired(self._site, seen)
        if made is None:
            return stop(self._site, seen) or expired(self._site, seen)
        return self._site.go(path(court, "/confirm", seen))

    async def cancel(self, request: Request) -> Response:
        """Change nothing and go back to the court."""
        visit, fields, court = await self._submitted(request)
        seen = await self._database.write(self._steps.cancel, visit, court, fields.get("journey"))
        return self._site.go(seen.return_url)

    # ── Between unit and page ────────────────────────────────────────────────

    async def _finish(
        self, seen: SeenLink, made: Attempt, password: str, turn: Turn
    ) -> Journey | None:
        """Hash with no connection held, then look again and write. Raises RefusedError."""
        async with self._trials.of(made.counted.places) as trial:
            matched = await turn.run(
                trial.comparing,
                proving.matches,
                made,
                password,
                self._ring,
                self._hasher,
                await self._in_use(seen.court),
            )
            trial.compared(is_right=matched)
            return await self._database.write(
                self._steps.end, seen, made, matched=matched, password=password
            )

    async def _in_use(self, court: Court) -> frozenset[str]:
        """What looking at the court's passwords computes."""
        if court.id not in self._works:
            read = partial(legacy_logins.works_in_use, court_id=court.id)
            self._works[court.id] = Snapshot(
                read, self._database, seconds=password_work.STALE_SECONDS
            )
        return await self._works[court.id].get()

    async def _court(self, request: Request) -> Court:
        return await self._courts.get(request.path_params["court"])

    async def _submitted(self, request: Request) -> tuple[Visit, Parameters, Court]:
        visit = self._site.visit(request)
        return visit, await self._site.submitted(visit), await self._court(request)

    async def _look(self, request: Request, court: Court, handle: str | None) -> SeenLink:
        visit = self._site.visit(request)
        return await self._database.read(self._steps.look, visit, court, handle)

    async def _set_out(self, court: Court, asked: Parameters) -> Response:
        """Begin a journey with the way back, if the client may name it."""
        client = await self._clients.find(asked.get("client_id"))
        wanted = asked.get("return_to")
        journey = await self._database.write(
            store.start,
            JourneyKind.LINK,
            lasts=timedelta(seconds=self._settings.journey_seconds),
            client_id=client.id if client else None,
            court_id=court.id,
            request={SECOND: True} if asked.get(SECOND) else None,
            return_to=wanted if client and wanted in client.may_return_to else None,
        )
        return self._site.go(journey.resume_path)

    # ── Pages ────────────────────────────────────────────────────────────────

    def _refused(self, now: SeenLink, refusal: RefusedError, login: str) -> Response:
        if isinstance(refusal, WaitError):
            held = replace(now, wait_seconds=max(now.wait_seconds, refusal.seconds))
            return self._form(held, login, status=429)
        if refusal.reason == proving.WRONG_LOGIN:
            wrong = FieldError("ecf_password", refusal.sentence)
            status = 429 if now.wait_seconds else 403
            return self._form(now, login, [wrong], status=status)
        return stop(self._site, replace(now, refusal=refusal)) or self._form(now, login)

    def _form(
        self, seen: SeenLink, login: str = "", errors: Any = (), *, status: int = 200
    ) -> Response:
        response = self._site.page(
            seen.visit,
            "link.html",
            status=status,
            errors=errors,
            account=seen.session and seen.session.account,
            form_targets=[form_target(seen.return_url)],
            court=seen.court,
            ecf_login=login,
            epoc_url=epoc_url(seen.court),
            wait_seconds=seen.wait_seconds,
            day=seen.day,
            journey=seen.handle,
        )
        if status == 429:
            response.headers["retry-after"] = str(max(1, seen.wait_seconds))
        return response

    def _ready(self, seen: SeenLink, prepared: Prepared) -> Response:
        return self._site.page(
            seen.visit,
            "link_ready.html",
            account=seen.session and seen.session.account,
            court=seen.court,
            login=prepared.login,
            day=seen.day,
            return_url=seen.return_url,
        )

    def _done(self, seen: SeenLink, linked: Linked) -> Response:
        return self._site.page(
            seen.visit,
            "link_done.html",
            account=seen.session and seen.session.account,
            court=seen.court,
            filer={
                "login": linked.login,
                "roles": labels(linked.roles),
                "waits_for_review": linked.waits_for_review,
            },
            return_url=seen.return_url,
            is_second=seen.is_second,
        )


def _missing(login: str, password: str) -> list[FieldError]:
    errors = []
    if not login:
        errors.append(FieldError("ecf_login", _("Enter the login that the court gave you.")))
    if not password:
        errors.append(FieldError("ecf_password", _("Enter the password of that login.")))
    return errors


def _filer(login: LegacyLogin) -> dict[str, Any]:
    return {
        "login": login.login,
        "name": login.name,
        "bar_id": login.bar_id,
        "roles": labels(login.roles),
        "cases": list(login.cases or ()),
        "email_masked": _masked(login.email),
    }


def _masked(email: str) -> str:
    """Enough of an address for its owner to know it, too little for anybody else to use it."""
    if not email:
        return ""
    local, _unused, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"
