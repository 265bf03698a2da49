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
from signon.filing.legacy_logins import import_jobs, import_requests, report_lines
from signon.filing.legacy_logins.import_file import OPTIONAL, REQUIRED, CourtList
from signon.filing.legacy_logins.import_jobs import START, AgreedList
from signon.filing.legacy_logins.import_requests import MAY_IMPORT
from signon.filing.legacy_logins.importing import Means, Report, TooManyWeakError
from signon.signin import acting
from signon.signin.shell import problem
from signon.web.site import FieldError
from signon.web.uploads import Upload

SHOWN = 200
"""Lines of a kind on the page; the report has all."""
SECTION = "logins"
FIGURES = {
    "lines": "Lines",
    "added": "New logins",
    "updated": "Known logins",
    "linked": "Of them linked",
    "rights_changed": "Rights that changed",
    "rights_shrunk": "Filers who lost rights",
    "passwords_wrapped": "Passwords wrapped",
}
"""Of an import that has ended, by the names of `Report.counts`."""


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
            self._console.route("/logins/import/{import_id}", self.progress),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/logins/import`."""
        seen, _ = await self._console.do(request, MAY_IMPORT)
        running = await self._console.database.read(import_jobs.under_way, seen.who)
        return self._page(seen, running=running)

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
        except TooManyWeakError as error:
            return await self._begin(request, sent, error.report)
        except (InputError, RefusedError, BusyError) as error:
            await console.instead(visit, error, desk)
            wrong = FieldError(None, error.told) if isinstance(error, BusyError) else problem(error)
            field = "encoding" if wrong.field == "encoding" else "list"
            return self._page(seen, errors=[FieldError(field, wrong.message)], sent=sent)
        return self._page(seen, report=report, sent=sent)

    async def _begin(self, request: Request, sent: Upload, report: Report) -> Response:
        """What takes long goes on in the background, once it is agreed to."""
        encoding = sent.fields.get("encoding", "")
        wanted = AgreedList(sent.content, encoding, sent.name, report)
        try:
            seen, import_id = await self._console.do(request, START, wanted)
        except RefusedError as error:
            seen, _ = await self._console.do(request, MAY_IMPORT)
            return self._page(seen, errors=[FieldError("list", error.told)], sent=sent)
        return self._console.go(seen, f"logins/import/{import_id}")

    async def progress(self, request: Request) -> Response:
        """GET `/court/casb/logins/import/ID`: how far it is, or how it ended."""
        import_id = request.path_params["import_id"]
        seen, found = await self._console.read(request, import_jobs.progress, import_id)
        return self._console.page(
            seen,
            SECTION,
            "court_import_progress.html",
            found=found,
            figures=[(FIGURES[name], f"{count:,}") for name, count in (found.counts or {}).items()],
        )

    def _page(
        self,
        seen: Seen,
        *,
        report: Report | None = None,
        errors: Sequence[FieldError] = (),
        sent: Upload | None = None,
        running: str | None = None,
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
            running=running,
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
