"""The console's import: a court's list is looked at first, and imported when it is sent once more.

The list is not kept between the two: hashes of passwords are in it. What was agreed to is bound to
its digest, so that another file is only looked at again.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon import file_encodings, rows
from signon.accounts.hashing import Hasher
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import BusyError, InputError, NotFoundError, RefusedError
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.legacy_logins import import_requests, report_lines
from signon.filing.legacy_logins.import_file import OPTIONAL, REQUIRED, CourtList
from signon.filing.legacy_logins.import_requests import MAY_IMPORT
from signon.filing.legacy_logins.importing import Means, Report
from signon.signin import acting
from signon.signin.shell import problem
from signon.web.site import FieldError
from signon.web.uploads import Upload

SHOWN = 200
"""Lines of a kind on the page; the report has all."""
SECTION = "logins"


class ImportSection:
    """For administrators; to everybody else there is no such page."""

    def __init__(self, console: Console) -> None:
        self._console = console
        settings = console.settings
        self._means = Means(console.database, KeyRing(settings.key_bytes), Hasher(settings), 1)

    def routes(self) -> list[Route]:
        """The form, and what it answers."""
        return [
            self._console.route("/logins/import", self.show),
            self._console.route("/logins/import", self.send, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/logins/import`."""
        seen, _ = await self._console.do(request, MAY_IMPORT)
        return self._page(seen)

    async def send(self, request: Request) -> Response:
        """POST: look at the list, or import the one that was looked at."""
        console = self._console
        visit = console.site.visit(request)
        sent = await console.site.uploaded(visit, field="list", limit=rows.MOST_BYTES)
        seen, desk = await console.do(request, MAY_IMPORT)
        if not sent.content:
            return self._page(seen, errors=[FieldError("list", "Choose the file.")], sent=sent)
        digest, _, agreed = sent.fields.get("confirm", "").partition(":")
        listed = CourtList(sent.content, sent.fields.get("encoding", ""))
        looks = digest != listed.digest

        def prove(unit: Unit) -> Desk:
            session = acting.proved(unit, visit.session_token, console.settings)
            who = console.enter(unit, session, visit, MAY_IMPORT)
            console.permit(who, MAY_IMPORT)
            return who

        try:
            report = await asyncio.to_thread(
                lambda: import_requests.run(
                    self._means, desk, listed, prove, dry_run=looks, confirm=agreed
                )
            )
        except NotFoundError:
            raise
        except (InputError, RefusedError, BusyError) as error:
            await console.instead(visit, error, desk)
            wrong = FieldError(None, error.told) if isinstance(error, BusyError) else problem(error)
            field = "encoding" if wrong.field == "encoding" else "list"
            return self._page(seen, errors=[FieldError(field, wrong.message)], sent=sent)
        return self._page(seen, report=report, sent=sent)

    def _page(
        self,
        seen: Seen,
        *,
        report: Report | None = None,
        errors: Sequence[FieldError] = (),
        sent: Upload | None = None,
    ) -> Response:
        return self._console.page(
            seen,
            SECTION,
            "court_import.html",
            errors=errors,
            columns=", ".join(REQUIRED),
            optional=", ".join(OPTIONAL),
            encodings=[("", "As the file shows it"), *((one, one) for one in file_encodings.NAMES)],
            encoding=sent.fields.get("encoding", "") if sent else "",
            name=sent.name if sent else "",
            most_mib=rows.MOST_BYTES >> 20,
            most_weak=import_requests.MOST_WEAK,
            report=_shown(report) if report else None,
        )


def _shown(report: Report) -> dict[str, Any]:
    changes = sorted(report.changes, key=lambda one: (not one.shrinks, one.what == "new"))
    return {
        "is_done": not report.dry_run and not report.bad_lines,
        "is_bad": bool(report.bad_lines),
        "confirm": f"{report.file_sha256}:{report.agreement}",
        "figures": [
            ("Lines", report.lines),
            ("New logins", report.added),
            ("Known logins", report.updated),
            ("Rights that change", report.rights_changed),
            ("Filers who lose rights", report.rights_shrunk),
        ],
        "lines": [
            *((one.line, "Cannot be imported", one.reason) for one in report.bad_lines[:SHOWN]),
            *((one.line or "", "Note", one.text) for one in report.notices[:SHOWN]),
        ],
        "csv": report_lines.as_csv(report),
        "changes": [(one.login, one.what, one.told, one.shrinks) for one in changes[:SHOWN]],
        "further": max(0, len(changes) - SHOWN),
    }
