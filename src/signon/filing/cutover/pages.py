"""The console's cutover: how ready the court's filers are, who is not, and the court's own checks."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, NotFoundError
from signon.filing.court import event_words
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import Console
from signon.filing.cutover import desk as desks
from signon.filing.cutover import held_mails, listing
from signon.filing.cutover.desk import Cutover
from signon.filing.cutover.held_mails import HeldMail
from signon.filing.cutover.listing import Line, Part, Wanted
from signon.filing.cutover.points import Point
from signon.filing.cutover.states import FEW, OF_ACCOUNTS, LoginState, Preparedness
from signon.filing.cutover.today import Today
from signon.web import paging, parameters
from signon.web.charts import Chart, Series
from signon.web.dates import moment_in_words
from signon.web.parameters import Parameters

SHOWN = 50
NAMED = 8
"""Days with their name below the picture."""
REFUSED = ("c4", "c3")
"""The colors of so many reasons; the rest of them are told together."""
WORDS: Mapping[Preparedness, tuple[str, str]] = {
    Preparedness.LINKED: ("Linked", "good"),
    Preparedness.PREPARED: ("Prepared", "good"),
    Preparedness.NOT_PREPARED: ("Not prepared", "wait"),
    Preparedness.UNUSABLE: ("Login unusable", "bad"),
}
"""What a clerk reads, and the kind of its tag."""
WHY: Mapping[LoginState, tuple[str, str]] = {
    LoginState.ACCOUNT_FOUND: ("Upgraded account", "They only have to prove their login."),
    LoginState.LEGACY_ACCOUNT: ("Legacy account", "They must upgrade it first."),
    LoginState.SHARED_ONLY: ("Shared account only", "They need an account of their own."),
    LoginState.NO_ACCOUNT: (
        "No account known",
        "They must register, or their address here is old.",
    ),
}


class CutoverSection:
    """Everybody of the staff looks."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The desk, which prints as the summary; the list, and the same as a file."""
        route = self._console.route
        return [
            route("/cutover", self.show),
            route("/cutover/logins", self.list),
            route("/cutover/logins.csv", self.export),
            route("/cutover/mails", self.mails),
            route("/cutover/mails/{mail}", self.mail),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casd/cutover`."""
        seen, found = await self._console.read(request, _look)
        return self._console.page(
            seen,
            "cutover",
            "court_cutover.html",
            found=found,
            figures=_figures(found),
            counted_at=_counted_at(found),
            why=_why(found),
            few=FEW,
            today=_told_today(found.today) if found.today else None,
            picture=chart(found.points) if found.points else None,
        )

    async def list(self, request: Request) -> Response:
        """GET `…/cutover/logins?q=&state=&order=`: what is asked for stands in the address."""
        asked = parameters.query(request)
        wanted, problem = _wanted(asked), ""
        try:
            seen, found = await self._console.read(request, _find, wanted)
        except InputError as error:
            problem = error.told
            seen, found = await self._console.read(request, _nobody)
        return self._console.page(
            seen,
            "cutover",
            "court_cutover_logins.html",
            asked={name: asked.text(name) for name in ("q", "state", "order")},
            problem=problem,
            shown=SHOWN,
            found=[_line(one) for one in found.lines],
            next_after=paging.encode(found.after) if found.after else None,
            states=[("", "Any"), *((one.value, words) for one, (words, _kind) in WORDS.items())],
            orders=[("login", "Login"), ("name", "Last name")],
        )

    async def export(self, request: Request) -> Response:
        """GET `…/cutover/logins.csv`: all that was asked for."""
        _seen, text = await self._console.read(request, _csv, _wanted(parameters.query(request)))
        named = {"content-disposition": 'attachment; filename="cutover.csv"'}
        return Response(text, media_type="text/csv", headers=named)

    async def mails(self, request: Request) -> Response:
        """GET `…/cutover/mails?to=`: what a rehearsal would have mailed."""
        to = parameters.query(request).text("to")
        seen, found = await self._console.read(request, _held, to)
        return self._console.page(
            seen, "cutover", "court_cutover_mails.html", found=found, to=to, most=held_mails.SHOWN
        )

    async def mail(self, request: Request) -> Response:
        """GET `…/cutover/mails/{mail}`: one of them, as plain text."""
        seen, (mail, text) = await self._console.read(
            request, _held_one, request.path_params["mail"]
        )
        return self._console.page(seen, "cutover", "court_cutover_mail.html", mail=mail, text=text)


def _held(unit: Unit, desk: Desk, to: str) -> list[HeldMail]:
    _require_rehearsal(desk)
    return held_mails.newest(unit, desk.court.id, to)


def _held_one(unit: Unit, desk: Desk, mail_id: str) -> tuple[HeldMail, str]:
    _require_rehearsal(desk)
    return held_mails.text_of(unit, desk.court.id, mail_id)


def _require_rehearsal(desk: Desk) -> None:
    if desk.court.rehearsal_of is None:
        raise NotFoundError("There is no such page.")


def chart(points: Sequence[Point]) -> Chart:
    """The days, each as its logins that are ready, not ready and unusable."""
    return Chart(
        "Day",
        [f"{one.day:%b} {one.day.day}" for one in points],
        [
            Series("Ready", "c1", [one.ready for one in points]),
            Series("Not prepared", "c3", [one.not_ready for one in points]),
            Series("Login unusable", "c4", [one.unusable for one in points]),
        ],
        named=max(1, -(-len(points) // NAMED)),
        is_stacked=True,
    )


def hours(today: Today) -> Chart:
    """The day's hours, each as its links, and its refusals by the commonest reasons of the day."""
    first = list(today.refused)[: len(REFUSED)]
    told = [[one.refused.get(why, 0) for one in today.hours] for why in first]
    others = [one.refusals - sum(one.refused.get(why, 0) for why in first) for one in today.hours]
    refused = [
        Series(_reason(why), color, numbers)
        for why, color, numbers in zip(first, REFUSED, told, strict=False)
    ]
    return Chart(
        "Hour",
        [f"{one.at:%H:%M}" for one in today.hours],
        [
            Series("Links", "c1", [one.links for one in today.hours]),
            *refused,
            Series("Other refusals" if refused else "Refusals", "c2", others),
        ],
        named=max(1, -(-len(today.hours) // NAMED)),
    )


def _told_today(today: Today) -> dict[str, Any]:
    told = [(_reason(why), number) for why, number in today.refused.items()]
    return {"picture": hours(today), "refused": told, "not_linked": today.not_linked}


def _reason(why: str) -> str:
    return event_words.REASONS.get(why) or why.replace("_", " ").capitalize()


def _look(unit: Unit, desk: Desk) -> Cutover:
    return desks.of(unit, desk.court.id)


def _find(unit: Unit, desk: Desk, wanted: Wanted) -> Part:
    return listing.find(unit, desk.court.id, wanted)


def _nobody(_unit: Unit, _desk: Desk) -> Part:
    return Part([], None)


def _csv(unit: Unit, desk: Desk, wanted: Wanted) -> str:
    parts = listing.every(unit, desk.court.id, wanted)
    return listing.as_csv(one for part in parts for one in part)


def _wanted(asked: Parameters) -> Wanted:
    after = asked.text("after")
    return Wanted(
        asked.text("q"),
        asked.text("state"),
        listing.order_of(asked.text("order")),
        paging.decode(after) if after else "",
        SHOWN,
    )


def _counted_at(found: Cutover) -> str:
    """When the figures were counted; empty: now."""
    is_now = found.counted_at == found.now
    return "" if is_now else moment_in_words(found.counted_at, found.court.time_zone)


def _figures(found: Cutover) -> list[tuple[str, int, str]]:
    numbers = found.standings
    told = {
        Preparedness.LINKED: "Old logins that have become filing rights",
        Preparedness.PREPARED: "Linked by itself on the day",
        Preparedness.NOT_PREPARED: "They could, and have not",
        Preparedness.UNUSABLE: "Closed in your list, or without an address that mail reaches",
    }
    return [
        (WORDS[one][0], numbers[one], told[one])
        for one in Preparedness
        if numbers[one] or one is not Preparedness.LINKED
    ]


def _why(found: Cutover) -> list[tuple[str, str, str]]:
    """Name, number and what they lack; nothing before the first day was counted."""
    if not found.why:
        return []
    return [
        (WHY[one][0], "hidden" if number is None else f"{number:,}", WHY[one][1])
        for one in OF_ACCOUNTS
        for number in [found.why[one]]
    ]


def _line(one: Line) -> dict[str, Any]:
    words, kind = WORDS[Preparedness(one.standing)]
    return {
        "id": one.id,
        "login": one.login,
        "name": " ".join(part for part in (one.first_name, one.last_name) if part),
        "email": one.email,
        "state": words,
        "kind": kind,
        "why": one.why,
    }
